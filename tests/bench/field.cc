#include "tests/bench/field.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace l3link::bench {

absl::StatusOr<ChipLanes*> Field::lanes() {
  if (lanes_ == nullptr) {
    auto started = ChipLanes::Start(RunfilePath("tests/bench/lanes/libbench_chip.so"));
    if (!started.ok()) return started.status();
    lanes_ = *std::move(started);
  }
  return lanes_.get();
}

absl::StatusOr<RawClient*> Field::raw() {
  if (raw_ != nullptr) return raw_.get();
  ChildOptions options;
  options.stdout_path = dir_ / "port";
  raw_server_ = std::make_unique<ChildProcess>(RunfilePath("tests/bench/raw/raw_server"), options);
  std::string port;
  for (int i = 0; i < 1000 && port.find('\n') == std::string::npos; ++i) {
    absl::SleepFor(absl::Milliseconds(10));
    port = ReadFileOrEmpty(dir_ / "port");
  }
  if (port.empty()) return absl::UnavailableError("the raw server does not start");
  raw_ = std::make_unique<RawClient>(absl::StrCat("127.0.0.1:", port.substr(0, port.find('\n'))));
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
