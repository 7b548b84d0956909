/* A chip program's way into its arena: attach, stay alive, find objects in the directory, follow its changes, detach.
 *
 * Included by chip programs (C11 or C++20, freestanding). One thread owns a struct l3_chip and all views opened from
 * it; a program on several cores gives each core lanes of its own and lets one of them attach, wait and acknowledge.
 *
 *   struct l3_chip chip;
 *   if (l3_attach(&chip, base, bytes, &platform) != L3_OK) ...
 *   open views (chip_lane.h, chip_region.h), work, wait (chip_wait.h); now and then:
 *   if (l3_directory_changed(&chip, &version)) { drop views that are no longer current;
 *                                                l3_directory_acknowledge(&chip, version); open what is new; }
 *   l3_detach(&chip);
 *
 * The chip trusts the host's geometry but bounds it once, so that a foreign file does not make it touch other memory.
 */
#ifndef L3LINK_BACKENDS_ABI_CHIP_H_
#define L3LINK_BACKENDS_ABI_CHIP_H_

#include "backends/abi/arena_layout.h"
#include "backends/abi/chip_codes.h"
#include "backends/abi/doorbell.h"

/* What a chip program needs of its platform. A null function: the platform has no such thing. */
struct l3_platform {
  void* context;
  void (*wake)(void* context, uint32_t* word); /* whoever sleeps on word; null: the host polls */
  /* returns when *word != expected, at a wake, after timeout_us, or early for no reason; null: l3_wait backs off
   * instead */
  void (*sleep)(void* context, const uint32_t* word, uint32_t expected, uint64_t timeout_us);
  void (*relax)(void* context);      /* between two looks */
  uint64_t (*now_us)(void* context); /* monotonic; needed */
  const int* stop;                   /* not 0 there: the program should end; waits answer L3_ESTOPPED; may be null */
  int shared_rmw;                    /* atomic read-modify-write works between chip and host */
  uint32_t pid;                      /* of a simulated chip, else 0 */
};

struct l3_chip {
  uint8_t* base;
  struct l3_arena_header* arena;
  const struct l3_directory_entry* directory;
  uint64_t arena_bytes;
  uint32_t directory_capacity;
  struct l3_platform platform;
  uint64_t heartbeat;
  uint64_t last_beat_us;
  uint64_t directory_ack; /* newest version acknowledged */
};

/* A consistent copy of a directory entry, and where it stands. */
struct l3_object {
  struct l3_directory_entry entry;
  uint32_t index;
};

/* Heartbeats at least this often; l3_wait keeps them, a long computation calls l3_beat itself. */
#define L3_BEAT_US UINT64_C(250000)

static inline uint64_t l3_now_us(const struct l3_chip* chip) { return chip->platform.now_us(chip->platform.context); }

/* Whether the program has been asked to end: let go of the chip and return. */
static inline int l3_stopped(const struct l3_chip* chip) {
  return chip->platform.stop && __atomic_load_n(chip->platform.stop, __ATOMIC_RELAXED);
}

/* Keeps the heartbeat; answers the time. */
static inline uint64_t l3_beat(struct l3_chip* chip) {
  uint64_t now = l3_now_us(chip);
  if (now - chip->last_beat_us < L3_BEAT_US) return now;
  chip->last_beat_us = now;
  l3_store_relaxed_u64(&chip->arena->chip.heartbeat, ++chip->heartbeat);
  return now;
}

/* Makes the host look, whatever it has seen: after changes outside any lane or region. */
static inline void l3_call_host(struct l3_chip* chip) {
  struct l3_doorbell* bell = &chip->arena->to_host;
  l3_fence_full(); /* pairs with the looker's fence (2) of doorbell.h */
  if (!l3_load_relaxed_u32(&bell->armed)) return;
  __atomic_fetch_add(&bell->word, 1u, __ATOMIC_RELEASE);
  if (chip->platform.wake) chip->platform.wake(chip->platform.context, &bell->word);
}

/* l3_ring towards the host, and the wake. */
static inline void l3_ring_host(struct l3_chip* chip, uint32_t* rung, uint32_t* rung_value, const uint32_t* seen) {
  if (l3_ring(rung, rung_value, seen, &chip->arena->to_host) && chip->platform.wake)
    chip->platform.wake(chip->platform.context, &chip->arena->to_host.word);
}

/* L3_AGAIN: the host has not finished the header; try later. L3_EMAGIC, L3_EVERSION, L3_ESIZE: not an arena, another
 * ABI, or not mapped whole. L3_EINVAL: no now_us. On success the chip is running, has no view, and the host has been
 * told. */
static inline int l3_attach(struct l3_chip* chip, void* base, uint64_t bytes, const struct l3_platform* platform) {
  struct l3_arena_header* arena = (struct l3_arena_header*)base;
  const struct l3_arena_identity* identity = &arena->identity;
  struct l3_chip_line* line = &arena->chip;
  uint64_t directory_bytes;
  if (!platform->now_us || (uintptr_t)base % 8 != 0) return L3_EINVAL;
  if (bytes < sizeof(*arena)) return L3_ESIZE;
  uint64_t magic = l3_load_acquire_u64(&identity->magic); /* pairs with the host's release: the identity is whole */
  if (magic == 0) return L3_AGAIN;
  if (magic != L3_ARENA_MAGIC) return L3_EMAGIC;
  if (identity->abi_version != L3_ABI_VERSION || identity->entry_bytes != sizeof(struct l3_directory_entry))
    return L3_EVERSION;
  directory_bytes = (uint64_t)identity->directory_capacity * sizeof(struct l3_directory_entry);
  if (identity->arena_bytes > bytes || identity->directory_at % 64 != 0 || identity->directory_at < sizeof(*arena) ||
      identity->directory_at > identity->arena_bytes ||
      identity->arena_bytes - identity->directory_at < directory_bytes)
    return L3_ESIZE;

  chip->base = (uint8_t*)base;
  chip->arena = arena;
  chip->directory = (const struct l3_directory_entry*)(const void*)(chip->base + identity->directory_at);
  chip->arena_bytes = identity->arena_bytes;
  chip->directory_capacity = identity->directory_capacity;
  chip->platform = *platform;
  chip->heartbeat = l3_load_relaxed_u64(&line->heartbeat) + 1;
  chip->last_beat_us = l3_now_us(chip);
  chip->directory_ack = l3_load_acquire_u64(&arena->host.directory_version);
  l3_store_relaxed_u32(&line->pid, platform->pid);
  l3_store_relaxed_u32(&line->chip_flags, platform->wake ? (uint32_t)L3_CHIP_CAN_WAKE : 0u);
  l3_store_relaxed_u32(&arena->to_chip.armed, 0); /* whoever slept here before is gone */
  l3_store_release_u64(&line->directory_ack, chip->directory_ack);
  l3_store_relaxed_u64(&line->heartbeat, chip->heartbeat);
  l3_store_release_u64(&line->attach_count, l3_load_relaxed_u64(&line->attach_count) + 1);
  l3_store_release_u32(&line->chip_state, L3_CHIP_RUNNING);
  l3_call_host(chip);
  return L3_OK;
}

/* A clean end. All views are invalid from here on. */
static inline void l3_detach(struct l3_chip* chip) {
  l3_store_relaxed_u32(&chip->arena->to_chip.armed, 0);
  l3_store_release_u32(&chip->arena->chip.chip_state, L3_CHIP_DETACHED);
  l3_call_host(chip);
}

/* Whether the directory has changed since the last acknowledgement; *version is what to acknowledge. */
static inline int l3_directory_changed(const struct l3_chip* chip, uint64_t* version) {
  *version = l3_load_acquire_u64(&chip->arena->host.directory_version); /* pairs with the host's release */
  return *version != chip->directory_ack;
}

/* The program has dropped every view that was not current at `version`: the host may use their memory again. */
static inline void l3_directory_acknowledge(struct l3_chip* chip, uint64_t version) {
  chip->directory_ack = version;
  l3_store_release_u64(&chip->arena->chip.directory_ack, version); /* the host's acquire: our last use is over */
  l3_call_host(chip);
}

typedef uint64_t __attribute__((may_alias)) l3_word; /* to copy structs word by word */

/* Copies entry `index` if it is whole and within the arena: L3_OK, L3_ENOENT (free, or being changed) or L3_ECORRUPT.
 */
static inline int l3_read_entry(const struct l3_chip* chip, uint32_t index, struct l3_object* object) {
  const struct l3_directory_entry* shared = &chip->directory[index];
  uint64_t words[sizeof(struct l3_directory_entry) / 8];
  uint64_t generation = l3_load_acquire_u64(&shared->generation); /* pairs with the host's release of a whole entry */
  if (generation == 0) return L3_ENOENT;
  for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i)
    words[i] = __atomic_load_n((const l3_word*)(const void*)shared + i, __ATOMIC_RELAXED);
  l3_fence_acquire(); /* the copy is from before the second look at the generation */
  if (l3_load_relaxed_u64(&shared->generation) != generation) return L3_ENOENT;
  __builtin_memcpy(&object->entry, words, sizeof(words));
  object->entry.name[L3_NAME_BYTES - 1] = 0;
  object->index = index;
  if (object->entry.offset % L3_PAGE_BYTES != 0 || object->entry.offset > chip->arena_bytes ||
      object->entry.bytes > chip->arena_bytes - object->entry.offset)
    return L3_ECORRUPT;
  return L3_OK;
}

/* Steps through the objects of one kind (0: of every kind): start with *cursor = 0; L3_ENOENT at the end. Entries that
 * are being changed are left out: directory_version will tell. */
static inline int l3_next_object(const struct l3_chip* chip, uint32_t kind, uint32_t* cursor,
                                 struct l3_object* object) {
  uint32_t used = l3_load_acquire_u32(&chip->arena->host.directory_used);
  if (used > chip->directory_capacity) used = chip->directory_capacity;
  while (*cursor < used) {
    uint32_t index = (*cursor)++;
    if (l3_read_entry(chip, index, object) == L3_OK && (kind == 0 || object->entry.kind == kind)) return L3_OK;
  }
  return L3_ENOENT;
}

static inline int l3_same_name(const char* one, const char* other) {
  while (*one && *one == *other) ++one, ++other;
  return *one == *other;
}

static inline int l3_find_by_name(const struct l3_chip* chip, uint32_t kind, const char* name,
                                  struct l3_object* object) {
  uint32_t cursor = 0;
  while (l3_next_object(chip, kind, &cursor, object) == L3_OK)
    if (l3_same_name(object->entry.name, name)) return L3_OK;
  return L3_ENOENT;
}

static inline int l3_find_by_id(const struct l3_chip* chip, uint64_t generation, struct l3_object* object) {
  uint32_t cursor = 0;
  while (l3_next_object(chip, 0, &cursor, object) == L3_OK)
    if (object->entry.generation == generation) return L3_OK;
  return L3_ENOENT;
}

/* Whether the object is still in the directory. Views check it by themselves when directory_version has moved. */
static inline int l3_object_is_current(const struct l3_chip* chip, uint32_t index, uint64_t generation) {
  return l3_load_acquire_u64(&chip->directory[index].generation) == generation;
}

#endif /* L3LINK_BACKENDS_ABI_CHIP_H_ */
