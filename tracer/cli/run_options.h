/* The options of `ringscope run`, and of other commands that run something. */
#ifndef TRACER_CLI_RUN_OPTIONS_H
#define TRACER_CLI_RUN_OPTIONS_H

#include "tracer/buffer.h"
#include "tracer/vm/run.h"

#define LIST_MAX 256 /* of each option that may be repeated */

/* What options list, which the configuration points to, and what is not for a single
 * run.  Zeroed at first. */
struct run_lists {
	char *add[LIST_MAX + 1], *qemu[LIST_MAX + 1], *rw[LIST_MAX + 1], *tmpfs[LIST_MAX + 1];
	char *functions[LIST_MAX + 1], *stacks[LIST_MAX + 1];
	unsigned adds, qemus, rws, tmpfss, function_count, stack_count;
	bool seeds; /* --seeds is given */
	uint64_t first_seed, last_seed;
	struct rules rules;
	struct buffer filters, triggers; /* as written, by lines */
	bool flight;                     /* a black box */
	bool view;                       /* share the terminal with the viewer */
};

/* Fill in *config and *lists from a command's options; optind is then the word after them.
 * -1: go on; else an exit status, with a message if it is no 0. */
int run_options_read(int argc, char **argv, struct run_config *config, struct run_lists *lists,
		     const char *help);
/* The same, and the words of the program, which are then config->argv. */
int run_command_read(int argc, char **argv, struct run_config *config, struct run_lists *lists,
		     const char *help);
/* The same for a command that takes one run: what the configuration points to lives as
 * long as the process. */
int run_options(int argc, char **argv, struct run_config *config, const char *help);

#endif
