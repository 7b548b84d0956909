// From absl::Status to what C callers see: a code, an errno, and the thread's last error in words.
//
// Any thread. The words of the edge are here and nowhere else.
#ifndef L3LINK_BACKENDS_RUNTIME_RESULT_H_
#define L3LINK_BACKENDS_RUNTIME_RESULT_H_

#include <cerrno>
#include <new>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace l3link {

inline constexpr int kDone = 0;
inline constexpr int kWouldBlock = -11;
inline constexpr int kInvalid = -22;
inline constexpr int kTooLarge = -75;
inline constexpr int kBackend = -5;
inline constexpr int kUnsupported = -95;

// What a call that returns a code, or a pointer, makes of the status.
int CodeOf(const absl::Status& status);
int ErrnoOf(const absl::Status& status);

// As CodeOf; a failure's words become this thread's last error.
int Report(const absl::Status& status);

// Never null; good until this thread's next call.
const char* LastError();
void SetLastError(absl::string_view text) noexcept;

// Nothing that is thrown leaves the library.
template <typename Call>
int Guarded(Call call) noexcept {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    SetLastError("out of memory");
  } catch (...) {
    SetLastError("an exception was thrown in the library");
  }
  return kBackend;
}

// `call` answers absl::StatusOr<void*>. errno is set last: what ends with the call may end a whole context.
template <typename Call>
void* GuardedOpen(Call call) noexcept {
  absl::StatusOr<void*> handle = nullptr;
  const int code = Guarded([&] {
    handle = call();
    return Report(handle.status());
  });
  if (code == kDone) return *handle;
  errno = handle.ok() ? ENOMEM : ErrnoOf(handle.status());  // ok: something was thrown, for want of memory
  return nullptr;
}

}  // namespace l3link

#endif  // L3LINK_BACKENDS_RUNTIME_RESULT_H_
