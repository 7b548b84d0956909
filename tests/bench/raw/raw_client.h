// The near end of the raw gRPC baselines: one connection; each call is a stream with a completion queue of its own.
#ifndef L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_H_
#define L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/loaded.h"
#include "tests/bench/raw/raw_stream.h"

namespace l3link::bench {

class RawClient {
 public:
  explicit RawClient(const std::string& target) : channel_(ConnectRaw(target)), stub_(channel_) {}

  // Microseconds of each of `count` round trips of `bytes`.
  absl::StatusOr<std::vector<double>> PingPong(size_t bytes, int count, Polling polling);
  // The same while another thread sends frames of `bulk_bytes` into /raw/Sink on the same connection, without a pause.
  absl::StatusOr<Loaded> PingPongBeside(size_t bulk_bytes, size_t bytes, int count);
  // Bytes a second into /raw/Sink, in `frames` frames of `bytes`; each is made anew from `bytes` of memory, as a sender's is.
  absl::StatusOr<double> SendFrames(uint64_t frames, size_t bytes);
  // Bytes a second out of /raw/Source.
  absl::StatusOr<double> ReceiveFrames(uint64_t frames, size_t bytes);
  // Seconds that `count` unary calls take, one after the other, with `bytes` each way.
  absl::StatusOr<double> UnaryCalls(int count, size_t bytes);

 private:
  // Until `more` says no; answers how many bytes came there.
  absl::StatusOr<uint64_t> SendWhile(const std::function<bool()>& more, size_t bytes);

  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_H_
