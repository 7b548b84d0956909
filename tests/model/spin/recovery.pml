/* The sending half across crashes: intent and committed in the journal, tail in the arena, and what recovery makes of them.
 *
 * Models LaneProducer::Stage and Publish (backends/host/lane_producer.cc) and Recover (lane_producer_recovery.cc) with
 * backends/host/journal/ab_record.h and lane_journal.h; server/channel/inbound_lane.cc reports. Fill the slots, journal the
 * intent, store tail, journal committed, report. The record lies in two places, A and B, that are written in turn: its
 * fields in any order, its counter last; a CRC over all of them says whether it is whole. The daemon may be killed at every
 * single store, in recovery too, any number of times. Each time the client that comes next may send something else than
 * what was not reported. The chip takes messages, and may lie: write any value to tail, or spoil a slot.
 *
 * Proved: what was reported is never lost; what the chip could see is counted, so nobody sends it again; an honest chip's
 * lane is never poisoned; a whole record always remains; a tail that is neither committed nor the intent's end poisons, and
 * so does an intent whose slots are not as intended; what a client was told at attach holds.
 *
 * Bounds: 5 messages in batches of 1 or 2; lane_depth 2, so 4 slots; two contents; one lie. An intent's payload end goes
 * with its count here, and its digest is the slots themselves.
 * Left out: weak memory, because a process that is killed leaves behind all that it stored, in order (the compiler's order
 * is kept by the release stores of counter and tail); loss of the host's memory; a head that lies, by which a chip only
 * hurts itself (tests/hostile); sessions (session.pml).
 *
 * Mutants, and what rejects each:
 *   MUTANT_NO_INTENT               publishes without a word before               honest_chips_are_not_poisoned
 *   MUTANT_TAIL_BEFORE_SLOTS       stores tail, then fills the slots             honest_chips_are_not_poisoned
 *   MUTANT_COMMITTED_BEFORE_TAIL   journals committed, then stores tail          honest_chips_are_not_poisoned
 *   MUTANT_REPORT_BEFORE_COMMITTED reports as soon as tail is stored             nothing_reported_is_lost
 *   MUTANT_INTENT_FORGOTTEN        recovery goes back to committed in any case   nothing_seen_is_sent_again
 *   MUTANT_NO_DIGEST               recovery takes the intent's slots unseen      committed_slots_are_as_intended
 *   MUTANT_TAIL_BELIEVED           recovery takes any higher tail for committed  a_wrong_tail_poisons
 *   MUTANT_DROP_NOT_JOURNALED      recovery drops an intent in its head only     what_a_client_was_told_holds
 *   MUTANT_NEWEST_OVERWRITTEN      writes where the newest record lies           a_whole_record_remains
 *   MUTANT_TURN_FORGOTTEN          a new daemon's first record is always B       a_whole_record_remains
 *   MUTANT_TORN_BELIEVED           counter first, and no CRC                     honest_chips_are_not_poisoned
 */
#define MESSAGES 5
#define DEPTH 2
#define SLOT(n) ((n) & 3)
#define LIES 1
#define SPOILT 15

#define must(name, condition) name = (condition); assert(name)
hidden byte honest_chips_are_not_poisoned, nothing_reported_is_lost, nothing_seen_is_sent_again, a_whole_record_remains;
hidden byte committed_slots_are_as_intended, a_wrong_tail_poisons, what_a_client_was_told_holds, chip_takes_what_was_sent;

/* The arena. A slot holds sequence x 2 + content. */
byte slot[4] = SPOILT;
byte tail, head;

/* The journal: records A (0) and B (1). Without an intent, intent is committed and the digest 0. */
byte committed_in[2], intent_in[2], digest_in[2], counter_in[2];
int crc_in[2];
/* Fields that differ make it differ. */
#define CRC(counter, committed, intent, digest) (1 + (counter) + 4 * (committed) + 32 * (intent) + 256 * (digest))
#define IS_WHOLE(r) (crc_in[r] == CRC(counter_in[r], committed_in[r], intent_in[r], digest_in[r]))
#define DIGEST(at, first, end)                                                                     \
  ((end) == (first) -> 0 : at(first) + ((end) - (first) == 2 -> 16 * at((first) + 1) : 0))
#define IN_SLOT(n) slot[SLOT(n)]
#define AS_SENT(n) sent[n]

byte lies;

/* To compare with. */
byte was_committed;      /* by the daemon, as far as it knew */
byte intended;           /* the end of the intent that it last began */
byte reported;           /* the most that any client was told to be in the lane */
bit told_is_the_latest;  /* a client was told at attach where to go on, and no intent was begun since */
byte visible;            /* the highest tail that the daemon stored: the chip may have seen all below */
byte sent[MESSAGES + 1]; /* the slot that message n was to be */

/* Once message n is taken and committed nobody needs it: forgetting it keeps the search small. */
#define FORGET(n)                                                                                            \
  if                                                                                                         \
  :: (n) < head && (n) < was_committed && slot[SLOT(n)] == sent[n] -> slot[SLOT(n)] = SPOILT; sent[n] = 0    \
  :: (n) < head && (n) < was_committed && slot[SLOT(n)] != sent[n] -> sent[n] = 0                            \
  :: else -> skip                                                                                            \
  fi

#define LIE(what) d_step { lies < LIES -> what; lies = lies + 1 }

active proctype chip() {
end:
  do
  :: d_step { lies == 0 && head < tail ->
              must(chip_takes_what_was_sent, head < visible && slot[SLOT(head)] == sent[head]);
              head = head + 1; FORGET(head - 1) }
  :: d_step { lies > 0 && head < tail && head < was_committed -> head = head + 1; FORGET(head - 1) }
  :: LIE(tail = 0)
  :: LIE(tail = 1)
  :: LIE(tail = 2)
  :: LIE(tail = 3)
  :: LIE(tail = 4)
  :: LIE(tail = 5)
  :: LIE(slot[0] = SPOILT)
  :: LIE(slot[1] = SPOILT)
  :: LIE(slot[2] = SPOILT)
  :: LIE(slot[3] = SPOILT)
  od
}

#ifdef MUTANT_NEWEST_OVERWRITTEN
#define NEXT_PLACE place
#else
#define NEXT_PLACE 1 - place
#endif
#ifdef MUTANT_TORN_BELIEVED
#define FIRST_OF_ALL counter_in[place] = next_counter
#define IS_BELIEVED(r) (crc_in[r] != 0)
#else
#define FIRST_OF_ALL skip
#define IS_BELIEVED(r) IS_WHOLE(r)
#endif

/* At every step of the daemon. */
#define OR_DIES                                                                                              \
  :: d_step { todo = 0; next_counter = 0; tail_now = 0; n = 0; committed = 0; intent = 0; digest = 0;        \
              place = 0; counter = 0 }                                                                       \
     goto recover
#define STEP(what) if :: d_step { what } OR_DIES fi
/* A record that is older than a whole one, or torn, is never looked at again. Wiping it keeps the search small. */
#define WIPE(r) committed_in[r] = 0; intent_in[r] = 0; digest_in[r] = 0; counter_in[r] = 0; crc_in[r] = 0
/* Writes a record in the place of the older one. `todo`: a bit a field that is not stored yet. */
#define FIELD(bit_of_it, field, value) d_step { (todo & bit_of_it) -> field[place] = value; todo = todo & ~bit_of_it }
#define JOURNAL(new_committed, new_intent, new_digest, then)                                                 \
  STEP(place = NEXT_PLACE; next_counter = (counter + 1) & 3; todo = 15; FIRST_OF_ALL);                       \
  do                                                                                                         \
  :: FIELD(1, committed_in, new_committed)                                                                   \
  :: FIELD(2, intent_in, new_intent)                                                                         \
  :: FIELD(4, digest_in, new_digest)                                                                         \
  :: FIELD(8, crc_in, CRC(next_counter, new_committed, new_intent, new_digest))                              \
  :: d_step { todo == 0 -> counter_in[place] = next_counter; counter = next_counter; next_counter = 0;       \
              WIPE(1 - place); then } break                                                                  \
  OR_DIES                                                                                                    \
  od
#define JOURNAL_INTENT JOURNAL(committed, intent, digest, skip)
#define JOURNAL_COMMITTED                                                                                    \
  JOURNAL(intent, intent, 0,                                                                                 \
          for (n : committed .. intent - 1) { was_committed = n + 1; FORGET(n) } n = 0;                      \
          was_committed = intent; intended = intent; committed = intent; digest = 0)
#define FILL_SLOTS                                                                                           \
  n = committed;                                                                                             \
  do                                                                                                         \
  :: d_step { n < intent -> slot[SLOT(n)] = sent[n]; n = n + 1 }                                             \
  :: n == intent -> break                                                                                    \
  OR_DIES                                                                                                    \
  od;                                                                                                        \
  n = 0
#define STORE_TAIL STEP(tail = intent; visible = intent)
#define REPORT STEP(reported = intent)

/* Nothing is done with a poisoned lane, until a new daemon looks again. */
#define POISON d_step { must(honest_chips_are_not_poisoned, lies > 0) } if OR_DIES fi
#define HAS_ROOM(count) (committed + (count) <= MESSAGES && committed + (count) - head <= DEPTH)
#define INTEND(count, one, two)                                                                              \
  d_step { HAS_ROOM(count) -> intent = committed + count; sent[committed] = committed * 2 + one;             \
           if :: count == 2 -> sent[committed + 1] = committed * 2 + 2 + two :: else -> skip fi;             \
           digest = DIGEST(AS_SENT, committed, intent) }

active proctype daemon() {
  byte place, counter, next_counter, todo;
  byte committed, intent, digest, tail_now, n;
  crc_in[0] = CRC(0, 0, 0, 0); /* a new lane: A is whole, B is not */
recover:
  STEP(must(a_whole_record_remains, IS_BELIEVED(0) || IS_BELIEVED(1));
       if
       :: !IS_BELIEVED(0) || (IS_BELIEVED(1) && counter_in[1] == ((counter_in[0] + 1) & 3)) -> place = 1
       :: else -> place = 0
       fi;
       counter = counter_in[place]; committed = committed_in[place]; intent = intent_in[place];
       digest = digest_in[place]; WIPE(1 - place));
#ifdef MUTANT_TURN_FORGOTTEN
  place = 0;
#endif
  STEP(tail_now = tail); /* once: the chip may write it at any time */
#ifdef MUTANT_INTENT_FORGOTTEN
  STEP(intent = committed; tail_now = committed; tail = committed);
#endif
  if
  :: tail_now == committed && intent == committed
  :: tail_now == committed && intent != committed -> /* nobody saw it: it is as if it had never been */
     intent = committed;
#ifndef MUTANT_DROP_NOT_JOURNALED
     JOURNAL(committed, committed, 0, digest = 0)
#endif
  :: tail_now != committed && tail_now == intent ->
     if
#ifdef MUTANT_NO_DIGEST
     :: d_step { true ->
#else
     :: DIGEST(IN_SLOT, committed, intent) != digest -> POISON
     :: d_step { DIGEST(IN_SLOT, committed, intent) == digest ->
#endif
          for (n : committed .. intent - 1) { must(committed_slots_are_as_intended, slot[SLOT(n)] == sent[n]) } n = 0 }
     OR_DIES
     fi;
     JOURNAL_COMMITTED
#ifdef MUTANT_TAIL_BELIEVED
  :: tail_now > committed && tail_now != intent -> intent = tail_now; JOURNAL_COMMITTED
  :: tail_now < committed -> POISON
#else
  :: tail_now != committed && tail_now != intent -> POISON
#endif
  OR_DIES
  fi;
  STEP(/* a client attaches, and is told where to go on */
       must(nothing_reported_is_lost, committed >= reported);
       must(nothing_seen_is_sent_again, committed == visible || lies > 0);
       must(a_wrong_tail_poisons, committed == was_committed || committed == intended);
       must(what_a_client_was_told_holds, committed == was_committed || !told_is_the_latest);
       digest = 0; tail_now = 0; was_committed = committed; reported = committed;
       told_is_the_latest = 1);
  do
  :: if
     :: INTEND(1, 0, 0)
     :: INTEND(1, 1, 0)
     :: INTEND(2, 0, 0)
     :: INTEND(2, 0, 1)
     :: INTEND(2, 1, 0)
     :: INTEND(2, 1, 1)
     OR_DIES
     fi;
#ifndef MUTANT_TAIL_BEFORE_SLOTS
     FILL_SLOTS;
#endif
     STEP(intended = intent; told_is_the_latest = 0);
#ifndef MUTANT_NO_INTENT
     JOURNAL_INTENT;
#endif
#ifdef MUTANT_COMMITTED_BEFORE_TAIL
     JOURNAL_COMMITTED;
     STORE_TAIL;
     REPORT
#elif defined(MUTANT_REPORT_BEFORE_COMMITTED)
     STORE_TAIL;
     REPORT;
     JOURNAL_COMMITTED
#else
     STORE_TAIL;
#ifdef MUTANT_TAIL_BEFORE_SLOTS
     FILL_SLOTS;
#endif
     JOURNAL_COMMITTED;
     REPORT
#endif
  od
}
