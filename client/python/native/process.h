// What a process may do with this module at its beginning and its end.
//
// After fork nothing, if the parent had used it: gRPC's and the client's threads exist in the parent alone, and their locks may be
// held for ever in the child. So there every call is refused, and what the child drops is left where it is rather than ended.
// And while the interpreter ends, a thread that comes back from a wait has no Python to come back to: it stays where it is.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_PROCESS_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_PROCESS_H_

#include <pybind11/pybind11.h>

#include <memory>
#include <utility>

namespace l3link::python {

// Before the first thread or channel is made: from then on children are told apart.
void MarkProcessUsed();
bool IsForkedChild();
// RuntimeError in such a child.
void CheckNotForked();

// The GIL is let go while this lives. A daemon thread whose interpreter ends meanwhile sleeps until the process has ended: CPython
// would unwind it, through destructors that need the GIL.
class GilReleased {
 public:
  GilReleased() : state_(PyEval_SaveThread()) {}
  ~GilReleased();
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;

 private:
  PyThreadState* const state_;
};

// Lets go of `held`, which may block or join threads: without the GIL. Called with it.
template <typename T>
void DropWithoutGil(std::shared_ptr<T> held) {
  if (held == nullptr) return;
  if (IsForkedChild()) {
    new std::shared_ptr<T>(std::move(held));  // never ended here
    return;
  }
  const GilReleased released;
  held.reset();
}

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_PROCESS_H_
