#include "backends/ascend/ascend_platform.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "backends/abi/base.h"
#include "backends/ascend/current_device.h"
#include "backends/ascend/unsupported_platform.h"
#include "backends/host/mono_time.h"

namespace l3link {
namespace {

constexpr absl::Duration kShortestLook = absl::Microseconds(50);
constexpr absl::Duration kLongestLook = absl::Milliseconds(5);

absl::StatusOr<const AscendApi*> LoadFor(uint32_t device, const AscendOptions& options, AscendLoader& loader) {
  absl::StatusOr<const AscendApi*> api = loader.Load(options);
  if (!api.ok()) return api;
  const absl::Status there = CurrentDevice(**api, static_cast<int32_t>(device)).status();
  if (!there.ok()) return there;
  return api;
}

}  // namespace

std::unique_ptr<Platform> MakeAscendPlatform(uint32_t chip_index, const AscendOptions& options, AscendLoader& loader) {
  absl::StatusOr<const AscendApi*> api = LoadFor(chip_index, options, loader);
  if (api.ok()) return std::make_unique<AscendPlatform>(**api, chip_index);
  return std::make_unique<UnsupportedPlatform>(
      "a2a3", chip_index, absl::StrCat("not supported on a2a3 as it is here: ", api.status().message()));
}

AscendPlatform::AscendPlatform(const AscendApi& api, uint32_t chip_index) : api_(api) {
  traits_.platform = "a2a3";
  traits_.chip_index = chip_index;
  traits_.shared_rmw = false;  // device_arena.h
  traits_.detail = absl::StrCat("device ", chip_index, " by ", api.hal_place, " and ", api.acl_place);
}

absl::StatusOr<absl::Span<std::byte>> AscendPlatform::MapArena(uint64_t arena_bytes) {
  absl::StatusOr<std::unique_ptr<DeviceArena>> arena =
      DeviceArena::Make(api_, static_cast<int>(traits_.chip_index), arena_bytes);
  if (!arena.ok()) return arena.status();
  arena_ = *std::move(arena);
  traits_.device_base = arena_->device_address();
  return arena_->memory();
}

// Zeroes what an earlier user of the device's memory left there.
absl::Status AscendPlatform::Commit(uint64_t offset, uint64_t bytes) {
  arena_->Zero(offset, bytes);
  return absl::OkStatus();
}

void AscendPlatform::AwaitBell(uint32_t* word, uint32_t expected, absl::Duration at_most) {
  const MonoTime end = After(MonoNow(), at_most);
  absl::Duration pause = kShortestLook;
  for (MonoTime now = MonoNow(); now < end && l3_load_relaxed_u32(word) == expected; now = MonoNow()) {
    absl::SleepFor(std::min(pause, Between(now, end)));
    pause = std::min(pause * 2, kLongestLook);
  }
}

}  // namespace l3link
