// The near end of the raw gRPC baselines: one connection, one completion queue that this thread alone polls.
#ifndef L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_H_
#define L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace l3link::bench {

// How the thread waits for its completion queue.
enum class Polling { kSleep, kSpin };

class RawClient {
 public:
  explicit RawClient(const std::string& target);

  // Microseconds of each of `count` round trips of `bytes`.
  absl::StatusOr<std::vector<double>> PingPong(size_t bytes, int count, Polling polling);
  // Bytes a second into /raw/Sink, in `frames` frames of `bytes`; each is made anew from `bytes` of memory, as a sender's is.
  absl::StatusOr<double> SendFrames(uint64_t frames, size_t bytes);
  // Bytes a second out of /raw/Source.
  absl::StatusOr<double> ReceiveFrames(uint64_t frames, size_t bytes);

 private:
  class Stream;

  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_H_
