#include "tracer/analysis/baseline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/analysis/running.h"

#define FIRST_LINE "ringscope baseline 2\n"
#define LINE_BYTES 4096

struct lines {
	struct side *side;
	struct role *role;  /* that items belong to */
	uint64_t text_size; /* of side->texts */
	unsigned number;
};

bool baseline_is(const char *path)
{
	char head[sizeof(FIRST_LINE)] = "";
	FILE *f = fopen(path, "r");
	bool is;

	if (!f)
		return false;
	is = fgets(head, sizeof(head), f) && strcmp(head, FIRST_LINE) == 0;
	fclose(f);
	return is;
}

static int text_add(struct lines *l, const char *text)
{
	struct side *s = l->side;

	if (s->text_count == l->text_size) {
		const uint64_t size = l->text_size ? l->text_size * 2 : 256;
		char **texts = realloc(s->texts, size * sizeof(char *));

		if (!texts)
			return -1;
		s->texts = texts;
		l->text_size = size;
	}
	s->texts[s->text_count] = strdup(text);
	return s->texts[s->text_count++] ? 0 : -1;
}

static bool thread_line(struct lines *l, const char *text)
{
	struct role *r = sequences_role(&l->side->all);
	int at = 0;

	l->role = r;
	if (!r ||
	    sscanf(text,
		   "%" SCNx64 " %u %u %u %u %u %" SCNd64 " %" SCNu64 " %" SCNd64 " %" SCNd64
		   " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %n",
		   &r->family, &r->tid, &r->pid, &r->parent, &r->ordinal, &r->thread, &r->start,
		   &r->switches, &r->cost.user, &r->cost.calls, &r->cost.faults,
		   &r->cost.exceptions, &r->cost.interrupts, &r->cost.other, &at) < 14 ||
	    !at)
		return false;
	snprintf(r->program, sizeof(r->program), "%.*s", (int)sizeof(r->program) - 1, text + at);
	return true;
}

static bool item_line(struct lines *l, const char *text)
{
	struct item i = { .id = l->side->text_count };
	unsigned kind, nr, error;
	int at = 0;

	if (!l->role ||
	    sscanf(text, "%" SCNx64 " %" SCNx32 " %u %u %u %" SCNd64 " %" SCNd64 " %" SCNd64 " %n",
		   &i.key, &i.result, &kind, &nr, &error, &i.self, &i.waited, &i.user, &at) < 8 ||
	    !at || kind >= ITEM_KINDS || nr > UINT16_MAX || error > UINT8_MAX)
		return false;
	i.kind = (uint8_t)kind;
	i.nr = (uint16_t)nr;
	i.error = (uint8_t)error;
	return role_item(l->role, &i) == 0 && text_add(l, text + at) == 0;
}

static bool fact_line(struct manifest *m, char *text)
{
	char *value = strchr(text, ' ');
	int fact;

	if (!value)
		return false;
	*value++ = 0;
	fact = manifest_by_name(text);
	return fact >= 0 && snprintf(m->fact[fact], MANIFEST_VALUE, "%s", value) < MANIFEST_VALUE;
}

static bool line_take(struct lines *l, char *line)
{
	struct side *s = l->side;
	char *rest = strchr(line, ' ');

	if (!rest)
		return *line == 0;
	*rest++ = 0;
	if (strcmp(line, "item") == 0)
		return item_line(l, rest);
	if (strcmp(line, "thread") == 0)
		return thread_line(l, rest);
	if (strcmp(line, "totals") == 0)
		return totals_read(&s->all.totals, rest);
	if (strcmp(line, "command") == 0)
		return snprintf(s->command, sizeof(s->command), "%s", rest) > 0;
	if (strcmp(line, "fact") == 0)
		return fact_line(&s->manifest, rest);
	if (strcmp(line, "exact") == 0) {
		s->exact = *rest == '1';
		return true;
	}
	return strcmp(line, "lost") == 0 && sscanf(rest, "%" SCNu64, &s->lost) == 1;
}

int baseline_load(struct side *s, struct error *why)
{
	struct lines l = { .side = s };
	char line[LINE_BYTES];
	FILE *f = fopen(s->path, "r");

	if (!f)
		return error_set(why, 2, "%s: %s", s->path, strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (l.number++ && !line_take(&l, line)) {
			fclose(f);
			return error_set(why, 2, "%s:%u: this is no line of a baseline", s->path,
					 l.number);
		}
	}
	s->complete = !ferror(f) && s->lost == 0;
	fclose(f);
	sequences_hash(&s->all);
	return 0;
}

static void thread_write(FILE *f, struct side *s, const struct role *r)
{
	char text[1024];

	fprintf(f,
		"thread %016" PRIx64 " %u %u %u %u %u %" PRId64 " %" PRIu64 " %" PRId64 " %" PRId64
		" %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s\n",
		r->family, r->tid, r->pid, r->parent, r->ordinal, r->thread, r->start, r->switches,
		r->cost.user, r->cost.calls, r->cost.faults, r->cost.exceptions, r->cost.interrupts,
		r->cost.other, r->program);
	for (uint32_t i = 0; i < r->count; i++) {
		const struct item *item = &r->items[i];

		side_item_text(s, item, text, sizeof(text));
		fprintf(f,
			"item %016" PRIx64 " %08" PRIx32 " %u %u %u %" PRId64 " %" PRId64
			" %" PRId64 " %s\n",
			item->key, item->result, item->kind, item->nr, item->error, item->self,
			item->waited, item->user, text);
	}
}

int side_save(struct side *s, const char *path, struct error *why)
{
	char part[4096], totals[512];
	FILE *f;
	bool good;

	if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
		return error_set(why, 2, "%s: %s", path, strerror(ENAMETOOLONG));
	f = fopen(part, "w");
	if (!f)
		return error_set(why, 2, "%s: %s", part, strerror(errno));
	fprintf(f, FIRST_LINE "command %s\nexact %d\nlost %" PRIu64 "\n", s->command, s->exact,
		s->lost);
	for (unsigned i = 0; i < MANIFEST_FACTS; i++)
		if (s->manifest.fact[i][0])
			fprintf(f, "fact %s %s\n", manifest_name(i), s->manifest.fact[i]);
	totals_text(&s->all.totals, totals, sizeof(totals));
	fprintf(f, "totals %s\n", totals);
	for (uint32_t i = 0; i < s->all.count; i++)
		thread_write(f, s, s->all.roles[i]);
	good = !ferror(f);
	if (fclose(f) || !good || rename(part, path)) {
		const int code = errno;

		unlink(part);
		return error_set(why, 2, "%s: %s", path, strerror(code));
	}
	return 0;
}
