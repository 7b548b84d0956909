// Ranges of closed objects and reset lanes that a chip program may still have a view of, until it certainly has none.
//
// Called by ObjectTable under the chip worker's lock. A range is released when the chip acknowledged the directory version
// of its change, has attached anew since, or is gone; and nobody in this process uses the object any more.
#ifndef L3LINK_BACKENDS_HOST_QUARANTINE_H_
#define L3LINK_BACKENDS_HOST_QUARANTINE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "backends/host/extent_allocator.h"

namespace l3link {

// The chip's words, loaded once and bounded by the caller.
struct ChipProgress {
  uint64_t directory_ack = 0;  // at most the directory's version
  uint64_t attach_count = 0;
  bool gone = false;  // no chip program has any view
};

class Quarantine {
 public:
  // `version`: the directory's version with the change in it. `attach_count`: the chip's at that moment. `owner`: the
  // closed object, or null.
  // `places`: where the journal lists the extents. `block`: the closed object's in the journal, or of no bytes.
  struct Change {
    std::vector<Extent> extents;
    uint64_t version = 0;
    uint64_t attach_count = 0;
    std::shared_ptr<const void> owner = nullptr;
    std::vector<uint32_t> places = {};
    Extent block = {};
  };
  void Add(Change change);

  // What may be used again; forgets it.
  std::vector<Change> Release(const ChipProgress& chip);

  uint64_t bytes() const { return bytes_; }
  bool empty() const { return changes_.empty(); }

 private:
  std::vector<Change> changes_;
  uint64_t bytes_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_QUARANTINE_H_
