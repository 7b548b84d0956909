// l3linkd as a child of the test's process, with its words in a file. Owned by Node.
//
// A thread of its own starts the child and waits for its end: the kernel ends the child (SIGTERM) when the thread that started it
// ends, which so is the end of the process, and of no thread of the test's.
#ifndef L3LINK_BACKENDS_TESTKIT_DAEMON_PROCESS_H_
#define L3LINK_BACKENDS_TESTKIT_DAEMON_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace l3link::testkit {

class DaemonProcess {
 public:
  // Its environment is this process's without L3LINK_ variables, but for L3LINK_SIM_CHIP. What cannot be run ends with 127.
  DaemonProcess(std::vector<std::string> command, std::string log_path);
  // SIGKILL, where it has not ended.
  ~DaemonProcess();

  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  void Signal(int signal) ABSL_LOCKS_EXCLUDED(mutex_);
  // nullopt while it runs: the exit status, or 128 + signal.
  absl::optional<int> status() const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::optional<int> AwaitEnd(absl::Duration at_most) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool Ended() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return status_.has_value(); }

  const std::vector<std::string> command_;
  const std::string log_path_;
  mutable absl::Mutex mutex_;
  pid_t pid_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::optional<int> status_ ABSL_GUARDED_BY(mutex_);
  std::thread keeper_;
};

}  // namespace l3link::testkit

#endif  // L3LINK_BACKENDS_TESTKIT_DAEMON_PROCESS_H_
