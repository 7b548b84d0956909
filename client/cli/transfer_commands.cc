// regions read, write: bulk data between a region and files, in pieces, with a progress bar on a terminal.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/command_groups.h"
#include "client/cli/hex_dump.h"
#include "client/cli/library.h"
#include "client/cli/message_body.h"
#include "client/cli/progress.h"
#include "client/cli/signal_expression.h"

namespace l3link::cli {
namespace {

constexpr size_t kPieceBytes = 8 << 20;
constexpr uint64_t kDumpBytes = 256;  // shown when no --length says more

absl::Status Interrupted() { return absl::CancelledError("interrupted"); }

// --timeout bounds one piece, not the whole transfer.
absl::Duration PieceTimeout(const Run& run) { return run.TimeoutOr(absl::Minutes(1)); }

struct ReadOptions {
  ObjectReference reference;
  uint64_t offset = 0;
  absl::optional<uint64_t> length;
  std::string out;
  ElementType as = ElementType::kHexDump;
};

// Reads [offset, offset+length) in pieces, each handed to `take`.
absl::Status ReadPieces(Run& run, const client::Region& region, uint64_t offset, uint64_t length,
                        const std::function<absl::Status(absl::string_view)>& take) {
  Progress progress(stderr, absl::StrCat("read ", region.name()), length, Progress::Unit::kBytes,
                    Progress::Otherwise::kNothing);
  std::string piece(std::min<uint64_t>(length, kPieceBytes), '\0');
  uint64_t done = 0;
  do {
    const size_t bytes = std::min<uint64_t>(length - done, kPieceBytes);
    if (run.interrupt().requested()) return Interrupted();
    const absl::Status status = region.Read(offset + done, absl::MakeSpan(piece).first(bytes), PieceTimeout(run));
    if (!status.ok()) return status;
    if (const absl::Status taken = take(absl::string_view(piece).substr(0, bytes)); !taken.ok()) return taken;
    done += bytes;
    progress.Update(done);
  } while (done < length);
  return absl::OkStatus();
}

ExitCode ReadToFile(Run& run, const client::Region& region, const ReadOptions& options, uint64_t length) {
  std::FILE* file = fopen(options.out.c_str(), "wb");
  if (file == nullptr) return run.Usage(absl::StrCat(options.out, ": ", strerror(errno)));
  const auto failed = [&] { return absl::UnknownError(absl::StrCat(options.out, ": ", strerror(errno))); };
  absl::Status status = ReadPieces(run, region, options.offset, length, [&](absl::string_view piece) {
    return fwrite(piece.data(), 1, piece.size(), file) == piece.size() ? absl::OkStatus() : failed();
  });
  if (fclose(file) != 0 && status.ok()) status = failed();
  if (!status.ok()) return run.Fail(status);
  run.out().Show({{"offset", options.offset}, {"bytes", length}, {"file", options.out}},
                 {absl::StrCat("read ", length, " bytes to ", options.out, "\n"), ""});
  return ExitCode::kOk;
}

ExitCode ReadToOutput(Run& run, const client::Region& region, const ReadOptions& options, uint64_t length) {
  if (run.out().format() == Format::kRaw) {
    const absl::Status status = ReadPieces(run, region, options.offset, length, [&run](absl::string_view piece) {
      run.out().Write(piece);
      return run.out().closed() ? Interrupted() : absl::OkStatus();
    });
    return status.ok() || run.out().closed() ? ExitCode::kOk : run.Fail(status);
  }
  const uint64_t shown = options.length.has_value() ? length : std::min(length, kDumpBytes);
  std::string data;
  const absl::Status status = ReadPieces(run, region, options.offset, shown, [&data](absl::string_view piece) {
    data.append(piece.data(), piece.size());
    return absl::OkStatus();
  });
  if (!status.ok()) return run.Fail(status);
  std::string text = ShowElements(data, options.offset, options.as);
  if (shown < length) absl::StrAppend(&text, "... ", length - shown, " more bytes: --length, --out FILE or -o raw\n");
  run.out().Show({{"offset", options.offset}, {"bytes", shown}, {"hex", absl::BytesToHexString(data)}}, {text, ""});
  return ExitCode::kOk;
}

ExitCode Read(Run& run, const ReadOptions& options) {
  const auto orchestrator = ConnectLibrary(run);
  if (!orchestrator.ok()) return run.Fail(orchestrator.status());
  const ObjectReference& reference = options.reference;
  const auto region = (*orchestrator)->FindRegion(reference.worker_id, reference.name, reference.generation);
  if (!region.ok()) return run.Fail(region.status());
  const uint64_t data_bytes = (*region)->data_bytes();
  const uint64_t length = options.length.value_or(options.offset <= data_bytes ? data_bytes - options.offset
                                                                               : 1);  // 1: let the node refuse
  return options.out.empty() ? ReadToOutput(run, **region, options, length)
                             : ReadToFile(run, **region, options, length);
}

struct WriteOptions {
  ObjectReference reference;
  uint64_t offset = 0;
  BodyOptions bodies;
  absl::optional<client::SignalChange> notify;
};

// Hands out what is to be written piece by piece: the bodies given on the command line, or a file as it is read.
class WriteSource {
 public:
  explicit WriteSource(const BodyOptions& bodies) : bodies_(bodies) {}
  ~WriteSource() {
    if (file_ != nullptr && file_ != stdin) fclose(file_);
  }

  absl::Status Open() {
    if (bodies_.files.empty()) return ReadBodies();
    const std::string& path = bodies_.files[0];
    file_ = path == "-" ? stdin : fopen(path.c_str(), "rb");
    if (file_ != nullptr) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", strerror(errno)));
  }

  // Empty at the end.
  absl::StatusOr<std::string> Next() {
    if (file_ == nullptr) return std::exchange(text_, "");
    std::string piece(kPieceBytes, '\0');
    piece.resize(fread(piece.data(), 1, piece.size(), file_));
    if (ferror(file_) != 0) return absl::UnknownError(absl::StrCat(bodies_.files[0], ": ", strerror(errno)));
    return piece;
  }

  // Of a regular file; 0 when it cannot be known.
  uint64_t TotalBytes() const {
    if (file_ == nullptr || file_ == stdin || fseeko(file_, 0, SEEK_END) != 0) return 0;
    const off_t end = ftello(file_);
    rewind(file_);
    return end < 0 ? 0 : static_cast<uint64_t>(end);
  }

 private:
  absl::Status ReadBodies() {
    const auto bodies = bodies_.Read();
    if (!bodies.ok()) return bodies.status();
    for (const std::string& body : *bodies) text_ += body;
    return absl::OkStatus();
  }

  const BodyOptions& bodies_;
  std::string text_;
  std::FILE* file_ = nullptr;
};

struct Written {
  uint64_t bytes = 0;
  absl::optional<uint64_t> signal_value;
};

absl::StatusOr<Written> WritePieces(Run& run, client::Region& region, const WriteOptions& options,
                                    WriteSource& source) {
  Progress progress(stderr, absl::StrCat("write ", region.name()), source.TotalBytes(), Progress::Unit::kBytes,
                    Progress::Otherwise::kNothing);
  Written written;
  auto piece = source.Next();
  while (piece.ok()) {
    if (run.interrupt().requested()) return Interrupted();
    auto next = source.Next();
    if (!next.ok()) return next.status();
    const bool last = next->empty();
    const uint64_t at = options.offset + written.bytes;
    if (last && options.notify.has_value()) {
      const auto value = region.WriteThenNotify(at, *piece, *options.notify, PieceTimeout(run));
      if (!value.ok()) return value.status();
      written.signal_value = *value;
    } else if (const absl::Status status = region.Write(at, *piece, PieceTimeout(run)); !status.ok()) {
      return status;
    }
    written.bytes += piece->size();
    progress.Update(written.bytes);
    if (last) return written;
    piece = std::move(next);
  }
  return piece.status();
}

ExitCode Write(Run& run, const WriteOptions& options) {
  const BodyOptions& bodies = options.bodies;
  if (bodies.files.size() > 1 || (!bodies.files.empty() && !(bodies.texts.empty() && bodies.hexes.empty()))) {
    return run.Usage("give TEXT and --hex, or one --file");
  }
  if (bodies.files.empty() && bodies.texts.empty() && bodies.hexes.empty()) {
    return run.Usage("nothing to write: give TEXT, --hex or --file");
  }
  WriteSource source(bodies);
  if (const absl::Status status = source.Open(); !status.ok()) return run.Fail(status);
  const auto orchestrator = ConnectLibrary(run);
  if (!orchestrator.ok()) return run.Fail(orchestrator.status());
  const ObjectReference& reference = options.reference;
  const auto region = (*orchestrator)->FindRegion(reference.worker_id, reference.name, reference.generation);
  if (!region.ok()) return run.Fail(region.status());
  const auto written = WritePieces(run, **region, options, source);
  if (!written.ok()) return run.Fail(written.status());
  Json json = {{"offset", options.offset}, {"written_bytes", written->bytes}};
  std::string text = absl::StrCat("wrote ", written->bytes, " bytes at ", options.offset);
  if (written->signal_value.has_value()) {
    json["signal_value"] = *written->signal_value;
    absl::StrAppend(&text, ", then signal ", options.notify->signal, " is ", *written->signal_value);
  }
  run.out().Show(json, {text + "\n", absl::StrCat(written->bytes, "\n")});
  return ExitCode::kOk;
}

}  // namespace

void AddTransferCommands(CommandTree& tree, CLI::App* regions) {
  auto read = std::make_shared<ReadOptions>();
  CLI::App* reader =
      tree.Add(*regions, "read", "Reads data: a hex dump, numbers, raw bytes or a file",
               "l3linkctl regions read vector --length 64\n"
               "l3linkctl regions read vector --offset 8Ki --length 32 --as f32\n"
               "l3linkctl regions read vector --out sum.bin\nl3linkctl regions read vector -o raw | sha256sum",
               [read](Run& run) { return Read(run, *read); });
  AddReference(reader, "region", &read->reference);
  AddBytes(reader, "--offset", "Where to begin; default 0", &read->offset);
  AddOptionalBytes(reader, "--length", "How much; default: to the end (the first 256 bytes of it in a dump)",
                   &read->length);
  reader->add_option("--out", read->out, "Write to this file")->type_name("PATH");
  AddElementType(reader, "--as", &read->as);

  auto write = std::make_shared<WriteOptions>();
  CLI::App* writer = tree.Add(*regions, "write", "Writes data, then changes a signal with --notify",
                              "l3linkctl regions write vector --file input.bin --notify 0=1\n"
                              "l3linkctl regions write vector --offset 16 --hex 0000803f\n"
                              "generate | l3linkctl regions write vector --file -",
                              [write](Run& run) { return Write(run, *write); });
  AddReference(writer, "region", &write->reference);
  AddBytes(writer, "--offset", "Where to begin; default 0", &write->offset);
  write->bodies.AddTo(writer, "text,--text");
  writer
      ->add_option_function<std::string>(
          "--notify", [write](const std::string& text) { write->notify = *ParseSignalChange(text); },
          "After all data: SIGNAL=VALUE, SIGNAL+=VALUE or SIGNAL:max=VALUE")
      ->check([](const std::string& text) { return std::string(ParseSignalChange(text).status().message()); })
      ->type_name("CHANGE");
}

}  // namespace l3link::cli
