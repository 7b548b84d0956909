#include "backends/worker/kept_state.h"

#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/host/arena_header.h"
#include "backends/host/refusal.h"
#include "backends/state/boot_id.h"
#include "backends/state/private_folder.h"

namespace l3link {
namespace {

// Objects' generations count on from the arena's: far enough apart that an id of an earlier arena names nothing in this one.
constexpr int kGenerationShift = 20;

void FillRandom(void* bytes, size_t count) {
  while (getrandom(bytes, count, 0) != static_cast<ssize_t>(count)) {
  }
}

ArenaIdentity NewIdentity(const PlatformTraits& traits, uint32_t max_objects) {
  ArenaIdentity identity;
  identity.boot_id = BootId();
  FillRandom(identity.pairing_id.data(), identity.pairing_id.size());
  uint32_t generation;
  FillRandom(&generation, sizeof(generation));
  identity.generation = uint64_t{generation >> 1} << kGenerationShift;
  identity.platform = traits.platform;
  identity.chip_index = traits.chip_index;
  identity.core_count = traits.core_count;
  identity.device_base = traits.device_base;
  identity.directory_capacity = max_objects;
  return identity;
}

absl::Status CheckArenaBytes(const PlatformTraits& traits, uint64_t bytes, uint64_t least) {
  const uint64_t most = traits.max_arena_bytes == 0 ? UINT64_MAX : traits.max_arena_bytes;
  if (bytes >= least && bytes <= most && bytes % L3_PAGE_BYTES == 0) return absl::OkStatus();
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD,
                absl::StrCat("arena_bytes: ", bytes, " is not a multiple of ", L3_PAGE_BYTES, " from ", least, " to ",
                             most, " (", traits.platform, ")"),
                {{"field", "arena_bytes"}, {"value", absl::StrCat(bytes)}});
}

std::string Size(uint64_t bytes) {
  constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; bytes != 0 && bytes % 1024 == 0 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  return absl::StrCat(bytes, " ", kUnits[unit]);
}

// Which of the request's sizes the kept state does not have; empty: it has all.
std::string Overruled(const JournalIdentity& kept, const StateRequest& request) {
  constexpr absl::string_view kWhen = " takes effect when nothing is kept (--discard-state)";
  std::vector<std::string> notes;
  if (kept.arena_bytes != request.arena_bytes) {
    notes.push_back(absl::StrCat("arena of ", Size(kept.arena_bytes), " is kept; --arena-bytes ",
                                 Size(request.arena_bytes), kWhen));
  }
  if (kept.max_objects != request.max_objects) {
    notes.push_back(absl::StrCat("directory of ", kept.max_objects, " objects is kept; --max-objects ",
                                 request.max_objects, kWhen));
  }
  return absl::StrJoin(notes, "; ");
}

// What an operator can do about state that cannot be used.
absl::Status WithRemedy(const absl::Status& status, const std::string& path) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message(),
                                                  "; give another --state-dir, or --discard-state to begin anew "
                                                  "without what is there"));
}

}  // namespace

KeptState::~KeptState() {
  if (arena_is_ours_) munmap(arena_.data(), arena_.size());
}

absl::StatusOr<std::unique_ptr<KeptState>> KeptState::Open(Platform* platform, const StateRequest& request) {
  std::unique_ptr<KeptState> state(new KeptState());
  std::string path;
  if (!request.private_dir.empty()) {
    absl::Status status = MakePrivateFolder(request.private_dir);
    if (!status.ok()) return status;
    path = absl::StrCat(request.private_dir, "/chip-", request.worker_id, ".journal");
    status = state->Adopt(platform, path);
    if (!status.ok() && !absl::IsNotFound(status)) return WithRemedy(status, path);
    if (absl::IsNotFound(status) && platform->AdoptArena().ok())
      state->note_ =
          absl::StrCat("the arena is left without its journal (", path, ": ", status.message(), ") and is discarded");
  }
  if (state->adopted_) {
    state->note_ = Overruled(state->journal_->identity(), request);
    return state;
  }
  absl::Status status = state->Make(platform, request, path);
  if (!status.ok()) return status;
  return state;
}

// OK without adopted_: there is something, of no use any more, and the note says why.
absl::Status KeptState::Adopt(Platform* platform, const std::string& path) {
  absl::StatusOr<std::unique_ptr<JournalMemory>> memory = JournalMemory::Open(path);
  if (!memory.ok()) return memory.status();
  memory_ = *std::move(memory);
  journal_ = std::make_unique<ChipJournal>(memory_->memory(), memory_.get());
  absl::Status status = journal_->Open();
  if (!status.ok()) return status;
  const JournalIdentity& known = journal_->identity();
  const std::array<uint8_t, 16> boot = BootId();
  if (std::memcmp(known.boot_id, boot.data(), boot.size()) != 0) {
    note_ = "state from before a reboot is discarded";
    return absl::OkStatus();
  }
  const std::string platform_then(known.platform, strnlen(known.platform, sizeof(known.platform)));
  if (platform_then != platform->traits().platform || known.chip_index != platform->traits().chip_index) {
    return absl::FailedPreconditionError(absl::StrCat("it is of chip ", known.chip_index, " of ", platform_then,
                                                      ", this worker is chip ", platform->traits().chip_index, " of ",
                                                      platform->traits().platform));
  }
  return AdoptArena(platform);
}

absl::Status KeptState::AdoptArena(Platform* platform) {
  const JournalIdentity& known = journal_->identity();
  absl::StatusOr<absl::Span<std::byte>> arena = platform->AdoptArena();
  if (absl::IsNotFound(arena.status())) {
    note_ = absl::StrCat("the journal is left without its arena and is discarded: ", arena.status().message());
    return absl::OkStatus();
  }
  if (!arena.ok()) return arena.status();
  const l3_arena_identity& found = HeaderOf(*arena)->identity;
  if (arena->size() != known.arena_bytes || found.magic != L3_ARENA_MAGIC ||
      found.generation != known.arena_generation ||
      std::memcmp(found.pairing_id, known.pairing_id, sizeof(known.pairing_id)) != 0) {
    note_ = "the arena is not the one that the journal knows; both are discarded";
    return absl::OkStatus();
  }
  platform->KeepArena(true);
  arena_ = *arena;
  adopted_ = true;
  return absl::OkStatus();
}

void KeptState::Forget(Platform* platform) {
  memory_->Remove();  // first: no journal may outlive its arena
  platform->KeepArena(false);
}

absl::Status KeptState::Make(Platform* platform, const StateRequest& request, const std::string& path) {
  journal_.reset();
  memory_.reset();
  if (!path.empty()) {
    absl::Status status = RemovePrivateFile(path);  // first: no journal may outlive its arena
    if (!status.ok()) return status;
  }
  const uint64_t data_at = ArenaDataAt(request.max_objects);
  absl::Status status = CheckArenaBytes(platform->traits(), request.arena_bytes, data_at + L3_PAGE_BYTES);
  if (!status.ok()) return status;
  absl::StatusOr<absl::Span<std::byte>> arena = platform->MapArena(request.arena_bytes);
  if (!arena.ok()) return arena.status();
  arena_ = *arena;
  status = platform->Commit(0, data_at);
  if (!status.ok()) return status;
  status = MakeJournal(platform->traits(), request.max_objects, path);
  if (status.ok() && !path.empty()) platform->KeepArena(true);
  return status;
}

absl::Status KeptState::MakeJournal(const PlatformTraits& traits, uint32_t max_objects, const std::string& path) {
  const uint64_t bytes = ChipJournal::BytesFor(arena_.size(), max_objects);
  absl::StatusOr<std::unique_ptr<JournalMemory>> memory =
      path.empty() ? JournalMemory::Anonymous(bytes) : JournalMemory::Create(path, bytes);
  if (!memory.ok()) return memory.status();
  memory_ = *std::move(memory);
  const ArenaIdentity arena = NewIdentity(traits, max_objects);
  InitArena(arena_, arena);
  JournalIdentity identity = {};
  identity.arena_bytes = arena_.size();
  identity.arena_generation = arena.generation;
  identity.max_objects = max_objects;
  std::copy(arena.boot_id.begin(), arena.boot_id.end(), identity.boot_id);
  std::copy(arena.pairing_id.begin(), arena.pairing_id.end(), identity.pairing_id);
  std::memcpy(identity.platform, traits.platform.data(), std::min(traits.platform.size(), sizeof(identity.platform)));
  identity.chip_index = traits.chip_index;
  journal_ = std::make_unique<ChipJournal>(memory_->memory(), memory_.get());
  return journal_->Init(identity);
}

absl::StatusOr<std::unique_ptr<KeptState>> KeptState::Nothing(const PlatformTraits& traits, uint32_t max_objects) {
  std::unique_ptr<KeptState> state(new KeptState());
  const uint64_t bytes = ArenaDataAt(max_objects);
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return absl::ErrnoToStatus(errno, "cannot map memory");
  state->arena_ = absl::MakeSpan(static_cast<std::byte*>(base), bytes);
  state->arena_is_ours_ = true;
  absl::Status status = state->MakeJournal(traits, max_objects, "");
  if (!status.ok()) return status;
  return state;
}

}  // namespace l3link
