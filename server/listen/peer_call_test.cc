// What listen/peer.h rests on in gRPC 1.51, shown on a server of its own.
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "server/listen/peer.h"

namespace l3link {
namespace {

// Which socket a descriptor is: never the same twice.
uint64_t CookieOf(int fd) {
  uint64_t cookie = 0;
  socklen_t bytes = sizeof(cookie);
  return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &bytes) == 0 ? cookie : 0;
}

int DescriptorOf(const std::string& peer) { return std::stoi(peer.substr(peer.find(':') + 1)); }

// Keeps every call open until told to end it.
class HeldCalls final : public grpc::CallbackGenericService {
 public:
  class Call final : public grpc::ServerGenericBidiReactor {
   public:
    Call(HeldCalls* calls, grpc::GenericCallbackServerContext* context) : calls_(*calls), context_(*context) {}
    std::string peer() const { return context_.peer(); }
    void OnCancel() override { calls_.Cancelled(); }
    void OnDone() override { delete this; }

   private:
    HeldCalls& calls_;
    grpc::GenericCallbackServerContext& context_;
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    absl::MutexLock lock(&mu_);
    return came_ = new Call(this, context);
  }
  Call* AwaitCall() {
    absl::MutexLock lock(&mu_);
    auto came = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return came_ != nullptr; };
    mu_.Await(absl::Condition(&came));
    return std::exchange(came_, nullptr);
  }
  void AwaitCancelled() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&cancelled_));
  }

 private:
  void Cancelled() {
    absl::MutexLock lock(&mu_);
    cancelled_ = true;
  }

  absl::Mutex mu_;
  Call* came_ ABSL_GUARDED_BY(mu_) = nullptr;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
};

// A client with a connection of its own, and one call on it.
class Client {
 public:
  explicit Client(grpc::Server* server) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    grpc::AddInsecureChannelFromFd(server, ends[0]);
    channel_ = grpc::CreateInsecureChannelFromFd("server", ends[1]);
    call_ = grpc::GenericStub(channel_).PrepareCall(&context_, "/any/method", &queue_);
    call_->StartCall(this);
    Next();
  }
  // Breaks the connection under the call.
  void Break() {
    context_.TryCancel();
    grpc::Status status;
    call_->Finish(&status, this);
    Next();
    call_.reset();
    channel_.reset();
  }

 private:
  void Next() {
    void* tag;
    bool ok;
    queue_.Next(&tag, &ok);
  }

  grpc::CompletionQueue queue_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

TEST(PeerCallTest, ABrokenConnectionsCallKeepsItsOwnPeer) {
  HeldCalls calls;
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(&calls);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  Client broken(server.get());
  HeldCalls::Call* held = calls.AwaitCall();
  const int descriptor = DescriptorOf(held->peer());
  const uint64_t cookie = CookieOf(descriptor);
  ASSERT_NE(cookie, 0u);
  broken.Break();
  calls.AwaitCancelled();
  // Those who come meanwhile get other numbers, or at any rate not this one.
  for (int i = 0; i < 20; ++i) {
    Client other(server.get());
    HeldCalls::Call* call = calls.AwaitCall();
    EXPECT_NE(DescriptorOf(call->peer()), descriptor);
    call->Finish(grpc::Status::OK);
    other.Break();
  }
  EXPECT_EQ(held->peer(), "fd:" + std::to_string(descriptor));
  EXPECT_EQ(CookieOf(descriptor), cookie);
  EXPECT_EQ(*PrincipalOf(held->peer()), "uid:" + std::to_string(geteuid()));
  held->Finish(grpc::Status::OK);
  server->Shutdown();
}

}  // namespace
}  // namespace l3link
