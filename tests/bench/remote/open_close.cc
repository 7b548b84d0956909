#include "tests/bench/remote/open_close.h"

#include <memory>
#include <utility>
#include <vector>

#include "tests/bench/stopwatch.h"

namespace l3link::bench {

absl::StatusOr<OpenClose> OpenAndClose(const client::Orchestrator& node, int channels) {
  OpenClose seconds;
  std::vector<std::unique_ptr<client::Channel>> open;
  absl::Status first_failure;
  const Stopwatch opening;
  for (int i = 0; i < channels && first_failure.ok(); ++i) {
    auto channel = node.OpenChannel(0, "");
    if (channel.ok()) open.push_back(*std::move(channel));
    first_failure.Update(channel.status());
  }
  seconds.open = opening.seconds();
  const Stopwatch closing;
  for (const auto& channel : open) first_failure.Update(channel->Close().status());
  seconds.close = closing.seconds();
  if (!first_failure.ok()) return first_failure;
  return seconds;
}

}  // namespace l3link::bench
