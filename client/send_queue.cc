#include "client/send_queue.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace l3link::client {
namespace {

// A frame takes no more messages beyond this, so that the node works on one while the next travels.
constexpr uint64_t kFrameTargetBytes = 256 << 10;
constexpr size_t kSpareFrames = 4;

}  // namespace

absl::Status SendQueue::Attach(uint64_t node_next, uint64_t consumed, const Limits& limits,
                               std::optional<uint64_t> send_from) {
  if (send_from && *send_from > node_next) {
    return MakeError(absl::StatusCode::kFailedPrecondition, v1::SEQUENCE_GAP,
                     absl::StrCat("send_from ", *send_from, " is beyond what the node has published, ", node_next),
                     {{"expected", absl::StrCat(node_next)}, {"first_sequence", absl::StrCat(*send_from)}});
  }
  limits_ = limits;
  next_ = send_from.value_or(node_next);
  sent_through_ = published_ = node_next;
  consumed_ = consumed;
  return absl::OkStatus();
}

absl::Status SendQueue::Resume(uint64_t node_next, uint64_t consumed, const Limits& limits) {
  if (node_next < published_ || node_next > std::max(next_, published_)) {
    return absl::DataLossError(absl::StrCat("the node resumes at sequence ", node_next,
                                            ", but this session has published ", published_, " and sent up to ",
                                            next_));
  }
  limits_ = limits;
  published_ = node_next;
  consumed_ = std::max(consumed_, consumed);
  DropPublished();
  if (!entries_.empty() && entries_.front().published > 0) {
    Entry& front = entries_.front();
    front.frame = SlicePackedFrame(*front.frame, front.published, front.through - front.first);
    front.first += front.published;
    front.published = 0;
  }
  cursor_ = 0;
  sent_through_ = published_;
  bytes_in_flight_ = 0;
  return absl::OkStatus();
}

absl::Status SendQueue::CheckMessage(const OutgoingMessage& message) const {
  if (message.payload.size() <= limits_.max_message_bytes) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kInvalidArgument, v1::MESSAGE_TOO_LARGE,
      absl::StrCat("message of ", message.payload.size(), " bytes > max_message_bytes ", limits_.max_message_bytes),
      {{"max_message_bytes", absl::StrCat(limits_.max_message_bytes)},
       {"bytes", absl::StrCat(message.payload.size())}});
}

bool SendQueue::HasRoom(uint64_t bytes) const {
  if (next_ <= published_) return true;
  return next_ - published_ < limits_.window_messages && bytes_unpublished_ + bytes <= limits_.window_bytes;
}

bool SendQueue::NeedsFragments(const OutgoingMessage& message) const {
  return message.payload.size() + kMessageOverheadBytes + kFrameOverheadBytes > most_frame_bytes();
}

void SendQueue::Push(const OutgoingMessage& message) {
  if (next_ < published_) {  // the node has it from before
    ++next_;
  } else if (NeedsFragments(message)) {
    PushFragments(message);
  } else {
    PushRun({&message, 1}, 1);
  }
}

size_t SendQueue::PushWhatFits(absl::Span<const OutgoingMessage> messages, uint64_t most_unpublished) {
  size_t taken = 0;
  while (taken < messages.size()) {
    const OutgoingMessage& message = messages[taken];
    const uint64_t bytes = message.payload.size();
    if (bytes > limits_.max_message_bytes || !HasRoom(bytes) || unpublished() >= most_unpublished) break;
    if (next_ < published_ || NeedsFragments(message)) {
      Push(message);
      ++taken;
    } else {
      taken += PushRun(messages.subspan(taken), most_unpublished - unpublished());
    }
  }
  return taken;
}

size_t SendQueue::PushRun(absl::Span<const OutgoingMessage> messages, uint64_t most) {
  Entry& entry = CollectingEntry(messages.front());
  const uint64_t frame_room = FrameTarget() - std::min(FrameTarget(), FrameBytes(entry));
  const uint64_t window_room = limits_.window_bytes - std::min(limits_.window_bytes, bytes_unpublished_);
  most = std::min({most, limits_.window_messages - std::min(limits_.window_messages, unpublished()), messages.size()});
  size_t count = 1;
  uint64_t bytes = messages.front().payload.size();
  for (; count < most; ++count) {
    const uint64_t size = messages[count].payload.size();
    const uint64_t all = bytes + size;
    if (size > limits_.max_message_bytes || all > window_room) break;
    if (all + (count + 1) * kMessageOverheadBytes > frame_room) break;
    bytes = all;
  }
  AppendMessages(*entry.frame, messages.first(count));
  entry.through += count;
  entry.bytes += bytes;
  bytes_unpublished_ += bytes;
  next_ += count;
  return count;
}

uint64_t SendQueue::FrameTarget() const { return std::min(kFrameTargetBytes, most_frame_bytes()); }

// Of an entry that is being collected: none of its messages is published.
uint64_t SendQueue::FrameBytes(const Entry& entry) const {
  return entry.bytes + kFrameOverheadBytes + (entry.through - entry.first) * kMessageOverheadBytes;
}

SendQueue::Entry& SendQueue::CollectingEntry(const OutgoingMessage& message) {
  if (cursor_ < entries_.size() && !entries_.back().fragment) {
    Entry& last = entries_.back();
    if (FrameBytes(last) + message.payload.size() + kMessageOverheadBytes <= FrameTarget()) return last;
  }
  Entry entry;
  entry.first = entry.through = next_;
  if (spare_.empty()) {
    entry.frame = NewPackedFrame(next_);
  } else {
    entry.frame = std::move(spare_.back());
    spare_.pop_back();
    RecyclePackedFrame(*entry.frame, next_);
  }
  return entries_.emplace_back(std::move(entry));
}

void SendQueue::PushFragments(const OutgoingMessage& message) {
  const uint64_t most = std::max<uint64_t>(most_frame_bytes(), 2 * kFrameOverheadBytes) - kFrameOverheadBytes;
  const uint64_t pieces = (message.payload.size() + most - 1) / most;
  const uint64_t piece_bytes = (message.payload.size() + pieces - 1) / pieces;
  for (uint64_t offset = 0; offset < message.payload.size(); offset += piece_bytes) {
    Entry entry;
    entry.frame = NewFragment(next_, message, offset, message.payload.substr(offset, piece_bytes));
    entry.first = next_;
    entry.through = next_ + 1;
    entry.bytes = offset == 0 ? message.payload.size() : 0;
    entry.fragment = true;
    entries_.push_back(std::move(entry));
  }
  bytes_unpublished_ += message.payload.size();
  ++next_;
}

bool SendQueue::FitsInFlight(const Entry& entry) const {
  if (entry.first < sent_through_) return true;  // the rest of a message that has begun
  return entry.through - published_ <= limits_.window_messages &&
         bytes_in_flight_ + entry.bytes <= limits_.window_bytes;
}

RequestFrame SendQueue::NextFrame() {
  if (cursor_ == entries_.size()) return nullptr;
  if (!FitsInFlight(entries_[cursor_])) {
    if (sent_through_ > published_) return nullptr;
    SplitAtWindow();
  }
  Entry& entry = entries_[cursor_++];
  sent_through_ = entry.through;
  bytes_in_flight_ += entry.bytes;
  return entry.frame;
}

// Only after a resume into a smaller window: nothing taken under the present one exceeds it.
void SendQueue::SplitAtWindow() {
  Entry& entry = entries_[cursor_];
  const size_t count = entry.through - entry.first;
  if (entry.fragment || count <= 1) return;
  const auto& sizes = entry.frame->messages().packed().sizes();
  size_t fit = 1;
  uint64_t bytes = sizes[0];
  while (fit < count && fit < limits_.window_messages && bytes + sizes[fit] <= limits_.window_bytes)
    bytes += sizes[fit++];
  if (fit == count) return;
  Entry rest;
  rest.frame = SlicePackedFrame(*entry.frame, fit, count);
  rest.first = entry.first + fit;
  rest.through = entry.through;
  rest.bytes = entry.bytes - bytes;
  entry.frame = SlicePackedFrame(*entry.frame, 0, fit);
  entry.through = rest.first;
  entry.bytes = bytes;
  entries_.insert(entries_.begin() + cursor_ + 1, std::move(rest));
}

absl::Status SendQueue::OnProgress(uint64_t published, uint64_t consumed) {
  if (published > sent_through_) {
    return absl::DataLossError(
        absl::StrCat("the node reports ", published, " messages published, but only ", sent_through_, " were sent"));
  }
  consumed_ = std::max(consumed_, consumed);
  if (published <= published_) return absl::OkStatus();
  published_ = published;
  DropPublished();
  return absl::OkStatus();
}

void SendQueue::DropPublished() {
  while (!entries_.empty() && entries_.front().through <= published_) {
    Entry& front = entries_.front();
    bytes_unpublished_ -= front.bytes;
    if (cursor_ > 0) {
      --cursor_;
      bytes_in_flight_ -= front.bytes;
    }
    KeepForReuse(front);
    entries_.pop_front();
  }
  if (!entries_.empty() && entries_.front().first < published_) PublishPartly(entries_.front(), cursor_ > 0);
}

void SendQueue::PublishPartly(Entry& entry, bool sent) {
  const auto& sizes = entry.frame->messages().packed().sizes();
  while (entry.first + entry.published < published_) {
    const uint64_t bytes = sizes[entry.published++];
    entry.bytes -= bytes;
    bytes_unpublished_ -= bytes;
    if (sent) bytes_in_flight_ -= bytes;
  }
}

// Not while the transport may still read it, which lets its references go on threads of its own.
void SendQueue::KeepForReuse(Entry& entry) {
  if (entry.fragment || entry.frame.use_count() != 1 || spare_.size() == kSpareFrames) return;
  std::atomic_thread_fence(std::memory_order_acquire);  // pairs with the release of the last reference but this one
  spare_.push_back(std::move(entry.frame));
}

}  // namespace l3link::client
