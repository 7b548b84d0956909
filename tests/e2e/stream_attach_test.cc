// Attaching to a real node: what it refuses, whom it lets wait, and how sessions come back.
#include <gtest/gtest.h>

#include "tests/e2e/raw_stream.h"

namespace l3link {
namespace {

constexpr v1::Direction kToChip = v1::DIRECTION_HOST_TO_CHIP;
constexpr char kChannel[] = "channel { name: 'c' } ";

std::string Attach(const std::string& rest) { return std::string("attach { ") + kChannel + rest + " }"; }

class StreamAttachTest : public ::testing::Test {
 protected:
  // What a stream whose first frame is `text` ends with.
  grpc::Status EndOf(const std::string& text) {
    RawStream stream(*bench_.channels);
    stream.Send(text);
    return stream.Finish();
  }

  ChannelBench bench_{"echo", "host_to_chip_lanes: 2 chip_to_host_lanes: 2"};
};

TEST_F(StreamAttachTest, RefusesWhatIsNotALegalAttach) {
  const std::pair<const char*, const char*> rows[] = {
      {"messages { }", "ATTACH_EXPECTED"},
      {"renew { token: 1 }", "ATTACH_EXPECTED"},
      {"attach { channel { name: 'c' } }", "INVALID_ARGUMENT_FIELD"},
      {"attach { channel { name: 'c' } host_to_chip { } }", "INVALID_ARGUMENT_FIELD"},
      {"attach { channel { name: 'c' } host_to_chip { lane: 0 } lease_ttl { nanos: 5 } }", "INVALID_ARGUMENT_FIELD"},
      {"attach { channel { name: 'c' } host_to_chip { lane: 0 } lease_ttl { seconds: 601 } }",
       "INVALID_ARGUMENT_FIELD"},
      {"attach { channel { name: 'c' } host_to_chip { lane: 0 } session_id: 'a b' }", "INVALID_ARGUMENT_FIELD"},
      {"attach { channel { name: 'c' } host_to_chip { lane: 2 } }", "LANE_NOT_FOUND"},
      {"attach { channel { name: 'd' } host_to_chip { lane: 0 } }", "CHANNEL_NOT_FOUND"},
      {"attach { channel { name: 'c' worker_id: 9 } host_to_chip { lane: 0 } }", "WORKER_NOT_FOUND"},
      {"attach { channel { name: 'c' generation: 3 } host_to_chip { lane: 0 } }", "STALE_ID"},
      {"attach { channel { name: 'c' } host_to_chip { lane: 0 } session_id: 'x' resume: true }", "SESSION_UNKNOWN"},
  };
  for (const auto& [frame, reason] : rows) EXPECT_EQ(ReasonOf(EndOf(frame)), reason) << frame;
}

TEST_F(StreamAttachTest, RefusesASecondAttachAndAHalfCloseWithoutOne) {
  RawStream twice(*bench_.channels);
  twice.Send(Attach("host_to_chip { lane: 0 }"));
  twice.Send(Attach("host_to_chip { lane: 1 }"));
  EXPECT_EQ(ReasonOf(twice.Finish()), "ATTACH_TWICE");
  RawStream silent(*bench_.channels);
  silent.HalfClose();
  EXPECT_EQ(ReasonOf(silent.Finish()), "ATTACH_EXPECTED");
}

TEST_F(StreamAttachTest, EndsAStreamThatNeverAttaches) {
  RawStream stream(*bench_.channels);
  EXPECT_EQ(ReasonOf(stream.Finish()), "ATTACH_TIMEOUT");
}

TEST_F(StreamAttachTest, RefusesAHeldLaneAndNamesItsHolder) {
  RawStream holder(*bench_.channels);
  holder.Send(Attach("host_to_chip { lane: 0 } session_id: 'me'"));
  EXPECT_EQ(holder.ReceiveAttached().epoch(), 1u);
  const grpc::Status refused = EndOf(Attach("host_to_chip { lane: 0 } chip_to_host { lane: 1 }"));
  EXPECT_EQ(ReasonOf(refused), "LANE_HELD");
  EXPECT_EQ(MetadataOf(refused, "holder"), "me");
  EXPECT_NE(MetadataOf(refused, "expires_in_ms"), "");
  RawStream other(*bench_.channels);
  other.Send(Attach("host_to_chip { any_free: true }"));
  EXPECT_EQ(other.ReceiveAttached().host_to_chip().lane(), 1u);
  EXPECT_EQ(ReasonOf(EndOf(Attach("host_to_chip { any_free: true }"))), "LANES_ALL_HELD");
  EXPECT_EQ(bench_.Lane(kToChip, 0).session_id(), "me");
}

TEST_F(StreamAttachTest, LetsOthersWaitInTurn) {
  RawStream first(*bench_.channels);
  first.Send(Attach("host_to_chip { lane: 0 } session_id: '1'"));
  first.ReceiveAttached();
  RawStream second(*bench_.channels);
  second.Send(Attach("host_to_chip { lane: 0 } session_id: '2' held_policy: HELD_POLICY_WAIT"));
  second.Send("messages { unsequenced: true messages { text: 'early' } }");
  EXPECT_EQ(ReasonOf(EndOf(Attach("host_to_chip { lane: 0 } held_policy: HELD_POLICY_WAIT wait { nanos: 1000000 }"))),
            "LANE_HELD");
  first.Send("detach { }");
  EXPECT_TRUE(first.Finish().ok());
  EXPECT_EQ(second.ReceiveAttached().host_to_chip().epoch(), 2u);
  EXPECT_EQ(second.ReceiveOf(v1::StreamResponse::kProgress).progress().published(), 1u);
}

TEST_F(StreamAttachTest, KeepsALostStreamsLaneForItsTtlAndResumesWhereItStood) {
  {
    RawStream lost(*bench_.channels);
    lost.Send(Attach("host_to_chip { lane: 0 } session_id: 'me' lease_ttl { seconds: 60 }"));
    lost.Send("messages { messages { text: 'a' } messages { text: 'b' } }");
    for (v1::StreamResponse frame; frame.progress().published() < 2u;) {
      frame = lost.ReceiveOf(v1::StreamResponse::kProgress);
      ASSERT_TRUE(frame.has_progress());
    }
    lost.Cancel();
    lost.Finish();
  }
  EXPECT_EQ(ReasonOf(EndOf(Attach("host_to_chip { lane: 0 }"))), "LANE_HELD");
  RawStream back(*bench_.channels);
  back.Send(Attach("host_to_chip { lane: 0 } session_id: 'me' resume: true"));
  const v1::Attached attached = back.ReceiveAttached();
  EXPECT_TRUE(attached.resumed());
  EXPECT_EQ(attached.host_to_chip().next_sequence(), 2u);
  EXPECT_EQ(attached.host_to_chip().epoch(), 2u);
  back.Send("messages { first_sequence: 1 messages { text: 'b' } messages { text: 'c' } }");  // an overlap
  EXPECT_EQ(back.ReceiveOf(v1::StreamResponse::kProgress).progress().published(), 3u);
}

TEST_F(StreamAttachTest, ExpiresALeaseThatNobodyRenewsAndTellsALateSessionHowFarItGot) {
  RawStream idle(*bench_.channels);
  idle.Send(Attach("host_to_chip { lane: 0 } chip_to_host { lane: 0 } session_id: 'me' lease_ttl { seconds: 1 }"));
  idle.Send("messages { messages { text: 'a' } }");
  const grpc::Status expired = idle.Finish();
  EXPECT_EQ(ReasonOf(expired), "LEASE_EXPIRED");
  EXPECT_EQ(MetadataOf(expired, "published"), "1");
  RawStream other(*bench_.channels);
  other.Send(Attach("host_to_chip { lane: 0 } chip_to_host { lane: 0 } session_id: 'other'"));
  const v1::Attached attached = other.ReceiveAttached();
  EXPECT_FALSE(attached.resumed());
  EXPECT_EQ(attached.chip_to_host().next_sequence(), 0u);  // a's echo, which nobody acknowledged
  other.Send("detach { }");
  EXPECT_TRUE(other.Finish().ok());
  const grpc::Status late =
      EndOf(Attach("host_to_chip { lane: 0 } chip_to_host { lane: 0 } session_id: 'me' resume: true"));
  EXPECT_EQ(ReasonOf(late), "SESSION_LOST");
  EXPECT_EQ(MetadataOf(late, "published"), "1");
  EXPECT_EQ(MetadataOf(late, "acked"), "0");
}

TEST_F(StreamAttachTest, TellsALateSessionHowFarItGotWhileAnotherHoldsItsLane) {
  RawStream idle(*bench_.channels);
  idle.Send(Attach("host_to_chip { lane: 0 } session_id: 'me' lease_ttl { seconds: 1 }"));
  idle.Send("messages { messages { text: 'a' } }");
  EXPECT_EQ(ReasonOf(idle.Finish()), "LEASE_EXPIRED");
  RawStream other(*bench_.channels);
  other.Send(Attach("host_to_chip { lane: 0 } session_id: 'other'"));
  other.ReceiveAttached();
  for (const char* policy : {"", " held_policy: HELD_POLICY_WAIT"}) {
    const grpc::Status late =
        EndOf(Attach(std::string("host_to_chip { lane: 0 } session_id: 'me' resume: true") + policy));
    EXPECT_EQ(ReasonOf(late), "SESSION_LOST") << policy;
    EXPECT_EQ(MetadataOf(late, "published"), "1") << policy;
  }
  EXPECT_EQ(ReasonOf(EndOf(Attach("host_to_chip { lane: 0 } session_id: 'me'"))), "LANE_HELD") << "without resume";
}

TEST_F(StreamAttachTest, TellsTheOldStreamWhenItsSessionAttachesAgain) {
  RawStream old(*bench_.channels);
  old.Send(Attach("host_to_chip { lane: 0 } session_id: 'me'"));
  old.ReceiveAttached();
  RawStream fresh(*bench_.channels);
  fresh.Send(Attach("host_to_chip { lane: 0 } session_id: 'me'"));
  EXPECT_TRUE(fresh.ReceiveAttached().resumed());
  EXPECT_EQ(ReasonOf(old.Finish()), "SESSION_SUPERSEDED");
  fresh.Send("messages { messages { text: 'a' } }");
  EXPECT_EQ(fresh.ReceiveOf(v1::StreamResponse::kProgress).progress().published(), 1u);
}

TEST_F(StreamAttachTest, IsReleasedByAnOperator) {
  RawStream stream(*bench_.channels);
  stream.Send(Attach("host_to_chip { lane: 1 } session_id: 'me'"));
  stream.ReceiveAttached();
  v1::ReleaseLeaseRequest request;
  *request.mutable_channel() = bench_.id;
  request.set_direction(kToChip);
  request.set_lane(1);
  v1::ReleaseLeaseResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(bench_.nodes->ReleaseLease(&context, request, &response).ok());
  EXPECT_EQ(response.session_id(), "me");
  EXPECT_EQ(ReasonOf(stream.Finish()), "LEASE_RELEASED");
}

}  // namespace
}  // namespace l3link
