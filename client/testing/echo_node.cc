#include "client/testing/echo_node.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "client/steady_time.h"
#include "grpcpp/server_builder.h"

namespace l3link::client {
namespace {

constexpr uint32_t kWindowMessages = 64;
constexpr uint64_t kWindowBytes = 32 << 20;
constexpr uint64_t kFrameBytes = 64 << 10;

}  // namespace

EchoNode::EchoNode(std::string name) : name_(std::move(name)) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(static_cast<v1::NodeService::Service*>(this));
  builder.RegisterService(static_cast<v1::ChannelService::Service*>(this));
  builder.RegisterService(static_cast<v1::MemoryService::Service*>(this));
  server_ = builder.BuildAndStart();
  target_ = "127.0.0.1:" + std::to_string(port);
}

EchoNode::~EchoNode() {
  BreakStreams();
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
}

void EchoNode::BreakStreams() {
  MutexLock lock(mutex_);
  for (grpc::ServerContext* context : open_) context->TryCancel();
}

void EchoNode::BreakEvery(int frames) {
  MutexLock lock(mutex_);
  break_every_ = until_break_ = frames;
}

void EchoNode::RefuseAttach(const grpc::Status& status) {
  MutexLock lock(mutex_);
  refusal_ = status;
}

void EchoNode::HoldPublishing(bool hold) {
  MutexLock lock(mutex_);
  hold_ = hold;
}

void EchoNode::MuteRenewals(bool mute) {
  MutexLock lock(mutex_);
  mute_ = mute;
}

void EchoNode::HoldAttaches(bool hold) {
  MutexLock lock(mutex_);
  hold_attaches_ = hold;
}

void EchoNode::SetTtl(int64_t milliseconds) {
  MutexLock lock(mutex_);
  ttl_ms_ = milliseconds;
}

int EchoNode::attaches() const {
  MutexLock lock(mutex_);
  return attaches_;
}

int EchoNode::connections() const {
  MutexLock lock(mutex_);
  return static_cast<int>(peers_.size());
}

int EchoNode::detaches() const {
  MutexLock lock(mutex_);
  return detaches_;
}

int EchoNode::largest_frame_messages() const {
  MutexLock lock(mutex_);
  return largest_frame_;
}

grpc::Status EchoNode::GetNode(grpc::ServerContext*, const v1::GetNodeRequest*, v1::GetNodeResponse* response) {
  response->set_node_name(name_);
  return grpc::Status::OK;
}

grpc::Status EchoNode::OpenChannel(grpc::ServerContext*, const v1::OpenChannelRequest* request,
                                   v1::OpenChannelResponse* response) {
  response->mutable_channel()->mutable_id()->set_name(request->name());
  response->mutable_channel()->mutable_config()->set_host_to_chip_lanes(1);
  response->mutable_channel()->mutable_config()->set_chip_to_host_lanes(1);
  return grpc::Status::OK;
}

grpc::Status EchoNode::CloseChannel(grpc::ServerContext*, const v1::CloseChannelRequest*, v1::CloseChannelResponse*) {
  return grpc::Status::OK;
}

bool EchoNode::LetAttach(const grpc::ServerContext& context) {
  MutexLock lock(mutex_);
  ++attaches_;
  peers_.insert(context.peer());
  while (hold_attaches_ && !context.IsCancelled()) released_.WaitUntil(mutex_, After(MonoNow(), absl::Milliseconds(5)));
  return !context.IsCancelled();
}

grpc::Status EchoNode::Attach(const v1::Attach& attach, v1::Attached* attached) {
  MutexLock lock(mutex_);
  if (!refusal_.ok()) return refusal_;
  while (attach.resume() && acked_ < attach.resume_acked()) {
    echoes_.pop_front();
    ++acked_;
  }
  accepted_ = published_;
  delivered_ = acked_;
  held_.clear();
  assembling_.clear();
  attached->set_epoch(++epoch_);
  attached->set_session_id(attach.session_id().empty() ? "made-up" : attach.session_id());
  attached->mutable_lease_ttl()->set_seconds(ttl_ms_ / 1000);
  attached->mutable_lease_ttl()->set_nanos(static_cast<int32_t>(ttl_ms_ % 1000) * 1'000'000);
  attached->mutable_send_window()->set_messages(kWindowMessages);
  attached->mutable_send_window()->set_bytes(kWindowBytes);
  attached->set_max_frame_bytes(kFrameBytes);
  attached->set_renewals_with_messages(true);
  if (attach.has_host_to_chip()) {
    attached->mutable_host_to_chip()->set_next_sequence(published_);
    attached->mutable_host_to_chip()->set_max_message_bytes(kWindowBytes);
  }
  if (attach.has_chip_to_host()) {
    attached->mutable_chip_to_host()->set_next_sequence(acked_);
    attached->mutable_chip_to_host()->set_consumed(acked_);
    attached->mutable_chip_to_host()->set_max_message_bytes(kWindowBytes);
  }
  return grpc::Status::OK;
}

void EchoNode::Take(const v1::Messages& messages) {
  const uint64_t first = messages.first_sequence();
  if (messages.has_fragment()) {
    const v1::Fragment& fragment = messages.fragment();
    assembling_ += fragment.data();
    if (assembling_.size() < fragment.total_bytes()) return;
    if (first == accepted_) {
      ++accepted_;
      held_.push_back({std::move(assembling_), fragment.route(), fragment.correlation_id()});
    }
    assembling_.clear();
    return;
  }
  const v1::PackedMessages& packed = messages.packed();
  largest_frame_ = std::max(largest_frame_, packed.sizes_size());
  uint64_t offset = 0;
  for (int i = 0; i < packed.sizes_size(); ++i) {
    if (first + i == accepted_) {
      ++accepted_;
      held_.push_back({packed.payloads().substr(offset, packed.sizes(i)), packed.routes_size() ? packed.routes(i) : 0,
                       packed.correlation_ids_size() ? packed.correlation_ids(i) : 0});
    }
    offset += packed.sizes(i);
  }
}

std::deque<v1::StreamResponse> EchoNode::React(const v1::StreamRequest& frame, uint64_t epoch) {
  MutexLock lock(mutex_);
  std::deque<v1::StreamResponse> answers;
  if (epoch != epoch_) return answers;  // of a stream that was broken
  if (frame.has_messages()) Take(frame.messages());
  const uint64_t token = frame.has_renew() ? frame.renew().token() : frame.messages().renew_token();
  if (token != 0 && !mute_) answers.emplace_back().mutable_renewed()->set_token(token);
  while (frame.has_ack() && acked_ < frame.ack().through()) {
    echoes_.pop_front();
    ++acked_;
  }
  if (hold_) return answers;
  if (!held_.empty()) {
    published_ += held_.size();
    std::move(held_.begin(), held_.end(), std::back_inserter(echoes_));
    held_.clear();
    answers.emplace_back().mutable_progress()->set_published(published_);
  }
  for (; delivered_ < acked_ + echoes_.size(); ++delivered_) {
    const Echo& echo = echoes_[delivered_ - acked_];
    uint64_t offset = 0;
    do {  // a frame a message; fragments of 32 KiB
      v1::Messages& messages = *answers.emplace_back().mutable_messages();
      messages.set_first_sequence(delivered_);
      const std::string piece = echo.payload.substr(offset, 32 << 10);
      if (piece.size() == echo.payload.size()) {
        messages.mutable_packed()->add_sizes(piece.size());
        messages.mutable_packed()->add_routes(echo.route);
        messages.mutable_packed()->add_correlation_ids(echo.correlation_id);
        messages.mutable_packed()->set_payloads(piece);
      } else {
        messages.mutable_fragment()->set_offset(offset);
        messages.mutable_fragment()->set_total_bytes(echo.payload.size());
        messages.mutable_fragment()->set_route(echo.route);
        messages.mutable_fragment()->set_correlation_id(echo.correlation_id);
        messages.mutable_fragment()->set_data(piece);
      }
      offset += piece.size();
    } while (offset < echo.payload.size());
  }
  return answers;
}

bool EchoNode::BreakNow() {
  MutexLock lock(mutex_);
  if (break_every_ == 0 || --until_break_ > 0) return false;
  until_break_ = break_every_;
  return true;
}

grpc::Status EchoNode::Stream(grpc::ServerContext* context, LaneCall* call) {
  {
    MutexLock lock(mutex_);
    open_.insert(context);
  }
  grpc::Status status;
  v1::StreamRequest frame;
  if (call->Read(&frame) && LetAttach(*context)) {
    v1::StreamResponse attached;
    status = Attach(frame.attach(), attached.mutable_attached());
    if (status.ok()) {
      call->Write(attached);
      bool open = true;
      v1::StreamRequest nothing;
      for (frame = nothing; open; open = call->Read(&frame) && !frame.has_detach()) {
        for (const v1::StreamResponse& answer : React(frame, attached.attached().epoch())) {
          if (BreakNow()) status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken by the test");
          if (!status.ok() || !call->Write(answer)) break;
        }
        if (!status.ok()) break;
      }
      MutexLock lock(mutex_);
      if (frame.has_detach()) ++detaches_;
    }
  }
  MutexLock lock(mutex_);
  open_.erase(context);
  return status;
}

}  // namespace l3link::client
