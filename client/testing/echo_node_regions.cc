// EchoNode's other half: a region with one signal, its watches, and the sessions of those who notify it.
#include "absl/strings/str_cat.h"
#include "client/testing/echo_node.h"

namespace l3link::client {

void EchoNode::SetSignal(uint64_t value) {
  MutexLock lock(mutex_);
  signal_ = value;
}

void EchoNode::HoldResults(bool hold) {
  MutexLock lock(mutex_);
  hold_results_ = hold;
}

void EchoNode::RefuseOperations(const std::string& reason) {
  MutexLock lock(mutex_);
  refused_operations_ = reason;
}

void EchoNode::ForgetSessions() {
  MutexLock lock(mutex_);
  sessions_.clear();
}

uint64_t EchoNode::signal() const {
  MutexLock lock(mutex_);
  return signal_;
}

int EchoNode::unary_notifies() const {
  MutexLock lock(mutex_);
  return unary_notifies_;
}

absl::Duration EchoNode::notify_deadline() const {
  MutexLock lock(mutex_);
  return notify_deadline_;
}

grpc::Status EchoNode::OpenRegion(grpc::ServerContext*, const v1::OpenRegionRequest* request,
                                  v1::OpenRegionResponse* response) {
  response->mutable_region()->mutable_id()->set_name(request->name());
  return grpc::Status::OK;
}

uint64_t EchoNode::Change(const v1::Notification& notify) {
  signal_ = notify.op() == v1::NOTIFY_OP_ADD ? signal_ + notify.value() : notify.value();
  return signal_;
}

grpc::Status EchoNode::Notify(grpc::ServerContext* context, const v1::NotifyRequest* request,
                              v1::NotifyResponse* response) {
  MutexLock lock(mutex_);
  ++unary_notifies_;
  notify_deadline_ = absl::FromChrono(context->deadline() - std::chrono::system_clock::now());
  response->set_value(Change(request->notify()));
  return grpc::Status::OK;
}

void EchoNode::AttachToRegion(const v1::MemoryAttach& attach, v1::MemoryAttached* attached) {
  MutexLock lock(mutex_);
  attached->set_session_id(attach.session_id().empty() ? absl::StrCat("session-", attaches_) : attach.session_id());
  attached->set_next_op_sequence(sessions_[attached->session_id()].size() + 1);
}

bool EchoNode::Operate(const std::string& session_id, const v1::Operation& operation, v1::OperationResult* result) {
  MutexLock lock(mutex_);
  std::vector<uint64_t>& results = sessions_[session_id];
  if (operation.op_sequence() > results.size() + 1) return false;
  result->set_op_sequence(operation.op_sequence());
  if (operation.op_sequence() > results.size()) {
    results.push_back(refused_operations_.empty() ? Change(operation.notify()) : 0);
    result->set_code(refused_operations_.empty() ? 0 : 8);  // RESOURCE_EXHAUSTED
    result->set_reason(refused_operations_);
  }
  result->set_signal_value(results[operation.op_sequence() - 1]);
  return !hold_results_;
}

grpc::Status EchoNode::Stream(grpc::ServerContext* context, MemoryCall* call) {
  {
    MutexLock lock(mutex_);
    open_.insert(context);
  }
  std::string session_id;
  v1::MemoryServiceStreamRequest frame;
  while (call->Read(&frame)) {
    v1::MemoryServiceStreamResponse answer;
    if (frame.has_attach()) {
      if (!LetAttach(*context)) break;
      AttachToRegion(frame.attach(), answer.mutable_attached());
      session_id = answer.attached().session_id();
      call->Write(answer);
    } else if (frame.has_operation()) {
      if (Operate(session_id, frame.operation(), answer.mutable_result())) call->Write(answer);
    } else if (frame.has_watch()) {
      MutexLock lock(mutex_);
      if (signal_ >= frame.watch().conditions(0).target()) {  // looked at once, when it is armed
        answer.mutable_event()->set_watch_id(frame.watch().watch_id());
        answer.mutable_event()->set_satisfied(true);
        answer.mutable_event()->add_values(signal_);
        call->Write(answer);
      }
    }
  }
  MutexLock lock(mutex_);
  open_.erase(context);
  return grpc::Status::OK;
}

}  // namespace l3link::client
