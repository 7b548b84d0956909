#include "tests/partition/lane_client.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/errors.h"

namespace l3link::partition {
namespace {

using history::EventKind;

// A turn's messages: paced, so that the record of a whole test fits in memory.
constexpr uint64_t kBatchMessages = 16;
constexpr absl::Duration kTurn = absl::Milliseconds(1);
// Received and not yet acknowledged: what comes again after a break.
constexpr uint64_t kLazyMessages = 100;
constexpr size_t kPlace = history::kMostPayloadBytes + 8;

// The node cannot be reached now.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || (absl::IsDeadlineExceeded(status) && client::ReasonOf(status).empty());
}

void Say(const std::string& line) {
  puts(line.c_str());
  fflush(stdout);
}

void SayEnd(const char* word, const absl::Status& status) {
  std::string line = absl::StrCat(word, " reason=", client::ReasonOf(status));
  for (const auto& [key, value] : client::MetadataOf(status)) absl::StrAppend(&line, " ", key, "=", value);
  Say(absl::StrCat(line, " message=", std::string(status.message())));
}

}  // namespace

LaneClient::LaneClient(LaneClientOptions options, chaos::ClientLog log, const std::atomic<bool>* stop)
    : options_(std::move(options)), stop_(*stop), log_(std::move(log)), places_(kBatchMessages * kPlace) {}

absl::Status LaneClient::Run() {
  auto orchestrator = client::Orchestrator::Connect({options_.target});
  if (!orchestrator.ok()) return orchestrator.status();
  orchestrator_ = *std::move(orchestrator);
  auto channel = orchestrator_->FindChannel(0, options_.channel);
  if (!channel.ok()) return channel.status();
  channel_ = *std::move(channel);
  for (;;) {
    const absl::Status status = Hold();
    if (!client::HasReason(status, v1::LEASE_EXPIRED)) {
      if (!status.ok()) SayEnd("refused", status);
      return status;
    }
    SayEnd("fenced", status);
  }
}

absl::Status LaneClient::Attach() {
  client::StreamOptions options;
  if (options_.sends) options.send = client::LaneChoice::Lane(options_.lane);
  if (options_.receives) options.receive = client::LaneChoice::Lane(options_.lane);
  options.ack = client::AckMode::kExplicit;
  options.session_id = options_.session_id;
  options.lease_ttl = options_.lease_ttl;
  options.held_wait = options_.held_wait;
  options.attach_timeout = absl::Seconds(1);  // then it asks again
  if (standing_.attaches > 0) {
    options.resume = true;
    options.resume_acked = standing_.received;
    options.send_from = next_ = standing_.published;
  }
  absl::StatusOr<std::unique_ptr<client::LaneStream>> opened;
  for (;;) {
    opened = channel_->OpenStream(options);
    if (opened.ok() || !MayPass(opened.status()) || stop_) break;
    absl::SleepFor(absl::Milliseconds(20));
  }
  if (!opened.ok()) return opened.status();
  stream_ = *std::move(opened);
  if (++standing_.attaches == 1) next_ = stream_->positions().next_sequence;
  RecordProgress();
  Say(absl::StrCat("attached epoch=", epoch_, " next=", stream_->positions().next_sequence));
  return absl::OkStatus();
}

absl::Status LaneClient::Hold() {
  absl::Status status = Attach();
  while (status.ok() && !stop_) {
    if (options_.sends) status = SendSome();
    if (status.ok()) status = options_.receives ? ReceiveSome() : stream_->status();
    RecordProgress();
    if (!options_.receives) absl::SleepFor(kTurn);
  }
  if (status.ok() && options_.receives) status = Acknowledge();
  if (status.ok()) {
    status = stream_->Close(absl::Seconds(30));
    RecordProgress();
    if (status.ok()) Say("closed");
  }
  return status;
}

absl::Status LaneClient::SendSome() {
  const uint64_t end = std::min(log_.sendable().load(std::memory_order_relaxed), next_ + kBatchMessages);
  std::vector<client::OutgoingMessage> batch;
  for (uint64_t i = next_; i < end; ++i) {
    char* const place = &places_[(i - next_) * kPlace];
    const history::Identity identity = {kSeed, options_.lane, channel_->id().generation(),
                                        history::WordOf(options_.written_as), i};
    const size_t bytes = history::WritePayload(identity, place);
    batch.push_back({{place, bytes}, options_.lane, i});
  }
  const auto taken = stream_->SendBatch(batch, absl::ZeroDuration());
  if (taken.ok()) next_ += *taken;
  return taken.status();
}

absl::Status LaneClient::ReceiveSome() {
  const auto batch = stream_->ReceiveBatch(1000, kTurn);
  if (!batch.ok()) return batch.status();
  RecordProgress();
  for (const client::ReceivedMessage& message : *batch) {
    history::Event event;
    event.kind = EventKind::kReceived;
    event.redelivered = message.redelivered;
    event.session = history::WordOf(options_.session_id);
    event.epoch = epoch_;
    event.position = message.sequence;
    event.correlation = message.correlation_id;
    event.content = {static_cast<uint32_t>(message.payload.size()), history::DigestOf(message.payload)};
    standing_.received = std::max(standing_.received, message.sequence + 1);
    log_.Append(event, standing_);
  }
  log_.Commit();
  if (standing_.received - standing_.acked < kLazyMessages) return stream_->status();
  return Acknowledge();
}

absl::Status LaneClient::Acknowledge() {
  standing_.acked = standing_.received;
  Record(EventKind::kAcked, standing_.acked);
  return stream_->Ack(standing_.acked);
}

// The library resumes unseen, under a new epoch.
void LaneClient::RecordProgress() {
  const client::StreamPositions at = stream_->positions();
  if (at.epoch != epoch_) {
    epoch_ = at.epoch;
    Record(EventKind::kAttached, at.next_sequence);
  }
  if (options_.sends && at.published > standing_.published) {
    standing_.published = at.published;
    Record(EventKind::kPublished, at.published);
  }
}

void LaneClient::Record(EventKind kind, uint64_t position) {
  history::Event event;
  event.kind = kind;
  event.session = history::WordOf(options_.session_id);
  event.epoch = epoch_;
  event.position = position;
  log_.Append(event, standing_);
  log_.Commit();
}

}  // namespace l3link::partition
