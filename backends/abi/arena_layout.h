/* What lies at the start of an arena: who is there, the doorbells, and the directory of objects.
 *
 *        0  +------------------------------------------------+
 *           | identity   written once by the host            |
 *      256  +------------------------------------------------+
 *           | chip line  written by the chip                 |
 *      384  +------------------------------------------------+
 *           | host line  written by the host                 |
 *      512  +------------------------------------------------+
 *           | to_chip: word (host) | armed (chip)            |   one doorbell each way,
 *           | to_host: word (chip) | armed (host)            |   every word on its writer's line
 *     4096  +------------------------------------------------+
 *           | directory  host-written entries of 128 bytes   |
 *  data_at  +------------------------------------------------+
 *           | channels and regions, each from a page         |
 *           +------------------------------------------------+  arena_bytes
 *
 * All offsets are from the arena's base; a chip address is device_base + offset. Little-endian.
 *
 * A change of the directory: the host writes entries, then stores directory_version + 1 (release). The chip that has
 * dropped every view older than version V stores directory_ack = V (release): only then is memory of objects closed or
 * lanes reset up to V used again. A chip program that attaches anew (attach_count + 1) has no older view either. */
#ifndef L3LINK_BACKENDS_ABI_ARENA_LAYOUT_H_
#define L3LINK_BACKENDS_ABI_ARENA_LAYOUT_H_

#include "backends/abi/base.h"

#define L3_ARENA_MAGIC UINT64_C(0x6b6e694c334c2a01) /* 01 '*' "L3Link" in memory order */
#define L3_NAME_BYTES 48u                           /* with the closing zero */

enum { L3_CHIP_ABSENT = 0, L3_CHIP_RUNNING = 1, L3_CHIP_DETACHED = 2 };
enum { L3_HOST_STARTING = 0, L3_HOST_SERVING = 1, L3_HOST_STOPPED = 2 };
/* chip_flags */
enum { L3_CHIP_CAN_WAKE = 1u }; /* its platform can wake a futex; else the host polls to_host.word */

struct l3_arena_identity {
  uint64_t magic; /* stored last, with release: the identity is whole */
  uint32_t abi_version;
  uint32_t entry_bytes; /* sizeof(struct l3_directory_entry) */
  uint64_t arena_bytes;
  uint64_t device_base;
  uint64_t directory_at; /* offset of entry 0 */
  uint64_t data_at;      /* offset of the first page that objects may use */
  uint32_t directory_capacity;
  uint32_t reserved0;
  uint64_t generation; /* of the arena: changes when it is made anew */
  uint8_t boot_id[16];
  uint8_t pairing_id[16]; /* the same in the host's private journal */
  char platform[16];      /* "a2a3sim" */
  uint32_t chip_index;    /* of this chip on its platform */
  uint32_t core_count;
  uint8_t reserved1[256 - 120];
};

struct l3_chip_line {
  uint32_t chip_state;
  uint32_t chip_flags;
  uint64_t heartbeat;     /* changes at least once a second while the program lives */
  uint64_t attach_count;  /* one more at each attach */
  uint64_t directory_ack; /* newest directory_version of which no older view is left */
  uint32_t pid;           /* of a simulated chip's process; for people */
  uint8_t reserved[L3_LINE_BYTES - 36];
};

struct l3_host_line {
  uint32_t host_state;
  uint32_t directory_used; /* entries from here on were never used */
  uint64_t heartbeat;
  uint64_t directory_version;
  uint8_t reserved[L3_LINE_BYTES - 24];
};

/* An eventcount: see doorbell.h for its protocol. */
struct l3_doorbell {
  uint32_t word; /* the ringer's; a futex where the platform has one */
  uint8_t reserved0[L3_LINE_BYTES - 4];
  uint32_t armed; /* the sleeper's */
  uint8_t reserved1[L3_LINE_BYTES - 4];
};

struct l3_arena_header {
  struct l3_arena_identity identity;
  struct l3_chip_line chip;
  struct l3_host_line host;
  struct l3_doorbell to_chip;
  struct l3_doorbell to_host;
  uint8_t reserved[L3_PAGE_BYTES - 1024];
};

enum { L3_OBJECT_CHANNEL = 1, L3_OBJECT_REGION = 2 };

/* One object. The host changes an entry under `generation`: stores 0, writes the rest, stores the new one with release.
 * A reader loads it with acquire, copies, and believes the copy only if it is not 0 and is still the same after an
 * acquire fence. */
struct l3_directory_entry {
  uint64_t generation; /* the object's id: unique in this arena's life; 0: free, or being changed */
  uint32_t kind;
  uint32_t reserved0;
  uint64_t offset;
  uint64_t bytes;
  char name[L3_NAME_BYTES];
  uint8_t reserved1[128 - 80];
};

L3_STATIC_ASSERT(sizeof(struct l3_arena_identity) == 256, "identity");
L3_STATIC_ASSERT(offsetof(struct l3_arena_identity, boot_id) == 64, "identity");
L3_STATIC_ASSERT(offsetof(struct l3_arena_identity, core_count) == 116, "identity");
L3_STATIC_ASSERT(sizeof(struct l3_chip_line) == L3_LINE_BYTES, "chip line");
L3_STATIC_ASSERT(sizeof(struct l3_host_line) == L3_LINE_BYTES, "host line");
L3_STATIC_ASSERT(sizeof(struct l3_doorbell) == 2 * L3_LINE_BYTES, "doorbell");
L3_STATIC_ASSERT(offsetof(struct l3_arena_header, chip) == 256, "header");
L3_STATIC_ASSERT(offsetof(struct l3_arena_header, host) == 384, "header");
L3_STATIC_ASSERT(offsetof(struct l3_arena_header, to_chip) == 512, "header");
L3_STATIC_ASSERT(offsetof(struct l3_arena_header, to_host) == 768, "header");
L3_STATIC_ASSERT(sizeof(struct l3_arena_header) == L3_PAGE_BYTES, "header");
L3_STATIC_ASSERT(sizeof(struct l3_directory_entry) == 128, "entry");
L3_STATIC_ASSERT(offsetof(struct l3_directory_entry, name) == 32, "entry");

#endif /* L3LINK_BACKENDS_ABI_ARENA_LAYOUT_H_ */
