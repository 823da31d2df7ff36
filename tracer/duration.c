#include "tracer/duration.h"

#include <stdlib.h>
#include <string.h>

int64_t duration_read(const char *text, const char **rest)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 } };
	char *end;
	const double value = strtod(text, &end);
	const size_t length = strcspn(end, " ");

	for (size_t i = 0; end != text && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].unit) == length && strncmp(end, units[i].unit, length) == 0 &&
		    value >= 0 && value * units[i].ns < 9e18) {
			*rest = end + length + strspn(end + length, " ");
			return (int64_t)(value * units[i].ns + 0.5); /* nine digits are whole ns */
		}
	}
	return -1;
}
