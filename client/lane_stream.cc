#include "client/lane_stream.h"

#include <utility>

#include "client/connection.h"
#include "client/errors.h"
#include "client/steady_time.h"
#include "client/stream_driver.h"

namespace l3link::client {
namespace {

constexpr absl::Duration kDetachTimeout = absl::Seconds(2);

absl::Status TimedOut(const StreamDriver& driver, bool sending) {
  const StreamPositions at = driver.Positions();
  return MakeError(absl::StatusCode::kDeadlineExceeded, v1::WOULD_BLOCK,
                   sending ? "the send window is full: the chip takes no more" : "no message came",
                   {{"lane", std::to_string(sending ? at.send_lane : at.receive_lane)}});
}

}  // namespace

LaneStream::LaneStream(std::unique_ptr<StreamDriver> driver) : driver_(std::move(driver)) {}

absl::StatusOr<std::unique_ptr<LaneStream>> LaneStream::Open(std::shared_ptr<Connection> connection,
                                                             const v1::ChannelId& channel,
                                                             const StreamOptions& options) {
  for (const auto& [field, time] :
       {std::pair("held_wait", options.held_wait), std::pair("lease_ttl", options.lease_ttl),
        std::pair("attach_timeout", options.attach_timeout)}) {
    if (absl::Status legal = CheckTimeout(field, time); !legal.ok()) return legal;
  }
  auto driver = std::make_unique<StreamDriver>(std::move(connection), channel, options);
  if (absl::Status status = driver->Open(); !status.ok()) return status;
  return std::unique_ptr<LaneStream>(new LaneStream(std::move(driver)));
}

LaneStream::~LaneStream() { driver_->Close(kDetachTimeout, absl::ZeroDuration()).IgnoreError(); }

absl::Status LaneStream::Send(const OutgoingMessage& message, absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  const absl::StatusOr<size_t> taken = driver_->Send({&message, 1}, timeout);
  if (!taken.ok()) return taken.status();
  return *taken == 1 ? absl::OkStatus() : TimedOut(*driver_, true);
}

absl::StatusOr<bool> LaneStream::TrySend(const OutgoingMessage& message) {
  const absl::StatusOr<size_t> taken = driver_->Send({&message, 1}, absl::ZeroDuration());
  if (!taken.ok()) return taken.status();
  return *taken == 1;
}

absl::StatusOr<size_t> LaneStream::SendBatch(absl::Span<const OutgoingMessage> messages, absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  return driver_->Send(messages, timeout);
}

absl::Status LaneStream::Flush(absl::Duration timeout) {
  const absl::Status legal = CheckTimeout("timeout", timeout);
  return legal.ok() ? driver_->Flush(timeout) : legal;
}

absl::StatusOr<ReceivedBatch> LaneStream::Receive(absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  absl::StatusOr<ReceivedBatch> batch = driver_->Receive(1, timeout);
  if (batch.ok() && batch->empty()) return TimedOut(*driver_, false);
  return batch;
}

absl::StatusOr<ReceivedBatch> LaneStream::ReceiveBatch(size_t max_messages, absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  return driver_->Receive(max_messages, timeout);
}

absl::Status LaneStream::Ack(uint64_t through) { return driver_->Ack(through); }

StreamPositions LaneStream::positions() const { return driver_->Positions(); }
std::string LaneStream::session_id() const { return driver_->Positions().session_id; }
uint64_t LaneStream::published() const { return driver_->Positions().published; }
uint64_t LaneStream::consumed() const { return driver_->Positions().consumed; }
uint64_t LaneStream::acked() const { return driver_->Positions().acked; }
absl::Status LaneStream::status() const { return driver_->status(); }

absl::Status LaneStream::Close(absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  const MonoTime deadline = After(MonoNow(), timeout);
  absl::Status flushed;
  if (timeout > absl::ZeroDuration()) flushed = driver_->Flush(timeout);
  const absl::Status closed = driver_->Close(kDetachTimeout, Between(MonoNow(), deadline));
  return flushed.ok() ? closed : flushed;
}

void LaneStream::Abandon() { driver_->Abandon(); }
void LaneStream::BreakForTest() { driver_->Break(); }

}  // namespace l3link::client
