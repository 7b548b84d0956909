// An arena in the memory of a device, mapped into this process: allocated and registered as one, given back as one.
//
// Owned by AscendPlatform; made and ended under its ChipWorker's start and end, zeroed under the chip worker's lock.
//
// The host's mapping leads over a bus. What that asks of whoever touches it, on aarch64 above all:
//   - Every word that both sides know is stored and loaded whole and aligned, by l3_store_* and l3_load_*. Release and acquire
//     order what is before and after them for the device too; where a fence is needed it is l3_fence_* (base.h), which reaches
//     beyond the host's inner shareable domain, not the language's own.
//   - No read-modify-write: the bus may not carry it, and the processor faults. So the platform reports shared_rmw = false
//     (ADD and MAX of signals that both write are refused), and the host stores its doorbell word (HostBell).
//   - No futex: the kernel finds no page of its own behind the word. Both sides look at their word instead of sleeping on it.
//   - Payloads are copied by memcpy, which may touch unaligned and overlapping words. So the mapping must be Normal memory,
//     cached or write-combining; Device memory would fault.
//   - A load goes to the device and back, some microsecond: hence the host's private copies of its own heads and tails.
#ifndef L3LINK_BACKENDS_ASCEND_DEVICE_ARENA_H_
#define L3LINK_BACKENDS_ASCEND_DEVICE_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backends/ascend/ascend_api.h"

namespace l3link {

class DeviceArena {
 public:
  // `api` outlives it. Whatever it holds is not zeroed yet. RESOURCE_EXHAUSTED: the device's memory is full. UNAVAILABLE: another
  // call failed. Nothing is left allocated or registered then.
  static absl::StatusOr<std::unique_ptr<DeviceArena>> Make(const AscendApi& api, int device, uint64_t bytes);
  // Unregisters, then frees, each whether or not the other succeeds.
  ~DeviceArena();

  DeviceArena(const DeviceArena&) = delete;
  DeviceArena& operator=(const DeviceArena&) = delete;

  absl::Span<std::byte> memory() const { return absl::MakeSpan(static_cast<std::byte*>(host_), bytes_); }
  // Of the same memory, as the chip sees it.
  uint64_t device_address() const { return reinterpret_cast<uint64_t>(device_memory_); }

  // [offset, offset + bytes), multiples of 8 within the arena. Visible to the device before whatever is released afterwards.
  void Zero(uint64_t offset, uint64_t bytes);

 private:
  DeviceArena(const AscendApi& api, int device, uint64_t bytes) : api_(api), device_(device), bytes_(bytes) {}
  absl::Status Allocate();
  absl::Status Register();

  const AscendApi& api_;
  const int device_;
  const uint64_t bytes_;
  void* device_memory_ = nullptr;
  void* host_ = nullptr;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_DEVICE_ARENA_H_
