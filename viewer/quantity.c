#include <inttypes.h>
#include <stdio.h>

#include "viewer/phrase.h"

void phrase_ns(int64_t ns, char *text, size_t size)
{
	double value = (double)ns;

	if (ns < 0)
		snprintf(text, size, "?");
	else if (ns < 1000)
		snprintf(text, size, "%" PRId64 "ns", ns);
	else if (ns < 1000000)
		snprintf(text, size, "%.1fus", value / 1e3);
	else if (ns < 1000000000)
		snprintf(text, size, "%.1fms", value / 1e6);
	else
		snprintf(text, size, "%.1fs", value / 1e9);
}

void phrase_count(uint64_t count, char *text, size_t size)
{
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count), used = 0;

	for (size_t i = 0; i < length && used + 2 < size; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
}

void phrase_short(uint64_t count, char *text, size_t size)
{
	static const char units[] = "kMGT";
	double value = (double)count;
	unsigned unit = 0;

	if (count < 10000) {
		snprintf(text, size, "%" PRIu64, count);
		return;
	}
	for (value /= 1000; value >= 1000 && unit < 3; unit++)
		value /= 1000;
	snprintf(text, size, value < 10 ? "%.1f%c" : "%.0f%c", value, units[unit]);
}
