// Stands in for libascendcl.so: two devices, whose memory is the host's, full of what somebody left there.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "backends/ascend/testing/stand_in.h"

namespace {

constexpr int kInvalidParam = 107000;
constexpr int kInvalidDevice = 107001;
constexpr int kContextNull = 107002;
constexpr int kMemoryAllocation = 207001;
constexpr int kRepeatInitialize = 100002;
constexpr int32_t kDevices = 2;

std::atomic<bool> initialized{false};
thread_local int32_t current_device = -1;
std::mutex mutex;
std::map<void*, size_t>& Allocations() {
  static auto* const allocations = new std::map<void*, size_t>();
  return *allocations;
}

int MemoryFile() {
  const std::string folder = stand_in::Told("STAND_IN_DIR");
  if (folder.empty()) return memfd_create("device", MFD_CLOEXEC);
  const std::string path = folder + "/device-" + std::to_string(current_device);
  return open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

}  // namespace

STAND_IN_API int aclInit(const char*) {
  int code;
  if (stand_in::Fails("aclInit", "", &code)) return code;
  return initialized.exchange(true) ? kRepeatInitialize : 0;
}

STAND_IN_API int aclrtGetDevice(int32_t* device) {
  if (current_device < 0) return kContextNull;
  *device = current_device;
  return 0;
}

STAND_IN_API int aclrtSetDevice(int32_t device) {
  int code;
  if (stand_in::Fails("aclrtSetDevice", std::to_string(device), &code)) return code;
  if (!initialized.load() || device < 0 || device >= kDevices) return kInvalidDevice;
  current_device = device;
  return 0;
}

STAND_IN_API int aclrtMalloc(void** memory, size_t bytes, int policy) {
  int code;
  if (stand_in::Fails("aclrtMalloc", std::to_string(bytes), &code)) return code;
  if (current_device < 0) return kContextNull;
  if (policy != 0) return kInvalidParam;
  const int fd = MemoryFile();
  if (fd < 0) return kMemoryAllocation;
  const bool there = posix_fallocate(fd, 0, static_cast<off_t>(bytes)) == 0;
  void* base = there ? mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  close(fd);
  if (base == MAP_FAILED) return kMemoryAllocation;
  std::memset(base, 0xa5, bytes);
  const std::lock_guard<std::mutex> lock(mutex);
  Allocations()[base] = bytes;
  *memory = base;
  return 0;
}

STAND_IN_API int aclrtFree(void* memory) {
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = Allocations().find(memory);
  const bool known = found != Allocations().end();
  int code;
  if (stand_in::Fails("aclrtFree", known ? std::to_string(found->second) : "unknown", &code)) return code;
  if (current_device < 0) return kContextNull;
  if (!known) return kInvalidParam;
  munmap(memory, found->second);
  Allocations().erase(found);
  return 0;
}
