// Who is killed how and when, decided by a seed: every three kills have one of each kind in a drawn order, spread over the
// messages that are wanted, and going on beyond them when those come faster than the kills.
#ifndef L3LINK_TESTS_CHAOS_KILL_PLAN_H_
#define L3LINK_TESTS_CHAOS_KILL_PLAN_H_

#include <array>
#include <cstdint>
#include <random>

namespace l3link::chaos {

enum class Victim { kDaemon, kClient, kChip };
inline constexpr std::array<Victim, 3> kVictims = {Victim::kDaemon, Victim::kClient, Victim::kChip};
const char* NameOf(Victim victim);

// One thread.
class KillPlan {
 public:
  KillPlan(uint64_t kills, uint64_t messages, uint64_t seed);

  bool over() const { return done_ == kills_; }
  uint64_t done() const { return done_; }
  // The next kill: whom, and once so many messages are back.
  Victim victim() const { return order_[done_ % order_.size()]; }
  uint64_t due() const { return due_; }
  // The kill is done, when `received` messages were back.
  void Done(uint64_t received);

  // A chip's death comes where it pleases, or where it hurts most: between an answer and the release of its question.
  bool AtTheWorstMoment() { return Draw(2) == 0; }
  // A daemon's next life starts its chip itself, or leaves that to somebody else.
  bool Supervises() { return Draw(4) == 0; }
  // A number below `count`.
  uint64_t Draw(uint64_t count) { return random_() % count; }

 private:
  void Next(uint64_t received);

  const uint64_t kills_;
  const double stretch_;  // messages a kill
  std::mt19937_64 random_;
  std::array<Victim, 3> order_ = kVictims;
  uint64_t done_ = 0;
  uint64_t due_ = 0;
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_KILL_PLAN_H_
