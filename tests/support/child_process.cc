#include "tests/support/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tests/support/temp_dir.h"

extern char** environ;

namespace l3link {
namespace {

std::vector<std::string> EnvironmentOf(const ChildOptions& options) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (strncmp(*entry, "L3LINK_", 7) != 0) entries.push_back(*entry);
  }
  entries.insert(entries.end(), options.environment.begin(), options.environment.end());
  return entries;
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, between fork and exec: async-signal-safe calls only.
void Redirect(const std::string& path, int flags, int to) {
  if (path.empty()) return;
  const int fd = open(path.c_str(), flags, 0600);
  if (fd < 0 || dup2(fd, to) < 0) _exit(126);
  close(fd);
}

}  // namespace

std::string RunfilePath(const std::string& path) {
  const char* root = getenv("TEST_SRCDIR");
  return root == nullptr ? "bazel-bin/" + path : std::string(root) + "/l3link/" + path;
}

ChildProcess::ChildProcess(const std::string& program, const ChildOptions& options) {
  std::vector<std::string> words = {program};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> entries = EnvironmentOf(options);
  const std::vector<char*> argv = Pointers(words), envp = Pointers(entries);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) {
    perror("fork");
    abort();
  }
  if (pid_ == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    Redirect(options.stdin_path, O_RDONLY, STDIN_FILENO);
    Redirect(options.stdout_path, O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
    Redirect(options.stderr_path, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
    execve(program.c_str(), argv.data(), envp.data());
    _exit(127);
  }
  setpgid(pid_, pid_);  // also here: a signal to the group may come before the child has run
}

ChildProcess::~ChildProcess() {
  KillGroup();
  Wait();
}

void ChildProcess::Signal(int signal) {
  if (!status_) kill(pid_, signal);
}

void ChildProcess::KillGroup() {
  if (!group_is_empty_) kill(-pid_, SIGKILL);
}

absl::optional<int> ChildProcess::Poll() {
  int status;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    group_is_empty_ = kill(-pid_, 0) != 0 && errno == ESRCH;
  }
  return status_;
}

int ChildProcess::Wait() {
  while (!status_) {
    siginfo_t info;
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    Poll();
  }
  return *status_;
}

Finished RunToEnd(const std::string& program, const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment, const std::string& input) {
  TempDir dir;
  WriteFile(dir / "in", input);
  ChildProcess child(program, {arguments, environment, dir / "in", dir / "out", dir / "err"});
  const int status = child.Wait();
  return {status, ReadFileOrEmpty(dir / "out"), ReadFileOrEmpty(dir / "err")};
}

}  // namespace l3link
