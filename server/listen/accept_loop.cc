#include "server/listen/accept_loop.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace l3link {
namespace {

constexpr int kTurn = 64;  // connections of one door before the others have their turn

// accept() could not have a descriptor, or memory for one.
bool IsExhaustion(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

}  // namespace

absl::Status AcceptLoop::Start(std::vector<Door> doors) {
  doors_ = std::move(doors);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) return absl::ErrnoToStatus(errno, "cannot make an eventfd");
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "l3-accept");
  return absl::OkStatus();
}

void AcceptLoop::Stop() {
  if (!thread_.joinable()) return;
  eventfd_write(wake_, 1);
  thread_.join();
  close(std::exchange(wake_, -1));
}

void AcceptLoop::Run() {
  std::vector<pollfd> polled = {{wake_, POLLIN, 0}};
  for (const Door& door : doors_) polled.push_back({door.listener, POLLIN, 0});
  while (true) {
    // While descriptors are out the doors are not looked at: they would be ready all the time.
    const nfds_t looked_at = full_ ? 1 : polled.size();
    const int wait_ms = full_ ? static_cast<int>(absl::ToInt64Milliseconds(kBackOff)) : -1;
    if (poll(polled.data(), looked_at, wait_ms) < 0 && errno != EINTR) spdlog::error("poll: errno {}", errno);
    if (polled[0].revents != 0) return;
    bool left = true;
    for (const Door& door : doors_) left = left && TakeFrom(door);
    Note(!left);
  }
}

bool AcceptLoop::TakeFrom(const Door& door) {
  for (int taken = 0; taken < kTurn; ++taken) {
    if (!DescriptorsAreLeft()) return false;
    const int fd = accept4(door.listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      door.serve(door.listener, fd);
    } else if (errno == EAGAIN) {
      return true;
    } else if (IsExhaustion(errno)) {
      return false;
    }  // else that one connection was broken before it was taken
  }
  return true;
}

// A new descriptor is the lowest number that is free: what is left is what lies between it and the limit, or more.
bool AcceptLoop::DescriptorsAreLeft() const {
  const int lowest_free = fcntl(wake_, F_DUPFD_CLOEXEC, 0);
  if (lowest_free < 0) return false;
  close(lowest_free);
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<rlim_t>(lowest_free) + kReserve < limit.rlim_cur;
}

void AcceptLoop::Note(bool full) {
  if (full == full_) return;
  full_ = full;
  if (full) {
    spdlog::warn(
        "out of file descriptors: new connections wait until others end; what is connected goes on; raise the limit "
        "(ulimit -n, LimitNOFILE=)");
  } else {
    spdlog::info("file descriptors are there again: takes new connections");
  }
}

}  // namespace l3link
