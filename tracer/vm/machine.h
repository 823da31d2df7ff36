/* One QEMU process: its command line, its sockets, its end. */
#ifndef TRACER_VM_MACHINE_H
#define TRACER_VM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tracer/buffer.h"
#include "tracer/error.h"
#include "tracer/vm/follow.h"
#include "tracer/vm/places.h"
#include "tracer/vm/run_directory.h"

/* Our ends of the byte streams between host and guest. */
enum machine_port {
	PORT_TRACE,
	PORT_INPUT,
	PORT_OUTPUT,
	PORT_ERROR,
	PORT_LOG,
	PORT_CORE,
	PORT_EARLY,   /* port 0xe9: the log before there are drivers */
	PORT_QEMU,    /* QEMU's own messages */
	PORT_MONITOR, /* QEMU's monitor: vm/monitor.h */
	PORT_LIMIT
};

struct machine_config {
	const char *kernel; /* file */
	int initramfs;      /* open file */
	const char *append; /* the kernel's command line */
	unsigned cpus;
	unsigned memory;  /* MiB */
	unsigned answers; /* MiB more, where what the trees answer is kept; 0: it is not */
	int answered;     /* with that: open file of what they shall answer; -1: ask them */
	const char *tree; /* directory that the guest sees by 9p, read-only; NULL: none */
	const struct places *places; /* with those that it may write to */
	bool icount, kvm;
	bool mute;          /* nobody listens: the ports lead nowhere */
	bool monitor;       /* QEMU's own takes commands by PORT_INPUT; with mute */
	const char *record; /* more of -icount: QEMU's record and replay; NULL: none */
	bool exact;         /* nothing of the host comes at a time of its own; icount, too */
	char *const *extra; /* further arguments, NULL-terminated */
	const struct run_directory *directory; /* it outlives us, its ports are there; NULL: no */
};

struct machine {
	pid_t pid;   /* 0: not running */
	int adopted; /* a pidfd: it is no child of ours; 0: it is */
	int port[PORT_LIMIT];
	int memory;              /* the guest's RAM, a file that it shares with us; outlives it */
	int wait_status;         /* once it ended */
	struct follow *follow;   /* of an exact run */
	struct buffer arguments; /* all of QEMU's, as a shell would show them */
};

/* Start it.  0, or 125: QEMU could not be executed. */
int machine_start(struct machine *m, const struct machine_config *config, struct error *why);
/* Take over one that runs, process pid, whose tracer is gone.  0 or 125. */
int machine_attach(struct machine *m, int pid, const struct run_directory *directory,
		   struct error *why);
/* Close our ends and let it go on. */
void machine_leave(struct machine *m);
/* Has it ended?  Reaps it then. */
bool machine_ended(struct machine *m);
/* It has ended: wait until all that an exact run left in files is in the ports. */
void machine_followed(struct machine *m);
/* End it now and reap it.  The ports stay open: what is in them can be read. */
void machine_kill(struct machine *m);
/* All but its memory. */
void machine_close(struct machine *m);
void machine_forget(struct machine *m);
/* The memory of the guest that QEMU, process pid, runs: a descriptor, or -1. */
int machine_memory(int pid);

/* The program that machine_start executes. */
const char *machine_program(void);
/* What it says with --version; false: it says nothing.  Costs a tenth of a second. */
bool machine_version(char *text, unsigned size);
/* Is it older than we need?  Runs it with --version; its version goes to text.
 * For explaining a failure: it costs a tenth of a second. */
bool machine_too_old(char *text, unsigned size);

#endif
