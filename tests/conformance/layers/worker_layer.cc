#include "tests/conformance/layers/worker_layer.h"

#include <gtest/gtest.h>

#include "backends/worker/worker.h"
#include "tests/conformance/layers/handles.h"
#include "tests/conformance/layers/in_process.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

constexpr uint32_t kWorkerId = 1;

class WorkerLayer : public Layer {
 public:
  WorkerLayer(const std::string& platform, const std::vector<std::string>& programs) {
    WorkerOptions options;
    options.platforms = {{platform, kWorkerId + 1}};
    options.sim.state_dir = dir_ / "state";
    options.sim.programs = programs;
    options.chip.arena_bytes = uint64_t{256} << 20;
    worker_ = Worker::Start(options).value();
  }

  bool in_process() const override { return true; }

  Answer OpenChannel(const ChannelShape& shape, LayerHandle* channel) override {
    const auto opened = worker_->OpenChannel(kWorkerId, "", ConfigOf(shape));
    if (opened.ok()) *channel = channels_.Add(*opened);
    return AnswerOf(opened.status());
  }
  Answer CloseChannel(LayerHandle channel) override { return AnswerOf(worker_->CloseChannel(channels_.Get(channel))); }
  Answer ChannelSend(LayerHandle channel, uint32_t route, const void* data, size_t nbytes, uint64_t correlation_id,
                     absl::Duration timeout) override {
    const OutgoingMessage message{route, correlation_id, BytesAt(data, nbytes)};
    return AnswerOf(worker_->ChannelSend(channels_.Get(channel), absl::MakeConstSpan(&message, 1), timeout).status());
  }
  Answer ChannelRecv(LayerHandle channel, void* dst, size_t capacity, MessageFacts* message,
                     absl::Duration timeout) override {
    IncomingMessage in{BytesAt(dst, capacity)};
    const absl::Status status = worker_->ChannelRecv(channels_.Get(channel), absl::MakeSpan(&in, 1), timeout).status();
    *message = FactsOf(in.header);
    return AnswerOf(status);
  }

  Answer OpenSharedMemory(uint64_t data_bytes, uint32_t signal_count, LayerHandle* memory) override {
    const auto opened = worker_->OpenSharedMemory(kWorkerId, "", ConfigOf(data_bytes, signal_count));
    if (opened.ok()) *memory = regions_.Add(*opened);
    return AnswerOf(opened.status());
  }
  Answer CloseSharedMemory(LayerHandle memory) override {
    return AnswerOf(worker_->CloseSharedMemory(regions_.Get(memory)));
  }
  Answer SharedMemoryInfo(LayerHandle memory, MemoryFacts* facts) override {
    const auto info = worker_->GetSharedMemoryInfo(regions_.Get(memory));
    if (info.ok()) *facts = FactsOf(*info);
    return AnswerOf(info.status());
  }
  Answer SharedMemoryRead(LayerHandle memory, uint64_t offset, void* dst, size_t n) override {
    return AnswerOf(worker_->SharedMemoryRead(regions_.Get(memory), offset, BytesAt(dst, n)));
  }
  Answer SharedMemoryWrite(LayerHandle memory, uint64_t offset, const void* src, size_t n) override {
    return AnswerOf(worker_->SharedMemoryWrite(regions_.Get(memory), offset, BytesAt(src, n)));
  }
  Answer SharedMemoryNotify(LayerHandle memory, uint32_t signal, uint64_t value) override {
    return AnswerOf(worker_->SharedMemoryNotify(regions_.Get(memory), {signal, NotifyOp::kSet, value}).status());
  }
  Answer SharedMemoryWait(LayerHandle memory, uint32_t signal, uint64_t target, absl::Duration timeout) override {
    return AnswerOf(
        worker_->SharedMemoryWait(regions_.Get(memory), {signal, Comparison::kGe, target}, timeout).status());
  }

 private:
  TempDir dir_;
  std::unique_ptr<Worker> worker_;
  Handles<WorkerChannel> channels_;
  Handles<WorkerRegion> regions_;
};

}  // namespace

std::unique_ptr<Layer> MakeWorkerLayer(const std::string& platform, const std::vector<std::string>& programs) {
  return std::make_unique<WorkerLayer>(platform, programs);
}

}  // namespace l3link
