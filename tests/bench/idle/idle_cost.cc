#include "tests/bench/idle/idle_cost.h"

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "tests/bench/idle/idle_streams.h"
#include "tests/bench/process_meter.h"
#include "tests/bench/raw/raw_idle.h"
#include "tests/bench/raw/raw_server_process.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/test_node.h"

namespace l3link::bench {
namespace {

// What follows an attach, such as freeing, is over by then.
constexpr absl::Duration kSettled = absl::Milliseconds(300);

absl::StatusOr<double> GrowthPerStream(pid_t pid, const IdleSpread& spread,
                                       const std::function<absl::Status(size_t)>& grow_to) {
  if (absl::Status first = grow_to(spread.connections); !first.ok()) return first;
  absl::SleepFor(kSettled);
  const auto before = AnonymousBytesOf(pid);
  if (!before.ok()) return before.status();
  if (absl::Status rest = grow_to(spread.streams); !rest.ok()) return rest;
  absl::SleepFor(kSettled);
  const auto after = AnonymousBytesOf(pid);
  if (!after.ok()) return after.status();
  return (static_cast<double>(*after) - static_cast<double>(*before)) /
         static_cast<double>(spread.streams - spread.connections);
}

// A node and the channels that streams will be attached to.
struct IdleNode {
  TestNode node{std::vector<std::string>{"--sim-program=echo"}};
  std::unique_ptr<IdleStreams> streams;
};

absl::StatusOr<std::unique_ptr<IdleNode>> StartIdleNode(const IdleSpread& spread) {
  auto idle = std::make_unique<IdleNode>();
  if (!idle->node.ready()) return absl::UnavailableError(idle->node.log());
  auto streams = IdleStreams::Open(idle->node.tcp_target(), spread.connections, spread.streams);
  if (!streams.ok()) return streams.status();
  idle->streams = *std::move(streams);
  return idle;
}

}  // namespace

absl::StatusOr<double> IdleCpuPercent(const IdleSpread& spread) {
  const auto idle = StartIdleNode(spread);
  if (!idle.ok()) return idle.status();
  if (absl::Status attached = (*idle)->streams->GrowTo(spread.streams); !attached.ok()) return attached;
  absl::SleepFor(kSettled);
  const pid_t pid = (*idle)->node.process().pid();
  const auto before = CpuSecondsOf(pid);
  if (!before.ok()) return before.status();
  const Stopwatch watch;
  absl::SleepFor(kRenewalPeriod);
  const auto after = CpuSecondsOf(pid);
  if (!after.ok()) return after.status();
  return (*after - *before) / watch.seconds() * 100;
}

absl::StatusOr<double> IdleBytes(const IdleSpread& spread) {
  const auto idle = StartIdleNode(spread);
  if (!idle.ok()) return idle.status();
  return GrowthPerStream((*idle)->node.process().pid(), spread,
                         [&](size_t count) { return (*idle)->streams->GrowTo(count); });
}

absl::StatusOr<double> RawIdleBytes(const IdleSpread& spread) {
  const auto server = RawServerProcess::Start();
  if (!server.ok()) return server.status();
  RawIdleStreams streams((*server)->target(), spread.connections);
  return GrowthPerStream((*server)->pid(), spread, [&](size_t count) { return streams.GrowTo(count); });
}

}  // namespace l3link::bench
