/* What a guest is given at its start, by name and hash, so that a comparison of two
 * recordings can say what was not the same. */
#ifndef TRACER_VM_GIVEN_H
#define TRACER_VM_GIVEN_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/error.h"

struct given {
	struct given_item {
		char *name; /* a path in its first file system, "environment PWD" */
		uint64_t hash;
	} * item;
	uint32_t count, room;
	bool full; /* no memory for one */
};

void given_add(struct given *g, const char *name, uint64_t hash);
/* A variable of the environment: "NAME=value". */
void given_add_variable(struct given *g, const char *text);
/* Of all, in their order. */
uint64_t given_hash(const struct given *g);
/* Into the table "given".  0, or 2 with why. */
int given_write(const struct given *g, sqlite3 *db, struct error *why);
void given_free(struct given *g);

#endif
