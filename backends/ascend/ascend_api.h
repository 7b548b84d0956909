// What L3Link calls of the vendor's libraries: the functions, with the values that it passes and meets.
//
// Every one returns 0 when it is done. Where the declarations are from, and for which versions they hold: docs/platforms.md.
#ifndef L3LINK_BACKENDS_ASCEND_ASCEND_API_H_
#define L3LINK_BACKENDS_ASCEND_ASCEND_API_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace l3link {

inline constexpr unsigned kMapDeviceMemoryToHost = 2;  // halHostRegister's flag DEV_SVM_MAP_HOST
inline constexpr int kHugePagesFirst = 0;              // aclrtMalloc's policy ACL_MEM_MALLOC_HUGE_FIRST
inline constexpr int kAclRepeatInitialize = 100002;    // aclInit: somebody in this process has done it
inline constexpr int kAclMemoryAllocation = 207001;    // aclrtMalloc: the device's memory is full

// Complete and immutable once AscendLoader hands it out.
struct AscendApi {
  // libascend_hal.so. *host: where the host sees the n bytes at `device_memory`; that is what unregistering takes.
  int (*host_register)(void* device_memory, size_t n, unsigned flags, int device, void** host) = nullptr;
  int (*host_unregister)(void* host, int device) = nullptr;

  // libascendcl.so. The current device is one of each thread.
  int (*acl_init)(const char* config_path) = nullptr;
  int (*get_device)(int32_t* device) = nullptr;
  int (*set_device)(int32_t device) = nullptr;
  int (*malloc)(void** device_memory, size_t n, int policy) = nullptr;
  int (*free)(void* device_memory) = nullptr;

  std::string hal_place;  // where each was found
  std::string acl_place;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_ASCEND_API_H_
