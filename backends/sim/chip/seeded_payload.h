// The payloads that program source makes and program sink expects: known to both ends from (seed, lane, sequence) alone.
//
// As 64-bit little-endian words, cut to the message's size: word 0 is the sequence; word i > 0 is the finaliser of
// SplitMix64 (Steele, Lea, Flood 2014) over seed + 0x9e3779b97f4a7c15 x (lane x 2^48 + sequence x 2^16 + i), so that a
// message of another lane, sequence or place differs in every word. Pure functions.
#ifndef L3LINK_BACKENDS_SIM_CHIP_SEEDED_PAYLOAD_H_
#define L3LINK_BACKENDS_SIM_CHIP_SEEDED_PAYLOAD_H_

#include <cstdint>

#include "absl/types/span.h"

namespace l3link {

void FillSeededPayload(uint64_t seed, uint32_t lane, uint64_t sequence, absl::Span<uint8_t> out);
bool IsSeededPayload(uint64_t seed, uint32_t lane, uint64_t sequence, absl::Span<const uint8_t> payload);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_SEEDED_PAYLOAD_H_
