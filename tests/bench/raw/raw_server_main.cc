// raw_server: serves the raw gRPC baselines and prints its port. Started by bench, killed at its end.
#include <cstdio>

#include "tests/bench/raw/raw_server.h"
#include "tests/bench/raw/tune_process.h"

int main() {
  l3link::bench::TuneProcess();
  l3link::bench::RawServer server;
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  server.Run();
}
