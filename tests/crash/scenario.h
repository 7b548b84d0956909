// What a daemon is in the middle of when the one operation under test comes: channels with messages in flight both ways, a
// region, a quarantine, and sessions.
//
//   text     2 + 2 lanes. host_to_chip 0: rings turned, two messages not consumed, session "holder" after "earlier".
//            chip_to_host 0: full; one message delivered and not acknowledged, three published.
//            host_to_chip 1: was reset, so it lies outside of its channel's range.
//   summed   1 + 1 lanes, with checksums and messages in flight; nobody touches it
//   notes    a region: data, and signals of every kind of writer
//   gone     was closed; the chip has not acknowledged that
#ifndef L3LINK_TESTS_CRASH_SCENARIO_H_
#define L3LINK_TESTS_CRASH_SCENARIO_H_

#include <string>

#include "server/channel/lane_record.h"
#include "tests/crash/daemon.h"

namespace l3link {

ChannelConfig CrashChannelConfig(uint32_t lanes, bool checksum);
RegionConfig CrashRegionConfig();

// One message to the chip, published; aborts where that is refused.
void SendToChip(LaneProducer& lane, const std::string& text);
// The next message from the chip, copied, checked and counted as delivered, but not journaled; false: there is none.
bool ReceiveFromChip(LaneConsumer& lane, std::string* text);

class Scenario {
 public:
  explicit Scenario(CrashFiles* files);

  Daemon& daemon() { return daemon_; }
  l3_chip& chip() { return chip_; }  // a program that has views of everything, also of what was closed and reset
  LaneRecord& to_chip_record() { return *to_chip_record_; }  // of text's lanes 0
  LaneRecord& from_chip_record() { return *from_chip_record_; }

 private:
  void OpenObjects();
  void RunToChip(const std::string& channel, int messages, int left);
  void RunFromChip(const std::string& channel);
  void RunSessions();

  Daemon daemon_;
  l3_chip chip_;
  std::unique_ptr<LaneRecord> to_chip_record_;
  std::unique_ptr<LaneRecord> from_chip_record_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_SCENARIO_H_
