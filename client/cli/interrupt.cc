#include "client/cli/interrupt.h"

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

Readiness AwaitReadable(const Interrupt& interrupt, int fd, absl::Duration timeout) {
  pollfd fds[2] = {{fd, POLLIN, 0}, {interrupt.fd(), POLLIN, 0}};
  const timespec limit = absl::ToTimespec(timeout);
  if (ppoll(fds, 2, &limit, nullptr) <= 0) return Readiness::kNothing;
  return fds[1].revents != 0 ? Readiness::kInterrupted : Readiness::kReadable;
}

bool SleepUnlessInterrupted(const Interrupt& interrupt, absl::Duration duration) {
  pollfd fd = {interrupt.fd(), POLLIN, 0};
  const timespec timeout = absl::ToTimespec(duration);
  return ppoll(&fd, 1, &timeout, nullptr) == 0;
}

}  // namespace l3link::cli
