// An orchestrator outside of the project's tree: asks the chip program of channel "loud" (chip.c), and keeps words in a
// region. Argument: the node. Prints what came.
#include "client/orchestrator.h"

#include <iostream>

using namespace l3link::client;

namespace {

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

int Ask(Orchestrator& node) {
  auto channel = node.OpenChannel(0, "loud");
  if (!channel.ok()) return Fail(channel.status());
  auto stream = (*channel)->OpenStream({.send = LaneChoice::Lane(0), .receive = LaneChoice::Lane(0)});
  if (!stream.ok()) return Fail(stream.status());
  for (uint64_t i = 1; i <= 3; ++i) {
    if (auto sent = (*stream)->Send({.payload = "hello chip", .correlation_id = i}); !sent.ok()) return Fail(sent);
    auto answer = (*stream)->Receive(absl::Seconds(30));
    if (!answer.ok()) return Fail(answer.status());
    std::cout << answer->front().payload << " " << answer->front().correlation_id << "\n";
  }
  return 0;
}

int Keep(Orchestrator& node) {
  l3link::v1::RegionConfig config;
  config.set_data_bytes(4096);
  auto region = node.OpenRegion(0, "notes", config);
  if (!region.ok()) return Fail(region.status());
  if (auto written = (*region)->Write(100, "kept"); !written.ok()) return Fail(written);
  std::string text(4, '\0');
  if (auto read = (*region)->Read(100, absl::MakeSpan(text.data(), text.size())); !read.ok()) return Fail(read);
  std::cout << text << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: orchestrator TARGET\n", 2;
  auto node = Orchestrator::Connect({argv[1]});
  if (!node.ok()) return Fail(node.status());
  const int asked = Ask(**node);
  return asked != 0 ? asked : Keep(**node);
}
