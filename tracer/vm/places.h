/* What the guest sees where, when it runs in a tree of the host's: the directories that
 * are memory, those of the host's that it may write to, and the one it starts in. */
#ifndef TRACER_VM_PLACES_H
#define TRACER_VM_PLACES_H

#include <stdbool.h>

#include "tracer/error.h"

#define PLACES_MAX   32
#define WRITABLE_MAX 16 /* each is a device of the machine */

enum place_kind {
	PLACE_MEMORY,   /* tmpfs */
	PLACE_WRITABLE, /* directory of the host */
	PLACE_SHOWN,    /* of the host's tree, where memory would hide it */
};

struct place {
	enum place_kind kind;
	char *host;  /* the directory of PLACE_WRITABLE */
	char *guest; /* absolute; outer places come first */
	bool make;   /* it lies in memory: init makes the directory */
	char tag[8]; /* of PLACE_WRITABLE: what the kernel calls the tree */
};

struct places {
	const char *tree; /* the host's, without a final '/'; "" is all of it */
	char *cwd;        /* of the guest */
	struct place list[PLACES_MAX];
	unsigned count;
};

/* tree: the host's directory that is the guest's root.  rws: "HOST[:GUEST]", tmpfs:
 * the guest's directories, both NULL-terminated.  0, or 125 with why filled in.
 * places_free in any case. */
int places_find(struct places *p, const char *tree, char *const *rws, char *const *tmpfs,
		struct error *why);
void places_free(struct places *p);
/* Those of a run that is run again: `writable` directories, all of them this one.  Likewise. */
int places_again(struct places *p, const char *directory, unsigned writable, struct error *why);
/* How many are of the kind PLACE_WRITABLE. */
unsigned places_writable(const struct places *p);

/* Is the guest's path in memory (that the run fills before init mounts the places)? */
bool places_memory_holds(const char *path);
/* Does a place lie over the guest's path? */
bool places_cover(const struct places *p, const char *path);

#endif
