#include "tests/chaos/chaos_client.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "client/errors.h"

namespace l3link::chaos {
namespace {

using history::EventKind;

// Processed and not yet acknowledged: what comes again when this process is killed.
constexpr uint64_t kLazyMessages = 200;
constexpr absl::Duration kIdle = absl::Milliseconds(5);
constexpr absl::Duration kPatience = absl::Seconds(60);

// The node is down for a moment: whatever was asked may be asked again.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || (absl::IsDeadlineExceeded(status) && client::ReasonOf(status).empty());
}

template <typename Ask>
auto AskUntil(absl::Time deadline, Ask ask) {
  for (;;) {
    auto answer = ask();
    if (answer.ok() || !MayPass(answer.status()) || absl::Now() > deadline) return answer;
    absl::SleepFor(absl::Milliseconds(5));
  }
}

}  // namespace

ChaosClient::ChaosClient(ClientOptions options, ClientLog log)
    : options_(std::move(options)),
      session_(history::WordOf(options_.session_id)),
      log_(std::move(log)),
      standing_(log_.standing()) {}

history::Identity ChaosClient::IdentityOf(uint64_t sequence) const {
  return {options_.seed, options_.lane, channel_->id().generation(), session_, sequence};
}

absl::Status ChaosClient::Attach() {
  const absl::Time deadline = absl::Now() + kPatience;
  auto orchestrator = AskUntil(deadline, [&] {
    return client::Orchestrator::Connect({options_.target}, {.connect_timeout = kPatience, .wait_for_ready = true});
  });
  if (!orchestrator.ok()) return orchestrator.status();
  orchestrator_ = *std::move(orchestrator);
  auto channel = AskUntil(deadline, [&] { return orchestrator_->FindChannel(0, options_.channel); });
  if (!channel.ok()) return channel.status();
  channel_ = *std::move(channel);
  client::StreamOptions stream;
  stream.send = stream.receive = client::LaneChoice::Lane(options_.lane);
  stream.ack = client::AckMode::kExplicit;
  stream.session_id = options_.session_id;
  stream.resume = standing_.attaches > 0;
  // Every other time as a program would that remembers only what it acknowledged: what it has comes again.
  stream.resume_acked = standing_.attaches % 2 == 0 ? standing_.received : standing_.acked;
  stream.send_from = send_from_ = standing_.published;
  auto opened = AskUntil(deadline, [&] { return channel_->OpenStream(stream); });
  if (!opened.ok()) return opened.status();
  stream_ = *std::move(opened);
  standing_.acked = stream.resume_acked;
  ++standing_.attaches;
  RecordNewGrant();
  RecordPosition(EventKind::kAcked, standing_.acked);
  log_.Commit();
  return absl::OkStatus();
}

bool ChaosClient::GoesOn(const client::StreamPositions& answered) const {
  return answered.session_id == options_.session_id && answered.epoch == standing_.epoch + 1 &&
         answered.published >= standing_.published && answered.published <= log_.claimed() &&
         answered.acked >= standing_.acked && answered.acked <= standing_.received;
}

void ChaosClient::RecordNewGrant() {
  const client::StreamPositions positions = stream_->positions();
  if (positions.epoch == standing_.epoch) return;
  if (standing_.grants > 0 && GoesOn(positions)) ++standing_.resumes;
  ++standing_.grants;
  standing_.epoch = positions.epoch;
  history::Event event;
  event.kind = EventKind::kAttached;
  event.session = history::WordOf(positions.session_id);
  event.epoch = standing_.epoch;
  event.position = positions.next_sequence;
  log_.Append(event, standing_);
}

void ChaosClient::RecordPosition(EventKind kind, uint64_t position) {
  history::Event event;
  event.kind = kind;
  event.session = session_;
  event.epoch = standing_.epoch;
  event.position = position;
  log_.Append(event, standing_);
}

absl::Status ChaosClient::Send() {
  constexpr size_t kPlace = history::kMostPayloadBytes + 8;
  std::vector<char> places(kBatchMessages * kPlace);
  std::vector<client::OutgoingMessage> batch;
  for (uint64_t next = send_from_;;) {
    const uint64_t claimed = log_.claimed();
    const uint64_t end = log_.closing() ? std::min(claimed, next + kBatchMessages) : next + kBatchMessages;
    if (next >= end) {
      end_.store(next, std::memory_order_release);
      return absl::OkStatus();
    }
    if (end > claimed) log_.Claim(end);
    batch.clear();
    for (uint64_t i = next; i < end; ++i) {
      char* const place = &places[(i - next) * kPlace];
      const size_t bytes = history::WritePayload(IdentityOf(i), place);
      batch.push_back({{place, bytes}, options_.lane, i});
    }
    const auto taken = stream_->SendBatch(batch);
    if (!taken.ok()) return taken.status();
    next += *taken;
  }
}

absl::Status ChaosClient::Take(const client::ReceivedBatch& batch) {
  RecordNewGrant();
  for (const client::ReceivedMessage& message : batch) {
    history::Event event;
    event.kind = EventKind::kReceived;
    event.redelivered = message.redelivered;
    event.session = session_;
    event.epoch = standing_.epoch;
    event.position = message.sequence;
    event.correlation = message.correlation_id;
    event.content = {static_cast<uint32_t>(message.payload.size()), history::DigestOf(message.payload)};
    delivered_ = message.sequence + 1;
    standing_.received = std::max(standing_.received, delivered_);
    log_.Append(event, standing_);
  }
  const uint64_t published = stream_->published();
  if (published > standing_.published) {
    standing_.published = published;
    RecordPosition(EventKind::kPublished, published);
  }
  log_.Commit();
  return batch.empty() || standing_.received - standing_.acked >= kLazyMessages ? Acknowledge() : absl::OkStatus();
}

absl::Status ChaosClient::Acknowledge() {
  const uint64_t through = std::min(standing_.received, delivered_);
  if (through <= standing_.acked) return absl::OkStatus();
  standing_.acked = through;
  RecordPosition(EventKind::kAcked, standing_.acked);
  log_.Commit();
  return stream_->Ack(standing_.acked);
}

absl::Status ChaosClient::Receive() {
  const auto all_done = [this] {
    return std::min({standing_.received, standing_.acked, standing_.published}) >= end_.load(std::memory_order_acquire);
  };
  while (!all_done()) {
    const auto batch = stream_->ReceiveBatch(1000, kIdle);
    if (!batch.ok()) return batch.status();
    const absl::Status taken = Take(*batch);
    if (!taken.ok()) return taken;
    if (batch->empty() && !stream_->status().ok()) return stream_->status();
  }
  return absl::OkStatus();
}

absl::Status ChaosClient::Run() {
  const absl::Status attached = Attach();
  if (!attached.ok()) return attached;
  absl::Status sent;
  std::thread sender([&] { sent = Send(); });
  absl::Status received = Receive();
  if (!received.ok()) stream_->Abandon();  // the sender may be waiting for room
  sender.join();
  if (!received.ok()) return received;
  if (!sent.ok()) return sent;
  return stream_->Close(kPatience);
}

}  // namespace l3link::chaos
