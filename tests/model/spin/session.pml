/* Sessions and fencing: two clients and a unary sender compete for one host_to_chip lane of a daemon that may be killed.
 *
 * Models server/channel/lease_table.cc (Attach, CheckSession, Grant, Supersede, Detach, Tick, ReleaseByOperator, Restore),
 * lane_record.cc and backends/host/journal/lane_journal.cc (Grant, Drop and Retire: each one record that counts, so each is
 * one step here); held_lane.h, the epoch that every write is compared with; inbound_lane.cc, which takes the next sequence
 * and answers an older one again; unary_send.cc. A client has two messages. It attaches, sends, loses its connection at any
 * time, and resumes; told SESSION_LOST{final}, it sends what is left in a new session, of the old name or another one. The
 * network keeps frames for any time, out of order, doubled or lost, also across streams, sessions and daemons. Leases end
 * at any time: expired, released by the client, or by an operator. The daemon may be killed at every step, any number of
 * times.
 *
 * Proved: only the session that was granted the lane last writes; every message of a client is in the lane once at most and
 * in order, and once it was reported, once; a session that lost its lane is told exactly how far it got; a grant that was
 * answered is remembered; nobody is granted a lane that another one's lease covers.
 *
 * Bounds: 2 clients with 2 messages each, 3 names of sessions, 1 unary message, 4 grants, 2 frames in the network.
 * Left out: how a message gets into the lane (recovery.pml: here it is one step, and so is its recovery), the table's limit
 * of 64 retired sessions, resets, leases of two lanes, clocks.
 *
 * Mutants, and what rejects each:
 *   MUTANT_NO_EPOCH_CHECK        a frame of an older stream is taken                  only_the_last_granted_writes
 *   MUTANT_EPOCH_NOT_JOURNALED   a new daemon counts epochs from 0                    only_the_last_granted_writes
 *   MUTANT_ANSWER_FIRST          answers a grant, then journals it                    an_answered_grant_is_remembered
 *   MUTANT_FINAL_AS_REPORTED     retires a session where it was last reported         the_final_position_is_exact
 *   MUTANT_NOT_RETIRED           forgets a session when another one follows           an_answered_grant_is_remembered
 *   MUTANT_OLDEST_RETIRED        a new daemon knows where a session ended first       the_final_position_is_exact
 *   MUTANT_RETIRED_BY_START      a session is not retired twice from one position     the_final_position_is_exact
 *   MUTANT_OPERATOR_SPARES_STREAM retires a session whose stream goes on             reported_is_what_is_there
 *   MUTANT_WRITE_BEFORE_GRANT    a unary send publishes, then journals its grant      reported_is_what_is_there
 *   MUTANT_SUPERSEDE_DROPS       ends a session's lease in the journal, then grants   a_held_lane_is_not_granted
 */
#define MESSAGES 2
#define SESSIONS 3
#define GRANTS 4
#define NOT_RETIRED 15

#define must(name, condition) name = (condition); assert(name)
hidden byte only_the_last_granted_writes, messages_are_there_once_in_order, the_final_position_is_exact;
hidden byte reported_is_what_is_there, an_answered_grant_is_remembered, a_held_lane_is_not_granted;

/* The lane, and what the journal says of it. Session s is client (s - 1) % 2's; 0: none. */
byte position;
byte epoch, last, retired[SESSIONS + 1] = NOT_RETIRED;
bit is_held;

/* The daemon's memory: the session that has a lease, and the epoch of the stream that goes with it, if there is one. */
byte lease, stream;
bit unary_is_left = 1;

typedef Client {
  byte session;
  bit is_known;      /* a grant of this session was answered, */
  byte start, first; /* which began here in the lane, with this message */
  byte epoch, grant; /* of its stream; 0: it has none, and attaches when it can */
  byte next;         /* message to send */
};
Client client[2];
chan network = [2] of { byte, byte, byte, byte, byte }; /* epoch, sequence, client, message, grant */

/* To compare with. */
byte there[2];  /* messages of each client in the lane */
byte grants;    /* ever journaled, or written for: the number of the last one */
byte owner;     /* the session whose lease has neither expired nor been released */
byte reported;  /* the position that a client was told last */

proctype Orchestrator(byte c) {
end:
  do
  :: d_step { client[c].epoch != 0 && client[c].next < MESSAGES && nfull(network) ->
              network!client[c].epoch, client[c].start + client[c].next - client[c].first, c, client[c].next,
                      client[c].grant;
              client[c].next = client[c].next + 1 }
  :: d_step { client[c].epoch != 0 -> client[c].epoch = 0; client[c].grant = 0; client[c].next = 0 } /* disconnected */
  od
}

#ifdef MUTANT_EPOCH_NOT_JOURNALED
#define LOAD_EPOCH epoch = 0
#else
#define LOAD_EPOCH skip
#endif
/* At every step of the daemon. The next one restores leases, without their streams. */
#define OR_DIES :: d_step { LOAD_EPOCH; LOAD_RETIRED; lease = (is_held -> last : 0); stream = 0; c = 0; s = 0 } goto serve
#define STEP(what) if :: d_step { what } OR_DIES fi
#define COUNT_OF(c, at) (client[c].first + (at) - client[c].start)

#ifdef MUTANT_FINAL_AS_REPORTED
#define FINAL reported
#define REPORT reported = position
#else
#define FINAL position
#define REPORT skip
#endif
#ifdef MUTANT_NOT_RETIRED
#define RETIRE last = 0; is_held = 0
#else
#define RETIRE retired[last] = FINAL; RETIRE_IN_JOURNAL; last = 0; is_held = 0
#endif
/* Two ways in which the journal's list of retired sessions may differ from what the daemon has in memory. */
#ifdef MUTANT_OLDEST_RETIRED
byte listed[SESSIONS + 1] = NOT_RETIRED;
#define RETIRE_IN_JOURNAL listed[last] = (listed[last] == NOT_RETIRED -> FINAL : listed[last])
#elif defined(MUTANT_RETIRED_BY_START)
byte listed[SESSIONS + 1] = NOT_RETIRED, start, newest_session, newest_start;
#define START_OF(new_session) start = (last != new_session || new_session == 0 -> position : start)
#define RETIRE_IN_JOURNAL                                                                                    \
  if                                                                                                         \
  :: newest_session == last && newest_start == start -> skip                                                 \
  :: else -> newest_session = last; newest_start = start; listed[last] = FINAL                               \
  fi
#else
#define RETIRE_IN_JOURNAL skip
#endif
#ifndef MUTANT_RETIRED_BY_START
#define START_OF(new_session) skip
#endif
#if defined(MUTANT_OLDEST_RETIRED) || defined(MUTANT_RETIRED_BY_START)
#define LOAD_RETIRED retired[1] = listed[1]; retired[2] = listed[2]; retired[3] = listed[3]
#else
#define LOAD_RETIRED skip
#endif
#define JOURNAL_RETIRED(new_session)                                                                         \
  if                                                                                                         \
  :: d_step { last != 0 && last != new_session -> RETIRE }                                                   \
  :: last == 0 || last == new_session                                                                        \
  OR_DIES                                                                                                    \
  fi
#define JOURNAL_GRANT(new_session)                                                                           \
  STEP(must(a_held_lane_is_not_granted, owner == 0 || owner == new_session);                                 \
       START_OF(new_session); epoch = epoch + 1; last = new_session; is_held = (new_session != 0);           \
       owner = new_session; lease = new_session; grants = grants + 1)
#define ATTACHED(with_grant)                                                                                 \
  stream = epoch;                                                                                            \
  if                                                                                                         \
  :: client[c].is_known -> skip                                                                              \
  :: else -> client[c].is_known = 1; client[c].start = position                                              \
  fi;                                                                                                        \
  must(reported_is_what_is_there, COUNT_OF(c, position) == there[c]);                                        \
  REPORT; client[c].epoch = epoch; client[c].grant = with_grant;                                \
  client[c].next = COUNT_OF(c, position)

#ifdef MUTANT_NO_EPOCH_CHECK
#define IS_CURRENT (stream != 0)
#else
#define IS_CURRENT (stream != 0 && stream == e && epoch == e)
#endif
#define APPEND(whose)                                                                                        \
  must(only_the_last_granted_writes, grant == grants);                                                       \
  must(messages_are_there_once_in_order, message == there[whose]);                                           \
  there[whose] = there[whose] + 1; position = position + 1

#define TRY(which)                                                                                           \
  :: d_step { client[which].session != 0 && client[which].epoch == 0 && grants < GRANTS &&                   \
              (lease == 0 || lease == client[which].session) -> /* else LANE_HELD */                         \
              c = which; s = client[which].session }                                                         \
     goto attach

active proctype daemon() {
  byte c, s, e, sequence, message, grant;
  d_step { client[0].session = 1; client[1].session = 2 }
  atomic { run Orchestrator(0); run Orchestrator(1) }
serve:
  do
  TRY(0)
  TRY(1)
  /* A frame, whichever comes first; it may come again. */
  :: d_step { network?e, sequence, c, message, grant;
              if
              :: IS_CURRENT && sequence == position -> APPEND(c)
              :: IS_CURRENT && sequence > position -> stream = 0 /* SEQUENCE_GAP */
              :: else -> skip
              fi;
              e = 0; sequence = 0; c = 0; message = 0; grant = 0 }
  :: d_step { network?<e, sequence, c, message, grant>;
              if
              :: IS_CURRENT && sequence == position -> APPEND(c)
              :: else -> skip
              fi;
              e = 0; sequence = 0; c = 0; message = 0; grant = 0 }
  :: d_step { len(network) == 2 -> network?e, sequence, c, message, grant; network!e, sequence, c, message, grant;
              e = 0; sequence = 0; c = 0; message = 0; grant = 0 }
  :: d_step { stream != 0 && client[0].epoch == stream -> /* progress */
              must(reported_is_what_is_there, COUNT_OF(0, position) == there[0]); REPORT }
  :: d_step { stream != 0 && client[1].epoch == stream ->
              must(reported_is_what_is_there, COUNT_OF(1, position) == there[1]); REPORT }
  :: d_step { stream != 0 -> stream = 0 }                                               /* lost */
  :: d_step { lease != 0 -> is_held = 0; lease = 0; stream = 0; owner = 0 }             /* expired, or detached */
#ifdef MUTANT_OPERATOR_SPARES_STREAM
  :: d_step { lease != 0 -> RETIRE; lease = 0; owner = 0 }
#else
  :: d_step { lease != 0 -> RETIRE; lease = 0; stream = 0; owner = 0 }                  /* by an operator */
#endif
  :: lease == 0 && unary_is_left && grants < GRANTS ->
#ifdef MUTANT_WRITE_BEFORE_GRANT
     STEP(position = position + 1; unary_is_left = 0);
     STEP(retired[last] = (last != 0 -> position - 1 : NOT_RETIRED); last = 0; is_held = 0); /* as it knew before */
#else
     JOURNAL_RETIRED(0);
#endif
     JOURNAL_GRANT(0)
#ifndef MUTANT_WRITE_BEFORE_GRANT
     ;
     STEP(position = position + 1; unary_is_left = 0)
#endif
  OR_DIES
  od;

attach:
  STEP(must(an_answered_grant_is_remembered, !client[c].is_known || last == s || retired[s] != NOT_RETIRED));
  if
  :: client[c].is_known && last != s -> /* SESSION_LOST: goes on as a new session, by this name or another */
     STEP(must(the_final_position_is_exact, COUNT_OF(c, retired[s]) == there[c]);
          client[c].first = COUNT_OF(c, retired[s]); client[c].start = 0; client[c].is_known = 0);
     if
     :: s + 2 <= SESSIONS -> client[c].session = s + 2
     :: true
     fi
  :: !client[c].is_known || last == s ->
     stream = 0;
#ifdef MUTANT_SUPERSEDE_DROPS
     STEP(is_held = 0);
#endif
     JOURNAL_RETIRED(s);
#ifdef MUTANT_ANSWER_FIRST
     STEP(epoch = epoch + 1; ATTACHED(grants + 1); epoch = epoch - 1);
     JOURNAL_GRANT(s)
#else
     JOURNAL_GRANT(s);
     if
     :: d_step { ATTACHED(grants) }
     :: d_step { stream = epoch } /* the answer is lost */
     OR_DIES
     fi
#endif
  fi;
  goto serve
}
