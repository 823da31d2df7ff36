/* The guest's first file system: an initramfs packed in memory, with init, the
 * command's program, what was asked to be added, and the few directories and
 * files that every program expects.  With a tree of the host's it holds only what goes
 * into the memory that is mounted on the tree. */
#ifndef TRACER_VM_IMAGE_H
#define TRACER_VM_IMAGE_H

#include <stdint.h>

#include "tracer/buffer.h"
#include "tracer/error.h"
#include "tracer/vm/given.h"
#include "tracer/vm/places.h"
#include "tracer/vm/program.h"

/* What the kernel runs first: without and with a tree. */
#define IMAGE_INIT         "/init"
#define IMAGE_INIT_IN_TREE "/run/ringscope/init"

struct image_config {
	const struct program *program;
	const char *init;               /* file of the host that becomes the first program */
	char *const *adds;              /* "HOST[:GUEST]", NULL-terminated; directories whole */
	const char *terminal;           /* value of TERM */
	const struct places *places;    /* in the host's tree; NULL: packed files */
	const struct buffer *input;     /* the command's standard input; NULL: it comes by a port */
	const struct buffer *functions; /* functions_select's list; NULL: none */
};

/* Pack.  Gives an open file without a name, its size in bytes, and adds to given what the
 * command can see in it (everything but init); -1 with why filled in (125, or 126/127 for
 * what cannot be read). */
int image_pack(const struct image_config *config, uint64_t *size, struct given *given,
	       struct error *why);

#endif
