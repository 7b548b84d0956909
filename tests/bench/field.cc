#include "tests/bench/field.h"

#include <utility>

#include "tests/support/child_process.h"

namespace l3link::bench {

absl::StatusOr<ChipLanes*> Field::lanes() {
  if (lanes_ == nullptr) {
    auto started = ChipLanes::Start(RunfilePath("tests/bench/lanes/libbench_chip.so"));
    if (!started.ok()) return started.status();
    lanes_ = *std::move(started);
  }
  return lanes_.get();
}

absl::StatusOr<RawClientProcess*> Field::raw() {
  if (raw_ != nullptr) return raw_.get();
  auto server = RawServerProcess::Start();
  if (!server.ok()) return server.status();
  auto started = RawClientProcess::Start((*server)->target());
  if (!started.ok()) return started.status();
  raw_server_ = *std::move(server);
  raw_ = *std::move(started);
  return raw_.get();
}

absl::StatusOr<const client::Orchestrator*> Field::signals() {
  return ClientOf(&signals_, RunfilePath("tests/bench/remote/libbench_signals.so"));
}

absl::StatusOr<const client::Orchestrator*> Field::ClientOf(std::unique_ptr<NodeUnderTest>* node,
                                                            const std::string& program) {
  if (*node == nullptr) {
    auto started = std::make_unique<NodeUnderTest>(program);
    if (!started->node.ready()) return absl::UnavailableError(started->node.log());
    auto orchestrator = client::Orchestrator::Connect({started->node.tcp_target()});
    if (!orchestrator.ok()) return orchestrator.status();
    started->orchestrator = *std::move(orchestrator);
    *node = std::move(started);
  }
  return (*node)->orchestrator.get();
}

}  // namespace l3link::bench
