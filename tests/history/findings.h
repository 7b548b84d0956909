// What a checker found wrong, by kind, and the first cases in words. Added up over lanes; not synchronized.
#ifndef L3LINK_TESTS_HISTORY_FINDINGS_H_
#define L3LINK_TESTS_HISTORY_FINDINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace l3link::history {

struct Findings {
  static constexpr size_t kMostCases = 8;

  uint64_t lost = 0;           // acknowledged, and never came
  uint64_t duplicated = 0;     // came more often than once
  uint64_t reordered = 0;      // came after one that was sent later
  uint64_t wrong = 0;          // bytes that nobody sent
  uint64_t after_fencing = 0;  // effect of a lease that had ended
  uint64_t wrong_final = 0;    // a final position that is not the history's
  std::vector<std::string> cases;

  bool clean() const { return lost + duplicated + reordered + wrong + after_fencing + wrong_final == 0; }
  void Note(std::string what) {
    if (cases.size() < kMostCases) cases.push_back(std::move(what));
  }
  void Add(const Findings& other) {
    lost += other.lost;
    duplicated += other.duplicated;
    reordered += other.reordered;
    wrong += other.wrong;
    after_fencing += other.after_fencing;
    wrong_final += other.wrong_final;
    for (const std::string& what : other.cases) Note(what);
  }
};

}  // namespace l3link::history

#endif  // L3LINK_TESTS_HISTORY_FINDINGS_H_
