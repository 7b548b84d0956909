#include "backends/runtime/result.h"

#include <string>

#include "backends/host/refusal.h"

namespace l3link {
namespace {

std::string& ThreadsLastError() {
  thread_local std::string text;
  return text;
}

int CodeOfReason(Reason reason) {
  switch (reason) {
    case Reason::kWOULD_BLOCK: return kWouldBlock;
    case Reason::kMESSAGE_TOO_LARGE: return kTooLarge;
    case Reason::kPLATFORM_UNSUPPORTED:
    case Reason::kSHARED_RMW_UNSUPPORTED: return kUnsupported;
    case Reason::kINVALID_ARGUMENT_FIELD:
    case Reason::kRANGE_OUT_OF_REGION:
    case Reason::kLANE_NOT_FOUND:
    case Reason::kSIGNAL_NOT_FOUND:
    case Reason::kSIGNAL_NOT_HOST_WRITTEN:
    case Reason::kCHANNEL_CLOSED:  // the handle is stale by now
    case Reason::kREGION_CLOSED: return kInvalid;
    default: return kBackend;
  }
}

int ErrnoOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument: return EINVAL;
    case absl::StatusCode::kNotFound: return ENOENT;
    case absl::StatusCode::kAlreadyExists: return EEXIST;
    case absl::StatusCode::kPermissionDenied: return EACCES;
    case absl::StatusCode::kResourceExhausted: return ENOMEM;
    case absl::StatusCode::kUnimplemented: return ENOTSUP;
    case absl::StatusCode::kFailedPrecondition: return EBUSY;
    default: return EIO;
  }
}

}  // namespace

int CodeOf(const absl::Status& status) {
  if (status.ok()) return kDone;
  if (absl::IsDeadlineExceeded(status)) return kWouldBlock;  // the usual one of a caller that probes: no look inside
  const absl::optional<Refusal> refusal = RefusalOf(status);
  if (refusal.has_value()) return CodeOfReason(refusal->row->reason);
  return absl::IsInvalidArgument(status) ? kInvalid : kBackend;
}

int ErrnoOf(const absl::Status& status) { return status.ok() ? 0 : ErrnoOfCode(status.code()); }

int Report(const absl::Status& status) {
  if (!status.ok()) SetLastError(status.message());
  return CodeOf(status);
}

const char* LastError() { return ThreadsLastError().c_str(); }

void SetLastError(absl::string_view text) noexcept {
  try {
    ThreadsLastError().assign(text.data(), text.size());
  } catch (...) {
    ThreadsLastError().clear();  // no memory for words: none is better than another error's
  }
}

}  // namespace l3link
