#include "server/listen/accept_loop.h"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "server/listen/listening_sockets.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

// A loop over one unix socket, whose connections are kept.
class AcceptLoopTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<ListeningSockets> sockets = ListeningSockets::Unix(dir_ / "s");
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    sockets_ = *std::move(sockets);
    ASSERT_TRUE(loop_.Start({{sockets_.fds()[0], [this](int, int fd) { Keep(fd); }}}).ok());
  }
  void TearDown() override {
    loop_.Stop();
    for (const int fd : clients_) close(fd);
    CloseTaken();
  }

  // The kernel lets it in, whether or not it is taken.
  void Connect() {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, (dir_ / "s").c_str());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    clients_.push_back(fd);
  }
  void AwaitTaken(size_t count) {
    absl::MutexLock lock(&mu_);
    auto enough = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return taken_.size() >= count; };
    mu_.Await(absl::Condition(&enough));
  }
  std::vector<int> Taken() {
    absl::MutexLock lock(&mu_);
    return taken_;
  }
  void CloseTaken() {
    absl::MutexLock lock(&mu_);
    for (const int fd : taken_) close(fd);
    taken_.clear();
  }

  TempDir dir_;
  ListeningSockets sockets_;
  AcceptLoop loop_;
  std::vector<int> clients_;

 private:
  void Keep(int fd) {
    absl::MutexLock lock(&mu_);
    taken_.push_back(fd);
  }

  absl::Mutex mu_;
  std::vector<int> taken_ ABSL_GUARDED_BY(mu_);
};

TEST_F(AcceptLoopTest, TakesEveryConnectionNonBlockingAndForThisProcessAlone) {
  for (int i = 0; i < 200; ++i) Connect();
  AwaitTaken(200);
  for (const int fd : Taken()) {
    EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  }
}

// Notices what is logged.
class Ear final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Ear(const char* words) : words_(words) {}
  void AwaitWords() { heard_.WaitForNotification(); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (!heard_.HasBeenNotified() && absl::StrContains({message.payload.data(), message.payload.size()}, words_)) {
      heard_.Notify();
    }
  }
  void flush_() override {}

  const char* const words_;
  absl::Notification heard_;
};

TEST_F(AcceptLoopTest, LeavesSomeDescriptorsAloneAndTakesWhoWaitedWhenOthersHaveEnded) {
  for (int i = 0; i < 20; ++i) Connect();
  AwaitTaken(20);
  auto ear = std::make_shared<Ear>("out of file descriptors");
  spdlog::default_logger()->sinks().push_back(ear);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = fcntl(0, F_DUPFD_CLOEXEC, 0);
  close(lowest_free);
  const rlimit low = {static_cast<rlim_t>(lowest_free + AcceptLoop::kReserve), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  for (int i = 0; i < 10; ++i) Connect();  // of the reserve, as the node's own needs would
  ear->AwaitWords();
  EXPECT_EQ(Taken().size(), 20u);
  CloseTaken();
  AwaitTaken(10);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  loop_.Stop();  // it has more to say: no sink may go before
  spdlog::default_logger()->sinks().pop_back();
}

TEST_F(AcceptLoopTest, TakesNothingOnceStopped) {
  Connect();
  AwaitTaken(1);
  loop_.Stop();
  Connect();
  loop_.Stop();
  EXPECT_EQ(Taken().size(), 1u);
}

}  // namespace
}  // namespace l3link
