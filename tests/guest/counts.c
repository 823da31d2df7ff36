/* See counts.h. */
#include "tests/guest/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/abi/case.h"

static long line_value(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

bool counts_read(struct counts *out)
{
	char text[4096];

	errno = ENOENT;
	if (file_get("/proc/ringscope", text, sizeof(text)) == 0)
		return false;
	out->pages = line_value(text, "pages_used ");
	out->objects = line_value(text, "objects_used ");
	out->threads = line_value(text, "threads ");
	errno = EINVAL;
	return out->pages >= 0 && out->objects >= 0 && out->threads >= 0;
}

bool counts_settle(struct counts *out)
{
	struct counts before;
	int tries = 50;

	if (!counts_read(out))
		return false;
	do {
		before = *out;
		sleep_ms(20);
		if (!counts_read(out))
			return false;
	} while (--tries && memcmp(&before, out, sizeof(before)) != 0);
	return true;
}
