/* QEMU's monitor (QMP, docs/interop/qmp-spec of QEMU): what became of the machine, and
 * commands.  Nothing here waits longer than it is told to: a QEMU whose monitor is dead
 * is one that says nothing. */
#ifndef TRACER_VM_MONITOR_H
#define TRACER_VM_MONITOR_H

#include <stdbool.h>

#include "tracer/buffer.h"

struct monitor {
	int fd; /* -1: gone */
	struct buffer input;
	unsigned commands;    /* sent so far */
	unsigned answered;    /* number of the last answer */
	struct buffer answer; /* its line */
	/* Events, once they came, or what it is that they would have told. */
	bool panicked; /* the guest said so, by pvpanic; it is paused */
	bool reset;    /* a triple fault; it is paused as it was */
	bool off;      /* the guest switched the machine off */
	bool paused;   /* it does not run now, whoever wanted that */
	bool ended;    /* off or reset before we came */
};

/* Greet, and ask how it is; fd stays the caller's. */
void monitor_init(struct monitor *m, int fd);
void monitor_free(struct monitor *m);
/* fd is readable: take what came. */
void monitor_read(struct monitor *m);
/* Run a command, "stop" say, and wait for its answer.  False: none came in time, or an
 * error. */
bool monitor_command(struct monitor *m, const char *command, unsigned timeout_ms);
/* A line of the monitor for people; its text is appended to out. */
bool monitor_human(struct monitor *m, const char *line, struct buffer *out, unsigned timeout_ms);

#endif
