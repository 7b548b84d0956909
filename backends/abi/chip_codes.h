/* What the chip-side calls answer, and their names for people.
 *
 * Included by chip programs through chip.h. Zero is success; L3_AGAIN is an answer (full, empty, not yet), all others
 * say that the call had no effect and why. The numbers are those of the errno of the same meaning, negative. */
#ifndef L3LINK_BACKENDS_ABI_CHIP_CODES_H_
#define L3LINK_BACKENDS_ABI_CHIP_CODES_H_

enum l3_code {
  L3_OK = 0,
  L3_ENOENT = -2,     /* no such object, lane or signal */
  L3_EMAGIC = -8,     /* not an arena */
  L3_AGAIN = -11,     /* full, empty, not yet, or the timeout has passed */
  L3_EINVAL = -22,    /* a wrong argument; a signal that the chip does not write */
  L3_ESIZE = -27,     /* the arena says it is larger than what is mapped */
  L3_EUNSHARED = -38, /* ADD or MAX on a both-written signal, and the platform has no shared read-modify-write */
  L3_EVERSION = -71,  /* another ABI version */
  L3_ECORRUPT = -74,  /* words in shared memory that contradict each other, or a wrong checksum */
  L3_E2BIG = -75,     /* the message is larger than max_message_bytes, or than the buffer */
  L3_ECHANGED = -85,  /* l3_wait: the directory has changed and is not acknowledged */
  L3_ECLOSED = -116,  /* closed or reset: the view's generation is no longer current; open it again */
  L3_ESTOPPED = -125  /* a wait: the platform asks the program to end */
};

static inline const char* l3_code_text(int code) {
  switch (code) {
    case L3_OK: return "ok";
    case L3_ENOENT: return "no such object, lane or signal";
    case L3_EMAGIC: return "not an L3Link arena (wrong magic)";
    case L3_AGAIN: return "not now";
    case L3_EINVAL: return "invalid argument";
    case L3_ESIZE: return "the arena is larger than what is mapped";
    case L3_EUNSHARED: return "no shared read-modify-write on this platform";
    case L3_EVERSION: return "another ABI version";
    case L3_ECORRUPT: return "corrupt words in shared memory";
    case L3_E2BIG: return "message too large";
    case L3_ECHANGED: return "the directory has changed";
    case L3_ECLOSED: return "closed or reset";
    default: return "unknown code";
  }
}

#endif /* L3LINK_BACKENDS_ABI_CHIP_CODES_H_ */
