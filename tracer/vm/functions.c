#include "tracer/vm/functions.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN_MAX 128
#define CALL_PREFIX "sys_"

enum { IS_RECORDED = 1, IS_ROOT = 2 };

/* The compiler's variants of a function (name.part.0) go by its name. */
static bool matches(const char *pattern, const char *function, bool root)
{
	char name[PATTERN_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(function, "."), function);
	return fnmatch(pattern, name, 0) == 0 ||
	       (root && strncmp(name, CALL_PREFIX, strlen(CALL_PREFIX)) == 0 &&
		fnmatch(pattern, name + strlen(CALL_PREFIX), 0) == 0);
}

/* Apply one pattern; how many functions it fits. */
static size_t pattern_apply(const struct kernel_functions *k, uint8_t *marks, const char *pattern,
			    bool root)
{
	const bool away = !root && *pattern == '!';
	size_t found = 0;

	for (size_t i = 0; i < k->count; i++) {
		if (!k->list[i].hooked || !matches(pattern + away, k->list[i].name, root))
			continue;
		found++;
		if (away)
			marks[i] &= (uint8_t)~IS_RECORDED;
		else
			marks[i] |= root ? IS_ROOT : IS_RECORDED;
	}
	return found;
}

/* A list of patterns, length bytes of text. */
static int patterns_apply(const struct kernel_functions *k, uint8_t *marks, const char *text,
			  size_t length, bool root, struct error *why)
{
	const char *end = text + length;

	while (text <= end) {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		const size_t size = (size_t)((comma ? comma : end) - text);
		char pattern[PATTERN_MAX];

		if (!size || size >= sizeof(pattern))
			return error_set(why, 125, "--functions: a pattern is empty or too long");
		memcpy(pattern, text, size);
		pattern[size] = '\0';
		if (!pattern_apply(k, marks, pattern, root))
			return error_set(why, 125,
					 "--functions: no function that can be recorded is called"
					 " %s%s",
					 pattern, root ? ", and no call" : "");
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
	status = patterns_apply(k, marks, text, (size_t)(colon - text), true, why);
	return status ? status : patterns_apply(k, marks, colon + 1, strlen(colon + 1), false, why);
}

int functions_select(const struct kernel_functions *k, char *const *texts, struct buffer *list,
		     struct error *why)
{
	uint8_t *marks = calloc(k->count, 1);
	int status = marks ? 0 : error_set(why, 125, "--functions: out of memory");

	for (; !status && *texts; texts++)
		status = text_apply(k, marks, *texts, why);
	for (size_t i = 1; !status && i < k->count; i++) { /* two names of one function */
		if (k->list[i - 1].address == k->list[i].address) {
			marks[i] |= marks[i - 1];
			marks[i - 1] = 0;
		}
	}
	for (size_t i = 0; !status && i < k->count; i++) {
		const uint32_t word =
			(uint32_t)(k->list[i].address - k->text) * 2 | (marks[i] & IS_ROOT ? 1 : 0);

		if (marks[i])
			buffer_append(list, &word, sizeof(word));
	}
	free(marks);
	return status;
}
