#include "backends/worker/platform_factory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "backends/ascend/ascend_platform.h"
#include "backends/ascend/unsupported_platform.h"
#include "backends/sim/sim_platform.h"

namespace l3link {
namespace {

constexpr absl::string_view kNames[] = {"a2a3sim", "a5sim", "a2a3", "a5"};
constexpr uint32_t kMostChips = 64;

absl::Status Wrong(absl::string_view part, absl::string_view legal) {
  return absl::InvalidArgumentError(absl::StrCat("platform \"", part, "\": ", legal));
}

}  // namespace

absl::Span<const absl::string_view> PlatformNames() { return kNames; }

absl::StatusOr<std::vector<PlatformShare>> ParsePlatformShares(absl::string_view text) {
  std::vector<PlatformShare> shares;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> words = absl::StrSplit(part, absl::MaxSplits('=', 1));
    PlatformShare share{std::string(words.first), 1};
    if (std::find(std::begin(kNames), std::end(kNames), words.first) == std::end(kNames)) {
      return Wrong(part, absl::StrCat("not one of ", absl::StrJoin(kNames, ", ")));
    }
    if (part.size() != words.first.size() &&
        (!absl::SimpleAtoi(words.second, &share.chips) || share.chips < 1 || share.chips > kMostChips)) {
      return Wrong(part, absl::StrCat("the number of chips is 1 to ", kMostChips));
    }
    shares.push_back(std::move(share));
  }
  return shares;
}

bool IsSimulated(absl::string_view platform) { return SimTraits(platform, 0).ok(); }

absl::StatusOr<std::unique_ptr<Platform>> MakePlatform(absl::string_view platform, uint32_t chip_index,
                                                       uint32_t worker_id, const SimOptions& sim,
                                                       const AscendOptions& ascend) {
  if (platform == "a5") return std::make_unique<UnsupportedPlatform>("a5", chip_index, "not supported on a5");
  if (platform == "a2a3") return MakeAscendPlatform(chip_index, ascend);
  absl::StatusOr<PlatformTraits> traits = SimTraits(platform, chip_index);
  if (!traits.ok()) return Wrong(platform, absl::StrCat("not one of ", absl::StrJoin(kNames, ", ")));
  return std::make_unique<SimPlatform>(*std::move(traits), worker_id, sim);
}

}  // namespace l3link
