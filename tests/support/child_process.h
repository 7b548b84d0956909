// A program of the build, run as a child in a process group of its own, with its output in files.
//
// Dies with the test: the group is killed in the destructor, and the child itself when the test process goes away.
#ifndef L3LINK_TESTS_SUPPORT_CHILD_PROCESS_H_
#define L3LINK_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/types/optional.h"

namespace l3link {

// The path of a file of the build, such as "server/l3linkd", which must be in the test's data.
std::string RunfilePath(const std::string& path);

struct ChildOptions {
  std::vector<std::string> arguments;    // without the program
  std::vector<std::string> environment;  // NAME=VALUE, added to the test's own without its L3LINK_ variables
  std::string stdin_path = "/dev/null";
  std::string stdout_path;  // empty: the test's own
  std::string stderr_path;
};

class ChildProcess {
 public:
  // Starts it; aborts when that is impossible.
  ChildProcess(const std::string& program, const ChildOptions& options);
  ~ChildProcess();

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal);
  // Kills the whole group, also those that the child left behind.
  void KillGroup();

  // The exit status, or 128 + signal, once it has ended.
  absl::optional<int> Poll();
  int Wait();

 private:
  pid_t pid_;
  absl::optional<int> status_;
  bool group_is_empty_ = false;  // its number may be another's by now; while it has members it cannot be
};

// Runs it to its end: exit status and what it wrote.
struct Finished {
  int status;
  std::string out;
  std::string err;
};
Finished RunToEnd(const std::string& program, const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment = {}, const std::string& input = "");

}  // namespace l3link

#endif  // L3LINK_TESTS_SUPPORT_CHILD_PROCESS_H_
