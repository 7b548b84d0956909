// A kind of chip that this build cannot drive: it is listed with its reason, and every open on it is refused.
//
// Owned by its ChipWorker, which maps nothing and starts nothing for it.
#ifndef L3LINK_BACKENDS_ASCEND_UNSUPPORTED_PLATFORM_H_
#define L3LINK_BACKENDS_ASCEND_UNSUPPORTED_PLATFORM_H_

#include <string>
#include <utility>

#include "backends/platform.h"

namespace l3link {

class UnsupportedPlatform : public Platform {
 public:
  // `detail` says why: "not supported on a5".
  UnsupportedPlatform(std::string platform, uint32_t chip_index, std::string detail);

  const PlatformTraits& traits() const override { return traits_; }
  absl::StatusOr<absl::Span<std::byte>> MapArena(uint64_t arena_bytes) override;
  absl::Status Commit(uint64_t offset, uint64_t bytes) override;
  void Decommit(uint64_t, uint64_t) override {}
  absl::Status StartChip() override;
  void StopChip() override {}
  ChipPresence Presence() override { return {}; }
  void WakeChip(uint32_t*) override {}
  void AwaitBell(uint32_t*, uint32_t, absl::Duration) override {}

 private:
  absl::Status Refusal() const;

  PlatformTraits traits_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_UNSUPPORTED_PLATFORM_H_
