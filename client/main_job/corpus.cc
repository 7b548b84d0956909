#include "client/main_job/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/main_job/crc32c.h"

namespace l3link::main_job {
namespace {

namespace fs = std::filesystem;

absl::Status AppendFile(const fs::path& path, std::string* text) {
  std::ifstream file(path, std::ios::binary);
  text->append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) return absl::NotFoundError(absl::StrCat("cannot read ", path.string()));
  if (!text->empty() && text->back() != '\n') *text += '\n';
  return absl::OkStatus();
}

// The regular files that `path` stands for, links followed.
absl::StatusOr<std::vector<fs::path>> FilesOf(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<fs::path>{path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  }
  if (error) return absl::NotFoundError(absl::StrCat("cannot list ", path.string(), ": ", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Corpus>> Corpus::Read(const std::vector<std::string>& paths, size_t max_line_bytes) {
  std::string text;
  for (const std::string& path : paths) {
    const auto files = FilesOf(path);
    if (!files.ok()) return files.status();
    for (const fs::path& file : *files) {
      if (absl::Status status = AppendFile(file, &text); !status.ok()) return status;
    }
  }
  auto corpus = std::make_unique<Corpus>(std::move(text), max_line_bytes);
  if (corpus->lines().empty()) return absl::InvalidArgumentError("the corpus has no line");
  return corpus;
}

Corpus::Corpus(std::string text, size_t max_line_bytes) : text_(std::move(text)) {
  absl::string_view rest = text_;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const absl::string_view line = rest.substr(0, std::min(end, max_line_bytes));
    lines_.push_back({line, Crc32c(line)});
    longest_ = std::max(longest_, line.size());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace l3link::main_job
