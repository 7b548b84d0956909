// An integration test outside of the project's tree, by the test kit: a node with one's own chip program (argument FILE.so), and
// one whose chip is played here. Exit status 0: both went well.
#include <iostream>

#include "backends/testkit/node.h"
#include "client/orchestrator.h"

using l3link::client::LaneChoice;
using l3link::client::Orchestrator;
using l3link::testkit::Node;

namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

int OwnProgram(const std::string& chip_program) {
  auto node = Node::Start({.chip_programs = {chip_program}});
  if (!node.ok()) return Fail(node.status());
  auto orchestrator = Orchestrator::Connect({(*node)->target()});
  if (!orchestrator.ok()) return Fail(orchestrator.status());
  auto channel = (*orchestrator)->OpenChannel(0, "loud");
  if (!channel.ok()) return Fail(channel.status());
  if (auto sent = (*channel)->Send({.payload = "a test"}, kPatience); !sent.ok()) return Fail(sent);
  auto answer = (*channel)->Receive(kPatience);
  if (!answer.ok()) return Fail(answer.status());
  std::cout << answer->front().payload << "\n";
  channel->reset();
  orchestrator->reset();
  const absl::Status stopped = (*node)->Stop();
  return stopped.ok() ? 0 : Fail(stopped);
}

int Played() {
  auto node = Node::Start({.play_chips = true});
  if (!node.ok()) return Fail(node.status());
  auto chip = (*node)->PlayChip();
  if (!chip.ok()) return Fail(chip.status());
  auto orchestrator = Orchestrator::Connect({(*node)->target()});
  if (!orchestrator.ok()) return Fail(orchestrator.status());
  auto channel = (*orchestrator)->OpenChannel(0, "work");
  if (!channel.ok()) return Fail(channel.status());
  if (auto sent = (*channel)->Send({.payload = "question", .correlation_id = 7}, kPatience); !sent.ok()) {
    return Fail(sent);
  }
  auto question = (*chip)->Receive("work", 0, kPatience);
  if (!question.ok()) return Fail(question.status());
  auto answered =
      (*chip)->Send("work", 0, {.payload = question->payload + " answered", .correlation_id = 7}, kPatience);
  if (!answered.ok()) return Fail(answered);
  auto answer = (*channel)->Receive(kPatience);
  if (!answer.ok()) return Fail(answer.status());
  std::cout << answer->front().payload << " " << answer->front().correlation_id << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: kit FILE.so\n", 2;
  const int own = OwnProgram(argv[1]);
  return own != 0 ? own : Played();
}
