// Prints what idle costs: opens channels until there are LANES lanes (1,000) on a simulated chip, does nothing for SECONDS
// (30), and says how much of a core this process and the chip's used. Run by people: idle_cpu [LANES] [SECONDS]
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/conformance/chip_fixture.h"

namespace l3link {
namespace {

// User and system time of a process so far, in seconds (proc(5): fields 14 and 15 of stat).
double CpuSecondsOf(uint64_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string text;
  std::getline(file, text);
  const std::vector<std::string> fields = absl::StrSplit(text.substr(text.rfind(')') + 2), ' ');
  double user = 0, system = 0;
  if (fields.size() < 13 || !absl::SimpleAtod(fields[11], &user) || !absl::SimpleAtod(fields[12], &system)) return 0;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Somebody listens to each lane, as a stream that is attached does.
void Hold(HostChannel& channel, ActivityEvent* event) {
  for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost}) {
    HostLane& lane = channel.lane(direction, 0);
    lane.listener = event;
    if (lane.producer) {
      (void)lane.producer->LookForRoom();
    } else {
      (void)lane.consumer->Look();
    }
  }
}

int Main(int lanes, int seconds) {
  RunningChip running("a2a3sim", {"echo"}, {}, uint64_t{1} << 30);
  if (!running.AwaitRunning()) return 1;
  ActivityEvent event;
  std::vector<std::shared_ptr<HostChannel>> channels;
  for (int i = 0; i < lanes / 2; ++i) {
    absl::StatusOr<std::shared_ptr<HostChannel>> channel = running.calls().OpenChannel(absl::StrCat("idle-", i), {});
    if (!channel.ok()) {
      std::fprintf(stderr, "%s\n", channel.status().ToString().c_str());
      return 1;
    }
    channels.push_back(*std::move(channel));
    ChipLock lock(running.chip());
    Hold(*channels.back(), &event);
  }
  absl::SleepFor(absl::Seconds(2));  // until the chip has opened its views
  const uint64_t chip = running.Status().presence.pid;
  const double host_before = CpuSecondsOf(getpid()), chip_before = CpuSecondsOf(chip);
  absl::SleepFor(absl::Seconds(seconds));
  const double host_percent = 100 * (CpuSecondsOf(getpid()) - host_before) / seconds;
  const double chip_percent = 100 * (CpuSecondsOf(chip) - chip_before) / seconds;
  std::printf("%d idle lanes, %d s: host %.2f %%, chip %.2f %% of a core\n", lanes, seconds, host_percent,
              chip_percent);
  for (auto& channel : channels) {
    ChipLock lock(running.chip());
    for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost})
      channel->lane(direction, 0).listener = nullptr;
  }
  return 0;
}

}  // namespace
}  // namespace l3link

int main(int argc, char** argv) {
  int lanes = 1000, seconds = 30;
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &lanes)) return 2;
  if (argc > 2 && !absl::SimpleAtoi(argv[2], &seconds)) return 2;
  return l3link::Main(lanes, seconds);
}
