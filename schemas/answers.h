/* What the host's file servers answered in an exact run, in the order in which the guest
 * asked: memory behind the guest's own, which its kernel fills, and which it reads from
 * instead of asking when the run is run again.  Guest and host include this. */
#ifndef SCHEMAS_ANSWERS_H
#define SCHEMAS_ANSWERS_H

#include <stdint.h>

#define ANSWERS_MAGIC "Ringscope answer" /* 16 bytes, without the NUL */
#define ANSWERS_ALIGN 8u                 /* of each answer */

enum answers_mode {
	ANSWERS_KEEP = 1, /* ask the host, keep what it says */
	ANSWERS_GIVE = 2, /* it has been asked: all of it is here */
};

struct answers_head {
	char magic[16];
	uint32_t mode; /* enum answers_mode; the host writes it before the machine starts */
	uint32_t full; /* 1: there was no room for all, what is here is of no use */
	uint64_t size; /* bytes behind this head */
};

/* Its bytes follow. */
struct answer {
	uint32_t question; /* FNV-1a of what was asked */
	uint32_t length;
};

#endif
