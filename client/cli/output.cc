#include "client/cli/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

namespace l3link::cli {

Output::Output(Format format, std::FILE* file)
    : format_(format), file_(file), on_terminal_(isatty(fileno(file)) != 0) {}

void Output::Show(const Json& object, const Rendering& rendering) {
  switch (format_) {
    case Format::kTable: Write(rendering.text); break;
    case Format::kJson: Write(DumpIndented(object) + "\n"); break;
    case Format::kJsonLines: Write(DumpLine(object) + "\n"); break;
    case Format::kRaw: Write(rendering.raw); break;
  }
  Flush();
}

void Output::ShowList(absl::string_view key, const Json& list, const Rendering& rendering) {
  if (format_ != Format::kJsonLines) {
    Json document = Json::object();
    document[std::string(key)] = list;
    Show(document, rendering);
    return;
  }
  for (const Json& item : list) Write(DumpLine(item) + "\n");
  Flush();
}

void Output::ShowEvent(const Json& object, const Rendering& rendering) {
  if (json()) {
    Write(DumpLine(object) + "\n");
  } else {
    Write(format_ == Format::kRaw ? rendering.raw : rendering.text);
  }
}

void Output::Write(absl::string_view bytes) {
  if (closed_ || bytes.empty()) return;
  if (fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) NoteFailure();
}

void Output::Flush() {
  if (!closed_ && fflush(file_) != 0) NoteFailure();
}

void Output::NoteFailure() {
  const int error = errno;
  closed_ = true;
  if (error != EPIPE) error_ = strerror(error);
}

}  // namespace l3link::cli
