// A stream session on a slow link: its renewals are not stuck behind its own messages.
#include <cstdint>
#include <string>

#include "client/stream_session.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

constexpr int kTtlSeconds = 4;
constexpr uint64_t kQuarterAtOneMbit = kTtlSeconds * 1'000'000 / 8 / 4;  // bytes

MonoTime At(absl::Duration since) { return After(MonoTime(), since); }

// Whether the node takes renewals with messages.
class StreamFlightTest : public testing::TestWithParam<bool> {
 protected:
  StreamFlightTest() {
    session_.OnCallStarted(At(absl::ZeroDuration()));
    auto frame = std::make_shared<v1::StreamResponse>();
    v1::Attached& attached = *frame->mutable_attached();
    attached.mutable_lease_ttl()->set_seconds(kTtlSeconds);
    attached.mutable_send_window()->set_messages(1 << 20);
    attached.mutable_send_window()->set_bytes(64 << 20);
    attached.set_max_frame_bytes(1 << 20);
    attached.set_renewals_with_messages(GetParam());
    attached.mutable_host_to_chip()->set_max_message_bytes(16 << 20);
    session_.OnFrame(frame, At(absl::ZeroDuration()));
  }

  // Everything that may be sent now; answers the bytes of messages, and counts the renewals.
  uint64_t SendAll(absl::Duration now) {
    uint64_t bytes = 0;
    while (const RequestFrame frame = session_.NextFrame(At(now))) {
      const uint64_t token = frame->has_renew() ? frame->renew().token() : frame->messages().renew_token();
      if (token != 0) {
        ++renewals_;
        last_token_ = token;
      }
      if (!frame->has_renew()) bytes += frame->ByteSizeLong();
    }
    return bytes;
  }

  void Answer(uint64_t token, absl::Duration now) {
    auto frame = std::make_shared<v1::StreamResponse>();
    frame->mutable_renewed()->set_token(token);
    session_.OnFrame(frame, At(now));
  }

  StreamSession session_{"rack-7", {}, {.send = LaneChoice::Lane(0), .ack = AckMode::kExplicit}, 0};
  int renewals_ = 0;
  uint64_t last_token_ = 0;
};

TEST_P(StreamFlightTest, GivesTheTransportNoMoreThanASlowLinkTakesInAQuarterOfTheLease) {
  for (int i = 0; i < 1000; ++i) session_.send().Push({std::string(4096, 'a')});
  EXPECT_LE(SendAll(absl::ZeroDuration()), kQuarterAtOneMbit);
  EXPECT_GT(renewals_, 0);
}

TEST_P(StreamFlightTest, SendsALargeMessageInPieces) {
  session_.send().Push({std::string(8 << 20, 'a')});
  EXPECT_LE(SendAll(absl::ZeroDuration()), kQuarterAtOneMbit);
  EXPECT_GT(renewals_, 0);
}

TEST_P(StreamFlightTest, GoesOnAsAnswersComeAndKeepsTheLease) {
  for (int i = 0; i < 1000; ++i) session_.send().Push({std::string(4096, 'a')});
  absl::Duration now;
  uint64_t sent = 0;
  for (int i = 0; i < 200; ++i) {  // each time as long as a link of 1 Mbit/s takes
    const uint64_t bytes = SendAll(now);
    sent += bytes;
    now += absl::Seconds(static_cast<double>(bytes) * 8 / 1e6);
    Answer(last_token_, now);
    ASSERT_EQ(session_.state(), StreamSession::State::kOpen) << session_.status();
  }
  EXPECT_GT(sent, uint64_t{1000} * 4096) << "all of them";
  EXPECT_GT(now, 5 * absl::Seconds(kTtlSeconds));
}

INSTANTIATE_TEST_SUITE_P(Renewals, StreamFlightTest, testing::Bool());

}  // namespace
}  // namespace l3link::client
