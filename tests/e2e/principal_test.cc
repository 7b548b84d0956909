// Whose a session is: its principal's alone, on lanes and on regions, over a kill -9 of the daemon too.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <ostream>
#include <string>

#include "l3link/v1/memory.grpc.pb.h"
#include "tests/e2e/raw_stream.h"
#include "tests/support/connect_as.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::HasSubstr;

constexpr v1::Direction kToChip = v1::DIRECTION_HOST_TO_CHIP;

// How somebody reaches the node, and what the node takes them for.
struct Who {
  bool tcp = false;
  uid_t uid = 0;  // over the unix socket
  std::string principal() const { return tcp ? "anonymous" : "uid:" + std::to_string(uid); }
};

struct Pair {
  const char* name;
  Who owner;
  Who other;
  friend void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.name; }
  bool needs_root() const { return owner.uid != other.uid && !owner.tcp && !other.tcp; }
};

std::string Attach(const std::string& rest) {
  return "attach { channel { name: 'c' } host_to_chip { lane: 0 } session_id: 's' " + rest + " }";
}

class PrincipalTest : public testing::TestWithParam<Pair> {
 protected:
  void SetUp() override {
    if (GetParam().needs_root() && geteuid() != 0) {
      GTEST_SKIP() << "SKIPPED, NOT SHOWN: two users need root to become them";
    }
    LetEverybodyIn();
  }

  // The socket is the daemon's own user's otherwise, and root's.
  void LetEverybodyIn() {
    ASSERT_EQ(chmod(open_dir_.path().c_str(), 0755), 0);
    ASSERT_EQ(chmod(bench_.node.unix_path().c_str(), 0666), 0);
  }
  std::shared_ptr<grpc::Channel> Connect(const Who& who) {
    return who.tcp ? bench_.node.Connect() : ConnectAs(who.uid, bench_.node.unix_path());
  }
  std::shared_ptr<grpc::Channel> Owner() { return Connect(GetParam().owner); }
  std::shared_ptr<grpc::Channel> Other() { return Connect(GetParam().other); }

  void KillAndRestart() {
    bench_.node.Kill();
    bench_.node.Restart();
    ASSERT_TRUE(bench_.node.ready()) << bench_.node.log();
    LetEverybodyIn();
    bench_.channels = v1::ChannelService::NewStub(bench_.node.Connect());
  }

  // What a stream ends with that attaches so.
  static grpc::Status EndOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& attach) {
    auto stub = v1::ChannelService::NewStub(channel);
    RawStream stream(*stub);
    stream.Send(attach);
    return stream.Finish();
  }
  void ExpectOfAnother(const grpc::Status& status) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(ReasonOf(status), "SESSION_OF_ANOTHER") << status.error_message();
    EXPECT_EQ(MetadataOf(status, "owner"), GetParam().owner.principal());
    EXPECT_EQ(MetadataOf(status, "principal"), GetParam().other.principal());
  }
  // Held by the owner, with one message sent; then as a client that died.
  void HoldAndVanish() {
    auto stub = v1::ChannelService::NewStub(Owner());
    RawStream stream(*stub);
    stream.Send(Attach(""));
    EXPECT_EQ(stream.ReceiveAttached().session_id(), "s");
    stream.Send("messages { first_sequence: 0 messages { text: 'x' } }");
    EXPECT_EQ(stream.ReceiveOf(v1::StreamResponse::kProgress).progress().published(), 1u);
    stream.Cancel();
    stream.Finish();
  }
  grpc::Status SendAs(const std::shared_ptr<grpc::Channel>& channel, uint64_t sequence) {
    v1::SendRequest request;
    *request.mutable_channel() = bench_.id;
    request.add_messages()->set_text("y");
    request.set_session_id("s");
    request.set_sequence(sequence);
    v1::SendResponse response;
    grpc::ClientContext context;
    return v1::ChannelService::NewStub(channel)->Send(&context, request, &response);
  }

  TempDir open_dir_;
  ChannelBench bench_{"sink", "host_to_chip_lanes: 1 chip_to_host_lanes: 1", {"--unix=" + (open_dir_ / "sock")}};
};

TEST_P(PrincipalTest, AHeldSessionIsItsPrincipalsAloneAlsoAfterAKillOfTheDaemon) {
  HoldAndVanish();
  for (const bool restarted : {false, true}) {
    EXPECT_EQ(bench_.Lane(kToChip, 0).session_id(), "s");
    EXPECT_EQ(bench_.Lane(kToChip, 0).principal(), GetParam().owner.principal());
    ExpectOfAnother(EndOf(Other(), Attach("resume: true")));
    ExpectOfAnother(EndOf(Other(), Attach("")));  // nor does it lose its id
    const grpc::Status held =
        EndOf(Other(), "attach { channel { name: 'c' } host_to_chip { lane: 0 } session_id: 'mine' }");
    EXPECT_EQ(ReasonOf(held), "LANE_HELD");
    EXPECT_EQ(MetadataOf(held, "holder"), "s");
    EXPECT_EQ(MetadataOf(held, "principal"), GetParam().owner.principal());
    auto stub = v1::ChannelService::NewStub(Owner());
    RawStream resumed(*stub);
    resumed.Send(Attach("resume: true"));
    EXPECT_EQ(resumed.ReceiveAttached().host_to_chip().next_sequence(), 1u);
    resumed.Cancel();
    resumed.Finish();
    if (!restarted) KillAndRestart();
  }
}

TEST_P(PrincipalTest, ASessionThatEndedAndOneThatWasFollowedAreTheirPrincipalsToo) {
  HoldAndVanish();
  {
    auto stub = v1::ChannelService::NewStub(Owner());
    RawStream stream(*stub);
    stream.Send(Attach("resume: true"));
    stream.ReceiveAttached();
    stream.Send("detach { }");
    EXPECT_TRUE(stream.Finish().ok());
  }
  ExpectOfAnother(EndOf(Other(), Attach("resume: true")));
  ExpectOfAnother(SendAs(Other(), 0));  // which would say that it is done
  EXPECT_TRUE(SendAs(Owner(), 0).ok());
  KillAndRestart();
  ExpectOfAnother(SendAs(Other(), 1));
  EXPECT_TRUE(SendAs(Owner(), 1).ok());
  {
    auto stub = v1::ChannelService::NewStub(Other());
    RawStream stream(*stub);
    stream.Send("attach { channel { name: 'c' } host_to_chip { lane: 0 } session_id: 'mine' }");
    EXPECT_EQ(stream.ReceiveAttached().host_to_chip().next_sequence(), 2u);
    stream.Send("detach { }");
    EXPECT_TRUE(stream.Finish().ok());
  }
  KillAndRestart();
  ExpectOfAnother(EndOf(Other(), Attach("")));
  const grpc::Status lost = EndOf(Owner(), Attach("resume: true"));
  EXPECT_EQ(ReasonOf(lost), "SESSION_LOST");
  EXPECT_EQ(MetadataOf(lost, "published"), "2");
}

TEST_P(PrincipalTest, ASessionOnRegionsIsItsPrincipalsAloneAlsoAfterAKillOfTheDaemon) {
  v1::OpenRegionRequest open;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString("name: 'r' config { data_bytes: 1024 signal_count: 1 }", &open));
  v1::OpenRegionResponse opened;
  grpc::ClientContext open_context;
  const grpc::Status status = v1::MemoryService::NewStub(Owner())->OpenRegion(&open_context, open, &opened);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::MemoryServiceStreamRequest attach;
  *attach.mutable_attach()->add_regions() = opened.region().id();
  attach.mutable_attach()->set_session_id("m");
  const auto attached = [&](const std::shared_ptr<grpc::Channel>& channel, bool add, grpc::Status* end) {
    auto stub = v1::MemoryService::NewStub(channel);
    grpc::ClientContext context;
    auto stream = stub->Stream(&context);
    stream->Write(attach);
    v1::MemoryServiceStreamResponse frame;
    uint64_t next = 0;
    if (stream->Read(&frame)) next = frame.attached().next_op_sequence();
    v1::MemoryServiceStreamRequest notify;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        "operation { op_sequence: 1 notify { op: NOTIFY_OP_ADD value: 5 } }", &notify));
    if (next != 0 && add) {
      stream->Write(notify);
      EXPECT_TRUE(stream->Read(&frame));
      EXPECT_EQ(frame.result().signal_value(), 5u);
    }
    if (next != 0) context.TryCancel();
    *end = stream->Finish();
    return next;
  };
  grpc::Status end;
  EXPECT_EQ(attached(Owner(), /*add=*/true, &end), 1u);
  for (const bool restarted : {false, true}) {
    EXPECT_EQ(attached(Other(), /*add=*/false, &end), 0u);
    ExpectOfAnother(end);
    EXPECT_EQ(attached(Owner(), /*add=*/true, &end), 2u);
    if (!restarted) KillAndRestart();
  }
}

TEST_P(PrincipalTest, AnybodyMayResetAndReleaseAndTheLogSaysWho) {
  HoldAndVanish();
  auto node = v1::NodeService::NewStub(Other());
  v1::ReleaseLeaseRequest release;
  *release.mutable_channel() = bench_.id;
  release.set_direction(kToChip);
  v1::ReleaseLeaseResponse released;
  grpc::ClientContext release_context;
  ASSERT_TRUE(node->ReleaseLease(&release_context, release, &released).ok());
  EXPECT_EQ(released.session_id(), "s");
  EXPECT_EQ(released.principal(), GetParam().owner.principal());
  v1::ResetLaneRequest reset;
  *reset.mutable_channel() = bench_.id;
  reset.set_direction(kToChip);
  v1::ResetLaneResponse done;
  grpc::ClientContext reset_context;
  ASSERT_TRUE(node->ResetLane(&reset_context, reset, &done).ok());
  v1::CloseChannelRequest close;
  *close.mutable_channel() = bench_.id;
  v1::CloseChannelResponse closed;
  grpc::ClientContext close_context;
  ASSERT_TRUE(v1::ChannelService::NewStub(Owner())->CloseChannel(&close_context, close, &closed).ok());
  const std::string log = bench_.node.log();
  const std::string owner = GetParam().owner.principal();
  const std::string other = GetParam().other.principal();
  EXPECT_THAT(log, HasSubstr("opened by anonymous (ipv4:127.0.0.1:"));  // the bench
  EXPECT_THAT(log, HasSubstr("released by " + other + " ("));
  EXPECT_THAT(log, HasSubstr("from session 's' of '" + owner + "'"));
  EXPECT_THAT(log, HasSubstr("reset by " + other + " ("));
  EXPECT_THAT(log, HasSubstr("closed by " + owner + " ("));
}

const Who kTcp = {true};
const Who kMe = {false, geteuid()};
const Who kOne = {false, 64001};
const Who kTwo = {false, 64002};
const Who kRoot = {false, 0};

INSTANTIATE_TEST_SUITE_P(OwnerAndOther, PrincipalTest,
                         testing::Values(Pair{"UnixAndTcp", kMe, kTcp}, Pair{"TcpAndUnix", kTcp, kMe},
                                         Pair{"TwoUsers", kOne, kTwo}, Pair{"UserAndRoot", kOne, kRoot}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace l3link
