// Where a command's results go: stdout, in the format of -o. One of it, made by main, used on the main thread.
#ifndef L3LINK_CLIENT_CLI_OUTPUT_H_
#define L3LINK_CLIENT_CLI_OUTPUT_H_

#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/proto_json.h"

namespace l3link::cli {

enum class Format { kTable, kJson, kJsonLines, kRaw };

// What one object or list looks like in each format. `raw` is bare values for a shell: names, bodies, a number.
struct Rendering {
  std::string text;
  std::string raw;
};

// A reader that goes away (`| head`) is no error: closed() turns true, later writes do nothing, and a command that
// follows something stops.
class Output {
 public:
  Output(Format format, std::FILE* file);

  Format format() const { return format_; }
  bool json() const { return format_ == Format::kJson || format_ == Format::kJsonLines; }
  bool on_terminal() const { return on_terminal_; }

  // One object.
  void Show(const Json& object, const Rendering& rendering);
  // Several, under `key` in -o json, one a line in -o jsonl.
  void ShowList(absl::string_view key, const Json& list, const Rendering& rendering);
  // One of a stream: a line of JSON in both JSON formats. Flush when no further one is at hand.
  void ShowEvent(const Json& object, const Rendering& rendering);

  void Write(absl::string_view bytes);
  void Flush();

  bool closed() const { return closed_; }
  // What went wrong with writing, other than the reader's leaving; empty when nothing.
  const std::string& error() const { return error_; }

 private:
  void NoteFailure();

  const Format format_;
  std::FILE* const file_;
  const bool on_terminal_;
  bool closed_ = false;
  std::string error_;
};

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_OUTPUT_H_
