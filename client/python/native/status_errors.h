// From absl::Status to the exceptions of l3link.errors, with reason and metadata, whichever layer the status is from.
//
// Called with the GIL held.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_STATUS_ERRORS_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_STATUS_ERRORS_H_

#include <pybind11/pybind11.h>

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace l3link::python {

// Python's text of it; what is no UTF-8, as logs may have it, is replaced.
pybind11::str TextOf(std::string_view text);
// The exception for a status that is not OK, not raised yet.
pybind11::object ExceptionOf(const absl::Status& status);
[[noreturn]] void Raise(const absl::Status& status);

inline void Check(const absl::Status& status) {
  if (!status.ok()) Raise(status);
}
template <typename T>
T Check(absl::StatusOr<T> result) {
  if (!result.ok()) Raise(result.status());
  return *std::move(result);
}

// Whether `status`, of any layer, only says that time ran out.
bool IsTimeout(const absl::Status& status);
// The status for that: WOULD_BLOCK.
absl::Status TimedOut(std::string_view what);
// What a call on a handle that this program has closed or released gets; `what`: "the channel is closed".
absl::Status ClosedHere(std::string_view what);
// `field` cannot be `value`; `legal` says what can.
absl::Status WrongArgument(std::string_view field, std::string_view value, std::string_view legal);

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_STATUS_ERRORS_H_
