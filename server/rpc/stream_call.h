// A bidirectional call of one service, typed: what its handler sees, and the acceptor that waits for calls.
//
//   StreamAcceptor<MemoryServiceBase, v1::MemoryServiceStreamRequest, v1::MemoryServiceStreamResponse> acceptor(
//       &service, &pool, [&](StreamCall<...>& call) { return std::make_unique<MemoryStream>(call, ...); });
//   acceptor.Start();  // after the server and the pool
//
// Request and Response may be grpc::ByteBuffer where Service is built with WithRawMethod_Stream: nothing here looks inside.
#ifndef L3LINK_SERVER_RPC_STREAM_CALL_H_
#define L3LINK_SERVER_RPC_STREAM_CALL_H_

#include <grpcpp/support/async_stream.h>

#include <functional>
#include <memory>
#include <utility>

#include "server/rpc/queue_pool.h"
#include "server/rpc/stream_call_core.h"

namespace l3link {

// What one call does. Made when the call comes, destroyed after its last event. All methods come on the call's queue
// thread, one at a time, and must not block.
template <typename Request>
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;

  // A frame came. The handler may take what is inside; the object is used again for the next one.
  virtual void OnFrame(Request& frame) = 0;
  // No more frames will come: the client half-closed, or is gone (then OnOver follows).
  virtual void OnHalfClose() = 0;
  // The write has ended (not ok: the call is broken). The slot is claimed for the handler again: Commit or Release it.
  virtual void OnWritten(bool ok) = 0;
  // The call is over. From now on nobody may reach the handler: leave every list, cancel every timer.
  virtual void OnOver(bool cancelled) = 0;
};

template <typename Service, typename Request, typename Response>
class StreamAcceptor;

template <typename Service, typename Request, typename Response>
class StreamCall final : public StreamCallCore {
 public:
  using Handler = StreamHandler<Request>;
  using Acceptor = StreamAcceptor<Service, Request, Response>;

  // The message of the claimed slot. Never cleared here: the handler keeps what capacity it can.
  Response& response() { return response_; }

 private:
  friend class StreamAcceptor<Service, Request, Response>;

  StreamCall(Acceptor* acceptor, grpc::ServerCompletionQueue* queue)
      : acceptor_(acceptor), queue_(queue), stream_(&context()) {
    Listen();
  }

  void IssueRequest(Tag* done) override {
    acceptor_->service_->RequestStream(&context(), &stream_, queue_, queue_, done);
  }
  void IssueRead(Tag* done) override { stream_.Read(&request_, done); }
  void IssueWrite(Tag* done) override { stream_.Write(response_, done); }
  void IssueFinish(const grpc::Status& status, Tag* done) override { stream_.Finish(status, done); }
  void OnStarted() override {
    acceptor_->Accept(queue_);
    handler_ = acceptor_->make_handler_(*this);
  }
  void OnFrame() override { handler_->OnFrame(request_); }
  void OnHalfClose() override { handler_->OnHalfClose(); }
  void OnWritten(bool ok) override { handler_->OnWritten(ok); }
  void OnOver(bool cancelled) override { handler_->OnOver(cancelled); }

  Acceptor* const acceptor_;
  grpc::ServerCompletionQueue* const queue_;
  Request request_;
  Response response_;
  grpc::ServerAsyncReaderWriter<Response, Request> stream_;
  std::unique_ptr<Handler> handler_;
};

// Waits for calls on every queue of the pool. Outlives the pool's threads.
template <typename Service, typename Request, typename Response>
class StreamAcceptor {
 public:
  using Call = StreamCall<Service, Request, Response>;
  using MakeHandler = std::function<std::unique_ptr<StreamHandler<Request>>(Call& call)>;

  StreamAcceptor(Service* service, QueuePool* pool, MakeHandler make_handler)
      : service_(service), pool_(pool), make_handler_(std::move(make_handler)) {}

  // One call is awaited on each queue; as soon as it comes, the next.
  void Start() {
    for (int i = 0; i < pool_->size(); ++i) Accept(pool_->queue(i));
  }

 private:
  friend class StreamCall<Service, Request, Response>;

  void Accept(grpc::ServerCompletionQueue* queue) {
    pool_->IfAccepting([&] { new Call(this, queue); });  // deletes itself
  }

  Service* const service_;
  QueuePool* const pool_;
  const MakeHandler make_handler_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_RPC_STREAM_CALL_H_
