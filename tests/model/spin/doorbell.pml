/* The doorbell: how a side sleeps on one word while two lanes are filled behind its back, and misses nothing.
 *
 * Models backends/abi/doorbell.h (l3_ring, l3_look) with its users: l3_doze and l3_wait of backends/abi/chip_wait.h; the
 * host's turn of backends/worker/doorbell_thread.cc over ObjectTable::ScanRings, NoticeRing and HostBell; l3_sender_open
 * and l3_receiver_open, which ring and look without asking what was before. One ringer, one looker, which is
 * a chip or a host. Stores wait in a buffer of their side: the ringer's, all with release, in order; the looker's, relaxed,
 * in any order. Only a full fence, or the ringer's atomic add to the word, waits until they have arrived. Loads are as in
 * the code all acquires or behind a full fence: in order.
 *
 * Proved: no wake-up is lost, though the sleep has no end of its own here (in the code it lasts a second at most); a side
 * that has not looked since the last ring is not rung again; no system call for a side that is awake and past its fence.
 * Either side may die at any step, and another one attaches: a message that was published and not rung for is found.
 *
 * Bounds: two lanes; two deaths, of one side or of both, in runs of any length. Of a lane it matters only whether it holds
 * something that the looker has not taken. Rings count modulo 8.
 * Left out: what the messages say (lane.pml); a signal instead of a lane, which differs in nothing; the directory's ring,
 * which does not ask; platforms that cannot wake, and poll the word instead.
 *
 * Mutants, and what rejects each:
 *   MUTANT_NO_FENCE_1_RINGER   publishes and looks at `seen` without fence        no_wake_up_is_lost
 *   MUTANT_NO_FENCE_1_LOOKER   stores `seen` and drains without fence             no_wake_up_is_lost
 *   MUTANT_NO_FENCE_2_RINGER   rings and looks at `armed` without fence           no_wake_up_is_lost
 *   MUTANT_NO_FENCE_2_LOOKER   arms and looks at `rung` without fence             no_wake_up_is_lost
 *   MUTANT_SEEN_AFTER_DRAIN    asks to be rung only when it has drained           no_wake_up_is_lost
 *   MUTANT_WORD_LATE           remembers the word after the last look             no_wake_up_is_lost
 *   MUTANT_ONE_RUNG            looks once more at one lane's `rung`, not at all  no_wake_up_is_lost
 *   MUTANT_SILENT_ATTACH       a new ringer does not ring                         no_wake_up_is_lost
 *   MUTANT_UNSEEN_ATTACH       a new looker does not store `seen`                 no_wake_up_is_lost
 *   MUTANT_ARMED_LEFT          a new looker does not disarm for the one before    nobody_awake_is_woken
 *   MUTANT_RING_ALWAYS         rings whether or not the looker has looked         nobody_is_rung_twice
 *   MUTANT_WAKE_ALWAYS         wakes whether or not the looker is armed           nobody_awake_is_woken
 */
#define LANES 2
#define DEATHS 2
#define NEXT(count) (((count) + 1) & 7)
#define must(name, condition) name = (condition); assert(name)
hidden byte no_wake_up_is_lost, nobody_is_rung_twice, nobody_awake_is_woken;

/* Shared memory. `tail` and `word` matter by what the looker does not know of them yet. */
bit untaken[LANES];  /* tail is past what the looker took */
byte rung[LANES], seen[LANES];
bit armed;
bit word_changed; /* since the looker remembered it */

#define TAIL 0
#define RUNG 1
chan ringers_stores = [3] of { bit, byte, byte }; /* which word, lane, value */
bit seen_waits[LANES], armed_waits, new_armed;
byte new_seen[LANES];
byte rung_now[LANES], seen_now[LANES], noticed[LANES]; /* private copies; the host has noticed, and perhaps not yet seen */

bit asleep;            /* in the kernel, until a wake */
bit ringer_is_idle;    /* has rung, or found that it need not, for all it published; nothing of it is on its way */
bit may_be_asleep;     /* the looker has armed, and not passed a fence since it disarmed */
bit has_looked[LANES] = 1; /* the looker has asked to be rung since it last was */
byte deaths;

#define RINGERS_STORES_ARRIVED empty(ringers_stores)
#define LOOKERS_STORES_ARRIVED (!seen_waits[0] && !seen_waits[1] && !armed_waits)

active proctype ringers_buffer() {
  bit what;
  byte lane, value;
end:
  do
  :: d_step { nempty(ringers_stores) -> ringers_stores?what, lane, value;
              if :: what == TAIL -> untaken[lane] = 1 :: what == RUNG -> rung[lane] = value fi;
              what = 0; lane = 0; value = 0 }
  od
}

/* Only differences of counts matter: when all are equal they begin at 0 again, which keeps the search small. */
#define SEEN_ARRIVES(lane)                                                                                   \
  d_step { seen_waits[lane] -> seen[lane] = new_seen[lane]; new_seen[lane] = 0; seen_waits[lane] = 0;        \
           if                                                                                                \
           :: rung_now[lane] == seen[lane] && rung[lane] == seen[lane] && noticed[lane] == seen[lane] ->     \
              rung_now[lane] = 0; rung[lane] = 0; seen[lane] = 0; seen_now[lane] = 0; noticed[lane] = 0      \
           :: else -> skip                                                                                   \
           fi }

active proctype lookers_buffer() {
end:
  do
  :: SEEN_ARRIVES(0)
  :: SEEN_ARRIVES(1)
  :: d_step { armed_waits -> armed = new_armed; new_armed = 0; armed_waits = 0 }
  od
}

#define STORE(what, lane, value) ringers_stores!what, lane, value
#ifdef MUTANT_NO_FENCE_1_RINGER
#define FENCE_1_RINGER true
#else
#define FENCE_1_RINGER RINGERS_STORES_ARRIVED
#endif
#ifdef MUTANT_NO_FENCE_2_RINGER
#define FENCE_2_RINGER true
#else
#define FENCE_2_RINGER RINGERS_STORES_ARRIVED
#endif

#define STEP(what) if :: d_step { what } OR_DIES fi
/* At every step. What has not arrived is lost. Another one attaches, by what is in memory, and rings everything. */
#ifdef MUTANT_SILENT_ATTACH
#define RING_ALL skip
#else
#define RING_ALL                                                                                             \
  for (lane : 0 .. 1) { has_looked[lane] = 0; rung_now[lane] = NEXT(rung_now[lane]); STORE(RUNG, lane, rung_now[lane]) }
#endif
#define OR_DIES                                                                                              \
  :: d_step { deaths < DEATHS -> deaths = deaths + 1;                                                        \
              do :: nempty(ringers_stores) -> ringers_stores?_, _, _ :: empty(ringers_stores) -> break od;   \
              ringer_is_idle = 0; is_armed = 0; rung_now[0] = rung[0]; rung_now[1] = rung[1]; RING_ALL; lane = 0 } \
     goto attach

active proctype ringer() {
  byte lane;
  bit is_armed;
attach:
#ifdef MUTANT_SILENT_ATTACH
  goto idle;
#endif
wake:
#ifdef MUTANT_WAKE_ALWAYS
  STEP(FENCE_2_RINGER -> is_armed = 1; must(nobody_awake_is_woken, may_be_asleep));
#else
  STEP(FENCE_2_RINGER -> is_armed = armed; must(nobody_awake_is_woken, !is_armed || may_be_asleep));
#endif
  if
  :: is_armed -> STEP(RINGERS_STORES_ARRIVED -> word_changed = 1; is_armed = 0); STEP(asleep = 0)
  :: !is_armed
  fi;
idle:
  STEP(RINGERS_STORES_ARRIVED -> ringer_is_idle = 1; lane = 0);
  if
  :: d_step { lane = 0; ringer_is_idle = 0; STORE(TAIL, lane, 0) }
  :: d_step { lane = 1; ringer_is_idle = 0; STORE(TAIL, lane, 0) }
  OR_DIES
  fi;
  if
#ifdef MUTANT_RING_ALWAYS
  :: d_step { FENCE_1_RINGER ->
#else
  :: FENCE_1_RINGER && seen[lane] != rung_now[lane] -> goto idle
  :: d_step { FENCE_1_RINGER && seen[lane] == rung_now[lane] ->
#endif
       must(nobody_is_rung_twice, has_looked[lane]); has_looked[lane] = 0;
       rung_now[lane] = NEXT(rung_now[lane]); STORE(RUNG, lane, rung_now[lane]) }
  OR_DIES
  fi;
  goto wake;
}

#define STORE_SEEN(lane, value) seen_waits[lane] = 1; new_seen[lane] = value; has_looked[lane] = 1
#define STORE_ARMED(value) armed_waits = 1; new_armed = value; is_arming = value
/* Once passed it stays so until the next store: a fence and the load behind it are one step. */
#define FENCED LOOKERS_STORES_ARRIVED -> may_be_asleep = may_be_asleep && is_arming
#ifdef MUTANT_NO_FENCE_1_LOOKER
#define FENCED_1 true
#else
#define FENCED_1 FENCED
#endif
#ifdef MUTANT_NO_FENCE_2_LOOKER
#define FENCED_2 true
#else
#define FENCED_2 FENCED
#endif

#define TAKE(lane) found = found || untaken[lane]; untaken[lane] = 0; now = 0
#define ASK(lane) seen_now[lane] = now; STORE_SEEN(lane, now)
/* l3_look, then the tail: of lanes that rang, and in a chip of all. */
#ifdef MUTANT_SEEN_AFTER_DRAIN
#define LOOK(lane)                                                                                           \
  STEP(found = found || untaken[lane]; untaken[lane] = 0);                                                   \
  STEP(if :: now != seen_now[lane] -> ASK(lane) :: else -> skip fi; now = 0)
#else
#define LOOK(lane)                                                                                           \
  if                                                                                                         \
  :: d_step { now != seen_now[lane] -> ASK(lane) } STEP(FENCED_1; TAKE(lane))                                \
  :: d_step { now == seen_now[lane] -> TAKE(lane) }                                                          \
  OR_DIES                                                                                                    \
  fi
#endif
#define VISIT(lane)                                                                                          \
  if                                                                                                         \
  :: d_step { !is_host -> now = rung[lane]; noticed[lane] = now } LOOK(lane)                                 \
  :: d_step { is_host && rung[lane] != noticed[lane] -> noticed[lane] = rung[lane]; found = 1 }              \
     STEP(now = rung[lane]); LOOK(lane)                                                                      \
  :: is_host && rung[lane] == noticed[lane]                                                                  \
  OR_DIES                                                                                                    \
  fi

#undef OR_DIES
#define OR_DIES                                                                                              \
  :: d_step { deaths < DEATHS -> deaths = deaths + 1; asleep = 0; now = 0; found = 0; is_arming = 0;         \
              seen_waits[0] = 0; new_seen[0] = 0; seen_waits[1] = 0; new_seen[1] = 0; armed_waits = 0; new_armed = 0 } \
     goto attach

active proctype looker() {
  byte now;
  bit found, is_host, is_arming;
  if :: is_host = 1 :: is_host = 0 fi;
attach: /* All is looked at, whatever the one before had seen; and whoever slept here is gone. */
  STEP(
#ifndef MUTANT_ARMED_LEFT
       STORE_ARMED(0);
#endif
#ifndef MUTANT_UNSEEN_ATTACH
       STORE_SEEN(0, rung[0]); STORE_SEEN(1, rung[1]);
#endif
       seen_now[0] = rung[0]; noticed[0] = rung[0]; seen_now[1] = rung[1]; noticed[1] = rung[1]);
  STEP(FENCED; untaken[0] = 0);
  STEP(untaken[1] = 0);
turn:
  VISIT(0);
  VISIT(1);
  if
  :: d_step { found -> found = 0 } goto turn
#ifdef MUTANT_WORD_LATE
  :: d_step { !found -> STORE_ARMED(1); may_be_asleep = 1 }
#else
  :: d_step { !found -> word_changed = 0 } STEP(STORE_ARMED(1); may_be_asleep = 1) /* remembers the word as it is */
#endif
  OR_DIES
  fi;
  STEP(FENCED_2);
  VISIT(0);
#ifndef MUTANT_ONE_RUNG
  VISIT(1);
#endif
#ifdef MUTANT_WORD_LATE
  STEP(word_changed = 0);
#endif
  if
  :: found
  :: d_step { !found && !word_changed -> asleep = 1 } STEP(!asleep -> skip)
  :: !found && word_changed
  OR_DIES
  fi;
  STEP(STORE_ARMED(0); found = 0);
  goto turn;
}

active proctype check() {
  d_step { ringer_is_idle && asleep && (untaken[0] || untaken[1]) -> must(no_wake_up_is_lost, false) }
}
