/* The directory of a guest that may outlive its tracer: the sockets by which a tracer
 * reaches it, and what the next tracer has to know.
 *
 *   trace, stdin, ...   QEMU listens there, for one tracer at a time
 *   state               facts as NAME=VALUE, each ended by a zero byte
 *   rules               struct rules, in force
 *   lock                held (flock) by the tracer at work
 *
 * It lies in the directory of control sockets, which only its user may enter, and is
 * named by the pid of the first tracer. */
#ifndef TRACER_VM_RUN_DIRECTORY_H
#define TRACER_VM_RUN_DIRECTORY_H

#include <stdbool.h>

#include "tracer/buffer.h"
#include "tracer/error.h"
#include "tracer/vm/rules.h"

struct run_directory {
	char path[96]; /* a socket's name fits behind it; "": there is none */
	int lock;      /* -1: not held */
};

/* Make one for this process, and take its lock.  0 or 125. */
int run_directory_create(struct run_directory *d, struct error *why);
/* Take over a guest whose tracer is gone.  name: the directory, the pid in its name, or a
 * trace file that tells of it.  0, or 125: none such, or a tracer has it. */
int run_directory_open(struct run_directory *d, const char *name, struct error *why);
/* Leave it to another tracer. */
void run_directory_leave(struct run_directory *d);
/* The guest has ended: remove it. */
void run_directory_remove(struct run_directory *d);

/* A socket in it: listen, or connect.  The descriptor, or -1 and errno. */
int run_directory_listen(const struct run_directory *d, const char *name);
int run_directory_connect(const struct run_directory *d, const char *name);

/* Add a fact to those that run_directory_save writes. */
void run_fact_add(struct buffer *facts, const char *name, const char *value);
/* The value of a fact; NULL: there is none. */
const char *run_fact(const struct buffer *facts, const char *name);
/* The fact that QEMU is process pid; and that pid if it still runs, else 0. */
void run_fact_guest(struct buffer *facts, int pid);
int run_guest(const struct buffer *facts);
/* Each replaces its file as a whole.  0 or 125. */
int run_directory_save(const struct run_directory *d, const struct buffer *facts,
		       struct error *why);
int run_directory_save_rules(const struct run_directory *d, const struct rules *rules,
			     struct error *why);
int run_directory_load(const struct run_directory *d, struct buffer *facts, struct rules *rules,
		       struct error *why);

#endif
