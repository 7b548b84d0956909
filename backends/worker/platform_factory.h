// From "a2a3sim=2,a5=1" to the chips of a node, in worker id order.
#ifndef L3LINK_BACKENDS_WORKER_PLATFORM_FACTORY_H_
#define L3LINK_BACKENDS_WORKER_PLATFORM_FACTORY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backends/ascend/ascend_options.h"
#include "backends/platform.h"
#include "backends/sim/sim_options.h"

namespace l3link {

// How many chips of one platform; worker ids count on in the order of the list.
struct PlatformShare {
  std::string platform;
  uint32_t chips = 1;

  bool operator==(const PlatformShare&) const = default;
};

// Every platform's name, for help texts and checks.
absl::Span<const absl::string_view> PlatformNames();

// "NAME[=CHIPS],...". INVALID_ARGUMENT names the wrong part and what is legal.
absl::StatusOr<std::vector<PlatformShare>> ParsePlatformShares(absl::string_view text);

// Whether its chips are processes of this host.
bool IsSimulated(absl::string_view platform);

// Starts nothing yet. INVALID_ARGUMENT: no such platform. One that cannot be driven here is made, and refuses every open.
absl::StatusOr<std::unique_ptr<Platform>> MakePlatform(absl::string_view platform, uint32_t chip_index,
                                                       uint32_t worker_id, const SimOptions& sim,
                                                       const AscendOptions& ascend = {});

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_PLATFORM_FACTORY_H_
