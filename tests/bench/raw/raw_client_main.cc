// raw_client TARGET: does what bench asks for, a line of JSON a request and one an answer, until its input ends.
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/bench/raw/raw_client.h"
#include "tests/bench/raw/tune_process.h"

namespace l3link::bench {
namespace {

using nlohmann::json;

json Answer(const absl::StatusOr<double>& value) {
  if (!value.ok()) return {{"error", value.status().ToString()}};
  return {{"value", *value}};
}

json Answer(const absl::StatusOr<std::vector<double>>& times) {
  if (!times.ok()) return {{"error", times.status().ToString()}};
  return {{"times", *times}};
}

json Answer(const absl::StatusOr<Loaded>& loaded) {
  if (!loaded.ok()) return {{"error", loaded.status().ToString()}};
  return {{"times", loaded->times}, {"value", loaded->bulk}};
}

json Do(RawClient& client, const json& request) {
  const std::string call = request["call"];
  const size_t bytes = request["bytes"];
  if (call == "ping_pong") {
    const Polling polling = request["spins"] ? Polling::kSpin : Polling::kSleep;
    return Answer(client.PingPong(bytes, request["count"], polling));
  }
  if (call == "ping_pong_beside") return Answer(client.PingPongBeside(request["bulk_bytes"], bytes, request["count"]));
  if (call == "send_frames") return Answer(client.SendFrames(request["frames"], bytes));
  if (call == "receive_frames") return Answer(client.ReceiveFrames(request["frames"], bytes));
  if (call == "unary_calls") return Answer(client.UnaryCalls(request["count"], bytes));
  return {{"error", "no such call: " + call}};
}

}  // namespace
}  // namespace l3link::bench

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  l3link::bench::TuneProcess();
  l3link::bench::RawClient client(argv[1]);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << l3link::bench::Do(client, nlohmann::json::parse(line)).dump() << std::endl;
  }
}
