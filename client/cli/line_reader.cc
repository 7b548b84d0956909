#include "client/cli/line_reader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace l3link::cli {

absl::Status LineReader::Fill() {
  Readiness readiness = Readiness::kNothing;
  while (readiness == Readiness::kNothing) {
    if (stop_.load(std::memory_order_relaxed)) return absl::CancelledError("stopped");
    readiness = AwaitReadable(interrupt_, fd_, absl::Milliseconds(100));
  }
  if (readiness == Readiness::kInterrupted) return absl::CancelledError("interrupted");
  buffer_.erase(0, std::exchange(begin_, 0));
  char block[65536];
  const ssize_t got = read(fd_, block, sizeof(block));
  if (got < 0 && errno != EINTR && errno != EAGAIN) {
    return absl::UnknownError(absl::StrCat("standard input: ", strerror(errno)));
  }
  if (got == 0) at_end_ = true;
  if (got > 0) buffer_.append(block, static_cast<size_t>(got));
  return absl::OkStatus();
}

absl::StatusOr<absl::optional<std::string>> LineReader::Next() {
  size_t searched = begin_;
  while (true) {
    const size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(begin_, end - begin_);
      begin_ = end + 1;
      return absl::make_optional(std::move(line));
    }
    if (at_end_) {
      if (begin_ == buffer_.size()) return absl::optional<std::string>();
      std::string line = buffer_.substr(begin_);
      begin_ = buffer_.size();
      return absl::make_optional(std::move(line));
    }
    searched = buffer_.size() - begin_;  // as Fill moves what is left to the front
    if (absl::Status status = Fill(); !status.ok()) return status;
  }
}

}  // namespace l3link::cli
