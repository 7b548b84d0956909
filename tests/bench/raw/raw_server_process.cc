#include "tests/bench/raw/raw_server_process.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace l3link::bench {

absl::StatusOr<std::unique_ptr<RawServerProcess>> RawServerProcess::Start() {
  std::unique_ptr<RawServerProcess> server(new RawServerProcess());
  ChildOptions options;
  options.stdout_path = server->dir_ / "port";
  server->process_ = std::make_unique<ChildProcess>(RunfilePath("tests/bench/raw/raw_server"), options);
  std::string port;
  for (int i = 0; i < 1000 && port.find('\n') == std::string::npos; ++i) {
    absl::SleepFor(absl::Milliseconds(10));
    port = ReadFileOrEmpty(server->dir_ / "port");
  }
  if (port.empty()) return absl::UnavailableError("the raw server does not start");
  server->target_ = absl::StrCat("127.0.0.1:", port.substr(0, port.find('\n')));
  return server;
}

}  // namespace l3link::bench
