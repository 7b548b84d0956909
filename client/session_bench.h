// For tests: a StreamSession with a lane of each direction, and the frames that a node answers it with.
#ifndef L3LINK_CLIENT_SESSION_BENCH_H_
#define L3LINK_CLIENT_SESSION_BENCH_H_

#include <memory>
#include <string>

#include "client/stream_session.h"
#include "gtest/gtest.h"

namespace l3link::client {

inline MonoTime At(double seconds) { return After(MonoTime(), absl::Seconds(seconds)); }

inline StreamOptions BothLanes() {
  return {.send = LaneChoice::Route(5), .receive = LaneChoice::AnyFree(), .ack = AckMode::kExplicit};
}

inline v1::ChannelId ChannelWork() {
  v1::ChannelId id;
  id.set_name("work");
  id.set_generation(3);
  return id;
}

class SessionBench : public testing::Test {
 protected:
  // The node's answer to attach.
  static std::shared_ptr<v1::StreamResponse> Attached(uint64_t send_next = 0, uint64_t receive_next = 0) {
    auto frame = std::make_shared<v1::StreamResponse>();
    v1::Attached& attached = *frame->mutable_attached();
    attached.set_session_id("s1");
    attached.mutable_lease_ttl()->set_seconds(30);
    attached.mutable_send_window()->set_messages(4);
    attached.mutable_send_window()->set_bytes(4096);
    attached.set_max_frame_bytes(4096);
    attached.mutable_host_to_chip()->set_lane(1);
    attached.mutable_host_to_chip()->set_generation(9);
    attached.mutable_host_to_chip()->set_next_sequence(send_next);
    attached.mutable_host_to_chip()->set_max_message_bytes(256);
    attached.mutable_chip_to_host()->set_lane(2);
    attached.mutable_chip_to_host()->set_generation(9);
    attached.mutable_chip_to_host()->set_next_sequence(receive_next);
    attached.mutable_chip_to_host()->set_max_message_bytes(256);
    attached.mutable_chip_to_host()->set_depth(8);
    return frame;
  }

  static std::shared_ptr<v1::StreamResponse> Progress(uint64_t published) {
    auto frame = std::make_shared<v1::StreamResponse>();
    frame->mutable_progress()->set_published(published);
    return frame;
  }

  static std::shared_ptr<v1::StreamResponse> Messages(uint64_t first, const std::string& payload) {
    auto frame = std::make_shared<v1::StreamResponse>();
    frame->mutable_messages()->set_first_sequence(first);
    frame->mutable_messages()->mutable_packed()->add_sizes(payload.size());
    frame->mutable_messages()->mutable_packed()->set_payloads(payload);
    return frame;
  }

  static std::shared_ptr<v1::StreamResponse> Renewed(const RequestFrame& renew) {
    auto frame = std::make_shared<v1::StreamResponse>();
    frame->mutable_renewed()->set_token(renew->renew().token());
    return frame;
  }

  void Open(double at = 0) {
    session_.OnCallStarted(At(at));
    session_.OnFrame(Attached(), At(at));
    ASSERT_EQ(session_.state(), StreamSession::State::kOpen);
  }

  StreamSession session_{"rack-7", ChannelWork(), BothLanes(), 0};
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_SESSION_BENCH_H_
