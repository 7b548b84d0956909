#include "tests/crash/stepped_child.h"

#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace l3link {
namespace {

void StayOnThisCore() {
  const int core = sched_getcpu();
  if (core < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof(set), &set);  // else slower
}

}  // namespace

SteppedChild::SteppedChild(const std::function<bool()>& operation) {
  static const bool on_one_core = (StayOnThisCore(), true);
  (void)on_one_core;
  fflush(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(2);
    raise(SIGSTOP);
    _exit(operation() ? 0 : 1);
  }
  int status = 0;
  if (pid_ < 0 || waitpid(pid_, &status, 0) != pid_ || !WIFSTOPPED(status)) {
    perror("a process cannot be traced here");
    abort();
  }
  ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_EXITKILL);
}

// False when it is over.
bool SteppedChild::Wait() {
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) abort();
  if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP) return true;
  if (WIFSTOPPED(status)) {  // it crashed by itself
    Kill();
    return false;
  }
  over_ = true;
  succeeded_ = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return false;
}

bool SteppedChild::Step() {
  if (over_) return false;
  if (ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr) != 0) abort();
  return Wait();
}

void SteppedChild::Finish() {
  if (over_) return;
  if (ptrace(PTRACE_CONT, pid_, nullptr, nullptr) != 0) abort();
  if (Wait()) Kill();
}

void SteppedChild::Kill() {
  if (over_) return;
  over_ = true;
  kill(pid_, SIGKILL);
  int status;
  while (waitpid(pid_, &status, 0) == pid_ && WIFSTOPPED(status)) {
  }
}

}  // namespace l3link
