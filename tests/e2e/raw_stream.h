// For tests: one ChannelService.Stream call driven frame by frame, without the client library; and a node for it.
#ifndef L3LINK_TESTS_E2E_RAW_STREAM_H_
#define L3LINK_TESTS_E2E_RAW_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "l3link/v1/channel.grpc.pb.h"
#include "l3link/v1/node.grpc.pb.h"
#include "tests/support/grpc_errors.h"
#include "tests/support/test_node.h"

namespace l3link {

// The refusal's metadata under `key`, or "".
std::string MetadataOf(const grpc::Status& status, const std::string& key);

class RawStream {
 public:
  explicit RawStream(v1::ChannelService::Stub& stub) : stream_(stub.Stream(&context_)) {}

  // A frame in protobuf text format. False: the call is over.
  bool Send(const std::string& text);
  bool Send(const v1::StreamRequest& frame) { return stream_->Write(frame); }
  void HalfClose() { stream_->WritesDone(); }
  // The next frame. False: there will be none.
  bool Receive(v1::StreamResponse* frame) { return stream_->Read(frame); }
  // The next frame of one kind, others skipped; empty when the stream ended first.
  v1::StreamResponse ReceiveOf(v1::StreamResponse::FrameCase kind);
  v1::Attached ReceiveAttached() { return ReceiveOf(v1::StreamResponse::kAttached).attached(); }
  // Reads on to the end.
  grpc::Status Finish();
  // As a client that dies.
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamRequest, v1::StreamResponse>> stream_;
};

// One node with a channel "c" on it, and stubs.
class ChannelBench {
 public:
  // `config` in text format.
  ChannelBench(const std::string& program, const std::string& config, const std::vector<std::string>& flags = {});

  TestNode node;
  std::unique_ptr<v1::ChannelService::Stub> channels;
  std::unique_ptr<v1::NodeService::Stub> nodes;
  v1::ChannelId id;

  v1::LaneState Lane(v1::Direction direction, uint32_t lane);
  v1::Chip Chip();
};

}  // namespace l3link

#endif  // L3LINK_TESTS_E2E_RAW_STREAM_H_
