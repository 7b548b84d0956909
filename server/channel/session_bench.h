// For tests: a LaneSession over a PaperChip's lanes, driven by frames written as text format.
#ifndef L3LINK_SERVER_CHANNEL_SESSION_BENCH_H_
#define L3LINK_SERVER_CHANNEL_SESSION_BENCH_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "backends/host/refusal.h"
#include "server/channel/lane_session.h"
#include "server/channel/paper_chip.h"

namespace l3link {

class SessionBench : public ::testing::Test {
 protected:
  static LaneGeometry Geometry(uint32_t depth, uint32_t max_message_bytes) {
    LaneGeometry geometry;
    geometry.lane_depth = depth;
    geometry.max_message_bytes = max_message_bytes;
    geometry.alignment = 8;
    geometry.ring_bytes = 2 * l3_align_up(max_message_bytes, 8);
    if (geometry.ring_bytes < depth * 16) geometry.ring_bytes = depth * 16;
    return geometry;
  }

  explicit SessionBench(const LaneGeometry& geometry = Geometry(4, 64)) : chip_(geometry) {
    setup_.session_id = "s";
    setup_.lease_ttl = absl::Seconds(30);
    setup_.max_frame_bytes = 256;
    setup_.send_window = {8, 512};
    setup_.producer = &chip_.producer;
    setup_.to_chip = {&to_chip_, 1};
    setup_.consumer = &chip_.consumer;
    setup_.to_host = {&to_host_, 1};
    setup_.delivery.max_frame_bytes = 256;
    to_chip_.Enter(7, 0);
    to_host_.Enter(8, 0);
    to_chip_.Grant("s");
    to_host_.Grant("s");
  }

  void Attach() {
    session_ = std::make_unique<LaneSession>(setup_, now_);
    attached_ = Next().attached();
  }
  // A frame from the client.
  void Send(const std::string& text) {
    v1::StreamRequest frame;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &frame)) << text;
    session_->OnFrame(frame, now_);
  }
  // The next frame to the client, as if its write ended at once; empty when there is none.
  v1::StreamResponse Next() {
    v1::StreamResponse frame;
    if (!session_->Fill(&frame, now_)) return {};
    session_->OnWritten(now_);
    return frame;
  }
  std::string NextText() {
    std::string text;
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.PrintToString(Next(), &text);
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
  }
  void Pass(absl::Duration duration) {
    const MonoTime end = After(now_, duration);
    while (session_->next_timer() <= end) {
      now_ = std::max(now_, session_->next_timer());
      session_->OnTimer(now_);
      if (session_->ended()) return;
    }
    now_ = end;
  }
  // Whether the session has ended for `reason`.
  ::testing::AssertionResult EndedBy(Reason reason) {
    if (!session_->ended()) return ::testing::AssertionFailure() << "goes on";
    if (IsRefusal(session_->status(), reason)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << session_->status();
  }
  std::string Value(const std::string& key) {
    const absl::optional<Refusal> refusal = RefusalOf(session_->status());
    if (!refusal.has_value()) return "";
    for (const auto& [name, value] : refusal->metadata) {
      if (name == key) return value;
    }
    return "";
  }

  MonoTime now_ = MonoTime{} + std::chrono::hours(1);
  LaneRecord to_chip_{LaneKey{1, Direction::kHostToChip, 2}};
  LaneRecord to_host_{LaneKey{1, Direction::kChipToHost, 3}};
  PaperChip chip_;
  SessionSetup setup_;
  std::unique_ptr<LaneSession> session_;
  v1::Attached attached_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_SESSION_BENCH_H_
