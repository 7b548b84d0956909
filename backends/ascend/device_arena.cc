#include "backends/ascend/device_arena.h"

#include "absl/strings/str_cat.h"
#include "backends/abi/base.h"
#include "backends/ascend/current_device.h"

namespace l3link {
namespace {

// The largest alignment that a channel may ask for its payloads (lane_geometry.h); lines and words need less.
constexpr uint64_t kAlignment = 512;

}  // namespace

absl::StatusOr<std::unique_ptr<DeviceArena>> DeviceArena::Make(const AscendApi& api, int device, uint64_t bytes) {
  std::unique_ptr<DeviceArena> arena(new DeviceArena(api, device, bytes));
  absl::Status status = arena->Allocate();
  if (status.ok()) status = arena->Register();
  if (!status.ok()) return status;
  return arena;
}

absl::Status DeviceArena::Allocate() {
  const CurrentDevice current(api_, device_);
  if (!current.status().ok()) return current.status();
  void* memory = nullptr;
  const int code = api_.malloc(&memory, bytes_, kHugePagesFirst);
  if (code == 0 && memory != nullptr) {
    device_memory_ = memory;
    return absl::OkStatus();
  }
  const std::string what =
      absl::StrCat("device ", device_, ": aclrtMalloc of ", bytes_, " bytes failed with ", code, " (--arena-bytes)");
  return code == kAclMemoryAllocation ? absl::ResourceExhaustedError(what) : absl::UnavailableError(what);
}

absl::Status DeviceArena::Register() {
  void* host = nullptr;
  const int code = api_.host_register(device_memory_, bytes_, kMapDeviceMemoryToHost, device_, &host);
  if (code != 0 || host == nullptr) {
    return absl::UnavailableError(absl::StrCat("device ", device_, ": halHostRegister of ", bytes_,
                                               " bytes failed with ", code, host == nullptr ? ", no address" : ""));
  }
  host_ = host;
  if (reinterpret_cast<uintptr_t>(host_) % kAlignment == 0 && device_address() % kAlignment == 0)
    return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("device ", device_, ": memory at 0x", absl::Hex(device_address()),
                                             ", mapped to 0x", absl::Hex(reinterpret_cast<uintptr_t>(host_)),
                                             ", is not aligned to ", kAlignment));
}

DeviceArena::~DeviceArena() {
  if (host_ != nullptr) api_.host_unregister(host_, device_);
  if (device_memory_ == nullptr) return;
  const CurrentDevice current(api_, device_);
  api_.free(device_memory_);
}

void DeviceArena::Zero(uint64_t offset, uint64_t bytes) {
  uint64_t* const words = reinterpret_cast<uint64_t*>(memory().data() + offset);
  for (uint64_t i = 0; i < bytes / sizeof(uint64_t); ++i) l3_store_relaxed_u64(&words[i], 0);
}

}  // namespace l3link
