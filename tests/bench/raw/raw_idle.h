// Idle streams into the raw server: what a stream that has nothing to do costs gRPC alone.
#ifndef L3LINK_TESTS_BENCH_RAW_RAW_IDLE_H_
#define L3LINK_TESTS_BENCH_RAW_RAW_IDLE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/bench/raw/raw_stream.h"

namespace l3link::bench {

class RawIdleStreams {
 public:
  RawIdleStreams(const std::string& target, size_t connections);

  // Opens streams to /raw/Echo until there are `count`, the connections in turn. On each one frame went there and back, as an
  // attach does.
  absl::Status GrowTo(size_t count);

 private:
  std::vector<grpc::GenericStub> stubs_;
  std::vector<std::unique_ptr<RawStream>> streams_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_RAW_IDLE_H_
