/* gdb on a guest: the folder that both work in, what gdb is told, gdb itself. */
#ifndef TRACER_DEBUG_DEBUGGER_H
#define TRACER_DEBUG_DEBUGGER_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/buffer.h"
#include "tracer/error.h"

#define DEBUG_PATH 256

struct debugger {
	char folder[DEBUG_PATH - 64]; /* ours, for files and the socket */
	char socket[DEBUG_PATH];      /* of QEMU's stub */
	struct buffer script;         /* what gdb does first */
};

/* What the user wants of gdb. */
struct debugger_options {
	char *const *commands; /* NULL-terminated, each after the other */
	const char *file;      /* of commands; NULL: none */
	bool batch;            /* end when they are done */
};

/* Make the folder; the script sets gdb up. */
int debugger_open(struct debugger *d, struct error *why);
/* The kernel's symbols, and our commands, which need them. */
int debugger_kernel(struct debugger *d, const char *kernel, struct error *why);
/* The folder and all that is in it are gone afterwards. */
void debugger_close(struct debugger *d);
/* A file of the folder. */
void debugger_file(const struct debugger *d, const char *name, char path[DEBUG_PATH]);

/* Add to the script: the symbols of a file that is mapped so.  What is no ELF file of this
 * machine adds nothing. */
void debugger_symbols(struct debugger *d, const char *path, uint64_t start, uint64_t offset);
/* Have gdb learn of programs and libraries while they are mapped. */
void debugger_follow(struct debugger *d);
/* Run gdb on the machine behind the socket, with our terminal, to its end: its exit
 * status, or 2 with a message. */
int debugger_run(struct debugger *d, const struct debugger_options *o);

/* For debugger_follow's breakpoint, in a process of its own: read the path of a mapping
 * from the folder, write gdb's command for it there. */
int debugger_map(const char *folder, uint64_t start, uint64_t offset);

#endif
