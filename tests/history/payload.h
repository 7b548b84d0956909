// Payloads that can be computed from who sent them and where: what a checker needs to know every byte and remember none.
//
// A keyed pseudo-random function of the identity gives size and bytes. Used by whoever sends and by the checker; knows
// nothing of lanes, nodes or the client library. Stateless; any thread.
#ifndef L3LINK_TESTS_HISTORY_PAYLOAD_H_
#define L3LINK_TESTS_HISTORY_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace l3link::history {

inline constexpr size_t kMostPayloadBytes = 4096;
inline constexpr size_t kLeastPayloadBytes = 8;  // so that no two identities are likely to look the same

struct Identity {
  uint64_t seed = 0;
  uint32_t lane = 0;
  uint64_t generation = 0;  // of the channel
  uint64_t session = 0;     // WordOf(session id)
  uint64_t sequence = 0;    // position in the lane
};

uint64_t WordOf(std::string_view name);

// Writes the payload to `place`, which has room for kMostPayloadBytes rounded up to 8, and answers its size. Most are below
// 72 bytes, one in 32 below 1.1 KiB, one in 1,024 anything up to the most.
size_t WritePayload(const Identity& identity, char* place);

// A fingerprint of bytes and size.
uint64_t DigestOf(std::string_view bytes);

// DigestOf what WritePayload writes, and its size.
struct Fingerprint {
  uint32_t bytes = 0;
  uint64_t digest = 0;
  bool operator==(const Fingerprint& other) const { return bytes == other.bytes && digest == other.digest; }
};
Fingerprint FingerprintOf(const Identity& identity);

}  // namespace l3link::history

#endif  // L3LINK_TESTS_HISTORY_PAYLOAD_H_
