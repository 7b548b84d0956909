/* A lane under weak memory: one producer, one consumer, both of which may die at any step and open the lane again.
 *
 * Models backends/abi/chip_send.h and chip_receive.h, backends/host/lane_producer.cc and lane_consumer.cc over
 * backends/abi/channel_layout.h. The producer's stores reach memory in any order; only tail, stored with release, waits
 * for all that it publishes (and not for what was staged after it). The consumer's loads are satisfied early, back to its
 * last acquire of tail, or late, up to its next release of head. A death takes along any stores that have not arrived.
 * Since head is the consumer's only store and tail the producer's only release, a store that arrives late is the same as
 * a step taken late: so head and tail have no buffer, and whoever loads them gets what is there.
 *
 * Proved: each message is read whole, in its slot, at its place, in order; no slot or payload is overwritten before head
 * gave it back; the slots of head - 1 and tail - 1 always say where payloads ended; tail - head <= depth; an
 * empty lane takes the largest payload, wherever positions stand.
 *
 * Bounds: lane_depth 2, so 4 slots; a ring of 4 units; payloads of 0, 1 and 2 units; one word is loaded early at a time.
 * Sequences count modulo 4 and positions modulo 8, so runs are of any length, with any number of deaths. Memory that
 * nobody may read, given back by head or left by a death before tail, is wiped.
 * Left out: checksums, routes, the doorbell (doorbell.pml), a lying chip (tests/hostile), resets. Of the producer, loads
 * that are late: the branch on the room there is orders its load of head before its stores on every machine.
 *
 * Mutants, and what rejects each:
 *   MUTANT_TAIL_RELAXED       tail does not wait for what it publishes        slot_is_of_its_sequence
 *   MUTANT_TAIL_NOT_ACQUIRED  words loaded before tail was are used           payload_is_whole
 *   MUTANT_HEAD_RELAXED       head does not wait for payloads to be read      payload_is_whole
 *   MUTANT_DEPTH_SLOTS        lane_depth slots instead of twice as many       slot_is_free
 *   MUTANT_ROOM_FROM_HEAD     room counted from the start of message head     payload_place_is_free
 *   MUTANT_DEPTH_UNCHECKED    staged without looking how many are in there    slot_is_free
 */
#define DEPTH 2
#define RING 4
#define NONE 15 /* no sequence */

#define SEQ(n) ((n) & 3)
#define POS(n) ((n) & 7)
#ifdef MUTANT_DEPTH_SLOTS
#define LAST_SLOT 1
#else
#define LAST_SLOT 3
#endif
#define SLOT(n) ((n) & LAST_SLOT)
#define PLACE(position) ((position) & 3)

/* A descriptor is two words: its sequence, and its position and size together. They are stored apart. */
#define WHERE(position, size) ((position) * 4 + (size))
#define END_OF(where) POS((where) / 4 + (where) % 4)
/* Where a payload of `size` units goes whose predecessor ended at `end`: whole, so perhaps at the ring's start. */
#define POSITION(end, size) POS((end) + (PLACE(end) + (size) > RING -> RING - PLACE(end) : 0))

#define must(name, condition) name = (condition); assert(name)
hidden byte slot_is_of_its_sequence, place_is_as_computed, payload_is_whole, tail_is_within_depth, slot_is_free;
hidden byte payload_place_is_free, predecessor_of_tail_is_whole, predecessor_of_head_is_whole;
hidden byte an_empty_lane_takes_the_largest;

/* Memory. Message -1, of no size, ends at position 0: so no side needs a case for an empty past. */
#ifdef MUTANT_DEPTH_SLOTS
byte sequence_at[4] = { NONE, 3, NONE, NONE };
#else
byte sequence_at[4] = { NONE, NONE, NONE, 3 };
#endif
byte where_at[4];
byte unit[RING] = { NONE, NONE, NONE, NONE }; /* of the payload ring: the sequence of the payload that lies there */
byte tail, head;

/* The producer: what it has staged, and which of those words have not arrived. */
byte staged, staged_end;
short waiting; /* bits 0-3: sequences, 4-7: positions and sizes, 8-11: payload units */
byte new_sequence[4], new_where[4], new_unit[RING];
byte tail_end, head_end; /* where messages tail - 1 and head - 1 ended: to compare with */

/* The consumer: its counts, a word loaded early, and payload units that it asked for and has not got. */
byte taken, tail_seen, end_before;
byte early = NONE, early_value; /* of message `taken`: 0 the sequence, 1 the position and size, 2 the next payload unit */
byte wanted[RING] = { NONE, NONE, NONE, NONE };

#define IS_KEPT(slot) (((slot) + 1 - head) & LAST_SLOT) <= SEQ(tail - head)
#define LIES_AT(n, place) (PLACE((place) - where_at[SLOT(n)] / 4) < where_at[SLOT(n)] % 4)
#define IS_IN_USE(place)                                                                  \
  ((tail != head && LIES_AT(head, place)) || (SEQ(tail - head) == 2 && LIES_AT(head + 1, place)))

#define SEQUENCE_ARRIVES(slot)                                                             \
  d_step { (waiting & (1 << (slot))) -> must(slot_is_free, !(IS_KEPT(slot)));              \
           sequence_at[slot] = new_sequence[slot]; new_sequence[slot] = 0; waiting = waiting & ~(1 << (slot)) }
#define WHERE_ARRIVES(slot)                                                                \
  d_step { (waiting & (16 << (slot))) -> must(slot_is_free, !(IS_KEPT(slot)));             \
           where_at[slot] = new_where[slot]; new_where[slot] = 0; waiting = waiting & ~(16 << (slot)) }
#define UNIT_ARRIVES(place)                                                                \
  d_step { (waiting & (256 << (place))) -> must(payload_place_is_free, !IS_IN_USE(place)); \
           unit[place] = new_unit[place]; new_unit[place] = 0; waiting = waiting & ~(256 << (place)) }

active proctype store_buffer() {
end:
  do
  :: SEQUENCE_ARRIVES(0)
  :: SEQUENCE_ARRIVES(1)
  :: SEQUENCE_ARRIVES(2)
  :: SEQUENCE_ARRIVES(3)
  :: WHERE_ARRIVES(0)
  :: WHERE_ARRIVES(1)
  :: WHERE_ARRIVES(2)
  :: WHERE_ARRIVES(3)
  :: UNIT_ARRIVES(0)
  :: UNIT_ARRIVES(1)
  :: UNIT_ARRIVES(2)
  :: UNIT_ARRIVES(3)
  od
}

#ifdef MUTANT_ROOM_FROM_HEAD
#define FREED_END (tail == head -> tail_end : POS(where_at[SLOT(head)] / 4 + where_at[SLOT(head)] % 4))
#else
#define FREED_END END_OF(where_at[SLOT(head - 1)])
#endif
#ifdef MUTANT_DEPTH_UNCHECKED
#define HAS_SLOT (SEQ(staged - tail) < DEPTH)
#else
#define HAS_SLOT (SEQ(staged - head) < DEPTH)
#endif
#define HAS_PLACES(size) (POS(POSITION(staged_end, size) + (size) - FREED_END) <= RING)
/* One store a word at a time waits: the word is not on its way already. */
#define ARRIVED(size, n) ((size) <= (n) || !(waiting & (256 << PLACE(POSITION(staged_end, size) + (n)))))
#define CAN_STAGE(size)                                                                            \
  (HAS_SLOT && HAS_PLACES(size) && !(waiting & (17 << SLOT(staged))) && ARRIVED(size, 0) && ARRIVED(size, 1))

#define STORE_UNIT(at) new_unit[PLACE(at)] = staged; waiting = waiting | (256 << PLACE(at))
#define STAGE(size)                                                                                \
  d_step {                                                                                         \
    CAN_STAGE(size) -> at = POSITION(staged_end, size);                                            \
    if :: size > 0 -> STORE_UNIT(at) :: else -> skip fi;                                           \
    if :: size > 1 -> STORE_UNIT(at + 1) :: else -> skip fi;                                       \
    new_sequence[SLOT(staged)] = staged; new_where[SLOT(staged)] = WHERE(at, size);                \
    waiting = waiting | (17 << SLOT(staged)); staged_end = POS(at + size); staged = SEQ(staged + 1); at = 0 }

/* Message n's words have arrived. Those of a message that is not published are nobody else's. */
#ifdef MUTANT_TAIL_RELAXED
#define IS_WHOLE(n) true
#else
#define UNIT_IS_HERE(n, place) (!(waiting & (256 << (place))) || new_unit[place] != SEQ(n))
#define IS_WHOLE(n)                                                                                \
  (!(waiting & (17 << SLOT(n))) && UNIT_IS_HERE(n, 0) && UNIT_IS_HERE(n, 1) && UNIT_IS_HERE(n, 2) && UNIT_IS_HERE(n, 3))
#endif
#define PUBLISH(count) tail = SEQ(tail + count); tail_end = END_OF(where_at[SLOT(tail - 1)])

active proctype producer() {
  byte at;
  do
  :: STAGE(0)
  :: STAGE(1)
  :: STAGE(2)
  :: d_step { staged != tail && IS_WHOLE(tail) -> PUBLISH(1) }
  :: d_step { SEQ(staged - tail) == 2 && IS_WHOLE(tail) && IS_WHOLE(tail + 1) -> PUBLISH(2) } /* a batch */
  :: d_step { true -> /* dies; the next one opens the lane at the ring's own positions */
              waiting = 0;
              for (at : 0 .. 3) {
                new_sequence[at] = 0; new_where[at] = 0; new_unit[at] = 0;
                if :: !(IS_KEPT(at)) -> sequence_at[at] = NONE; where_at[at] = 0 :: else -> skip fi;
                if :: !(IS_IN_USE(at)) -> unit[at] = NONE :: else -> skip fi
              }
              at = 0;
              staged = tail; staged_end = END_OF(where_at[SLOT(tail - 1)]);
              must(predecessor_of_tail_is_whole, sequence_at[SLOT(tail - 1)] == SEQ(tail - 1) && staged_end == tail_end);
              must(predecessor_of_head_is_whole,
                   sequence_at[SLOT(head - 1)] == SEQ(head - 1) && END_OF(where_at[SLOT(head - 1)]) == head_end);
              must(an_empty_lane_takes_the_largest, tail != head || (HAS_SLOT && HAS_PLACES(2))) }
  od
}

#define WANT(n) wanted[PLACE(now / 4 + n)] = taken
#define GOT_ALL (wanted[0] == NONE && wanted[1] == NONE && wanted[2] == NONE && wanted[3] == NONE)
#define WIPE_UNIT(place) unit[place] = (LIES_AT(head, place) -> NONE : unit[place])

active proctype consumer() {
  byte now;
  do
  :: d_step { tail_seen != tail -> tail_seen = tail;
              must(tail_is_within_depth, SEQ(tail - head) <= DEPTH);
#ifndef MUTANT_TAIL_NOT_ACQUIRED
              early = NONE; early_value = 0
#endif
     }
  :: d_step { taken != tail_seen ->
              now = (early == 0 -> early_value : sequence_at[SLOT(taken)]);
              must(slot_is_of_its_sequence, now == taken);
              now = (early == 1 -> early_value : where_at[SLOT(taken)]);
              must(place_is_as_computed, now / 4 == POSITION(end_before, now % 4));
              if
              :: now % 4 > 0 && early == 2 && PLACE(now / 4) == PLACE(end_before) ->
                 must(payload_is_whole, early_value == taken)
              :: now % 4 > 0 && !(early == 2 && PLACE(now / 4) == PLACE(end_before)) -> WANT(0)
              :: else -> skip
              fi;
              if :: now % 4 > 1 -> WANT(1) :: else -> skip fi;
              end_before = END_OF(now); taken = SEQ(taken + 1); early = NONE; early_value = 0; now = 0 }
#ifdef MUTANT_HEAD_RELAXED
  :: d_step { head != taken ->
#else
  :: d_step { head != taken && GOT_ALL ->
#endif
              WIPE_UNIT(0); WIPE_UNIT(1); WIPE_UNIT(2); WIPE_UNIT(3);
              sequence_at[SLOT(head - 1)] = NONE; where_at[SLOT(head - 1)] = 0;
              head_end = END_OF(where_at[SLOT(head)]); head = SEQ(head + 1) }
  :: d_step { true -> /* dies; the next one begins at the ring's own head */
              taken = head; tail_seen = head; early = NONE; early_value = 0;
              wanted[0] = NONE; wanted[1] = NONE; wanted[2] = NONE; wanted[3] = NONE;
              end_before = END_OF(where_at[SLOT(head - 1)]);
              must(predecessor_of_head_is_whole, sequence_at[SLOT(head - 1)] == SEQ(head - 1) && end_before == head_end) }
  od
}

#define UNIT_IS_LOADED(place)                                                                      \
  d_step { wanted[place] != NONE -> must(payload_is_whole, unit[place] == wanted[place]); wanted[place] = NONE }

active proctype consumer_loads() {
end:
  do
  :: d_step { early == NONE -> early = 0; early_value = sequence_at[SLOT(taken)] }
  :: d_step { early == NONE -> early = 1; early_value = where_at[SLOT(taken)] }
  :: d_step { early == NONE -> early = 2; early_value = unit[PLACE(end_before)] }
  :: UNIT_IS_LOADED(0)
  :: UNIT_IS_LOADED(1)
  :: UNIT_IS_LOADED(2)
  :: UNIT_IS_LOADED(3)
  od
}
