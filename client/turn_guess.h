// Guesses whether both ends of a call take turns: what was read last is then answered by a write before more comes.
//
// Of one call. A guess counts as wrong when nothing was written in time; each one makes the next come later.
#ifndef L3LINK_CLIENT_TURN_GUESS_H_
#define L3LINK_CLIENT_TURN_GUESS_H_

#include <algorithm>
#include <atomic>

namespace l3link::client {

class TurnGuess {
 public:
  // Any thread.
  void OnWrite() { wrote_.store(true, std::memory_order_relaxed); }

  // From here on on the thread that polls. Something was read: whether a write is what comes next.
  bool OnRead() {
    // Relaxed: a guess.
    turns_ = wrote_.exchange(false, std::memory_order_relaxed) ? turns_ + 1 : 0;
    if (turns_ < wanted_) return false;
    turns_ = wanted_;
    wanted_ = std::max(wanted_ - 1, kLeastWanted);
    return true;
  }
  void OnWrong() {
    turns_ = 0;
    wanted_ = std::min(wanted_ * 2, kMostWanted);
  }

 private:
  static constexpr int kLeastWanted = 4;
  static constexpr int kMostWanted = 256;

  std::atomic<bool> wrote_{false};
  int turns_ = 0;  // in a row, each a read after a write
  int wanted_ = kLeastWanted;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_TURN_GUESS_H_
