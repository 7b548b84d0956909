#include "server/stop_signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

namespace l3link {

StopSignals::StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of that write
  signal_fd_ = signalfd(-1, &set, SFD_CLOEXEC);
  stop_fd_ = eventfd(0, EFD_CLOEXEC);
}

StopSignals::~StopSignals() {
  Ignore();
  close(signal_fd_);
  close(stop_fd_);
}

std::string StopSignals::WaitForFirst() {
  signalfd_siginfo info;
  while (read(signal_fd_, &info, sizeof(info)) != sizeof(info)) {
  }
  return std::string("SIG") + sigabbrev_np(static_cast<int>(info.ssi_signo));
}

void StopSignals::OnFurther(std::function<void()> action) {
  action_ = std::move(action);
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "l3-signals");
}

void StopSignals::Ignore() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_fd_, 1);
  thread_.join();
}

void StopSignals::Run() {
  pollfd fds[] = {{signal_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
  while (true) {
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents != 0) return;
    signalfd_siginfo info;
    if (fds[0].revents != 0 && read(signal_fd_, &info, sizeof(info)) == sizeof(info)) action_();
  }
}

}  // namespace l3link
