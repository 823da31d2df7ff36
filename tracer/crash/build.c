/* Is a file of this host still the one that a program ran?
 *
 * The program's core says it best: it has the first page of each file as it was mapped, with
 * the build id.  Else what the recorder kept of the file when the recording ended; else only
 * the time when the file was changed, which is no proof. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "tracer/crash/teller.h"
#include "tracer/symbols/program.h"

#define HEAD_BYTES 4096u
#define SHOWN      12 /* digits of a build id */

static void identity_words(const char *identity, char *text, size_t size)
{
	const bool id = strspn(identity, "0123456789abcdef") == strlen(identity);

	snprintf(text, size, "%s%.*s",
		 !identity[0] ? "no build id"
		 : id         ? "build id "
			      : "",
		 id ? SHOWN : IDENTITY_TEXT, identity);
}

/* Where the file's first page was that belongs to code at an address: the last one below. */
static const struct state_region *head_find(const struct teller *t, const struct lineage *l,
					    uint64_t address)
{
	const struct state_region *head = NULL;

	for (uint32_t i = 0; i < t->space->count; i++) {
		const struct state_region *r = &t->space->region[i];

		if (!r->offset && r->start <= address && (!head || r->start > head->start) &&
		    file_path_is(l->map.path, r->path))
			head = r;
	}
	return head;
}

static void other_say(struct build *b, const char *now, const char *here, const char *then,
		      const char *ran)
{
	char of_here[IDENTITY_TEXT + 16], of_ran[IDENTITY_TEXT + 16];

	b->trust = BUILD_OTHER;
	identity_words(here, of_here, sizeof(of_here));
	identity_words(ran, of_ran, sizeof(of_ran));
	snprintf(b->text, sizeof(b->text),
		 "%.300s is %s now (%s) than %s (%s): its symbols are not used, what is in it has "
		 "addresses only",
		 b->path, now, of_here, then, of_ran);
}

/* By the page that the core has.  False: it says nothing, or only that the first pages are
 * alike. */
static bool check_by_core(struct teller *t, struct build *b, const struct state_region *head,
			  bool *alike)
{
	char page[HEAD_BYTES], ran[IDENTITY_TEXT], here[IDENTITY_TEXT];

	if (!head || image_bytes(&t->image, head->start, page, sizeof(page)) != sizeof(page))
		return false;
	if (identity_head_build_id(page, sizeof(page), ran, sizeof(ran))) {
		symbol_build_id(t->symbols, b->path, here, sizeof(here));
		if (strcmp(ran, here) != 0)
			other_say(b, "another build", here, "the one that ran", ran);
		return true;
	}
	identity_bytes(page, sizeof(page), ran, sizeof(ran));
	symbol_head(t->symbols, b->path, sizeof(page), here, sizeof(here));
	*alike = strcmp(ran, here) == 0;
	if (head->prot & PROT_WRITE || *alike)
		return false;
	other_say(b, "another file", here, "the one that ran", ran);
	return true;
}

static bool check_by_record(struct teller *t, struct build *b)
{
	char ran[IDENTITY_TEXT], here[IDENTITY_TEXT];

	program_identity(reader_database(t->r), b->path, ran, sizeof(ran));
	if (!ran[0])
		return false;
	symbol_identity(t->symbols, b->path, here, sizeof(here));
	if (strcmp(ran, here) != 0)
		other_say(b, "another file", here, "when the recording ended", ran);
	return true;
}

static void check(struct teller *t, struct build *b, const struct state_region *head)
{
	const char *other;
	bool alike = false, newer;

	b->trust = BUILD_SAME;
	if (!symbol_file_there(t->symbols, b->path)) {
		b->trust = BUILD_ABSENT;
		snprintf(b->text, sizeof(b->text),
			 "%.300s cannot be read here: no symbols, what is in it has addresses only",
			 b->path);
		return;
	}
	newer = symbol_file_newer(t->symbols, b->path, t->started);
	if (!check_by_core(t, b, head, &alike) && !check_by_record(t, b) &&
	    (newer || !alike || t->started == INT64_MAX)) {
		b->trust = BUILD_UNSURE;
		snprintf(b->text, sizeof(b->text),
			 "%.300s may be another build than the one that ran: the recording has no "
			 "build id of it%s",
			 b->path, newer ? ", and it was changed since" : "");
	}
	other = b->trust == BUILD_OTHER ? NULL : symbol_debug_other(t->symbols, b->path);
	if (other && !b->text[0])
		snprintf(b->text, sizeof(b->text),
			 "%.300s is of another build than %.300s: no symbols are taken from it",
			 other, b->path);
}

enum build_trust build_trust(struct teller *t, const struct lineage *l, uint64_t address)
{
	const struct state_region *head;
	struct build *b;

	if (!l || l->map.path[0] != '/' || !t->space)
		return BUILD_ABSENT;
	head = head_find(t, l, address);
	for (unsigned i = 0; i < t->builds; i++)
		if (t->build[i].head == (head ? head->start : 0) &&
		    strcmp(t->build[i].path, l->map.path) == 0)
			return t->build[i].trust;
	if (t->builds == PLACES_KEPT)
		return BUILD_ABSENT;
	b = &t->build[t->builds++];
	b->head = head ? head->start : 0;
	b->event = l->map.event;
	snprintf(b->path, sizeof(b->path), "%s", l->map.path);
	check(t, b, head);
	return b->trust;
}

enum build_trust build_at(struct teller *t, uint64_t address)
{
	const struct lineage *l = teller_mapped(t, address);

	return l && l->map.path[0] == '/' ? build_trust(t, l, address) : BUILD_SAME;
}

void builds_tell(struct teller *t)
{
	for (unsigned i = 0; i < t->builds; i++) {
		const struct build *b = &t->build[i];

		if (b->text[0] && b->trust == BUILD_UNSURE)
			story_deduce(t->s, STORY_WHERE, b->event, "%s", b->text);
		else if (b->text[0])
			story_tell(t->s, STORY_WHERE, b->event, "%s", b->text);
	}
}
