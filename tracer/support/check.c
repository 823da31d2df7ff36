#include "tracer/support/check.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/decode/call.h"
#include "tracer/support/strace_log.h"

/* At most CHECK_NAME - 1 bytes, none that could command a terminal. */
static void name_copy(char to[CHECK_NAME], const char *from, size_t length)
{
	size_t n = length < CHECK_NAME - 1 ? length : CHECK_NAME - 1;

	for (size_t i = 0; i < n; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	to[n] = '\0';
}

static void gap_add(struct check *c, enum gap gap, const char *call, const char *name,
		    size_t length)
{
	struct check_gap g = { .gap = gap, .times = 1 };

	name_copy(g.call, call, strlen(call));
	name_copy(g.name, name, length);
	for (size_t i = 0; i < c->count; i++) {
		struct check_gap *old = &c->gaps[i];

		if (old->gap == gap && strcmp(old->call, g.call) == 0 &&
		    strcmp(old->name, g.name) == 0) {
			old->times++;
			return;
		}
	}
	if (c->count < CHECK_GAPS_MAX)
		c->gaps[c->count++] = g;
	else
		c->others++;
}

/* strace names clone's arguments ("child_stack=NULL, flags=...") in an order of its own.
 * Where the argument belongs; CALL_ARGS: nowhere. */
static unsigned index_of(const struct call_info *info, unsigned index, const char *argument,
			 size_t length)
{
	size_t key = 0;

	while (key < length && (argument[key] == '_' || islower((unsigned char)argument[key])))
		key++;
	if (!key || key == length || argument[key] != '=')
		return index;
	for (unsigned i = 0; i < info->args; i++)
		if (strncmp(info->arg_name[i], argument, key) == 0 && !info->arg_name[i][key])
			return i;
	return CALL_ARGS;
}

/* One argument: each of its names; and as a whole, where only some are accepted. */
static void argument_check(struct check *c, unsigned nr, unsigned index, const char *argument,
			   size_t length)
{
	const struct call_info *info = call_info(nr);
	const char *call = info->name, *at = argument, *end = argument + length, *name;
	bool limited, accepted = false, any = false;
	char word[CHECK_NAME];
	size_t size;

	index = index_of(info, index, argument, length);
	limited = support_limits(nr, index, "", &accepted);
	while (name_next(&at, end, &name, &size)) {
		name_copy(word, name, size);
		if (limited) {
			support_limits(nr, index, word, &accepted);
			any = any || accepted;
		} else if (support_refuses(nr, word)) {
			gap_add(c, GAP_REFUSED, call, name, size);
		} else if (support_unknown(nr, index, word)) {
			gap_add(c, GAP_UNKNOWN, call, name, size);
		}
	}
	if (limited && !any)
		gap_add(c, GAP_REFUSED, call, argument, length);
}

/* A call that has no name: "syscall_0x1b8". */
static int number_of(const char *name)
{
	unsigned long nr;
	char *end;

	if (strncmp(name, "syscall_", strlen("syscall_")) != 0)
		return support_number(name);
	nr = strtoul(name + strlen("syscall_"), &end, 0);
	return *end || nr >= SYSCALL_LIMIT || !call_info((unsigned)nr) ? -1 : (int)nr;
}

static void call_check(void *context, const char *name, const char *arguments, const char *result)
{
	struct check *c = context;
	const char *argument;
	size_t length;
	int nr = number_of(name);

	c->calls++;
	if (strncmp(result, "-1 ENOSYS", strlen("-1 ENOSYS")) == 0)
		return;
	if (nr < 0 || support_of(c->handlers, (unsigned)nr) == SUPPORT_ABSENT) {
		gap_add(c, GAP_ABSENT, nr < 0 ? name : call_info((unsigned)nr)->name, "", 0);
		return;
	}
	if (support_missing((unsigned)nr))
		gap_add(c, GAP_PARTIAL, name, "", 0);
	for (unsigned i = 0; argument_next(&arguments, &argument, &length); i++)
		argument_check(c, (unsigned)nr, i, argument, length);
}

int check_read(struct check *c, FILE *log, const char *path, struct error *why)
{
	struct strace_log *reader = strace_log_new(call_check, c);
	size_t size = 0;
	ssize_t length;
	char *line = NULL;

	if (!reader)
		return error_set(why, 2, "%s: %s", path, strerror(ENOMEM));
	errno = 0;
	while ((length = getline(&line, &size, log)) >= 0) {
		c->lines++;
		strace_log_line(reader, line, (size_t)length);
	}
	free(line);
	strace_log_end(reader);
	if (ferror(log))
		return error_set(why, 2, "%s: %s", path, strerror(errno));
	if (!c->calls)
		return error_set(why, 2, "%s: no line of strace's in it; write it with strace -f",
				 path);
	return 0;
}

bool check_missing(const struct check *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->gaps[i].gap != GAP_PARTIAL)
			return true;
	return c->others > 0;
}
