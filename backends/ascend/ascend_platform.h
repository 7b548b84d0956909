// The real a2a3: the arena is device memory that the driver maps into this process; the chip program is not ours to start.
//
// One object a chip, owned by its ChipWorker, called under its lock but for AwaitBell. Whoever launches the program gives it the
// arena's device address, traits().device_base, in the process that this is: device memory belongs to its process and ends with
// it, so that nothing is kept for a later one.
#ifndef L3LINK_BACKENDS_ASCEND_ASCEND_PLATFORM_H_
#define L3LINK_BACKENDS_ASCEND_ASCEND_PLATFORM_H_

#include <cstdint>
#include <memory>

#include "backends/ascend/ascend_loader.h"
#include "backends/ascend/ascend_options.h"
#include "backends/ascend/device_arena.h"
#include "backends/platform.h"

namespace l3link {

// Chip `chip_index` is device `chip_index` of this process. Where the libraries or the device cannot be used: a platform that is
// not supported and says why, so that the node serves its other chips.
std::unique_ptr<Platform> MakeAscendPlatform(uint32_t chip_index, const AscendOptions& options,
                                             AscendLoader& loader = AscendLoader::OfProcess());

class AscendPlatform : public Platform {
 public:
  // `api` outlives it.
  AscendPlatform(const AscendApi& api, uint32_t chip_index);

  const PlatformTraits& traits() const override { return traits_; }
  // All of it is allocated here; traits().device_base is set from then on.
  absl::StatusOr<absl::Span<std::byte>> MapArena(uint64_t arena_bytes) override;
  absl::Status Commit(uint64_t offset, uint64_t bytes) override;
  void Decommit(uint64_t, uint64_t) override {}  // stays allocated; nobody reads it before the next Commit zeroes it
  absl::Status StartChip() override { return absl::OkStatus(); }
  void StopChip() override {}
  ChipPresence Presence() override { return {}; }
  void WakeChip(uint32_t*) override {}  // it looks at its word by itself
  // Looks, less and less often: nobody can wake us.
  void AwaitBell(uint32_t* word, uint32_t expected, absl::Duration at_most) override;

 private:
  const AscendApi& api_;
  PlatformTraits traits_;
  std::unique_ptr<DeviceArena> arena_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_ASCEND_PLATFORM_H_
