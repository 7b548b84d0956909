#include "backends/ascend/unsupported_platform.h"

#include "backends/host/refusal.h"

namespace l3link {

UnsupportedPlatform::UnsupportedPlatform(std::string platform, uint32_t chip_index, std::string detail) {
  traits_.platform = std::move(platform);
  traits_.chip_index = chip_index;
  traits_.supported = false;
  traits_.shared_rmw = false;
  traits_.detail = std::move(detail);
}

absl::Status UnsupportedPlatform::Refusal() const {
  return Refuse(Reason::kPLATFORM_UNSUPPORTED, traits_.detail, {{"platform", traits_.platform}});
}

absl::StatusOr<absl::Span<std::byte>> UnsupportedPlatform::MapArena(uint64_t) { return Refusal(); }
absl::Status UnsupportedPlatform::Commit(uint64_t, uint64_t) { return Refusal(); }
absl::Status UnsupportedPlatform::StartChip() { return Refusal(); }

}  // namespace l3link
