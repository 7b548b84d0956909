// "key=value,key=value" of l3link_create_device_context, read and checked.
#ifndef L3LINK_BACKENDS_RUNTIME_CONTEXT_OPTIONS_H_
#define L3LINK_BACKENDS_RUNTIME_CONTEXT_OPTIONS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/ascend/ascend_options.h"
#include "backends/sim/sim_options.h"

namespace l3link {

struct ContextOptions {
  SimOptions sim;  // state_dir empty: one of the context's own
  AscendOptions ascend;
  uint64_t arena_bytes = uint64_t{1} << 30;
};

// INVALID_ARGUMENT names the wrong part and what is legal. A value may have '=' in it, but no comma.
absl::StatusOr<ContextOptions> ParseContextOptions(absl::string_view text);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_RUNTIME_CONTEXT_OPTIONS_H_
