/* The harness of tests/abi and tests/guest: a table of small cases, each run in a
 * process of its own.
 *
 *   CASE(pipe_end_of_file)
 *   {
 *           int ends[2];
 *
 *           CHECK(pipe(ends) == 0);
 *           GIVES(write(ends[1], "abc", 3), 3);
 *           FAILS(lseek(ends[0], 0, SEEK_SET), ESPIPE);
 *   }
 *
 * A case checks what it expects; the first thing that is not so prints where, and ends
 * the case.  GIVES and FAILS also print the expression and what came of it, so that
 * the output of two kernels can be compared byte by byte: nothing that is printed may
 * hold a pid, a time, an address or anything else that differs between two runs.
 *
 * A case starts in an empty directory of its own, as leader of a process group, with
 * descriptors 0 to 2 only, default signal actions, umask 022.  When it ends, what is
 * left of its group is killed.  It may run CASE_SECONDS.
 *
 * Reading order: this file, case.c, then any *_cases file. */
#ifndef TESTS_ABI_CASE_H
#define TESTS_ABI_CASE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CASE_SECONDS = 90 };

struct test_case {
	const char *name;
	void (*run)(void);
};

/* Defines a case; the linker collects the table, in order of file and line. */
#define CASE(name)                                                                                 \
	static void case_##name(void);                                                             \
	static const struct test_case entry_##name __attribute__((                                 \
		used, no_reorder, section("test_cases"), aligned(16))) = { #name, case_##name };   \
	static void case_##name(void)

/* Nothing is printed if it is so. */
#define CHECK(is_so)                                                                               \
	do {                                                                                       \
		if (!(is_so))                                                                      \
			case_fail(__FILE__, __LINE__, #is_so);                                     \
	} while (0)

/* The expression has the value; both are printed. */
#define GIVES(expression, value)                                                                   \
	do {                                                                                       \
		errno = 0;                                                                         \
		long got_ = (long)(expression);                                                    \
		case_gives(__FILE__, __LINE__, #expression, got_, (long)(value));                  \
	} while (0)

/* The expression is -1 and errno is the one named; both are printed. */
#define FAILS(expression, error)                                                                   \
	do {                                                                                       \
		errno = 0;                                                                         \
		long got_ = (long)(expression);                                                    \
		case_fails(__FILE__, __LINE__, #expression, got_, error);                          \
	} while (0)

/* The child ends by exit with the status, or by the signal; both are printed. */
#define EXITS(pid, status) case_ended(__FILE__, __LINE__, pid, status, 0)
#define DIES(pid, signal)  case_ended(__FILE__, __LINE__, pid, 0, signal)

void case_fail(const char *file, int line, const char *what) __attribute__((noreturn));
void case_gives(const char *file, int line, const char *text, long got, long wanted);
void case_fails(const char *file, int line, const char *text, long got, int wanted);
void case_ended(const char *file, int line, pid_t pid, int status, int signal);

/* A line of output, indented like the rest.  One write each. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* fork that cannot fail. */
pid_t child(void);
/* The status word of a child that has ended; it is reaped. */
int child_status(pid_t pid);
/* Sleep, resuming after signals. */
void sleep_ms(long ms);
/* Until the process sleeps: for one that does so in one call only. */
void until_asleep(pid_t pid);
/* CLOCK_MONOTONIC in milliseconds. */
long now_ms(void);
/* Make a file with the text; its descriptor is closed again. */
void file_put(const char *path, const char *text);
/* Up to size - 1 bytes of a file as a string; "" if it cannot be opened. */
size_t file_get(const char *path, char *text, size_t size);
/* A field of /proc/PID/stat behind the name, counted from 3, the state's letter. */
unsigned long stat_field(const char *path, int wanted);
/* The name of an error number: "ENOENT". */
const char *error_name(int number);
/* "TERM" for SIGTERM. */
const char *signal_name(int number);

/* Runs the cases that match; see case_main in case.c for the arguments.  Around each
 * case run(entry) is called if it is not NULL; it calls case_run, maybe repeatedly,
 * and says whether all is well. */
int case_main(int argc, char **argv, const char *program,
	      bool (*run)(const struct test_case *entry));
/* Run one case in a child and wait for it; prints what went wrong.  true: it passed. */
bool case_run(const struct test_case *entry);
/* After case_main was called: silences what a case prints, for repeated runs. */
void case_quiet(bool quiet);

#endif
