/* The strings of execve: argv and the environment, copied out of the old program
 * before anything is changed, and given to the new one's stack. */
#ifndef KERNEL_PROC_ARGUMENTS_H
#define KERNEL_PROC_ARGUMENTS_H

#include "kernel/lib/types.h"

#define ARGUMENT_PAGES      1536         /* 6 MiB: Linux's bound, 3/4 of the usual stack limit */
#define ARGUMENT_LENGTH_MAX (128 * 1024) /* MAX_ARG_STRLEN of Linux */
#define ARGUMENT_PREFIX     8192         /* what #! lines put in front */

/* NUL-terminated strings one after the other: argv's, then the environment's. */
struct arguments {
	uint8_t **pages;      /* ARGUMENT_PAGES, filled as needed */
	uint64_t length;      /* bytes */
	uint64_t environment; /* where it starts */
	uint32_t argument_count, environment_count;
	uint64_t first; /* length of argv[0] with its NUL */
	uint64_t limit; /* of bytes and pointers together */
	/* What replaces argv[0] after a #! line: strings at the end of the buffer. */
	char *prefix;
	uint32_t prefix_count;
	uint64_t prefix_length;
};

/* Record what an execve that failed early was given: argv is the argument arg of the call,
 * envp the next one. */
void arguments_tell(uint64_t argv, uint64_t envp, unsigned arg);

/* arg: as above.  Takes the limit in bytes that RLIMIT_STACK gives.  0, -E2BIG, -EFAULT, -ENOMEM;
 * after an error nothing is held. */
int arguments_from_user(struct arguments *a, uint64_t argv, uint64_t envp, unsigned arg,
			uint64_t stack_limit);
int arguments_from_kernel(struct arguments *a, const char *const *argv, const char *const *envp);
void arguments_free(struct arguments *a);

/* A #! line: interpreter, perhaps an option (NULL: none), and the script's name
 * replace argv[0].  0 or -E2BIG. */
int arguments_interpret(struct arguments *a, const char *interpreter, const char *option,
			const char *script);
/* argc and bytes of argv as the new program gets them. */
uint32_t arguments_count(const struct arguments *a);
uint64_t arguments_size(const struct arguments *a);
/* n bytes from offset at of what the new program gets: prefix, argv, environment. */
void arguments_read(const struct arguments *a, uint64_t at, void *to, size_t n);

#endif
