// The payloads that program source makes and program sink expects: known to both ends from (seed, lane, sequence) alone.
//
// As 64-bit little-endian words, cut to the message's size: word 0 is the sequence; word i > 0 is b + i x g, where b is the
// finaliser of SplitMix64 (Steele, Lea, Flood 2014) over seed + g x (lane x 2^48 + sequence) and g its golden gamma. So a
// message of another lane or sequence differs in every word, and a word at another place is another one, while checking costs
// an addition a word: the chip's time is not what a stream is to be measured by. Pure functions.
#ifndef L3LINK_BACKENDS_SIM_CHIP_SEEDED_PAYLOAD_H_
#define L3LINK_BACKENDS_SIM_CHIP_SEEDED_PAYLOAD_H_

#include <cstdint>

#include "absl/types/span.h"

namespace l3link {

void FillSeededPayload(uint64_t seed, uint32_t lane, uint64_t sequence, absl::Span<uint8_t> out);
bool IsSeededPayload(uint64_t seed, uint32_t lane, uint64_t sequence, absl::Span<const uint8_t> payload);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_SEEDED_PAYLOAD_H_
