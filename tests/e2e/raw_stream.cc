#include "tests/e2e/raw_stream.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <vector>

namespace l3link {
namespace {

std::vector<std::string> Flags(const std::string& program, std::vector<std::string> flags) {
  flags.push_back("--sim-program=" + program);
  return flags;
}

}  // namespace

std::string MetadataOf(const grpc::Status& status, const std::string& key) { return MetadataOf(status)[key]; }

bool RawStream::Send(const std::string& text) {
  v1::StreamRequest frame;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &frame)) << text;
  return stream_->Write(frame);
}

v1::StreamResponse RawStream::ReceiveOf(v1::StreamResponse::FrameCase kind) {
  v1::StreamResponse frame;
  while (stream_->Read(&frame)) {
    if (frame.frame_case() == kind) return frame;
  }
  return {};
}

grpc::Status RawStream::Finish() {
  v1::StreamResponse frame;
  while (stream_->Read(&frame)) {
  }
  return stream_->Finish();
}

ChannelBench::ChannelBench(const std::string& program, const std::string& config, const std::vector<std::string>& flags)
    : node(Flags(program, flags)) {
  EXPECT_TRUE(node.ready()) << node.log();
  const auto connection = node.Connect();
  channels = v1::ChannelService::NewStub(connection);
  nodes = v1::NodeService::NewStub(connection);
  v1::OpenChannelRequest request;
  request.set_name("c");
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(config, request.mutable_config())) << config;
  v1::OpenChannelResponse response;
  grpc::ClientContext context;
  const grpc::Status status = channels->OpenChannel(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  id = response.channel().id();
}

v1::LaneState ChannelBench::Lane(v1::Direction direction, uint32_t lane) {
  v1::GetChannelRequest request;
  *request.mutable_channel() = id;
  v1::GetChannelResponse response;
  grpc::ClientContext context;
  EXPECT_TRUE(channels->GetChannel(&context, request, &response).ok());
  for (const v1::LaneState& state : response.channel().lanes()) {
    if (state.direction() == direction && state.lane() == lane) return state;
  }
  return {};
}

v1::Chip ChannelBench::Chip() {
  v1::ListChipsResponse response;
  grpc::ClientContext context;
  EXPECT_TRUE(nodes->ListChips(&context, v1::ListChipsRequest(), &response).ok());
  return response.chips_size() > 0 ? response.chips(0) : v1::Chip();
}

}  // namespace l3link
