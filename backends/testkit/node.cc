#include "backends/testkit/node.h"

#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/find_program.h"
#include "backends/host/mono_time.h"
#include "backends/sim/chip/arena_map.h"
#include "backends/testkit/daemon_process.h"
#include "backends/testkit/node_folder.h"

namespace l3link::testkit {
namespace {

constexpr ProgramPlaces kDaemon = {"l3linkd", "server", "L3LINK_L3LINKD", "the option l3linkd or L3LINK_L3LINKD"};
constexpr absl::Duration kLook = absl::Milliseconds(5);
constexpr int kLastLines = 20;

bool IsTrue(const Interrupted& interrupted) { return interrupted != nullptr && interrupted(); }

bool IsFile(const std::string& chip_program) {
  return absl::StrContains(chip_program, '/') || absl::EndsWith(chip_program, ".so");
}

absl::Status CheckOptions(const NodeOptions& options) {
  if (options.chips == 0) return absl::InvalidArgumentError("chips is 0; a node has at least one");
  if (options.play_chips) return absl::OkStatus();
  if (options.chip_programs.empty()) {
    return absl::InvalidArgumentError("chip_programs is empty; name one, or set play_chips");
  }
  for (const std::string& program : options.chip_programs) {
    std::error_code error;
    if (absl::StrContains(program, ',')) {
      return absl::InvalidArgumentError(absl::StrCat("chip program ", program, ": its path has a comma; move it"));
    }
    if (IsFile(program) && !std::filesystem::is_regular_file(program, error)) {
      return absl::NotFoundError(absl::StrCat("chip program ", program, ": there is no such file below ",
                                              std::filesystem::current_path(error).string()));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> CommandOf(const NodeOptions& options, const std::string& l3linkd, const NodeFolder& folder) {
  std::vector<std::string> command = {l3linkd,
                                      "--listen=none",
                                      absl::StrCat("--unix=", folder.unix_path()),
                                      absl::StrCat("--state-dir=", folder.state_dir()),
                                      absl::StrCat("--ready-file=", folder.ready_path()),
                                      "--drain-timeout=1s",  // streams left open are the test's own
                                      absl::StrCat("--platform=", options.platform, "=", options.chips)};
  command.push_back(options.play_chips ? "--sim-chip=external"
                                       : absl::StrCat("--sim-program=", absl::StrJoin(options.chip_programs, ",")));
  command.insert(command.end(), options.flags.begin(), options.flags.end());
  return command;
}

// The word after `key` in "ready grpc=... unix=...".
std::string WordAfter(const std::string& line, const std::string& key) {
  const size_t at = line.find(key);
  if (at == std::string::npos) return "";
  const size_t begin = at + key.size();
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

bool ChipRuns(const std::string& arena_path) {
  const absl::StatusOr<std::unique_ptr<ArenaMap>> arena = ArenaMap::Open(arena_path);
  if (!arena.ok()) return false;
  const auto* header = reinterpret_cast<const l3_arena_header*>((*arena)->memory().data());
  return l3_load_acquire_u32(&header->chip.chip_state) == L3_CHIP_RUNNING;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> Node::Start(const NodeOptions& options) {
  absl::Status status = CheckOptions(options);
  if (!status.ok()) return status;
  const absl::StatusOr<std::string> l3linkd = FindProgram(kDaemon, options.l3linkd, FileThatHolds(&kDaemon));
  if (!l3linkd.ok()) return l3linkd.status();
  absl::StatusOr<std::unique_ptr<NodeFolder>> folder = NodeFolder::Make();
  if (!folder.ok()) return folder.status();
  std::unique_ptr<Node> node(new Node(*std::move(folder), options));
  node->process_ =
      std::make_unique<DaemonProcess>(CommandOf(options, *l3linkd, *node->folder_), node->folder_->log_path());
  status = node->AwaitReady();
  if (status.ok()) return node;
  if (absl::IsCancelled(status)) node->Stop().IgnoreError();  // nothing is wrong with it
  node->stopped_ = true;                                      // the status says what there is to say
  return status;
}

Node::Node(std::unique_ptr<NodeFolder> folder, const NodeOptions& options)
    : options_(options), folder_(std::move(folder)) {}

Node::~Node() {
  const absl::Status status = Stop();
  if (!status.ok()) fprintf(stderr, "l3link test node: %s\n", std::string(status.message()).c_str());
}

absl::Status Node::AwaitReady() {
  const MonoTime deadline = After(MonoNow(), options_.patience);
  std::string line;
  while ((line = TextOf(folder_->ready_path())).empty()) {
    if (process_->AwaitEnd(kLook).has_value()) return Failed(absl::StatusCode::kFailedPrecondition, "l3linkd ended");
    if (MonoNow() >= deadline) {
      return Failed(absl::StatusCode::kDeadlineExceeded,
                    absl::StrCat("l3linkd is not ready after ", absl::FormatDuration(options_.patience)));
    }
    if (IsTrue(options_.interrupted)) return absl::CancelledError("interrupted before l3linkd was ready");
  }
  tcp_target_ = WordAfter(line, "grpc=");
  unix_path_ = WordAfter(line, "unix=");
  for (uint32_t worker_id = 0; worker_id < options_.chips && !options_.play_chips; ++worker_id) {
    absl::Status status = AwaitChip(worker_id, deadline);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Node::AwaitChip(uint32_t worker_id, MonoTime deadline) {
  while (!ChipRuns(folder_->arena_path(worker_id))) {
    // What l3link-sim-chip itself says before it is attached is why it ends.
    const bool gave_up = absl::StrContains(chip_log(worker_id), "l3link-sim-chip: ");
    if (!gave_up && MonoNow() < deadline && !process_->AwaitEnd(kLook).has_value()) {
      if (!IsTrue(options_.interrupted)) continue;
      return absl::CancelledError(absl::StrCat("interrupted before chip ", worker_id, " ran"));
    }
    return Failed(gave_up ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kDeadlineExceeded,
                  absl::StrCat("chip ", worker_id, " does not run ", absl::StrJoin(options_.chip_programs, ","), ":",
                               LastWords(chip_log(worker_id), kLastLines)));
  }
  return absl::OkStatus();
}

absl::Status Node::Failed(absl::StatusCode code, const std::string& what) const {
  return absl::Status(code, absl::StrCat(what, "; the node's last words:", LastWords(log(), kLastLines)));
}

absl::StatusOr<std::unique_ptr<ChipPlayer>> Node::PlayChip(uint32_t worker_id, Interrupted interrupted) const {
  if (stopped_) return absl::FailedPreconditionError("the node is stopped");
  return ChipPlayer::Attach(folder_->arena_path(worker_id), options_.patience, std::move(interrupted));
}

std::string Node::log() const { return stopped_ ? last_log_ : TextOf(folder_->log_path()); }
std::string Node::chip_log(uint32_t worker_id) const {
  return folder_ == nullptr ? "" : TextOf(folder_->chip_log_path(worker_id));
}

absl::Status Node::Stop() {
  if (stopped_) return absl::OkStatus();
  const bool had_ended = process_->status().has_value();
  process_->Signal(SIGTERM);
  const absl::optional<int> status = process_->AwaitEnd(options_.patience);
  last_log_ = log();
  stopped_ = true;
  process_.reset();
  folder_.reset();
  if (status == 0 && !had_ended) return absl::OkStatus();
  const std::string end = !status.has_value() ? "had to be killed" : absl::StrCat("ended with status ", *status);
  return Failed(absl::StatusCode::kInternal, absl::StrCat("l3linkd ", end, had_ended ? " before it was stopped" : ""));
}

}  // namespace l3link::testkit
