// Guesses whether both ends of a call take turns: what was read last is then answered by a write before more comes.
//
// Of one call. A guess is wrong when nothing was written in time, and makes the next one come later.
#ifndef L3LINK_CLIENT_TURN_GUESS_H_
#define L3LINK_CLIENT_TURN_GUESS_H_

#include <algorithm>
#include <atomic>
#include <utility>

namespace l3link::client {

class TurnGuess {
 public:
  // Something was written that may be answered. Any thread.
  void OnWrite() { wrote_.store(true, std::memory_order_relaxed); }

  // From here on on the thread that polls. Something was read: whether a write is what comes next.
  bool OnRead() {
    // Relaxed: a guess.
    const bool wrote = wrote_.exchange(false, std::memory_order_relaxed);
    if (std::exchange(guessed_, false) && wrote) OnRight();
    turns_ = wrote ? std::min(turns_ + 1, wanted_) : 0;
    guessed_ = turns_ == wanted_;
    return guessed_;
  }
  void OnWrong() {
    guessed_ = false;
    turns_ = right_ = 0;
    wanted_ = std::min(wanted_ * 2, kMostWanted);
  }

 private:
  static constexpr int kLeastWanted = 4;
  static constexpr int kMostWanted = 256;
  static constexpr int kRightToForgive = 64;

  void OnRight() {
    if (++right_ < kRightToForgive) return;
    right_ = 0;
    wanted_ = std::max(wanted_ / 2, kLeastWanted);
  }

  std::atomic<bool> wrote_{false};
  bool guessed_ = false;
  int turns_ = 0;  // in a row, each a read after a write
  int right_ = 0;  // guesses in a row
  int wanted_ = kLeastWanted;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_TURN_GUESS_H_
