// Everything at once: regions opened and closed under waits, streams and notifies; clients that vanish. Nothing may be left.
#include <random>
#include <thread>

#include "tests/e2e/memory_bench.h"

namespace l3link {
namespace {

constexpr int kRounds = 150;

class MemoryChurnTest : public MemoryBench {
 protected:
  static v1::RegionId Anyone() {
    v1::RegionId id;
    id.set_name("contested");
    return id;
  }
  // Refusals that somebody else's close explains.
  static bool IsExpected(const grpc::Status& status) {
    const std::string reason = ReasonOf(status);
    return status.ok() || reason == "REGION_NOT_FOUND" || reason == "REGION_CLOSED" || reason == "STALE_ID";
  }

  void OpenAndClose() {
    for (int i = 0; i < kRounds; ++i) {
      const v1::RegionId id = Open("contested", 64 * 1024);
      Notify(id, "signal: 0 op: NOTIFY_OP_ADD value: 1");
      const grpc::Status closed = Close(id);
      EXPECT_TRUE(IsExpected(closed)) << closed.error_message();
    }
  }
  void CopyAndNotify() {
    const std::string data(60 * 1024, 'x');
    for (int i = 0; i < kRounds; ++i) {
      const grpc::Status written = Write(Anyone(), 0, data, "signal: 0 op: NOTIFY_OP_ADD value: 1");
      EXPECT_TRUE(IsExpected(written)) << written.error_message();
      std::string read;
      const grpc::Status status = Read(Anyone(), 0, data.size(), &read);
      EXPECT_TRUE(IsExpected(status)) << status.error_message();
    }
  }
  void WaitInVain() {
    for (int i = 0; i < kRounds; ++i) {
      grpc::ClientContext context;
      if (i % 3 == 0) context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(2));
      v1::WaitRequest request = Proto<v1::WaitRequest>("conditions { signal: 2 target: 1 } timeout { nanos: 3000000 }");
      *request.mutable_region() = Anyone();
      v1::WaitResponse response;
      const grpc::Status status = stub_->Wait(&context, request, &response);
      EXPECT_TRUE(IsExpected(status) || status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
          << status.error_message();
    }
  }
  void WatchAndVanish(uint32_t seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < kRounds; ++i) {
      grpc::ClientContext context;
      auto stream = stub_->Stream(&context);
      v1::MemoryServiceStreamRequest attach;
      *attach.mutable_attach()->add_regions() = Anyone();
      *attach.mutable_attach()->add_regions() = Anyone();
      bool there = stream->Write(attach);
      for (int w = 1; there && w <= 20; ++w) {
        const std::string id = "watch { watch_id: " + std::to_string(w) + (w % 2 == 0 ? " once: true" : "");
        const char* timeout = w % 4 == 0 ? " timeout { nanos: 1000000 }" : "";
        there = stream->Write(Proto<v1::MemoryServiceStreamRequest>(
            id + " conditions { signal: 0 target: " + std::to_string(w) +
            " } conditions { signal: 2 region_index: " + std::to_string(w % 2) + " target: 1 }" + timeout + " }"));
        there = there && stream->Write(Proto<v1::MemoryServiceStreamRequest>(
                             "operation { notify { signal: 0 op: NOTIFY_OP_ADD value: 1 } }"));
      }
      v1::MemoryServiceStreamResponse frame;
      for (uint32_t n = random() % 20; n > 0 && stream->Read(&frame); --n) continue;
      if (random() % 2 == 0) {
        context.TryCancel();
      } else {
        stream->WritesDone();
      }
      if (random() % 2 == 0) continue;  // not even listening to the end: destroyed with the call open
      context.TryCancel();
      while (stream->Read(&frame)) continue;
      (void)stream->Finish();
    }
  }
};

TEST_F(MemoryChurnTest, OpensClosesCopiesWaitsAndVanishingStreamsLeaveNothingBehind) {
  std::vector<std::thread> threads;
  threads.emplace_back([this] { OpenAndClose(); });
  threads.emplace_back([this] { OpenAndClose(); });
  threads.emplace_back([this] { CopyAndNotify(); });
  threads.emplace_back([this] { WaitInVain(); });
  threads.emplace_back([this] { WatchAndVanish(1); });
  threads.emplace_back([this] { WatchAndVanish(2); });
  for (std::thread& thread : threads) thread.join();
  const v1::RegionId id = Open("contested", 64 * 1024);
  AwaitWaits(id, 0);
  EXPECT_TRUE(Close(id).ok());
  EXPECT_EQ(node_.Terminate(), 0) << node_.log();
}

}  // namespace
}  // namespace l3link
