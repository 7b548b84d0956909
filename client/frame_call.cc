#include "client/frame_call.h"

namespace l3link::client {

FrameCall::FrameCall(Connection* connection, const std::string& method, absl::Duration timeout)
    : poller_(connection->poller()),
      own_queue_(Poller::IsReacting() ? std::make_unique<grpc::CompletionQueue>() : nullptr) {
  SetDeadline(context_, timeout);
  context_.set_initial_metadata_corked(true);  // sent with the first frame
  grpc::CompletionQueue* const queue = own_queue_ != nullptr ? own_queue_.get() : &poller_.queue();
  stream_ = grpc::GenericStub(connection->channel()).PrepareCall(&context_, method, queue);
  stream_->StartCall(nullptr);
}

// Nothing is under way: every operation has been waited for.
FrameCall::~FrameCall() { context_.TryCancel(); }

bool FrameCall::Write(const grpc::ByteBuffer& frame) {
  stream_->Write(frame, &tag_);
  return Wait();
}

bool FrameCall::WritesDone() {
  stream_->WritesDone(&tag_);
  return Wait();
}

bool FrameCall::Read(grpc::ByteBuffer* frame) {
  stream_->Read(frame, &tag_);
  return Wait();
}

grpc::Status FrameCall::Finish() {
  grpc::Status status;
  stream_->Finish(&status, &tag_);
  Wait();
  return status;
}

void FrameCall::OnDone(bool ok) {
  MutexLock lock(mutex_);
  done_ = true;
  ok_ = ok;
  changed_.WakeAll();
}

bool FrameCall::Wait() {
  if (own_queue_ != nullptr) {
    void* tag = nullptr;
    bool ok = false;
    return own_queue_->Next(&tag, &ok) && ok;
  }
  MutexLock lock(mutex_);
  while (!done_) poller_.Wait(changed_, mutex_, kNever);
  done_ = false;
  return ok_;
}

}  // namespace l3link::client
