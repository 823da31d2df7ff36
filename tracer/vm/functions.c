#include "tracer/vm/functions.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN_MAX 128
#define CALL_PREFIX "sys_"

/* Marks of functions: enum function_want of kernel/trace/function.h. */
enum { IS_RECORDED = 1, IS_ROOT = 2, HAS_STACK = 4 };

/* Events at which stacks can be taken, by the functions that are entered then. */
static const struct {
	const char *event, *functions;
} events[] = {
	{ "syscall_enter", "sys_*" },
	{ "page_fault", "space_fault" },
	{ "context_switch", "sched_block,sched_yield,sched_preempt" },
	{ "wakeup", "thread_wake" },
	{ "signal_send", "signal_send*" },
	{ "exec", "sys_execve*" },
};

/* The compiler's variants of a function (name.part.0) go by its name. */
static bool matches(const char *pattern, const char *function, bool call)
{
	const size_t prefix = call ? strlen(CALL_PREFIX) : 0;
	char name[PATTERN_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(function, "."), function);
	return strncmp(name, CALL_PREFIX, prefix) == 0 && fnmatch(pattern, name + prefix, 0) == 0;
}

/* Apply one pattern to functions, or to calls; how many it fits. */
static size_t pattern_mark(const struct kernel_functions *k, uint8_t *marks, const char *pattern,
			   uint8_t mark, bool call)
{
	const bool away = mark == IS_RECORDED && *pattern == '!';
	size_t found = 0;

	for (size_t i = 0; i < k->count; i++) {
		if (!k->list[i].hooked || !matches(pattern + away, k->list[i].name, call))
			continue;
		found++;
		if (away)
			marks[i] &= (uint8_t)~IS_RECORDED;
		else
			marks[i] |= mark;
	}
	return found;
}

/* What names a call is not taken for a function of that name. */
static size_t pattern_apply(const struct kernel_functions *k, uint8_t *marks, const char *pattern,
			    uint8_t mark)
{
	const bool plain = pattern[strcspn(pattern, "*?[")] == '\0';
	size_t found = 0;

	if (mark != IS_RECORDED)
		found = pattern_mark(k, marks, pattern, mark, true);
	return plain && found ? found : found + pattern_mark(k, marks, pattern, mark, false);
}

/* A list of patterns, length bytes of text. */
static int patterns_apply(const struct kernel_functions *k, uint8_t *marks, const char *text,
			  size_t length, uint8_t mark, struct error *why)
{
	const char *option = mark == HAS_STACK ? "--stacks" : "--functions";
	const char *end = text + length;

	while (text <= end) {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		const size_t size = (size_t)((comma ? comma : end) - text);
		char pattern[PATTERN_MAX];

		if (!size || size >= sizeof(pattern))
			return error_set(why, 125, "%s: a pattern is empty or too long", option);
		memcpy(pattern, text, size);
		pattern[size] = '\0';
		if (!pattern_apply(k, marks, pattern, mark))
			return error_set(why, 125,
					 "%s: no function that can be recorded is called %s%s%s",
					 option, pattern, mark == IS_RECORDED ? "" : ", no call",
					 mark == HAS_STACK ? ", and no event" : "");
		text += size + 1;
	}
	return 0;
}

static int text_apply(const struct kernel_functions *k, uint8_t *marks, const char *text,
		      struct error *why)
{
	const char *colon = strchr(text, ':');
	int status;

	if (!colon)
		return error_set(why, 125, "--functions takes CALLS:FUNCTIONS, as 'read:*', not %s",
				 text);
	status = patterns_apply(k, marks, text, (size_t)(colon - text), IS_ROOT, why);
	return status ? status
		      : patterns_apply(k, marks, colon + 1, strlen(colon + 1), IS_RECORDED, why);
}

/* One --stacks: names of events become what they stand for. */
static int stacks_apply(const struct kernel_functions *k, uint8_t *marks, const char *text,
			struct error *why)
{
	struct buffer b = { 0 };
	int status;

	while (*text) {
		const size_t length = strcspn(text, ",");
		const char *functions = NULL;

		for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
			if (strlen(events[i].event) == length &&
			    strncmp(events[i].event, text, length) == 0)
				functions = events[i].functions;
		if (functions)
			buffer_string(&b, functions);
		else
			buffer_append(&b, text, length);
		text += length;
		if (*text) {
			buffer_char(&b, ',');
			text++;
		}
	}
	status = patterns_apply(k, marks, buffer_text(&b), b.length, HAS_STACK, why);
	buffer_free(&b);
	return status;
}

int functions_select(const struct kernel_functions *k, char *const *texts, char *const *stacks,
		     struct buffer *list, struct error *why)
{
	uint8_t *marks = calloc(k->count, 1);
	int status = 0;

	if (!marks)
		return error_set(why, 125, "--functions: out of memory");
	for (; !status && *texts; texts++)
		status = text_apply(k, marks, *texts, why);
	for (; !status && *stacks; stacks++)
		status = stacks_apply(k, marks, *stacks, why);
	for (size_t i = 1; !status && i < k->count; i++) { /* two names of one function */
		if (k->list[i - 1].address == k->list[i].address) {
			marks[i] |= marks[i - 1];
			marks[i - 1] = 0;
		}
	}
	for (size_t i = 0; !status && i < k->count; i++) {
		const uint32_t word = (uint32_t)(k->list[i].address - k->text) * 8 | marks[i];

		if (marks[i])
			buffer_append(list, &word, sizeof(word));
	}
	free(marks);
	return status;
}
