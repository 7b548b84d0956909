// What serves one object of the directory: a channel or a region, by one of the built-in programs.
//
// Owned by ChipLoop and called on the chip's one thread; nothing blocks, so that no lane holds up another.
#ifndef L3LINK_BACKENDS_SIM_CHIP_SERVANT_H_
#define L3LINK_BACKENDS_SIM_CHIP_SERVANT_H_

#include <cstdint>
#include <string>

namespace l3link {

// After work, a lane and its object are looked at in every turn for so long.
inline constexpr uint64_t kHotUs = 2000;

class Servant {
 public:
  virtual ~Servant() = default;

  // A bounded share of what there is to do; true if it did anything. Without `everything` it may leave out lanes where
  // nothing has happened for a while.
  virtual bool Work(uint64_t now_us, bool everything) = 0;

  // Asks the host to ring at the next change, then says whether Work would do something now. Lowers *due_us when time
  // alone will give it something to do.
  virtual bool Ready(uint64_t now_us, uint64_t* due_us) = 0;

  // The directory has changed: opens lanes that were reset again. False: the object is gone, drop this.
  virtual bool Refresh() = 0;

  // A line for people, at the end; empty: nothing to tell.
  virtual std::string Summary() const { return ""; }
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_SERVANT_H_
