#include "tests/bench/raw/raw_client_process.h"

#include <sys/stat.h>

#include <csignal>
#include <cstdlib>

namespace l3link::bench {

using nlohmann::json;

absl::StatusOr<std::unique_ptr<RawClientProcess>> RawClientProcess::Start(const std::string& target) {
  std::signal(SIGPIPE, SIG_IGN);  // one that has ended is an error
  std::unique_ptr<RawClientProcess> client(new RawClientProcess());
  ChildOptions options;
  options.arguments = {target};
  options.stdin_path = client->dir_ / "requests";
  options.stdout_path = client->dir_ / "answers";
  for (const std::string& path : {options.stdin_path, options.stdout_path}) {
    if (mkfifo(path.c_str(), 0600) != 0) return absl::ErrnoToStatus(errno, path);
  }
  client->process_ = std::make_unique<ChildProcess>(RunfilePath("tests/bench/raw/raw_client"), options);
  client->requests_ = std::fopen(options.stdin_path.c_str(), "we");
  client->answers_ = std::fopen(options.stdout_path.c_str(), "re");
  if (client->requests_ == nullptr || client->answers_ == nullptr) return absl::ErrnoToStatus(errno, "raw client");
  return client;
}

RawClientProcess::~RawClientProcess() {
  if (requests_ != nullptr) std::fclose(requests_);
  if (answers_ != nullptr) std::fclose(answers_);
}

absl::StatusOr<std::vector<double>> RawClientProcess::PingPong(size_t bytes, int count, bool spins) {
  auto answer = Ask({{"call", "ping_pong"}, {"bytes", bytes}, {"count", count}, {"spins", spins}});
  if (!answer.ok()) return answer.status();
  return (*answer)["times"].get<std::vector<double>>();
}

absl::StatusOr<Loaded> RawClientProcess::PingPongBeside(size_t bulk_bytes, size_t bytes, int count) {
  auto answer = Ask({{"call", "ping_pong_beside"}, {"bulk_bytes", bulk_bytes}, {"bytes", bytes}, {"count", count}});
  if (!answer.ok()) return answer.status();
  return Loaded{(*answer)["times"].get<std::vector<double>>(), (*answer)["value"].get<double>()};
}

absl::StatusOr<double> RawClientProcess::SendFrames(uint64_t frames, size_t bytes) {
  return AskValue({{"call", "send_frames"}, {"frames", frames}, {"bytes", bytes}});
}

absl::StatusOr<double> RawClientProcess::ReceiveFrames(uint64_t frames, size_t bytes) {
  return AskValue({{"call", "receive_frames"}, {"frames", frames}, {"bytes", bytes}});
}

absl::StatusOr<double> RawClientProcess::UnaryCalls(int count, size_t bytes) {
  return AskValue({{"call", "unary_calls"}, {"count", count}, {"bytes", bytes}});
}

absl::StatusOr<double> RawClientProcess::AskValue(const json& request) {
  auto answer = Ask(request);
  if (!answer.ok()) return answer.status();
  return (*answer)["value"].get<double>();
}

absl::StatusOr<json> RawClientProcess::Ask(const json& request) {
  if (std::fprintf(requests_, "%s\n", request.dump().c_str()) < 0 || std::fflush(requests_) != 0) {
    return absl::UnavailableError("the raw client is gone");
  }
  char* line = nullptr;
  size_t room = 0;
  const bool answered = getline(&line, &room, answers_) > 0;
  json answer = json::parse(answered ? line : "", nullptr, /*allow_exceptions=*/false);
  std::free(line);
  if (answer.is_discarded()) return absl::UnavailableError("the raw client ended without an answer");
  if (answer.contains("error")) return absl::UnknownError(answer["error"].get<std::string>());
  return answer;
}

}  // namespace l3link::bench
