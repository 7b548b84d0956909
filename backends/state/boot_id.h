// Which boot of the kernel this is: what is kept in memory is of no use to the next one.
#ifndef L3LINK_BACKENDS_STATE_BOOT_ID_H_
#define L3LINK_BACKENDS_STATE_BOOT_ID_H_

#include <array>
#include <cstdint>
#include <string>

namespace l3link {

// Source: /proc/sys/kernel/random/boot_id. Empty where that cannot be read.
std::string BootIdText();
// Its 16 bytes; zeros where it cannot be read.
std::array<uint8_t, 16> BootId();

}  // namespace l3link

#endif  // L3LINK_BACKENDS_STATE_BOOT_ID_H_
