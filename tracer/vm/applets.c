#include "tracer/vm/applets.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Is [at, end) a name as applets have: letters, digits, '_', '-', '.', '['? */
static bool name_ok(const char *at, size_t length)
{
	if (length == 0 || length > 32)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)at[i]) && !strchr("_-.[", at[i]))
			return false;
	return true;
}

size_t applets_list(const char *bytes, size_t size, void (*each)(void *cookie, const char *name),
		    void *cookie)
{
	/* Busybox keeps its applets' names sorted, NUL-separated, ended by an empty
	 * one; "[" and "[[" sort first. */
	static const char start[] = "\0[\0[[";
	const char *at = memmem(bytes, size, start, sizeof(start));
	const char *end = bytes + size;
	size_t count = 0;

	if (!at)
		return 0;
	for (at++; at < end; at += strlen(at) + 1) {
		const size_t length = strnlen(at, (size_t)(end - at));

		if (at + length == end || !name_ok(at, length))
			break;
		each(cookie, at);
		count++;
	}
	return count;
}
