// What a process may do with this module: after fork, nothing, if the parent had used it.
//
// gRPC's and the client's threads exist in the parent alone, and their locks may be held for ever in the child; so there every
// call is refused, and what the child drops is left where it is rather than ended.
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

// Lets go of `held`, which may block or join threads: without the GIL. Called with it.
template <typename T>
void DropWithoutGil(std::shared_ptr<T> held) {
  if (held == nullptr) return;
  if (IsForkedChild()) {
    new std::shared_ptr<T>(std::move(held));  // never ended here
    return;
  }
  pybind11::gil_scoped_release release;
  held.reset();
}

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_PROCESS_H_
