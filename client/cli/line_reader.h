// Standard input line by line, hearing Ctrl-C while it waits.
#ifndef L3LINK_CLIENT_CLI_LINE_READER_H_
#define L3LINK_CLIENT_CLI_LINE_READER_H_

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "client/cli/interrupt.h"

namespace l3link::cli {

// Lines end in '\n', which is not part of them; a last one without it counts. One thread.
class LineReader {
 public:
  // `stop` ends waiting within 100 ms: for when nobody wants further lines.
  LineReader(int fd, const Interrupt& interrupt, const std::atomic<bool>& stop)
      : fd_(fd), interrupt_(interrupt), stop_(stop) {}

  // The next line; nothing at the end of input. CANCELLED when interrupted or stopped, UNKNOWN when reading fails.
  absl::StatusOr<absl::optional<std::string>> Next();

 private:
  absl::Status Fill();

  const int fd_;
  const Interrupt& interrupt_;
  const std::atomic<bool>& stop_;
  std::string buffer_;
  size_t begin_ = 0;  // of what is not handed out yet
  bool at_end_ = false;
};

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_LINE_READER_H_
