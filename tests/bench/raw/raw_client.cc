#include "tests/bench/raw/raw_client.h"

#include <ctime>

#include "tests/bench/raw/frames.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {
namespace {

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return arguments;
}

absl::Status Broken(const grpc::Status& status) {
  return absl::UnavailableError("the raw stream broke: " + status.error_message());
}

}  // namespace

// One call; each operation waits for its completion, but for the write that Begin leaves under way.
class RawClient::Stream {
 public:
  Stream(grpc::GenericStub& stub, const std::string& method, Polling polling) : polling_(polling) {
    stream_ = stub.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(nullptr);
    started_ = Wait();
  }
  ~Stream() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool started() const { return started_; }
  bool Write(const grpc::ByteBuffer& frame) {
    stream_->Write(frame, nullptr);
    return Wait();
  }
  bool Read(grpc::ByteBuffer* frame) {
    stream_->Read(frame, nullptr);
    return Wait();
  }
  bool HalfClose() {
    stream_->WritesDone(nullptr);
    return Wait();
  }
  grpc::Status Finish() {
    grpc::Status status;
    stream_->Finish(&status, nullptr);
    Wait();
    return status;
  }

 private:
  bool Wait() {
    void* tag;
    bool ok = false;
    if (polling_ == Polling::kSleep) return queue_.Next(&tag, &ok) && ok;
    while (queue_.AsyncNext(&tag, &ok, gpr_time_0(GPR_CLOCK_MONOTONIC)) != grpc::CompletionQueue::GOT_EVENT) {
    }
    return ok;
  }

  const Polling polling_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool started_ = false;
};

RawClient::RawClient(const std::string& target)
    : channel_(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), Arguments())), stub_(channel_) {}

absl::StatusOr<std::vector<double>> RawClient::PingPong(size_t bytes, int count, Polling polling) {
  Stream stream(stub_, "/raw/Echo", polling);
  if (!stream.started()) return Broken(stream.Finish());
  const grpc::ByteBuffer frame = FilledFrame(bytes);
  std::vector<double> times;
  times.reserve(count);
  grpc::ByteBuffer echo;
  for (int i = 0; i < count; ++i) {
    const Stopwatch watch;
    if (!stream.Write(frame) || !stream.Read(&echo)) return Broken(stream.Finish());
    times.push_back(watch.microseconds());
    if (echo.Length() != bytes) return absl::DataLossError("the echo has another size");
  }
  return times;
}

absl::StatusOr<double> RawClient::SendFrames(uint64_t frames, size_t bytes) {
  Stream stream(stub_, "/raw/Sink", Polling::kSleep);
  if (!stream.started()) return Broken(stream.Finish());
  const std::string memory(bytes, 'z');
  const Stopwatch watch;
  for (uint64_t i = 0; i < frames; ++i) {
    if (!stream.Write(FrameOf(memory.data(), bytes))) return Broken(stream.Finish());
  }
  grpc::ByteBuffer answer;
  if (!stream.HalfClose() || !stream.Read(&answer)) return Broken(stream.Finish());
  const double seconds = watch.seconds();
  if (WordsOf(answer)[0] != frames * bytes) return absl::DataLossError("the sink has counted other bytes");
  return static_cast<double>(frames * bytes) / seconds;
}

absl::StatusOr<double> RawClient::ReceiveFrames(uint64_t frames, size_t bytes) {
  Stream stream(stub_, "/raw/Source", Polling::kSleep);
  if (!stream.started()) return Broken(stream.Finish());
  const uint64_t wanted[2] = {frames, bytes};
  const Stopwatch watch;
  if (!stream.Write(FrameOf(wanted, sizeof(wanted)))) return Broken(stream.Finish());
  uint64_t received = 0;
  grpc::ByteBuffer frame;
  while (received < frames * bytes && stream.Read(&frame)) received += frame.Length();
  if (received != frames * bytes) return Broken(stream.Finish());
  return static_cast<double>(received) / watch.seconds();
}

}  // namespace l3link::bench
