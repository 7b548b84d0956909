// Finds and initialises the vendor's two libraries, once.
//
// One a process (OfProcess); any thread, several at once. What it hands out is whole: both libraries loaded, every symbol
// resolved, the runtime initialised. It stays so for the process's life; nothing is ever finalised, since the program around
// us may use the same libraries. A failure is not remembered: the next call tries again what is missing.
#ifndef L3LINK_BACKENDS_ASCEND_ASCEND_LOADER_H_
#define L3LINK_BACKENDS_ASCEND_ASCEND_LOADER_H_

#include <atomic>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backends/ascend/ascend_api.h"
#include "backends/ascend/ascend_options.h"

namespace l3link {

class AscendLoader {
 public:
  static AscendLoader& OfProcess();

  AscendLoader() = default;
  AscendLoader(const AscendLoader&) = delete;
  AscendLoader& operator=(const AscendLoader&) = delete;

  // Blocks while another thread loads. NOT_FOUND: a library is missing or lacks a symbol; names it, where it was looked for, and
  // what to do. UNAVAILABLE: the runtime does not initialise. FAILED_PRECONDITION: other files than those asked for are loaded.
  absl::StatusOr<const AscendApi*> Load(const AscendOptions& options);

 private:
  absl::Status LoadHalLocked(const AscendOptions& options);
  absl::Status LoadAclLocked(const AscendOptions& options);

  std::atomic<const AscendApi*> whole_{nullptr};
  std::mutex mutex_;  // of the standard library: ThreadSanitizer knows it. Held while loading
  AscendApi api_;     // under mutex_ until it is whole, immutable from then on
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_ASCEND_LOADER_H_
