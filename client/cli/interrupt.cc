#include "client/cli/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace l3link::cli {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal_number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal_number);
  return set;
}

}  // namespace

Interrupt::Interrupt() : event_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { WaitForSignals(); });
  pthread_setname_np(thread_.native_handle(), "l3-signals");
}

Interrupt::~Interrupt() {
  stopping_.store(true, std::memory_order_relaxed);  // seen after the signal below: the kernel orders the two
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
  close(event_fd_);
}

void Interrupt::WaitForSignals() {
  const sigset_t signals = StopSignals();
  while (true) {
    int signal_number = 0;
    if (sigwait(&signals, &signal_number) != 0) continue;
    if (stopping_.load(std::memory_order_relaxed)) return;
    if (requested_.exchange(true, std::memory_order_relaxed)) _exit(130);
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(event_fd_, &one, sizeof(one));
    absl::MutexLock lock(&mutex_);
    for (auto& [reaction, react] : reactions_) react();
  }
}

Interrupt::Reaction::Reaction(Interrupt& interrupt, std::function<void()> react) : interrupt_(interrupt) {
  absl::MutexLock lock(&interrupt_.mutex_);
  if (interrupt_.requested()) react();
  interrupt_.reactions_.emplace(this, std::move(react));
}

Interrupt::Reaction::~Reaction() {
  absl::MutexLock lock(&interrupt_.mutex_);
  interrupt_.reactions_.erase(this);
}

bool WaitReadable(const Interrupt& interrupt, int fd) {
  pollfd fds[2] = {{fd, POLLIN, 0}, {interrupt.fd(), POLLIN, 0}};
  while (poll(fds, 2, -1) < 0 && errno == EINTR) {
  }
  return fds[1].revents == 0;
}

}  // namespace l3link::cli
