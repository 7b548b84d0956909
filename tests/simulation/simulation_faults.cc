// What goes wrong in a Simulation, one fault a step.
#include "tests/simulation/attacks.h"
#include "tests/simulation/simulation.h"

namespace l3link::simulation {

void Simulation::Fault() {
  Random& random = world_.random;
  const auto client = static_cast<uint32_t>(random.Below(clients_.size()));
  switch (random.Below(24)) {
    case 0:
    case 1:
    case 2: {
      const auto& calls = network_->calls();
      if (calls.empty()) return;
      SimCall* call = calls[random.Below(calls.size())].get();
      for (const auto& other : calls) {  // one whose attach may come after its successor's
        if (!other->up.empty() && other->up.front().frame->has_attach() && random.Chance(900)) call = other.get();
      }
      if (!call->client_gone && !call->node_gone) network_->Break(*call);
      return;
    }
    case 3:
    case 4: {
      const uint64_t ways = random.Below(3);
      const uint64_t longest = random.Chance(600) ? 600'000 : 4'500'000;
      return network_->Block(client, ways != 0, ways != 1, random.Between(20'000, longest));
    }
    case 5:
    case 6:
    case 7:
    case 15:
    case 16: return KillDaemon();
    case 8:
      if (!daemon_->working()) return;
      world_.Tally(Count::kDaemonPause, "daemon pauses");
      return daemon_->Pause(random.Between(1'050'000, 4'000'000));
    case 9: world_.Tally(Count::kTimeJump, "time jumps"); return world_.Pass(random.Between(1'050'000, 4'000'000));
    case 10:
    case 11:
      if (!chip_->up()) return;
      chip_->WorkAndDie(static_cast<uint32_t>(random.Below(world_.knobs.lanes)), 4);
      oracle_->ChipPublished();
      chip_returns_ = After(world_.now, absl::Microseconds(random.Below(200'000)));
      return;
    case 12: {
      if (random.Chance(600)) {
        world_.Tally(Count::kClientPause, "client stalls", client);
        client_stalls_until_[client] = After(world_.now, absl::Microseconds(random.Below(3'000'000)));
        return;
      }
      world_.Tally(Count::kChipStall, "chip stalls");
      chip_stalls_until_ = After(world_.now, absl::Microseconds(random.Below(500'000)));
      return;
    }
    case 13:
    case 14:
      if (!clients_[client]->alive()) return;
      clients_[client]->Crash();
      client_returns_[client] =
          After(world_.now, absl::Microseconds(random.Below(random.Chance(700) ? 300'000 : 3'000'000)));
      return;
    default: return MoreFaults();
  }
}

void Simulation::MoreFaults() {
  Random& random = world_.random;
  const auto client = static_cast<uint32_t>(random.Below(clients_.size()));
  switch (random.Below(world_.knobs.hostile ? 13 : 6)) {
    case 0:
      if (clients_[client]->alive()) clients_[client]->Detach();
      if (!clients_[client]->alive()) client_returns_[client] = world_.now;
      return;
    case 1:
      if (daemon_->working()) daemon_->ReleaseLease(AnyLane());
      return;
    case 2: {  // a poisoned lane rather than another
      if (!daemon_->working()) return;
      LaneTruth* lane = &AnyLane();
      for (LaneTruth& other : oracle_->lanes()) {
        if (other.attacked) lane = &other;
      }
      if (lane->attacked || random.Chance(300)) daemon_->ResetLane(*lane);
      return;
    }
    case 3:
      if (daemon_->working()) daemon_->Audit();
      return;
    case 4:
    case 5: {
      const auto& calls = network_->calls();
      const size_t first = random.Below(calls.size() + 1);
      const bool doubled = random.Chance(400);
      for (size_t i = 0; i < calls.size(); ++i) {
        SimCall& call = *calls[(first + i) % calls.size()];
        if (doubled ? network_->Duplicate(call) : network_->Overlap(call)) return;
      }
      return;
    }
    default: return AttackLane();
  }
}

void Simulation::AttackLane() {
  if (!world_.knobs.hostile || !daemon_->up()) return;
  LaneTruth& lane = AnyLane();
  bool done = false;
  for (int i = 0; i < 4 && !lane.attacked && !done; ++i) done = Attack(world_, arena_, *oracle_, lane);
  if (!done) return;
  chip_->Shun(lane.index);
  if (lane.poisons == PoisonBit(PoisonReason::kEquivocation) && world_.random.Chance(700)) {
    for (const auto& call : network_->calls()) {  // so that it is delivered again
      if (!call->client_gone && !call->node_gone) network_->Break(*call);
    }
  }
  if (daemon_->working() && world_.random.Chance(500)) return daemon_->Audit();
  if (lane.detectable_now_only) lane.detectable = false;  // the daemon may write the words anew before it looks
}

// Between two steps, or amid the handling of a frame.
void Simulation::KillDaemon() {
  if (!daemon_->up()) return;
  SimCall* call = nullptr;
  if (daemon_->working() && world_.random.Chance(900)) {
    call = AnyCall(&SimNetwork::HasRequest);
    for (const auto& other : network_->calls()) {  // acks are rare, and no less interesting
      if (network_->HasRequest(*other) && other->up.front().frame->has_ack()) call = other.get();
    }
    if (call != nullptr) {
      daemon_->Mute();
      HandleRequest(*call);
    }
  }
  if (world_.failed()) return;
  daemon_->Kill(call);
  network_->NodeDied();
  for (auto& client : clients_) client->NoteDaemonDied();
  daemon_returns_ =
      After(world_.now, absl::Microseconds(world_.random.Below(world_.random.Chance(700) ? 100'000 : 2'000'000)));
}

}  // namespace l3link::simulation
