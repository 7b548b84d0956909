#include "tests/bench/raw/raw_stream.h"

namespace l3link::bench {

std::shared_ptr<grpc::Channel> ConnectRaw(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

absl::Status Broken(const grpc::Status& status) {
  return absl::UnavailableError("the raw stream broke: " + status.error_message());
}

RawStream::RawStream(grpc::GenericStub& stub, const std::string& method, Polling polling) : polling_(polling) {
  stream_ = stub.PrepareCall(&context_, method, &queue_);
  stream_->StartCall(nullptr);
  started_ = Wait();
}

RawStream::~RawStream() {
  context_.TryCancel();
  queue_.Shutdown();
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool RawStream::Write(const grpc::ByteBuffer& frame) {
  stream_->Write(frame, nullptr);
  return Wait();
}

bool RawStream::Read(grpc::ByteBuffer* frame) {
  stream_->Read(frame, nullptr);
  return Wait();
}

bool RawStream::HalfClose() {
  stream_->WritesDone(nullptr);
  return Wait();
}

grpc::Status RawStream::Finish() {
  grpc::Status status;
  stream_->Finish(&status, nullptr);
  Wait();
  return status;
}

bool RawStream::Wait() {
  void* tag;
  bool ok = false;
  if (polling_ == Polling::kSleep) return queue_.Next(&tag, &ok) && ok;
  while (queue_.AsyncNext(&tag, &ok, gpr_time_0(GPR_CLOCK_MONOTONIC)) != grpc::CompletionQueue::GOT_EVENT) {
  }
  return ok;
}

}  // namespace l3link::bench
