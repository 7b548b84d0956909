/* A chip program's view of a region: its data in place, and its signals.
 *
 * Included by chip programs, on the thread that owns the struct l3_chip. Data written before l3_notify is visible to a
 * host that has seen the new value, and the other way round for l3_signal_load and l3_test. Nothing blocks; wait with
 * l3_wait_signal (chip_wait.h). */
#ifndef L3LINK_BACKENDS_ABI_CHIP_REGION_H_
#define L3LINK_BACKENDS_ABI_CHIP_REGION_H_

#include "backends/abi/chip.h"
#include "backends/abi/region_layout.h"

struct l3_region {
  struct l3_chip* chip;
  struct l3_object object;      /* its directory entry, copied */
  struct l3_region_shape shape; /* a private, checked copy */
  struct l3_region_head* head;
  const uint8_t* writers;
  struct l3_signal* signals;
  uint8_t* data; /* shape.data_bytes of it */
  uint32_t rung;
  uint32_t seen;
};

/* L3_EINVAL: not a region. L3_ECLOSED: gone meanwhile. L3_ECORRUPT: its shape is impossible. Tells the host to look. */
static inline int l3_region_open(struct l3_chip* chip, const struct l3_object* object, struct l3_region* region) {
  const struct l3_directory_entry* entry = &object->entry;
  struct l3_region_shape* shape = &region->shape;
  uint8_t* at = chip->base + entry->offset;
  if (entry->kind != L3_OBJECT_REGION) return L3_EINVAL;
  if (entry->bytes < sizeof(struct l3_region_head)) return L3_ECORRUPT;
  __builtin_memcpy(shape, at, sizeof(*shape));
  l3_fence_acquire(); /* the copy is from before this look */
  if (!l3_object_is_current(chip, object->index, entry->generation)) return L3_ECLOSED;
  if (shape->generation != entry->generation || shape->signals_at != l3_region_signals_at(shape->signal_count) ||
      shape->data_at != l3_region_data_at(shape->signal_count) || shape->data_at > entry->bytes ||
      shape->data_bytes > entry->bytes - shape->data_at)
    return L3_ECORRUPT;
  region->chip = chip;
  region->object = *object;
  region->head = (struct l3_region_head*)(void*)at;
  region->writers = at + L3_REGION_WRITERS_AT;
  region->signals = (struct l3_signal*)(void*)(at + shape->signals_at);
  region->data = at + shape->data_at;
  region->seen = l3_load_acquire_u32(&region->head->host.rung);
  l3_store_relaxed_u32(&region->head->chip.seen, region->seen);
  region->rung = l3_load_relaxed_u32(&region->head->chip.rung) + 1;
  l3_store_release_u32(&region->head->chip.rung, region->rung);
  l3_fence_full(); /* (1) of doorbell.h: the first test sees whatever the host did not ring for */
  l3_call_host(chip);
  return L3_OK;
}

static inline int l3_region_closed(const struct l3_region* region) {
  return !l3_object_is_current(region->chip, region->object.index, region->object.entry.generation);
}

/* Asks to be rung at the host's next notify. Before the tests that a sleep relies on. */
static inline void l3_region_look(struct l3_region* region) {
  l3_look(&region->head->host.rung, &region->head->chip.seen, &region->seen);
}

/* L3_OK and the signal's value now (acquire), or L3_ENOENT. */
static inline int l3_signal_load(const struct l3_region* region, uint32_t signal, uint64_t* value) {
  if (signal >= region->shape.signal_count) return L3_ENOENT;
  *value = l3_load_acquire_u64(&region->signals[signal].value);
  return L3_OK;
}

/* L3_OK when the signal compares to `target` so (L3_GE, ...), L3_AGAIN when not, L3_ENOENT. */
static inline int l3_test(const struct l3_region* region, uint32_t signal, uint32_t comparison, uint64_t target) {
  uint64_t value;
  int code = l3_signal_load(region, signal, &value);
  if (code != L3_OK) return code;
  return l3_compare(value, comparison, target) ? L3_OK : L3_AGAIN;
}

/* Changes a signal after all earlier writes of data, and rings. L3_ENOENT; L3_EINVAL: the host alone writes it, or an
 * unknown operation; L3_EUNSHARED; L3_ECLOSED. */
static inline int l3_notify(struct l3_region* region, uint32_t signal, uint32_t operation, uint64_t value) {
  if (signal >= region->shape.signal_count) return L3_ENOENT;
  if (l3_region_closed(region)) return L3_ECLOSED;
  uint8_t writer = __atomic_load_n(&region->writers[signal], __ATOMIC_RELAXED);
  uint64_t* word = &region->signals[signal].value;
  uint64_t old = l3_load_relaxed_u64(word);
  if (!(writer & L3_WRITER_CHIP)) return L3_EINVAL;
  if (operation != L3_NOTIFY_SET && writer == L3_WRITER_BOTH && !region->chip->platform.shared_rmw) return L3_EUNSHARED;
  switch (operation) { /* every store: release, pairs with the acquire of whoever waits for the value */
    case L3_NOTIFY_SET: l3_store_release_u64(word, value); break;
    case L3_NOTIFY_ADD:
      if (writer == L3_WRITER_BOTH)
        __atomic_fetch_add(word, value, __ATOMIC_RELEASE);
      else
        l3_store_release_u64(word, old + value);
      break;
    case L3_NOTIFY_MAX:
      if (writer == L3_WRITER_BOTH) {
        while (old < value && !__atomic_compare_exchange_n(word, &old, value, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
        }
      } else {
        l3_store_release_u64(word, old < value ? value : old);
      }
      break;
    default: return L3_EINVAL;
  }
  l3_ring_host(region->chip, &region->head->chip.rung, &region->rung, &region->head->host.seen);
  return L3_OK;
}

#endif /* L3LINK_BACKENDS_ABI_CHIP_REGION_H_ */
