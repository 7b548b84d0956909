#include "tests/bench/raw/raw_idle.h"

#include <utility>

#include "tests/bench/raw/frames.h"

namespace l3link::bench {

RawIdleStreams::RawIdleStreams(const std::string& target, size_t connections) {
  for (size_t i = 0; i < connections; ++i) stubs_.emplace_back(ConnectRaw(target));
}

absl::Status RawIdleStreams::GrowTo(size_t count) {
  const grpc::ByteBuffer frame = FilledFrame(64);
  grpc::ByteBuffer echo;
  while (streams_.size() < count) {
    auto stream = std::make_unique<RawStream>(stubs_[streams_.size() % stubs_.size()], "/raw/Echo", Polling::kSleep);
    if (!stream->started() || !stream->Write(frame) || !stream->Read(&echo)) return Broken(stream->Finish());
    streams_.push_back(std::move(stream));
  }
  return absl::OkStatus();
}

}  // namespace l3link::bench
