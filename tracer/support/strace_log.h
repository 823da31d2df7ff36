/* Logs of strace, line by line: -f with or without -o (pids as "123 " or "[pid 123] "),
 * -t, -tt, -ttt, -r, -T, -y, calls in two parts (unfinished, resumed), and what
 * `ringscope strace` prints.  Every byte is hostile. */
#ifndef TRACER_SUPPORT_STRACE_LOG_H
#define TRACER_SUPPORT_STRACE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_LINE_MAX    (1u << 20) /* longer lines are cut */
#define LOG_PENDING_MAX 4096       /* threads amid a call; of more the first part is lost */

/* A whole call: its name, the text between its parentheses, and the text after "=",
 * which may be "".  NUL-terminated, valid during the function. */
typedef void (*log_found)(void *context, const char *name, const char *arguments,
			  const char *result);

struct strace_log;

struct strace_log *strace_log_new(log_found found, void *context); /* NULL: no memory */
/* One line with or without its newline; false: it is no line of strace's. */
bool strace_log_line(struct strace_log *log, const char *line, size_t length);
/* Calls that were never resumed are found without a result; then log is freed. */
void strace_log_end(struct strace_log *log);

/* The top-level arguments of a call, one after the other: *at is moved behind the comma;
 * the length of the argument at the old *at.  false: there is none. */
bool argument_next(const char **at, const char **argument, size_t *length);
/* The next name (NULL, O_CREAT, SIGCHLD) in [*at, end): neither in quotes nor in a
 * comment, nor the name of a member ("flags=").  false: there is none. */
bool name_next(const char **at, const char *end, const char **name, size_t *length);

#endif
