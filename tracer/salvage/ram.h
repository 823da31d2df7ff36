/* The guest's physical memory as bytes, wherever they are kept: QEMU's RAM, which is a
 * file that it shares with us, also after it died; a core file; a trace.  Any of it may
 * be missing, and all of it is hostile. */
#ifndef TRACER_SALVAGE_RAM_H
#define TRACER_SALVAGE_RAM_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/error.h"

#define RAM_PARTS 256u

struct ram_part {
	uint64_t phys, size, offset; /* offset: in the file */
};

struct ram {
	int fd;
	bool ours;                       /* fd is closed by ram_close */
	struct ram_part part[RAM_PARTS]; /* by rising phys, apart from each other */
	unsigned parts;
};

/* The RAM of a "pc" machine of so many bytes, which lies in fd from 0 on.  fd stays the
 * caller's. */
void ram_of_machine(struct ram *m, int fd, uint64_t bytes);
/* A file: an ELF core (QEMU's dump-guest-memory, or our vmcore), else RAM as it is.  0 or
 * status 2. */
int ram_of_file(struct ram *m, const char *path, struct error *why);
/* What a recording kept of a machine that stopped.  0, 2, or 3: it has none. */
int ram_of_trace(struct ram *m, sqlite3 *db, struct error *why);
void ram_close(struct ram *m);
/* Into table memory of a recording, within the caller's transaction; *bytes: how many
 * there were.  0 or 2. */
int ram_keep(const struct ram *m, sqlite3 *db, uint64_t *bytes, struct error *why);

/* Bytes from phys on, at most n; how many there were. */
size_t ram_read(const struct ram *m, uint64_t phys, void *to, size_t n);
/* The next run of memory at or behind *phys that was ever written; false: none. */
bool ram_next(const struct ram *m, uint64_t *phys, uint64_t *end);
/* Above all of it. */
uint64_t ram_top(const struct ram *m);

#endif
