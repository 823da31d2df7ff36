/* The core files that the guest sends (schemas/trace.h, core port): checked, packed, and
 * given to whoever stores them. */
#ifndef TRACER_VM_CORES_H
#define TRACER_VM_CORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/trace.h"
#include "tracer/error.h"

/* In a queue behind the kinds of frames. */
#define QUEUED_CORE 0x100u

/* What is queued of a core; of CORE_DATA a zstd frame follows. */
struct core_item {
	uint32_t kind; /* enum core_kind */
	uint32_t pid, sig;
	uint32_t bytes;   /* of CORE_DATA before they were packed */
	uint64_t offset;  /* of CORE_DATA in the file; of CORE_END its size */
	uint64_t omitted; /* of CORE_END */
};

/* Takes a copy of an item; false: it cannot go on. */
typedef bool (*core_taker)(void *cookie, const void *item, uint32_t length);

/* Read messages from the socket to its end.  again: another reader was there before, and may
 * have left amid one.  0, or 125: the stream makes no sense or
 * memory is out; the rest of it was read and dropped then, so that the guest can go on. */
int cores_read(int socket, bool again, core_taker take, void *cookie, struct error *why);

#endif
