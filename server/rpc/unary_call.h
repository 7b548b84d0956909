// Short unary calls of one method on the pool's queues, answered right there: no hand-over to gRPC's executor.
//
//   UnaryAcceptor<MemoryServiceBase, v1::NotifyRequest, v1::NotifyResponse> acceptor(
//       &service, &MemoryServiceBase::RequestNotify, &pool, [](const auto& request, auto* response) { ... });
//   acceptor.Start();  // after the server and the pool
#ifndef L3LINK_SERVER_RPC_UNARY_CALL_H_
#define L3LINK_SERVER_RPC_UNARY_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <utility>

#include "server/rpc/queue_pool.h"
#include "server/rpc/tag.h"

namespace l3link {

// Waits for calls on every queue of the pool. Outlives the pool's threads.
template <typename Service, typename Request, typename Response>
class UnaryAcceptor {
 public:
  using RequestCall = void (Service::*)(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
                                        grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);
  // On a queue's thread; must not block.
  using Answer = std::function<grpc::Status(const Request& request, Response* response)>;

  UnaryAcceptor(Service* service, RequestCall request_call, QueuePool* pool, Answer answer)
      : service_(service), request_call_(request_call), pool_(pool), answer_(std::move(answer)) {}

  void Start() {
    for (int i = 0; i < pool_->size(); ++i) Accept(pool_->queue(i));
  }

 private:
  // Deletes itself.
  class Call {
   public:
    Call(UnaryAcceptor* acceptor, grpc::ServerCompletionQueue* queue)
        : acceptor_(*acceptor), queue_(queue), writer_(&context_) {
      (acceptor_.service_->*acceptor_.request_call_)(&context_, &request_, &writer_, queue, queue, &came_tag_);
    }

   private:
    void OnCame(bool ok) {
      if (!ok) return delete this;
      acceptor_.Accept(queue_);
      const grpc::Status status = acceptor_.answer_(request_, &response_);
      if (status.ok()) {
        writer_.Finish(response_, status, &finished_tag_);
      } else {
        writer_.FinishWithError(status, &finished_tag_);
      }
    }
    void OnFinished(bool) { delete this; }

    UnaryAcceptor& acceptor_;
    grpc::ServerCompletionQueue* const queue_;
    grpc::ServerContext context_;
    Request request_;
    Response response_;
    grpc::ServerAsyncResponseWriter<Response> writer_;
    MemberTag<Call, &Call::OnCame> came_tag_{this};
    MemberTag<Call, &Call::OnFinished> finished_tag_{this};
  };

  void Accept(grpc::ServerCompletionQueue* queue) {
    pool_->IfAccepting([&] { new Call(this, queue); });
  }

  Service* const service_;
  const RequestCall request_call_;
  QueuePool* const pool_;
  const Answer answer_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_RPC_UNARY_CALL_H_
