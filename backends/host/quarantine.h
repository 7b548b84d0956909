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

// A close or a reset, and what it left behind.
struct RetiredExtents {
  std::vector<Extent> extents;                  // of the arena
  uint64_t version = 0;                         // of the directory, with the change in it
  uint64_t attach_count = 0;                    // the chip's at that moment
  std::shared_ptr<const void> owner = nullptr;  // the closed object, or null
  Extent block = {};                            // the closed object's in the journal, or of no bytes
  std::vector<uint32_t> places = {};            // where the journal lists the extents
};

class Quarantine {
 public:
  void Add(RetiredExtents retired);

  // What may be used again; forgets it.
  std::vector<RetiredExtents> Release(const ChipProgress& chip);

  uint64_t bytes() const { return bytes_; }
  bool empty() const { return retired_.empty(); }

 private:
  std::vector<RetiredExtents> retired_;
  uint64_t bytes_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_QUARANTINE_H_
