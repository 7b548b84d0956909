// Who is killed when, decided by a seed: every three kills have one of each kind in a drawn order, and each falls somewhere in
// the middle of its own stretch of the messages, so that the last stretch is always free to drain.
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
  void Done();

  // Below which position of `messages` a lane may send: to the end of the stretch, so that no lane is through before the
  // last kill.
  uint64_t Sendable(uint64_t messages_of_lane) const;
  // The stretch was over before its kill: the lanes may go on a little into the next one.
  void Missed() { ++ahead_; }
  // A number below `count`.
  uint64_t Draw(uint64_t count) { return random_() % count; }

 private:
  void Next();

  const uint64_t kills_;
  const uint64_t messages_;
  std::mt19937_64 random_;
  std::array<Victim, 3> order_ = kVictims;
  uint64_t done_ = 0;
  uint64_t due_ = 0;
  uint64_t ahead_ = 0;  // in parts of a stretch
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_KILL_PLAN_H_
