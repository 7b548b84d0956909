#include "tests/bench/raw/raw_client.h"

#include <atomic>
#include <thread>

#include "tests/bench/raw/frames.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {

absl::StatusOr<std::vector<double>> RawClient::PingPong(size_t bytes, int count, Polling polling) {
  RawStream stream(stub_, "/raw/Echo", polling);
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

absl::StatusOr<Loaded> RawClient::PingPongBeside(size_t bulk_bytes, size_t bytes, int count) {
  std::atomic<bool> over{false};
  absl::StatusOr<uint64_t> sent = 0;
  const Stopwatch watch;
  std::thread bulk([&] { sent = SendWhile([&over] { return !over.load(); }, bulk_bytes); });
  absl::StatusOr<std::vector<double>> times = PingPong(bytes, count, Polling::kSleep);
  over = true;
  bulk.join();
  if (!times.ok()) return times.status();
  if (!sent.ok()) return sent.status();
  return Loaded{*std::move(times), static_cast<double>(*sent) / watch.seconds()};
}

absl::StatusOr<uint64_t> RawClient::SendWhile(const std::function<bool()>& more, size_t bytes) {
  RawStream stream(stub_, "/raw/Sink", Polling::kSleep);
  if (!stream.started()) return Broken(stream.Finish());
  const std::string memory(bytes, 'z');
  uint64_t sent = 0;
  for (; more(); sent += bytes) {
    if (!stream.Write(FrameOf(memory.data(), bytes))) return Broken(stream.Finish());
  }
  grpc::ByteBuffer answer;
  if (!stream.HalfClose() || !stream.Read(&answer)) return Broken(stream.Finish());
  if (WordsOf(answer)[0] != sent) return absl::DataLossError("the sink has counted other bytes");
  return sent;
}

absl::StatusOr<double> RawClient::SendFrames(uint64_t frames, size_t bytes) {
  const Stopwatch watch;
  const absl::StatusOr<uint64_t> sent = SendWhile([&frames] { return frames-- > 0; }, bytes);
  if (!sent.ok()) return sent.status();
  return static_cast<double>(*sent) / watch.seconds();
}

absl::StatusOr<double> RawClient::ReceiveFrames(uint64_t frames, size_t bytes) {
  RawStream stream(stub_, "/raw/Source", Polling::kSleep);
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

absl::StatusOr<double> RawClient::UnaryCalls(int count, size_t bytes) {
  grpc::CompletionQueue queue;
  const grpc::ByteBuffer request = FilledFrame(bytes);
  const Stopwatch watch;
  for (int i = 0; i < count; ++i) {
    grpc::ClientContext context;
    grpc::ByteBuffer answer;
    grpc::Status status;
    const auto call = stub_.PrepareUnaryCall(&context, "/raw/Unary", request, &queue);
    call->StartCall();
    call->Finish(&answer, &status, nullptr);
    void* tag;
    bool ok = false;
    if (!queue.Next(&tag, &ok) || !status.ok()) return Broken(status);
    if (answer.Length() != bytes) return absl::DataLossError("the answer has another size");
  }
  return watch.seconds();
}

}  // namespace l3link::bench
