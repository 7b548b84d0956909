// The real text whose lines are the messages. Read once, then only looked at: any thread.
#ifndef L3LINK_CLIENT_MAIN_JOB_CORPUS_H_
#define L3LINK_CLIENT_MAIN_JOB_CORPUS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace l3link::main_job {

struct CorpusLine {
  absl::string_view text;  // without its newline; may be empty
  uint32_t crc = 0;        // CRC-32C of text
};

// Neither copied nor moved: the lines point into it.
class Corpus {
 public:
  // Every line of the files; a folder stands for the regular files in it, in order of name. Lines longer than
  // `max_line_bytes` are cut there. NOT_FOUND for a path that cannot be read, INVALID_ARGUMENT when there is no line.
  static absl::StatusOr<std::unique_ptr<Corpus>> Read(const std::vector<std::string>& paths, size_t max_line_bytes);

  explicit Corpus(std::string text, size_t max_line_bytes);
  Corpus(const Corpus&) = delete;
  Corpus& operator=(const Corpus&) = delete;

  const std::vector<CorpusLine>& lines() const { return lines_; }
  size_t longest() const { return longest_; }  // bytes

 private:
  const std::string text_;
  std::vector<CorpusLine> lines_;
  size_t longest_ = 0;
};

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_CORPUS_H_
