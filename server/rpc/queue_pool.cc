#include "server/rpc/queue_pool.h"

#include <pthread.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/rpc/tag.h"

namespace l3link {

int QueuePool::DefaultCount() {
  return std::clamp<int>(static_cast<int>(std::thread::hardware_concurrency() / 4), 1, 4);
}

QueuePool::QueuePool(grpc::ServerBuilder& builder, int count) {
  for (int i = 0; i < count; ++i) queues_.push_back(builder.AddCompletionQueue());
}

QueuePool::~QueuePool() { Stop(); }

void QueuePool::Start() {
  for (int i = 0; i < size(); ++i) {
    threads_.emplace_back([this, i] { Run(i); });
  }
}

void QueuePool::Stop() {
  if (stopped_) return;
  stopped_ = true;
  {
    const absl::MutexLock lock(&accepting_mu_);
    accepting_ = false;
  }
  for (auto& queue : queues_) queue->Shutdown();
  for (std::thread& thread : threads_) thread.join();
  // Never started: gRPC still wants every queue drained before it goes.
  if (threads_.empty()) {
    for (int i = 0; i < size(); ++i) Run(i);
  }
}

void QueuePool::Run(int index) {
  if (!threads_.empty() || !stopped_) pthread_setname_np(pthread_self(), absl::StrCat("l3-queue-", index).c_str());
  void* tag;
  bool ok;
  while (queues_[index]->Next(&tag, &ok)) static_cast<Tag*>(tag)->OnDone(ok);
}

}  // namespace l3link
