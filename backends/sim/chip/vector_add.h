// Program vector_add: adds two vectors of floats that lie in a region, whenever its signal says that a job is ready.
//
//   data: a[n] | b[n] | sum[n], floats (IEEE 754, little-endian), n = data_bytes / 12
//   signal 0 (host-written): job k is ready        signal 1 (chip-written): job k is done
//
// Owned by ChipLoop, on the chip's one thread; a turn adds at most a slice. A chip that dies within a job begins it again.
#ifndef L3LINK_BACKENDS_SIM_CHIP_VECTOR_ADD_H_
#define L3LINK_BACKENDS_SIM_CHIP_VECTOR_ADD_H_

#include <cstdint>

#include "backends/abi/chip_region.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/servant.h"

namespace l3link {

class VectorAdd : public Servant {
 public:
  static constexpr uint32_t kReadySignal = 0;
  static constexpr uint32_t kDoneSignal = 1;

  // Whether the region has the two signals, written by the sides that this program needs.
  static bool Suits(const l3_region& region);

  // `faults` outlives this.
  VectorAdd(const l3_region& region, Faults* faults) : region_(region), faults_(faults) {}

  bool Work(uint64_t now_us, bool everything) override;
  bool Ready(uint64_t now_us, uint64_t* due_us) override;
  bool Refresh() override { return !l3_region_closed(&region_); }

 private:
  // Whether the host asks for a job that is not done; begins it.
  bool HasJob();
  // Adds the next slice; true when the job's last element is done.
  bool AddSlice();

  l3_region region_;
  Faults* const faults_;
  Delay delay_;
  uint64_t job_ = 0;    // the one in hand
  uint64_t added_ = 0;  // elements of it
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_VECTOR_ADD_H_
