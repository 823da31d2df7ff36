#include "viewer/linear.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "viewer/crossing.h"
#include "viewer/phrase.h"
#include "viewer/text.h"

void linear_line(struct reader *r, const struct event *e, bool ascii, FILE *out)
{
	static const char *const ways[] = {
		[CROSS_NONE] = "in place",
		[CROSS_DOWN] = "3 to 0",
		[CROSS_UP] = "0 to 3",
	};
	char who[96], what[1024], took[24], gap[64];

	phrase_thread(r, e->tid, e->id, who, sizeof(who));
	phrase_event(r, e, what, sizeof(what));
	phrase_duration(r, e, took, sizeof(took));
	phrase_gap(r, e, false, gap, sizeof(gap));
	text_print(out, ascii, "%" PRIu64 " %" PRId64 ".%09" PRId64 " cpu%u %s: %s: %s%s%s%s",
		   e->id, e->time / 1000000000, e->time % 1000000000, e->cpu, who,
		   ways[event_direction(e)], gap, what, took[0] == '\0' ? "" : ", took ", took);
	fputc('\n', out);
}

int linear_print(struct reader *r, const struct filter *filter, uint64_t first, bool ascii,
		 FILE *out, struct error *why)
{
	uint64_t count = reader_count(r);
	struct event e;

	for (uint64_t id = first; id <= count; id++) {
		if (!reader_event(r, id, &e, why))
			return 2;
		if (!filter_match(filter, r, &e))
			continue;
		linear_line(r, &e, ascii, out);
		if (ferror(out))
			break;
	}
	if (fflush(out) != 0 || ferror(out))
		return error_set(why, 2, "writing the lines failed: %s", strerror(errno));
	return 0;
}
