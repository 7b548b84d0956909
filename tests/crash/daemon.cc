#include "tests/crash/daemon.h"

#include <cstdlib>

#include "backends/host/arena_header.h"

namespace l3link {

ObjectLimits Daemon::Limits() {
  ObjectLimits limits;
  limits.max_objects = kMaxObjects;
  return limits;
}

Daemon::Daemon(CrashFiles* files)
    : files_(*files),
      journal_(files->journal(), files->journal_space()),
      bell_(HeaderOf(files->arena()), [this](uint32_t* word) { files_.WakeChip(word); }),
      table_(files->arena(), Limits(), files, &bell_, &journal_) {}

absl::Status Daemon::Start() {
  absl::Status status = files_.Commit(0, ArenaDataAt(kMaxObjects));
  if (!status.ok()) return status;
  ArenaIdentity identity;
  identity.directory_capacity = kMaxObjects;
  InitArena(files_.arena(), identity);
  JournalIdentity journal_identity = {};
  journal_identity.arena_bytes = kArenaBytes;
  journal_identity.max_objects = kMaxObjects;
  return journal_.Init(journal_identity);
}

absl::Status Daemon::Recover() {
  absl::Status status = journal_.Open();
  return status.ok() ? table_.Recover() : status;
}

LaneProducer& Daemon::producer(const std::string& name, uint32_t lane) {
  return *channel(name).lane(Direction::kHostToChip, lane).producer;
}

LaneConsumer& Daemon::consumer(const std::string& name, uint32_t lane) {
  return *channel(name).lane(Direction::kChipToHost, lane).consumer;
}

l3_chip Daemon::Attach() {
  l3_platform platform = {};
  platform.now_us = [](void*) -> uint64_t { return 1; };
  platform.shared_rmw = 1;
  l3_chip chip = {};
  if (l3_attach(&chip, files_.arena().data(), files_.arena().size(), &platform) != L3_OK) abort();
  return chip;
}

}  // namespace l3link
