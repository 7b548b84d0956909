// Which messages one witness has seen, told apart by their place in the order sent: finds what is missing, came twice or
// came late. Bounded: keeps a high-water mark and the gaps below it. One thread.
#ifndef L3LINK_TESTS_HISTORY_WITNESSED_ORDER_H_
#define L3LINK_TESTS_HISTORY_WITNESSED_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <map>

namespace l3link::history {

class WitnessedOrder {
 public:
  static constexpr size_t kMostGaps = 4096;

  enum class Outcome { kNext, kSkipped, kLate, kAgain };

  // Message `number` of the order sent was seen. kSkipped: those between are missing so far; kLate: it was one of them.
  Outcome See(uint64_t number);

  // One beyond the highest seen.
  uint64_t next() const { return next_; }
  // Of all below `through`, those never seen.
  uint64_t Missing(uint64_t through) const;

 private:
  void AddGap(uint64_t first, uint64_t end);
  bool FillGap(uint64_t number);

  uint64_t next_ = 0;
  std::map<uint64_t, uint64_t> gaps_;  // first -> end
  uint64_t forgotten_ = 0;             // in gaps there was no room for
};

}  // namespace l3link::history

#endif  // L3LINK_TESTS_HISTORY_WITNESSED_ORDER_H_
