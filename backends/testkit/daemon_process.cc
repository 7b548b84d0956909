#include "backends/testkit/daemon_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"

extern char** environ;

namespace l3link::testkit {
namespace {

constexpr int kCannotRun = 127;

std::vector<char*> Environment() {
  std::vector<char*> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!absl::StartsWith(*entry, "L3LINK_") || absl::StartsWith(*entry, "L3LINK_SIM_CHIP=")) kept.push_back(*entry);
  }
  kept.push_back(nullptr);
  return kept;
}

std::vector<char*> Arguments(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  return arguments;
}

// In the child, between fork and exec: async-signal-safe calls only.
[[noreturn]] void Become(char* const* arguments, char* const* environment, const char* log_path, pid_t parent) {
  setsid();  // a Ctrl-C at the terminal is the test's to handle
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(kCannotRun);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY);
  const int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (nothing < 0 || log < 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) _exit(kCannotRun);
  close_range(3, ~0u, 0);
  execve(arguments[0], arguments, environment);
  const char* reason = strerrordesc_np(errno);
  if (write(2, reason, strlen(reason)) < 0) _exit(kCannotRun);
  _exit(kCannotRun);
}

}  // namespace

DaemonProcess::DaemonProcess(std::vector<std::string> command, std::string log_path)
    : command_(std::move(command)), log_path_(std::move(log_path)), keeper_([this] { Run(); }) {}

DaemonProcess::~DaemonProcess() {
  Signal(SIGKILL);
  keeper_.join();
}

void DaemonProcess::Run() {
  pthread_setname_np(pthread_self(), "l3-test-node");
  const std::vector<char*> arguments = Arguments(command_), environment = Environment();
  const pid_t parent = getpid();
  pid_t pid;
  {
    absl::MutexLock lock(&mutex_);
    pid = pid_ = fork();
    if (pid == 0) Become(arguments.data(), environment.data(), log_path_.c_str(), parent);
    if (pid < 0) status_ = kCannotRun;
  }
  if (pid < 0) return;
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  absl::MutexLock lock(&mutex_);  // so that nobody signals a number that has become another's
  int wait_status = 0;
  waitpid(pid, &wait_status, 0);
  status_ = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

void DaemonProcess::Signal(int signal) {
  absl::MutexLock lock(&mutex_);
  const auto started = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return pid_ != 0; };
  mutex_.Await(absl::Condition(&started));
  if (!Ended()) kill(pid_, signal);
}

absl::optional<int> DaemonProcess::status() const {
  absl::MutexLock lock(&mutex_);
  return status_;
}

absl::optional<int> DaemonProcess::AwaitEnd(absl::Duration at_most) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &DaemonProcess::Ended), at_most);
  return status_;
}

}  // namespace l3link::testkit
