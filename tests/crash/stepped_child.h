// A copy of this process that does one thing, one machine instruction at a time.
//
// Made by fork, so it has the same heap, the same daemon and the same mapped files; what it writes to the files is seen here.
// It and its parent stay on one core: a step is a switch between the two, and between cores that takes three times as long.
#ifndef L3LINK_TESTS_CRASH_STEPPED_CHILD_H_
#define L3LINK_TESTS_CRASH_STEPPED_CHILD_H_

#include <sys/types.h>

#include <functional>

namespace l3link {

class SteppedChild {
 public:
  // Stopped before the first instruction of `operation`, which answers whether it did what it was to do.
  explicit SteppedChild(const std::function<bool()>& operation);
  ~SteppedChild() { Kill(); }
  SteppedChild(const SteppedChild&) = delete;
  SteppedChild& operator=(const SteppedChild&) = delete;

  // One instruction. False: there was none any more, the operation is over.
  bool Step();
  // All that is left, at full speed.
  void Finish();
  // SIGKILL, and its body is gone. Nothing when it is over.
  void Kill();

  // After the end: the operation was not killed, did not crash, and answered true.
  bool succeeded() const { return succeeded_; }

 private:
  bool Wait();

  pid_t pid_;
  bool over_ = false;
  bool succeeded_ = false;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_STEPPED_CHILD_H_
