// kill -9 of a real l3linkd in its first start, after every change that it makes to its state directory: the next one starts.
//
// What it stores within its files between two such changes is tests/crash:creation_crash_test's.
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

namespace fs = std::filesystem;

// Every name with its file, size and backed pages.
std::string LookAt(const std::string& folder) {
  std::set<std::string> names = {folder};
  std::error_code gone;  // a name may go while it is looked at
  for (fs::recursive_directory_iterator entry(folder, gone), end; !gone && entry != end; entry.increment(gone))
    names.insert(entry->path());
  std::string seen;
  for (const std::string& name : names) {
    struct stat there;
    if (lstat(name.c_str(), &there) != 0) continue;
    absl::StrAppend(&seen, name, " ", there.st_ino, " ", S_ISDIR(there.st_mode) ? 0 : there.st_size, " ",
                    there.st_blocks, "\n");
  }
  return seen;
}

// A start of `program`, stopped before and after each system call of its main thread.
class TracedStart {
 public:
  explicit TracedStart(std::vector<std::string> command) {
    std::vector<char*> argv;
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      const int nowhere = open("/dev/null", O_WRONLY);
      dup2(nowhere, STDOUT_FILENO);
      dup2(nowhere, STDERR_FILENO);
      ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      execv(argv[0], argv.data());
      _exit(127);
    }
    running_ = Stopped();
    ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_EXITKILL);
  }
  ~TracedStart() { Kill(); }

  // To the next of those stops. False: it has ended.
  bool Step() {
    if (!running_) return false;
    ptrace(PTRACE_SYSCALL, pid_, nullptr, nullptr);
    return running_ = Stopped();
  }
  void Kill() {
    kill(pid_, SIGKILL);
    while (running_) running_ = Stopped();
  }

 private:
  bool Stopped() {
    int status = 0;
    return waitpid(pid_, &status, 0) == pid_ && WIFSTOPPED(status);
  }

  pid_t pid_;
  bool running_ = false;
};

class DaemonFirstStartTest : public testing::Test {
 protected:
  std::vector<std::string> Flags(const TempDir& dir) {
    return {"--listen=none", "--platform=a2a3sim=1", "--state-dir=" + dir / "state", "--ready-file=" + dir / "ready"};
  }

  // Kills a first start after its `change`-th change; false: it was ready before.
  bool KillAt(const TempDir& dir, int change) {
    std::vector<std::string> command = Flags(dir);
    command.insert(command.begin(), RunfilePath("server/l3linkd"));
    TracedStart start(command);
    std::string seen = LookAt(dir / "state");
    for (int changes = 0; start.Step() && !fs::exists(dir / "ready");) {
      std::string now = LookAt(dir / "state");
      if (now == seen) continue;
      seen = std::move(now);
      if (++changes == change) return true;
    }
    EXPECT_TRUE(fs::exists(dir / "ready")) << "it ended by itself";
    return false;
  }
};

TEST_F(DaemonFirstStartTest, WhateverAKilledOneLeftTheNextOneStarts) {
  int change = 1;
  for (;; ++change) {
    TempDir dir;
    if (!KillAt(dir, change)) break;
    ChildProcess next(RunfilePath("server/l3linkd"), {Flags(dir), {}, "/dev/null", dir / "log", dir / "log"});
    while (!next.Poll() && !fs::exists(dir / "ready")) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ASSERT_FALSE(next.Poll()) << "change " << change << ":\n" << ReadFileOrEmpty(dir / "log");
    next.Signal(SIGTERM);
    EXPECT_EQ(next.Wait(), 0) << "change " << change << ":\n" << ReadFileOrEmpty(dir / "log");
  }
  printf("killed after each of %d changes\n", change - 1);
  EXPECT_GT(change, 10);
}

}  // namespace
}  // namespace l3link
