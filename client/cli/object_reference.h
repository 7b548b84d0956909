// How people name a channel or region on the command line: [WORKER/]NAME[@GENERATION].
#ifndef L3LINK_CLIENT_CLI_OBJECT_REFERENCE_H_
#define L3LINK_CLIENT_CLI_OBJECT_REFERENCE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace l3link::cli {

struct ObjectReference {
  uint32_t worker_id = 0;
  std::string name;
  uint64_t generation = 0;  // 0: whichever is open now

  // Fills a ChannelId or RegionId.
  template <typename Id>
  void To(Id* id) const {
    id->set_worker_id(worker_id);
    id->set_name(name);
    id->set_generation(generation);
  }
};

// INVALID_ARGUMENT, with the part at fault, unless `text` is "NAME", "WORKER/NAME", "NAME@GENERATION" or
// "WORKER/NAME@GENERATION" with a NAME of 1 to 47 bytes of [A-Za-z0-9._-].
absl::StatusOr<ObjectReference> ParseObjectReference(absl::string_view text);

// The same without @GENERATION, for what is yet to be opened: its node chooses the generation.
absl::StatusOr<ObjectReference> ParseNewReference(absl::string_view text);

// "0/jobs@3"; without the generation where it is 0. ParseObjectReference reads it back.
std::string FormatObjectReference(uint32_t worker_id, absl::string_view name, uint64_t generation);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_OBJECT_REFERENCE_H_
