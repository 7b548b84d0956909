// The other end of the raw gRPC baselines: bidirectional streams of bare bytes, one completion queue, one thread.
//
//   /raw/Echo    each frame comes back as it is
//   /raw/Sink    frames are counted; after half-close one frame of 8 bytes answers how many bytes came
//   /raw/Source  the first frame, two 64-bit words {frames, bytes}, asks for that many frames of that size
//   /raw/Unary   the first frame comes back, and the call is over
//
// No protobuf message, no copy: grpc::ByteBuffer in and out. What gRPC can do on this machine, as well as we can write it.
#ifndef L3LINK_TESTS_BENCH_RAW_RAW_SERVER_H_
#define L3LINK_TESTS_BENCH_RAW_RAW_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace l3link::bench {

class RawServer {
 public:
  // Listens on 127.0.0.1, a free port.
  RawServer();

  int port() const { return port_; }
  // Serves until the process is killed.
  void Run();

 private:
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_RAW_SERVER_H_
