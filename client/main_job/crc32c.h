// CRC-32C (Castagnoli, RFC 3720 appendix B.4), computed here on purpose: what checks the chip must share no code with it.
#ifndef L3LINK_CLIENT_MAIN_JOB_CRC32C_H_
#define L3LINK_CLIENT_MAIN_JOB_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace l3link::main_job {

uint32_t Crc32c(absl::string_view bytes);

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_CRC32C_H_
