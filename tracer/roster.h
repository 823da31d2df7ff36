/* Which name a thread had when: from the program table, the latest answers kept. */
#ifndef TRACER_ROSTER_H
#define TRACER_ROSTER_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/error.h"

struct roster;

int roster_open(struct roster **out, sqlite3 *db, struct error *why);
void roster_free(struct roster *n);
/* The table grew: forget what was answered. */
void roster_forget(struct roster *n);

/* Name of tid at event id: the last one given before it, else the first one;
 * "idle" for thread 0, "" if there is none. */
void roster_find(struct roster *n, uint32_t tid, uint64_t id, char *name, size_t size);

#endif
