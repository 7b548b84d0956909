// Stands in for libascend_hal.so: maps the device's memory a second time, at another address.
#include <sys/mman.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "backends/ascend/testing/stand_in.h"

namespace {

constexpr int kInvalidValue = 3;
constexpr unsigned kDeviceMemoryToHost = 2;

std::mutex mutex;
std::map<void*, size_t>& Mappings() {
  static auto* const mappings = new std::map<void*, size_t>();
  return *mappings;
}

struct Loaded {
  Loaded() { stand_in::Note("hal loaded"); }
  ~Loaded() { stand_in::Note("hal unloaded"); }
};
const Loaded loaded;

}  // namespace

STAND_IN_API int halHostRegister(void* device_memory, size_t bytes, unsigned flags, int device, void** host) {
  int code;
  if (stand_in::Fails("halHostRegister", std::to_string(bytes) + " on " + std::to_string(device), &code)) return code;
  if (flags != kDeviceMemoryToHost) return kInvalidValue;
  void* again = mremap(device_memory, 0, bytes, MREMAP_MAYMOVE);  // an old size of 0: the same pages once more
  if (again == MAP_FAILED) return kInvalidValue;
  const std::lock_guard<std::mutex> lock(mutex);
  Mappings()[again] = bytes;
  *host = again;
  return 0;
}

#ifndef STAND_IN_INCOMPLETE
STAND_IN_API int halHostUnregister(void* host, int device) {
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = Mappings().find(host);
  const std::string what = found == Mappings().end() ? "unknown" : std::to_string(found->second);
  int code;
  if (stand_in::Fails("halHostUnregister", what + " on " + std::to_string(device), &code)) return code;
  if (found == Mappings().end()) return kInvalidValue;
  munmap(host, found->second);
  Mappings().erase(found);
  return 0;
}
#endif
