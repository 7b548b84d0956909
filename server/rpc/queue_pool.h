// The completion queues that the server's streams run on, with one thread each.
//
// A call lives on one queue: its events come one at a time, on that queue's thread. Order of life: make the pool from the
// builder, build the server, Start, ..., shut the server down (with a deadline: that cancels what is left), Stop, destroy
// the server.
#ifndef L3LINK_SERVER_RPC_QUEUE_POOL_H_
#define L3LINK_SERVER_RPC_QUEUE_POOL_H_

#include <grpcpp/server_builder.h>

#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace l3link {

class QueuePool {
 public:
  // One for four cores, four at most: one saturates the loopback, and each further one costs wake-ups, for gRPC's threads poll
  // in turns.
  static int DefaultCount();

  // Adds `count` queues to the server that `builder` will build.
  QueuePool(grpc::ServerBuilder& builder, int count);
  // Stops, unless stopped.
  ~QueuePool();

  // Starts the threads. The server is running.
  void Start();
  // Ends every queue once its calls are over, and joins the threads. The server has been shut down.
  void Stop();

  int size() const { return static_cast<int>(queues_.size()); }
  grpc::ServerCompletionQueue* queue(int index) { return queues_[index].get(); }
  // Runs `request`, which asks a queue for one more call, unless Stop has begun: gRPC aborts where a queue is asked that is shut
  // down and empty.
  template <typename Request>
  void IfAccepting(Request request) ABSL_LOCKS_EXCLUDED(accepting_mu_) {
    const absl::ReaderMutexLock lock(&accepting_mu_);
    if (accepting_) request();
  }

 private:
  void Run(int index);

  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::vector<std::thread> threads_;
  absl::Mutex accepting_mu_;  // a leaf
  bool accepting_ ABSL_GUARDED_BY(accepting_mu_) = true;
  bool stopped_ = false;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_RPC_QUEUE_POOL_H_
