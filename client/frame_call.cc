#include "client/frame_call.h"

namespace l3link::client {

FrameCall::FrameCall(const Connection& connection, const std::string& method, absl::Duration timeout) {
  SetDeadline(context_, timeout);
  context_.set_initial_metadata_corked(true);  // sent with the first frame
  stream_ = grpc::GenericStub(connection.channel()).PrepareCall(&context_, method, &queue_);
  stream_->StartCall(nullptr);
}

FrameCall::~FrameCall() {
  context_.TryCancel();
  queue_.Shutdown();
  Wait();
}

bool FrameCall::Write(const grpc::ByteBuffer& frame) {
  stream_->Write(frame, nullptr);
  return Wait();
}

bool FrameCall::WritesDone() {
  stream_->WritesDone(nullptr);
  return Wait();
}

bool FrameCall::Read(grpc::ByteBuffer* frame) {
  stream_->Read(frame, nullptr);
  return Wait();
}

grpc::Status FrameCall::Finish() {
  grpc::Status status;
  stream_->Finish(&status, nullptr);
  Wait();
  return status;
}

bool FrameCall::Wait() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

}  // namespace l3link::client
