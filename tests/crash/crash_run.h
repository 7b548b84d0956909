// Crashes one operation after each of its stores and looks at what a recovery makes of it.
//
//   Run            steps the operation through, instruction by instruction. Wherever the files have changed there is a new
//                  prefix of its stores; each is copied to a second pair of files and recovered there.
//   KillEvery      really kills it, at every n-th instruction, and recovers from the very files, opened anew. That an instruction
//                  between two stores leaves the same files as the store before is compared, not assumed.
//   CrashRecovery  the same for the recovery itself, from some of the prefixes: dies after each of its stores, and another
//                  recovery follows.
//
// A recovered state is judged as text (Describe): it must be that of before the operation, of after it, or one of the legal
// ones between; once one was reached no later prefix may lead back to an earlier one.
#ifndef L3LINK_TESTS_CRASH_CRASH_RUN_H_
#define L3LINK_TESTS_CRASH_CRASH_RUN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/crash/crash_files.h"
#include "tests/crash/stepped_child.h"

namespace l3link {

struct CrashCounts {
  uint64_t instructions = 0;
  uint64_t stores = 0;  // instructions that changed a file
  uint64_t recoveries = 0;
};

class CrashRun {
 public:
  using Operation = std::function<bool()>;

  // `files` are as the operation finds them; it runs in copies of this process and changes only them. `between`: what
  // leads to the legal states between before and after, in order.
  CrashRun(CrashFiles* files, Operation operation, const std::vector<Operation>& between = {});
  ~CrashRun() { files_.Put(start_); }

  void Run();
  void KillEvery(uint64_t instructions);
  // From at most so many of the prefixes that Run found, evenly spread, the first and the last among them.
  void CrashRecovery(size_t most_prefixes);

  const std::string& before() const { return legal_.front(); }
  const std::string& after() const { return legal_.back(); }
  // The first few, each with the store that it came after; empty is what is to be.
  const std::vector<std::string>& faults() const { return faults_; }
  const CrashCounts& counts() const { return counts_; }
  // "publish: 5321 instructions, 143 stores, 144 recoveries; 760 kills; ..."
  std::string Summary(const std::string& name) const;

 private:
  // Whether the files differ from what was last looked at. Compares pages that are in use.
  bool NoticeStore();
  void FindPagesInUse();
  // What a daemon that finds the files as they are now makes of them, in a copy.
  std::string RecoverCopy(std::string* fault);
  // That it is legal, and no step back.
  void Judge(const std::string& where, const std::string& text, const std::string& fault);
  void JudgePrefix(const std::string& where);
  void StepRecovery(const Image& from, const std::string& where);
  void AddFault(const std::string& where, const std::string& what);

  CrashFiles& files_;
  CrashFiles copies_;
  const Operation operation_;
  const Image start_;
  std::vector<std::string> legal_;
  std::vector<bool> pages_in_use_;  // the arena's, then the journal's
  Image seen_;
  size_t reached_ = 0;  // index in legal_
  std::vector<Image> prefixes_;
  std::vector<std::string> faults_;
  CrashCounts counts_;           // of Run
  CrashCounts recovery_counts_;  // of CrashRecovery
  uint64_t kills_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_CRASH_RUN_H_
