#include "tests/simulation/simulation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/abi/base.h"

namespace l3link::simulation {

Simulation::Simulation(uint64_t seed, Plant plant, bool keep_trace, SimArena* arena, Counters* counters)
    : world_(seed, plant, keep_trace, counters), arena_(*arena) {
  ChooseKnobs();
  arena->Begin(&world_);
  if (world_.failed()) return;
  oracle_ = std::make_unique<Oracle>(&world_, arena);
  daemon_ = std::make_unique<SimDaemon>(&world_, arena, oracle_.get());
  network_ = std::make_unique<SimNetwork>(&world_, daemon_.get());
  chip_ = std::make_unique<SimChip>(&world_, arena, oracle_.get());
  for (uint32_t i = 0; i < world_.knobs.clients; ++i) {
    clients_.push_back(
        std::make_unique<SimClient>(&world_, oracle_.get(), network_.get(), i, &newest_session_, &newest_content_));
    client_returns_.push_back(world_.now);
    client_stalls_until_.push_back(world_.now);
  }
}

void Simulation::ChooseKnobs() {
  Random& random = world_.random;
  Knobs& knobs = world_.knobs;
  knobs.lanes = random.Chance(700) ? 2 : 1;
  knobs.lane_depth = 2u << random.Below(3);
  constexpr uint32_t kSizes[] = {16, 24, 100, 250, 700};
  knobs.max_message_bytes = kSizes[random.Below(5)];
  const uint64_t largest = l3_align_up(knobs.max_message_bytes, 8);
  knobs.ring_bytes = l3_align_up(random.Between(2 * largest, 4 * largest), 8);
  knobs.checksum = random.Chance(300);
  knobs.max_frame_bytes = random.Chance(500) ? 320 : 2048;
  knobs.window_messages = static_cast<uint32_t>(random.Between(1, 16));
  knobs.window_bytes = random.Between(knobs.max_message_bytes, 4 * knobs.max_message_bytes);
  knobs.clients = random.Chance(500) ? 2 : 3;
  constexpr int64_t kTtls[] = {1000, 1000, 1500, 3000};
  knobs.ttl = absl::Milliseconds(kTtls[random.Below(4)]);
  knobs.keepalive_us = random.Chance(700) ? random.Between(100'000, 900'000) : random.Between(1'000'000, 5'000'000);
  knobs.hostile = random.Chance(300);
  if (knobs.hostile && !knobs.checksum) knobs.checksum = random.Chance(600);  // so that it is attacked often enough
  knobs.fault_rate = static_cast<uint32_t>(random.Between(8, 90));
  world_.Note("knobs", knobs.lane_depth, knobs.max_message_bytes, knobs.hostile);
}

bool Simulation::Run(uint32_t steps) {
  world_.counters.Add(Count::kSeeds);
  for (world_.step = 0; world_.step < steps && !world_.failed(); ++world_.step) Step();
  world_.counters.Add(Count::kSteps, world_.step);
  if (!world_.failed()) CheckEnd();
  return !world_.failed();
}

void Simulation::Step() {
  PassTime();
  if (world_.failed()) return;
  if (world_.random.Chance(world_.knobs.fault_rate)) {
    Fault();
  } else {
    Act();
  }
  if (daemon_->up() && !world_.failed()) oracle_->CheckPoisons();
}

void Simulation::PassTime() {
  Random& random = world_.random;
  const uint64_t pace = random.Below(1000);
  world_.Pass(pace < 450   ? random.Below(2'000)
              : pace < 850 ? random.Below(20'000)
              : pace < 985 ? random.Below(100'000)
                           : random.Below(400'000));
  if (!daemon_->up() && world_.now >= daemon_returns_) daemon_->Restart();
  if (world_.failed()) return;
  daemon_->OnTime();
  network_->OnTime();
  if (!chip_->up() && world_.now >= chip_returns_) chip_->Attach();
  for (uint32_t i = 0; i < clients_.size() && !world_.failed(); ++i) {
    if (Stalls(i)) continue;
    if (clients_[i]->alive()) {
      clients_[i]->OnTime();
      if (!clients_[i]->alive()) client_returns_[i] = After(world_.now, absl::Microseconds(random.Below(300'000)));
    } else if (world_.now >= client_returns_[i]) {
      clients_[i]->Begin();
    }
  }
}

SimCall* Simulation::AnyCall(bool (SimNetwork::*has)(const SimCall&) const) {
  const auto& calls = network_->calls();
  if (calls.empty()) return nullptr;
  const size_t first = world_.random.Below(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    SimCall* call = calls[(first + i) % calls.size()].get();
    if ((network_.get()->*has)(*call)) return call;
  }
  return nullptr;
}

void Simulation::HandleRequest(SimCall& call) {
  const std::unique_ptr<v1::StreamRequest> frame = network_->TakeRequest(call);
  for (const auto& other : network_->calls()) {
    const bool newer = other->client == call.client && other->number > call.number && !other->node_gone;
    if (newer && call.client_gone) world_.counters.Add(Count::kStaleFrame);
  }
  daemon_->OnFrame(&call, *frame);
}

void Simulation::DeliverRequests(uint32_t most) {
  if (!daemon_->working()) return;
  for (; most > 0 && !world_.failed(); --most) {
    SimCall* call = AnyCall(&SimNetwork::HasRequest);
    if (call == nullptr) return;
    HandleRequest(*call);
  }
}

void Simulation::DeliverResponses(uint32_t most) {
  for (; most > 0 && !world_.failed(); --most) {
    SimCall* call = AnyCall(&SimNetwork::HasResponse);
    if (call == nullptr || Stalls(call->client)) return;
    SimClient& client = *clients_[call->client];
    SimCall::Response response = network_->TakeResponse(*call);
    if (!client.Has(*call)) continue;
    client.OnResponse(std::move(response));
    if (!client.alive())
      client_returns_[call->client] = After(world_.now, absl::Microseconds(world_.random.Below(300'000)));
    if (daemon_->working()) daemon_->OnTaken(call);
  }
}

void Simulation::Act() {
  Random& random = world_.random;
  const uint64_t what = random.Below(100);
  if (what < 28) return DeliverRequests(static_cast<uint32_t>(random.Between(1, 6)));
  if (what < 54) return DeliverResponses(static_cast<uint32_t>(random.Between(1, 6)));
  if (what < 70) {
    if (!chip_->up() || world_.now < chip_stalls_until_) return;
    chip_->Work(static_cast<uint32_t>(random.Below(world_.knobs.lanes)), static_cast<uint32_t>(random.Between(1, 8)));
    return oracle_->ChipPublished();
  }
  if (what < 78) {
    if (daemon_->working()) daemon_->Look();
    return;
  }
  const auto index = static_cast<uint32_t>(random.Below(clients_.size()));
  SimClient& client = *clients_[index];
  if (!client.alive() || Stalls(index)) return;
  if (what < 90) return client.Send(static_cast<uint32_t>(random.Between(1, 4)));
  client.Receive(static_cast<uint32_t>(random.Between(1, 6)));
  if (random.Chance(900)) client.Ack();
}

// What must hold at the end: the ring still has what it was given and nobody took.
void Simulation::CheckEnd() {
  if (!daemon_->up()) daemon_->Restart();
  if (world_.failed()) return;
  daemon_->Audit();
  oracle_->CheckPoisons();
  oracle_->CheckRings();
}

}  // namespace l3link::simulation
