// CRC-32C of payloads, continued over their pieces: as l3_crc32c_extend, and for large ones some times as fast.
#ifndef L3LINK_BACKENDS_HOST_PAYLOAD_CRC_H_
#define L3LINK_BACKENDS_HOST_PAYLOAD_CRC_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace l3link {

// `crc`: of the bytes before, 0 for none.
uint32_t ExtendPayloadCrc(uint32_t crc, absl::Span<const std::byte> bytes);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_PAYLOAD_CRC_H_
