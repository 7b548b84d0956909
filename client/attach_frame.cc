#include "client/attach_frame.h"

#include <memory>

#include "client/durations.h"

namespace l3link::client {
namespace {

void SetLane(v1::LaneSelector& selector, const LaneChoice& choice) {
  switch (choice.by) {
    case LaneChoice::By::kNone: break;
    case LaneChoice::By::kLane: selector.set_lane(choice.value); break;
    case LaneChoice::By::kRoute: selector.set_route(choice.value); break;
    case LaneChoice::By::kAnyFree: selector.set_any_free(true); break;
  }
}

}  // namespace

RequestFrame AttachFrame(const v1::ChannelId& channel, const StreamOptions& options) {
  auto frame = std::make_shared<v1::StreamRequest>();
  v1::Attach& attach = *frame->mutable_attach();
  *attach.mutable_channel() = channel;
  if (options.send.by != LaneChoice::By::kNone) SetLane(*attach.mutable_host_to_chip(), options.send);
  if (options.receive.by != LaneChoice::By::kNone) SetLane(*attach.mutable_chip_to_host(), options.receive);
  attach.set_session_id(options.session_id);
  attach.set_resume(options.resume);
  if (options.resume) attach.set_resume_acked(options.resume_acked);
  attach.mutable_receive_window()->set_messages(options.receive_window_messages);
  attach.mutable_receive_window()->set_bytes(options.receive_window_bytes);
  if (options.held_wait > absl::ZeroDuration()) {
    attach.set_held_policy(v1::HELD_POLICY_WAIT);
    if (options.held_wait != absl::InfiniteDuration()) *attach.mutable_wait() = ToProto(options.held_wait);
  }
  if (options.lease_ttl > absl::ZeroDuration()) *attach.mutable_lease_ttl() = ToProto(options.lease_ttl);
  attach.set_auto_ack(options.ack == AckMode::kByNode);
  attach.set_form(v1::FORM_PACKED);
  return frame;
}

RequestFrame ReattachFrame(const v1::ChannelId& channel, const StreamOptions& options, const v1::Attached& before,
                           uint64_t acked) {
  RequestFrame frame = AttachFrame(channel, options);
  v1::Attach& attach = *frame->mutable_attach();
  if (attach.has_host_to_chip()) attach.mutable_host_to_chip()->set_lane(before.host_to_chip().lane());
  if (attach.has_chip_to_host()) attach.mutable_chip_to_host()->set_lane(before.chip_to_host().lane());
  attach.set_session_id(before.session_id());
  attach.set_resume(true);
  attach.set_resume_acked(acked);
  attach.set_held_policy(v1::HELD_POLICY_FAIL);
  attach.clear_wait();
  return frame;
}

}  // namespace l3link::client
