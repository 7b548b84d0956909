// The host's side of one chip over a pair of files, without workers and threads: what a daemon has of it between two
// calls. Dropping it says no more to the files than a death would.
#ifndef L3LINK_TESTS_CRASH_DAEMON_H_
#define L3LINK_TESTS_CRASH_DAEMON_H_

#include <string>

#include "absl/status/status.h"
#include "backends/abi/chip.h"
#include "backends/host/host_bell.h"
#include "backends/host/journal/chip_journal.h"
#include "backends/host/object_table.h"
#include "tests/crash/crash_files.h"

namespace l3link {

class Daemon {
 public:
  // `files` outlive it.
  explicit Daemon(CrashFiles* files);

  absl::Status Start();    // over files of zeros
  absl::Status Recover();  // over what another one left

  ObjectTable& table() { return table_; }
  ChipJournal& journal() { return journal_; }
  l3_arena_header& header() { return *HeaderOf(files_.arena()); }
  CrashFiles& files() { return files_; }
  HostChannel& channel(const std::string& name) { return **table_.FindChannel(name, 0); }
  HostRegion& region(const std::string& name) { return **table_.FindRegion(name, 0); }
  LaneProducer& producer(const std::string& name, uint32_t lane = 0);
  LaneConsumer& consumer(const std::string& name, uint32_t lane = 0);

  // A chip program that attaches now.
  l3_chip Attach();

 private:
  static ObjectLimits Limits();

  CrashFiles& files_;
  ChipJournal journal_;
  HostBell bell_;
  ObjectTable table_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_DAEMON_H_
