// One call of the raw gRPC baselines, at its near end: a completion queue of its own that one thread polls.
#ifndef L3LINK_TESTS_BENCH_RAW_RAW_STREAM_H_
#define L3LINK_TESTS_BENCH_RAW_RAW_STREAM_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace l3link::bench {

// How the thread waits for its completion queue.
enum class Polling { kSleep, kSpin };

// A gRPC channel with a connection of its own.
std::shared_ptr<grpc::Channel> ConnectRaw(const std::string& target);

// What an operation that failed means for the stream.
absl::Status Broken(const grpc::Status& status);

// Started when made; each operation waits for its completion. Cancelled when destroyed.
class RawStream {
 public:
  RawStream(grpc::GenericStub& stub, const std::string& method, Polling polling);
  ~RawStream();
  RawStream(const RawStream&) = delete;
  RawStream& operator=(const RawStream&) = delete;

  bool started() const { return started_; }
  bool Write(const grpc::ByteBuffer& frame);
  bool Read(grpc::ByteBuffer* frame);
  bool HalfClose();
  grpc::Status Finish();

 private:
  bool Wait();

  const Polling polling_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool started_ = false;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_RAW_STREAM_H_
