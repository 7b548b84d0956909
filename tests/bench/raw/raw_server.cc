#include "tests/bench/raw/raw_server.h"

#include <array>
#include <cstring>
#include <functional>
#include <vector>

#include "tests/bench/raw/frames.h"

namespace l3link::bench {
namespace {

// One stream. At most one operation is under way, so one tag is enough.
class Call {
 public:
  Call(grpc::AsyncGenericService* service, grpc::ServerCompletionQueue* queue)
      : service_(*service), queue_(*queue), stream_(&context_) {
    service_.RequestCall(&context_, &stream_, &queue_, &queue_, this);
  }

  void Proceed(bool ok) {
    if (step_ == Step::kBegin && ok) new Call(&service_, &queue_);
    if (step_ == Step::kOver || (step_ == Step::kBegin && !ok)) {
      delete this;
      return;
    }
    if (step_ == Step::kBegin) return Read();
    if (context_.method() == "/raw/Echo") return Echo(ok);
    if (context_.method() == "/raw/Sink") return Sink(ok);
    if (context_.method() == "/raw/Source") return Source(ok);
    if (context_.method() == "/raw/Unary") return Unary(ok);
    Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, context_.method()));
  }

 private:
  enum class Step { kBegin, kRead, kWritten, kOver };

  void Read() {
    step_ = Step::kRead;
    stream_.Read(&frame_, this);
  }
  void Write() {
    step_ = Step::kWritten;
    stream_.Write(frame_, this);
  }
  void Finish(const grpc::Status& status = grpc::Status::OK) {
    step_ = Step::kOver;
    stream_.Finish(status, this);
  }

  void Echo(bool ok) {
    if (!ok) return Finish();
    step_ == Step::kRead ? Write() : Read();
  }
  void Sink(bool ok) {
    if (step_ == Step::kWritten) return Finish();
    if (ok) {
      bytes_ += frame_.Length();
      return Read();
    }
    frame_ = FrameOf(&bytes_, sizeof(bytes_));
    Write();
  }
  void Unary(bool ok) {
    if (!ok) return Finish();
    step_ = Step::kOver;
    stream_.WriteAndFinish(frame_, grpc::WriteOptions(), grpc::Status::OK, this);
  }
  void Source(bool ok) {
    if (!ok) return Finish();
    if (step_ == Step::kRead) {
      wanted_ = WordsOf(frame_);
      frame_ = FilledFrame(wanted_[1]);
    }
    if (wanted_[0]-- == 0) return Finish();
    Write();
  }

  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  Step step_ = Step::kBegin;
  grpc::ByteBuffer frame_;
  uint64_t bytes_ = 0;
  std::array<uint64_t, 2> wanted_ = {};
};

}  // namespace

RawServer::RawServer() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterAsyncGenericService(&service_);
  builder.SetMaxReceiveMessageSize(-1);
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
}

void RawServer::Run() {
  new Call(&service_, queue_.get());  // each call makes the next, and ends itself
  void* tag;
  bool ok;
  while (queue_->Next(&tag, &ok)) static_cast<Call*>(tag)->Proceed(ok);
}

}  // namespace l3link::bench
