/* The receiving half across crashes and lost streams: digest, delivered, acked, head, and the ring that the chip reuses.
 *
 * Models backends/host/lane_consumer.cc (Next, CopyNext, Advance, JournalDelivered, Ack) and lane_consumer_recovery.cc with
 * backends/host/journal/lane_journal.h; server/channel/outbound_lane.cc (Fill, Ack, AckThrough) and LaneGrip::Resume. For
 * each message: copy it, journal its digest; for each frame: journal delivered, and only then let it leave. An ack: journal
 * acked, then store head; only then may the chip use the room again. The daemon may be killed at every step, in recovery
 * too, and the stream may break at any time, any number of times. After that the client resumes its session with what it
 * has processed, or another session comes. The chip may lie once: change a message that it published, or head, or tail.
 *
 * Proved: the chip never overwrites a message that no client has acknowledged; what is delivered again is as it was the
 * first time, or the lane is poisoned; what a session said to have processed is not delivered to it again; it gets all the
 * rest in order; an honest chip's lane is never poisoned; recovery gives back the room that was acknowledged.
 *
 * Bounds: 6 messages, lane_depth 2, so 2 places and 2 digests, that are used again and again; frames of 1 or 2 messages;
 * two contents; one lie. A message is its content: descriptors, fragments and sizes are not there.
 * Left out: torn records (recovery.pml: a record changes in one step); weak memory (lane.pml); leases (session.pml).
 *
 * Mutants, and what rejects each:
 *   MUTANT_HEAD_BEFORE_ACKED       stores head, then journals acked              honest_chips_are_not_poisoned
 *   MUTANT_DELIVERED_AFTER_FRAME   journals delivered when the frame has left    nobody_acknowledges_what_was_not_delivered
 *   MUTANT_DELIVERED_BEFORE_DIGEST journals delivered, then the digest           honest_chips_are_not_poisoned
 *   MUTANT_ACKED_ON_DELIVERY       counts as acknowledged when it has left       nothing_unacknowledged_is_overwritten
 *   MUTANT_NO_DIGEST               delivers again without comparing              redelivered_as_the_first_time
 *   MUTANT_HEAD_LEFT               recovery leaves head where it was             acknowledged_room_is_given_back
 *   MUTANT_RESUME_IGNORED          resumes at acked, whatever the client has     nothing_acknowledged_is_delivered_again
 */
#define MESSAGES 6
#define DEPTH 2
#define PLACE(n) ((n) & 1)
#define LIES 1
#define NOTHING 15
#define SPOILT 14

#define must(name, condition) name = (condition); assert(name)
hidden byte nothing_unacknowledged_is_overwritten, redelivered_as_the_first_time, nothing_acknowledged_is_delivered_again;
hidden byte delivered_in_order, honest_chips_are_not_poisoned, acknowledged_room_is_given_back;
hidden byte nobody_acknowledges_what_was_not_delivered;

/* The arena. A message in its place is sequence x 2 + content. */
byte place[DEPTH] = SPOILT;
byte tail, head;
/* The journal. */
byte acked, delivered_ever, digest[DEPTH] = NOTHING;

chan frames = [2 * DEPTH] of { byte }; /* on their way to the client: sequences, of messages that are as `left` */
chan acks = [1] of { byte };       /* and from it: acknowledged through */

/* The client of the session that there is now: it has got all below `received`, said of those below `acknowledged` that it
 * has processed them, and of those below `resumed` when it attached. */
byte received, acknowledged, resumed;
bit is_attached;

byte lies;
byte acknowledged_ever;            /* by any client */
byte left[MESSAGES + 1] = NOTHING; /* message n as it left first, until it is acked */

#define LIE(what) d_step { lies < LIES -> what; lies = lies + 1 }
#define PUBLISH(content)                                                                                     \
  d_step { tail < MESSAGES && head <= tail && tail - head < DEPTH ->                                         \
           must(nothing_unacknowledged_is_overwritten, lies > 0 || tail < DEPTH + acknowledged_ever);        \
           place[PLACE(tail)] = tail * 2 + content; tail = tail + 1 }

active proctype chip() {
end:
  do
  :: PUBLISH(0)
  :: PUBLISH(1)
  :: LIE(place[0] = SPOILT)
  :: LIE(place[1] = SPOILT)
  :: LIE(tail = (tail > 0 -> tail - 1 : 0))
  :: LIE(tail = (tail < MESSAGES -> tail + 1 : tail))
  :: LIE(head = (head < MESSAGES -> head + 1 : head))
  od
}

active proctype client() {
  byte n;
end:
  do
  :: d_step { is_attached && nempty(frames) -> frames?n;
              must(nothing_acknowledged_is_delivered_again, n >= resumed);
              must(delivered_in_order, n <= received);
              received = (n == received -> n + 1 : received); n = 0 }
  :: d_step { is_attached && nfull(acks) -> /* for the first time, or again */
              acknowledged = received; acks!received;
              acknowledged_ever = (received > acknowledged_ever -> received : acknowledged_ever) }
  od
}

/* At every step of the daemon. */
#define OR_DIES                                                                                              \
  :: d_step { is_attached = 0; delivered = 0; ever = 0; copy[0] = NOTHING; copy[1] = NOTHING; through = 0; n = 0 } \
     goto recover
#define STEP(what) if :: d_step { what } OR_DIES fi
/* Nothing is done with a poisoned lane, until a new daemon looks again. */
#define POISON d_step { must(honest_chips_are_not_poisoned, lies > 0) } if OR_DIES fi
#define RING_IS_BELIEVED (tail >= ever && tail - acked <= DEPTH)

#define FORGET(through) for (n : acked .. through - 1) { left[n] = NOTHING } n = 0
#ifdef MUTANT_HEAD_BEFORE_ACKED
#define ACK STEP(head = through); STEP(FORGET(through); acked = through; through = 0)
#else
#define ACK STEP(FORGET(through); acked = through); STEP(head = through; through = 0)
#endif

/* Message `delivered`, out of the ring: compared with its digest, or given one. */
#ifdef MUTANT_NO_DIGEST
#define IS_ANOTHER(message) false
#else
#define IS_ANOTHER(message) (delivered < ever && message != digest[PLACE(delivered)])
#endif
#ifdef MUTANT_DELIVERED_BEFORE_DIGEST
#define SET_DIGEST skip
#define SET_DIGESTS                                                                                          \
  STEP(if :: copy[0] != NOTHING -> digest[PLACE(delivered - 2)] = copy[0] :: else -> skip fi;                \
       digest[PLACE(delivered - 1)] = copy[1])
#else
#define SET_DIGEST digest[PLACE(delivered)] = copy[1]
#endif
#define ADVANCE                                                                                              \
  STEP(copy[0] = copy[1]; copy[1] = place[PLACE(delivered)]);                                                \
  if                                                                                                         \
  :: IS_ANOTHER(copy[1]) -> POISON                                                                           \
  :: d_step { !IS_ANOTHER(copy[1]) -> SET_DIGEST; delivered = delivered + 1;                                 \
              ever = (ever < delivered -> delivered : ever) }                                                \
  OR_DIES                                                                                                    \
  fi

/* What was delivered on an earlier stream only is compared first: then it is gone. */
#define ACK_THROUGH                                                                                          \
  do                                                                                                         \
  :: delivered < through && RING_IS_BELIEVED -> ADVANCE                                                      \
  :: delivered < through && !RING_IS_BELIEVED -> POISON                                                      \
  :: delivered >= through -> break                                                                           \
  od;                                                                                                        \
  if                                                                                                         \
  :: through > acked -> ACK                                                                                  \
  :: through <= acked -> through = 0                                                                         \
  fi

#define LEAVES(n, message)                                                                                   \
  must(redelivered_as_the_first_time, left[n] == NOTHING || left[n] == message); left[n] = message; frames!n

#define FRAME_LEAVES                                                                                         \
  STEP(if :: copy[0] != NOTHING -> LEAVES(delivered - 2, copy[0]) :: else -> skip fi; LEAVES(delivered - 1, copy[1]))

#ifdef MUTANT_RESUME_IGNORED
#define RESUME_FROM(processed) acked
#else
#define RESUME_FROM(processed) processed
#endif
#define RESUME(processed)                                                                                    \
  d_step { processed >= acked -> must(nobody_acknowledges_what_was_not_delivered, processed <= ever);        \
           through = RESUME_FROM(processed); acknowledged = processed; resumed = processed;                     \
           acknowledged_ever = (processed > acknowledged_ever -> processed : acknowledged_ever) }

active proctype daemon() {
  byte delivered, ever, copy[2] = NOTHING, through, n; /* ever: delivered_ever, before it is journaled */
recover:
  STEP(ever = delivered_ever; through = acked);
  if
  :: head > acked || !RING_IS_BELIEVED -> POISON
  :: head <= acked && RING_IS_BELIEVED
  OR_DIES
  fi;
#ifndef MUTANT_HEAD_LEFT
  STEP(head = acked);
#endif
attach: /* the client of before, with what it has processed; or another one, for whom delivery begins at acked */
  STEP(delivered = acked; copy[0] = NOTHING; copy[1] = NOTHING; through = acked; is_attached = 0;
       must(acknowledged_room_is_given_back, head >= acked || lies > 0);
       do :: nempty(frames) -> frames?_ :: empty(frames) -> break od;
       do :: nempty(acks) -> acks?_ :: empty(acks) -> break od);
  if
  :: RESUME(acknowledged) /* there is more that it has received, and not processed */
  :: RESUME(received)
  :: d_step { received = acked; acknowledged = acked; resumed = acked }
  OR_DIES
  fi;
  ACK_THROUGH;
  STEP(is_attached = 1; copy[0] = NOTHING; copy[1] = NOTHING; through = 0);
  do
  :: !RING_IS_BELIEVED -> POISON
  :: RING_IS_BELIEVED && delivered < tail -> /* a frame of one message or of two */
     ADVANCE;
     if
     :: RING_IS_BELIEVED && delivered < tail -> ADVANCE
     :: true
     fi;
#ifdef MUTANT_DELIVERED_AFTER_FRAME
     FRAME_LEAVES;
#endif
     STEP(delivered_ever = ever);
#ifdef MUTANT_DELIVERED_BEFORE_DIGEST
     SET_DIGESTS;
#endif
#ifndef MUTANT_DELIVERED_AFTER_FRAME
     FRAME_LEAVES;
#endif
#ifdef MUTANT_ACKED_ON_DELIVERY
     through = delivered;
     ACK_THROUGH;
#endif
     STEP(copy[0] = NOTHING; copy[1] = NOTHING)
  :: d_step { nempty(acks) -> acks?through; must(nobody_acknowledges_what_was_not_delivered, through <= ever) }
     ACK_THROUGH;
     STEP(copy[0] = NOTHING; copy[1] = NOTHING)
  :: true -> goto attach /* the stream is lost */
  OR_DIES
  od
}
