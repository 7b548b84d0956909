#include "tests/simulation/sim_network.h"

#include <algorithm>

namespace l3link::simulation {

SimCall* SimNetwork::Start(uint32_t client, int session, std::shared_ptr<const Log> log) {
  SimCall* call = calls_.emplace_back(std::make_unique<SimCall>()).get();
  call->number = ++newest_;
  call->client = client;
  call->session = session;
  call->log = std::move(log);
  world_.Note("call starts", call->number, client, session);
  if (!daemon_.up()) {  // connection refused
    call->node_gone = true;
    call->client_learns = After(world_.now, absl::Microseconds(world_.random.Below(20'000)));
  }
  return call;
}

void SimNetwork::Write(SimCall& call, const v1::StreamRequest& frame) {
  if (call.node_gone || call.lost) return;
  const MonoTime at = After(world_.now, absl::Microseconds(world_.random.Below(4000)));
  // A copy: what is on the wire does not change any more, whatever becomes of the client's.
  call.up.push_back(
      {call.up.empty() ? at : std::max(at, call.up.back().at), std::make_unique<v1::StreamRequest>(frame)});
}

void SimNetwork::Cancel(SimCall& call) {
  call.client_gone = true;
  call.down.clear();
  call.client_learns = kNever;
  // The reset overtakes what the node has not read; what it has is handled first.
  const uint64_t outlive = world_.random.Chance(600) ? 0 : world_.random.Below(200'000);
  if (outlive == 0) call.up.clear();
  if (!call.up.empty()) world_.Tally(Count::kFramesOutlive, "frames outlive", call.number, call.up.size());
  if (call.node_learns == kNever) call.node_learns = After(world_.now, absl::Microseconds(outlive));
}

bool SimNetwork::HasRequest(const SimCall& call) const {
  return !call.node_gone && !call.up.empty() && call.up.front().at <= world_.now &&
         (call.client_gone || links_[call.client].up_blocked_until <= world_.now);
}

bool SimNetwork::HasResponse(const SimCall& call) const {
  return !call.client_gone && !call.down.empty() && call.down.front().at <= world_.now &&
         links_[call.client].down_blocked_until <= world_.now;
}

std::unique_ptr<v1::StreamRequest> SimNetwork::TakeRequest(SimCall& call) {
  std::unique_ptr<v1::StreamRequest> frame = std::move(call.up.front().frame);
  call.up.pop_front();
  return frame;
}

SimCall::Response SimNetwork::TakeResponse(SimCall& call) {
  SimCall::Response response = std::move(call.down.front());
  call.down.pop_front();
  return response;
}

void SimNetwork::Block(uint32_t client, bool up, bool down, uint64_t us) {
  const MonoTime until = After(world_.now, absl::Microseconds(us));
  Link& link = links_[client];
  if (up) link.up_blocked_until = std::max(link.up_blocked_until, until);
  if (down) link.down_blocked_until = std::max(link.down_blocked_until, until);
  world_.Tally(up && down ? Count::kPartitionBoth
               : up       ? Count::kPartitionUp
                          : Count::kPartitionDown,
               "partition", client, up + 2 * down, us);
  const bool outlasts = absl::Microseconds(us) > world_.knobs.ttl;
  world_.counters.Add(outlasts ? Count::kPartitionOutlasts : Count::kPartitionHealed);
  // Whoever hears nothing for the keepalive's time gives the connection up.
  if (us <= world_.knobs.keepalive_us) return;
  for (auto& call : calls_) {
    if (call->client != client || call->client_gone) continue;
    const MonoTime dead = After(world_.now, absl::Microseconds(world_.knobs.keepalive_us));
    call->client_learns = std::min(call->client_learns, dead);
    call->node_learns = std::min(call->node_learns, After(dead, absl::Microseconds(world_.random.Below(500'000))));
  }
}

void SimNetwork::Break(SimCall& call) {
  world_.Tally(Count::kConnectionLost, "connection lost", call.number, call.up.size(), call.down.size());
  call.lost = true;
  call.down.clear();
  call.client_learns =
      std::min(call.client_learns, After(world_.now, absl::Microseconds(world_.random.Below(100'000))));
  const bool attaching = !call.up.empty() && call.up.front().frame->has_attach();
  const bool outlive = !call.up.empty() && world_.random.Chance(attaching ? 950 : 400);
  if (outlive) {
    world_.Tally(Count::kFramesOutlive, "frames outlive", call.number, call.up.size());
  } else {
    call.up.clear();
  }
  uint64_t late = outlive ? 20'000 + world_.random.Below(300'000) : world_.random.Below(300'000);
  if (outlive && attaching) {  // it may come when the client has attached anew
    const MonoTime at = After(world_.now, absl::Microseconds(world_.random.Between(100'000, 500'000)));
    for (SimCall::Request& request : call.up) request.at = std::max(request.at, at);
    late += 500'000;
  }
  call.node_learns = std::min(call.node_learns, After(world_.now, absl::Microseconds(late)));
}

bool SimNetwork::Duplicate(SimCall& call) {
  if (call.up.empty() || call.lost) return false;
  size_t which = world_.random.Below(call.up.size());
  for (size_t i = 0; i < call.up.size(); ++i) {  // messages rather than acks
    if (call.up[i].frame->messages().has_packed() && world_.random.Chance(500)) which = i;
  }
  const SimCall::Request& one = call.up[which];
  const bool fragment = one.frame->has_messages() && one.frame->messages().has_fragment();
  if (fragment || one.frame->has_attach() || one.frame->has_detach()) return false;
  world_.Tally(Count::kFrameDoubled, "frame doubled", call.number, one.frame->frame_case());
  auto again = std::make_unique<v1::StreamRequest>(*one.frame);
  call.up.push_back({call.up.back().at, std::move(again)});
  return true;
}

bool SimNetwork::Overlap(SimCall& call) {
  for (size_t i = 0; i + 1 < call.up.size(); ++i) {
    const v1::Messages& first = call.up[i].frame->messages();
    const v1::Messages& second = call.up[i + 1].frame->messages();
    if (!first.has_packed() || !second.has_packed() ||
        first.first_sequence() + first.packed().sizes_size() != second.first_sequence() ||
        first.ByteSizeLong() + second.ByteSizeLong() > world_.knobs.max_frame_bytes) {
      continue;
    }
    v1::Messages both = first;
    both.MergeFrom(second);  // appends its arrays; the bytes it would replace
    both.set_first_sequence(first.first_sequence());
    both.mutable_packed()->set_payloads(first.packed().payloads() + second.packed().payloads());
    *call.up[i + 1].frame->mutable_messages() = both;
    world_.Tally(Count::kFrameOverlaps, "frame overlaps", call.number, both.first_sequence());
    return true;
  }
  return false;
}

void SimNetwork::NodeDied() {
  for (auto& call : calls_) {
    call->node_gone = true;
    call->up.clear();
    call->down.clear();
    call->node_learns = kNever;
    if (call->client_gone) continue;
    const MonoTime at = After(world_.now, absl::Microseconds(world_.random.Below(50'000)));
    call->client_learns = std::min(call->client_learns, at);
  }
}

void SimNetwork::OnTime() {
  for (size_t i = 0; i < calls_.size(); ++i) {
    SimCall& call = *calls_[i];
    if (call.node_gone || call.node_learns > world_.now || !daemon_.working()) continue;
    world_.Note("node learns", call.number);
    daemon_.OnOver(&call);
  }
  std::erase_if(calls_, [](const auto& call) { return call->client_gone && call->node_gone; });
}

}  // namespace l3link::simulation
