// Calls that may block: without the GIL, and in slices between which signals are handled, so that Ctrl-C ends them.
//
// Every thread waits so, and a handle that is closed meanwhile ends its waits within a slice. Called with the GIL held.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_WAITING_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_WAITING_H_

#include <pybind11/pybind11.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/python/native/process.h"
#include "client/python/native/status_errors.h"
#include "client/steady_time.h"

namespace l3link::python {

inline constexpr absl::Duration kSlice = absl::Milliseconds(100);

// Seconds, int or float; None: without end. TypeError; InvalidArgument for negative ones and NaN.
absl::Duration TimeoutOf(pybind11::handle seconds, const char* field = "timeout");

// A call that does not wait for anybody's message or signal, and ends by itself.
template <typename Call>
auto WithoutGil(Call call) {
  const GilReleased released;
  return call();
}

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// What a Python object stands for: present until it is closed or released. Calls keep what they took.
template <typename T>
class Handle {
 public:
  Handle(std::shared_ptr<T> held, const char* what) : held_(std::move(held)), what_(what) {}
  ~Handle() { DropWithoutGil(std::move(held_)); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  // Closed when it was let go.
  std::shared_ptr<T> Get() const {
    CheckNotForked();
    if (held_ == nullptr) Raise(Gone());
    return held_;
  }
  bool present() const { return held_ != nullptr; }
  void Drop() {
    dropped_.store(true, std::memory_order_relaxed);
    DropWithoutGil(std::move(held_));
  }

  absl::Status Gone() const { return ClosedHere(std::string(what_) + " is closed"); }

  // Repeats `once(slice)` until it says other than that time ran out, `timeout` is over, a signal's handler raised (which goes
  // on to Python), or this was dropped.
  template <typename Once>
  auto Wait(absl::Duration timeout, Once once) const {
    const client::MonoTime deadline = client::After(client::MonoNow(), timeout);
    for (;;) {
      const absl::Duration left = std::max(absl::ZeroDuration(), client::Between(client::MonoNow(), deadline));
      auto result = WithoutGil([&] { return once(std::min(left, kSlice)); });
      if (!IsTimeout(StatusOf(result)) || left <= kSlice) return result;
      if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
      if (dropped_.load(std::memory_order_relaxed)) return decltype(result)(Gone());
    }
  }

 private:
  std::shared_ptr<T> held_;  // with the GIL
  const char* const what_;
  std::atomic<bool> dropped_{false};
};

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_WAITING_H_
