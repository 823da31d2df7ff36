/* `ringscope run` from its options to the exit status. */
#ifndef TRACER_VM_RUN_H
#define TRACER_VM_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/tables/tables.h"
#include "tracer/vm/rules.h"

/* The file trees of a recorded run, when there is no host behind them. */
struct run_trees {
	const char *directory; /* shown in their place, and not asked for anything; NULL: none */
	unsigned writable;     /* how many there were beside the root */
	unsigned answers;      /* MiB, as machine_config */
	int answered;          /* open file of what they answered */
};

/* A recorded run, to be run again with the same input: exact, and no command of ours. */
struct run_again {
	int image;          /* open file */
	const char *kernel; /* file */
	const char *append; /* the kernel's command line */
	const char *record; /* as machine_config */
	struct run_trees trees;
};

struct run_config {
	char **argv;                    /* the command, NULL-terminated */
	const char *output;             /* trace file */
	const char *kernel;             /* NULL: the one beside the program */
	const char *mode;               /* lossless, flight, drop, off */
	const char *tables;             /* live, end, none; NULL: live */
	const char *on_tracer_loss;     /* go-on, wait; NULL: the guest ends with us */
	unsigned keep;                  /* MiB that a flight recorder keeps; 0: as the ring is */
	struct rules *rules;            /* filters and triggers */
	const char *filters, *triggers; /* the same as the user wrote them, by lines */
	unsigned cpus, memory;          /* memory in MiB */
	unsigned ring_blocks, ring_kib;
	uint64_t core_limit; /* bytes of memory that a core file may hold; 0: none is made */
	unsigned data;       /* bytes kept of what calls read and write */
	char *const *adds;   /* NULL-terminated, as image_config */
	char *const *qemu;   /* further arguments of QEMU, NULL-terminated */
	char *const *rws;    /* NULL-terminated, as places_find; with one the guest sees a tree */
	char *const *tmpfs;  /* likewise */
	char *const *functions; /* NULL-terminated, as functions_select; empty: none */
	char *const *stacks;    /* likewise: where stacks are taken */
	unsigned sample;        /* Hz of stacks of what runs; 0: none */
	unsigned stack_bytes;   /* of a program's stack in each; 0: the kernel's default */
	const char *root;       /* directory shown as the guest's root, read-only; NULL: "/" for
				 * programs that need libraries, else only what is packed */
	bool force;             /* replace whatever file is at output */
	bool icount, kvm, no_vdso, show_log;
	bool record_replay;            /* keep what is needed to run again; with exact */
	unsigned answers;              /* MiB kept of what the host's trees say; 0: ANSWERS_MIB */
	const struct run_again *again; /* run this again; NULL: what the rest says */
	bool debugged; /* somebody stops the machine as he likes: no limit of time */
	bool exact;    /* two such runs give equal traces; with icount, on one CPU */
	bool seeded;
	uint64_t seed;
	unsigned timeout;         /* seconds, 0: none */
	unsigned watchdog;        /* seconds without progress that are a hang, 0: for ever */
	bool no_memory;           /* of a crash do not keep the guest's memory */
	bool inject;              /* the guest lets programs break the kernel */
	tables_progress progress; /* may be NULL */
};

/* Run it; messages go to stderr as "ringscope: ...".  Returns the command's exit
 * status, or 125, 126, 127, 128+n as the head of `ringscope run --help` says. */
int run(const struct run_config *config);

#endif
