// What every call looks at first: handles and pointers. Header-only, for the files of the C calls.
#ifndef L3LINK_BACKENDS_RUNTIME_ARGUMENT_CHECKS_H_
#define L3LINK_BACKENDS_RUNTIME_ARGUMENT_CHECKS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace l3link {

inline absl::Status NullPointer(absl::string_view argument) {
  return absl::InvalidArgumentError(absl::StrCat(argument, ": a null pointer"));
}

inline absl::Status StaleHandle(absl::string_view argument) {
  return absl::InvalidArgumentError(
      absl::StrCat(argument, ": a stale handle, one of another context, or none of this kind"));
}

inline absl::Status WrongField(absl::string_view field, uint64_t value, absl::string_view legal) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", value, " is not ", legal));
}

inline absl::Duration TimeoutOf(uint32_t timeout_us) { return absl::Microseconds(timeout_us); }
inline absl::Duration SignedTimeoutOf(int64_t timeout_us) {
  return timeout_us < 0 ? absl::InfiniteDuration() : absl::Microseconds(timeout_us);
}

inline absl::Span<std::byte> BytesAt(void* data, size_t count) {
  return absl::MakeSpan(static_cast<std::byte*>(data), count);
}
inline absl::Span<const std::byte> BytesAt(const void* data, size_t count) {
  return absl::MakeConstSpan(static_cast<const std::byte*>(data), count);
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_RUNTIME_ARGUMENT_CHECKS_H_
