// The contests about many objects at once: what idle ones cost, and how fast they come and go.
#include <utility>

#include "tests/bench/contests.h"
#include "tests/bench/field.h"
#include "tests/bench/idle/idle_cost.h"
#include "tests/bench/remote/open_close.h"

namespace l3link::bench {
namespace {

constexpr int kChannels = 1000;
// About what an opened channel is described with.
constexpr size_t kUnaryBytes = 200;

// A baseline that is a fixed amount.
Contestant Fixed(const std::string& name, Readings readings) {
  return {name, [readings]() -> absl::StatusOr<Readings> { return readings; }};
}

}  // namespace

void Contests::AddIdle() {
  const IdleSpread spread;  // the same whether quick or not: the figures are about this number
  Add("idle", {{{"idle_1000_streams_cpu", "%", Better::kLower, 1, /*absolute=*/true}},
               {"1,000 channels, a stream on each", [=] { return One(IdleCpuPercent(spread)); }},
               {Fixed("one percent of a core", {1})}});
  Add("idle", {{{"idle_stream_memory", "B", Better::kLower, 1.3}},
               {"an attached stream", [=] { return One(IdleBytes(spread)); }},
               {{"raw gRPC, a bidirectional stream", [=] { return One(RawIdleBytes(spread)); }}}});
}

void Contests::AddChannels() {
  Field* const field = field_.get();
  const auto ours = [=](double scale) -> Contestant {
    return {"one call a channel", [=]() -> absl::StatusOr<Readings> {
              auto echo = field->echo();
              if (!echo.ok()) return echo.status();
              const auto seconds = OpenAndClose(**echo, kChannels);
              if (!seconds.ok()) return seconds.status();
              return Readings{seconds->open * scale, seconds->close * scale};
            }};
  };
  const double us_each = 1e6 / kChannels;
  Add("channels", {{{"open_1000_channels", "s", Better::kLower, 1, /*absolute=*/true},
                    {"close_1000_channels", "s", Better::kLower, 0, /*absolute=*/true}},
                   ours(1),
                   {Fixed("one second", {1, 1})}});
  Add("channels", {{{"open_channel", "us", Better::kLower, 0}, {"close_channel", "us", Better::kLower, 0}},
                   ours(us_each),
                   {{"raw gRPC, a unary call of 200 B", [=]() -> absl::StatusOr<Readings> {
                       auto raw = field->raw();
                       if (!raw.ok()) return raw.status();
                       const auto seconds = (*raw)->UnaryCalls(kChannels, kUnaryBytes);
                       if (!seconds.ok()) return seconds.status();
                       return Readings{*seconds * us_each, *seconds * us_each};
                     }}}});
}

}  // namespace l3link::bench
