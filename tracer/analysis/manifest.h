/* How a recording was made: what must be alike for two to be compared honestly.  The
 * kernel's build may differ, since it is what is compared; its compiler may not. */
#ifndef TRACER_ANALYSIS_MANIFEST_H
#define TRACER_ANALYSIS_MANIFEST_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#define MANIFEST_VALUE 160

/* In order of what is named first where several differ. */
enum manifest_fact {
	MANIFEST_COMPILER,
	MANIFEST_QEMU,
	MANIFEST_CPUS,
	MANIFEST_MEMORY,
	MANIFEST_ICOUNT,
	MANIFEST_SETTINGS, /* the kernel's options and further ones of QEMU */
	MANIFEST_INPUTS,   /* hash of what was packed for the guest */
	MANIFEST_SEED,
	MANIFEST_FACTS
};

struct manifest {
	char fact[MANIFEST_FACTS][MANIFEST_VALUE]; /* "": not known */
};

void manifest_read(struct manifest *m, sqlite3 *db);
/* "compiler": the name of a fact in a baseline; -1: there is no such. */
const char *manifest_name(enum manifest_fact fact);
int manifest_by_name(const char *name);
/* The first fact that is not alike, with what it is in words, as "memory_mib: 512 and 256";
 * MANIFEST_FACTS: all are.  any_seed: runs of several seeds are one sample. */
enum manifest_fact manifest_differs(const struct manifest *a, const struct manifest *b,
				    bool any_seed, char *what, size_t size);
/* What of MANIFEST_INPUTS is not the same in two recordings: "environment HOME, environment
 * PWD and 2 more".  False: a recording does not know. */
bool manifest_given(sqlite3 *a, sqlite3 *b, char *what, size_t size);

#endif
