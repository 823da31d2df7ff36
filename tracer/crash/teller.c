#include "tracer/crash/teller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tracer/store/meta.h"

bool event_search(struct teller *t, uint64_t id, int step, uint64_t most,
		  bool (*match)(const struct teller *t, const struct event *e), struct event *out)
{
	const uint64_t count = reader_count(t->r);

	for (; most && id >= 1 && id <= count; most--, id += (uint64_t)(int64_t)step) {
		if (!reader_event(t->r, id, out, NULL))
			break;
		if (match(t, out))
			return true;
	}
	*out = (struct event){ 0 };
	return false;
}

const struct lineage *teller_mapped(struct teller *t, uint64_t addr)
{
	struct lineage *l;

	if (!t->space || !state_region_find(t->space, addr))
		return NULL;
	for (unsigned i = 0; i < t->mapped_count; i++) {
		l = &t->mapped[i];
		if (addr >= l->map.start && addr - l->map.start < l->map.length)
			return l;
	}
	if (t->mapped_count == PLACES_KEPT)
		return NULL;
	l = &t->mapped[t->mapped_count];
	lineage_find(l, t->r, t->moment + 1, t->c->pid, addr);
	if (!l->map.event)
		return NULL;
	t->mapped_count++;
	return l;
}

void symbol_words(char *text, size_t size, const struct symbol *symbol)
{
	const char *slash = strrchr(symbol->file, '/');
	const int used = symbol->name[0] ? snprintf(text, size, "%s+0x%llx", symbol->name,
						    (unsigned long long)symbol->offset)
					 : snprintf(text, size, "%s", "");

	if (symbol->file[0] && used >= 0 && (size_t)used < size)
		snprintf(text + used, size - (size_t)used, "%s(%s:%d)", used ? " " : "",
			 slash ? slash + 1 : symbol->file, symbol->line);
}

bool teller_place(struct teller *t, uint64_t addr, bool behind, char text[PLACE_TEXT],
		  struct symbol *symbol)
{
	const struct lineage *l = teller_mapped(t, addr);
	struct symbol found = { 0 };
	char words[448];

	if (l && state_region_find(t->space, addr)->prot & PROT_EXEC &&
	    build_trust(t, l, addr) >= BUILD_UNSURE)
		symbol_at_offset(t->symbols, l->map.path,
				 l->map.offset + (addr - l->map.start) - behind, &found);
	found.offset += behind && found.name[0];
	symbol_words(words, sizeof(words), &found);
	if (!l)
		snprintf(text, PLACE_TEXT, "0x%llx, where nothing is mapped",
			 (unsigned long long)addr);
	else
		snprintf(text, PLACE_TEXT, "0x%llx%s%s in %.200s", (unsigned long long)addr,
			 words[0] ? " " : "", words,
			 l->map.path[0] ? l->map.path : "anonymous memory");
	if (symbol)
		*symbol = found;
	return found.name[0];
}

void teller_thread(struct teller *t, uint32_t tid, uint64_t id, char *text, size_t size)
{
	char name[64];

	reader_thread_name(t->r, tid, id, name, sizeof(name));
	snprintf(text, size, "%s %u", name[0] ? name : "thread", tid);
}

void teller_event(struct teller *t, uint64_t id, uint64_t until, char text[TELL_TEXT])
{
	struct span span = { 0 };
	struct event e, end;

	text[0] = '\0';
	if (!reader_event(t->r, id, &e, NULL))
		return;
	if (e.kind == EV_syscall_enter && reader_span(t->r, id, &span) && span.end &&
	    (span.end > until || !reader_event(t->r, span.end, &end, NULL) ||
	     (end.kind != EV_syscall_return && end.kind != EV_syscall_result)))
		span.end = 0;
	reader_describe(t->r, span.end ? &end : &e, text, TELL_TEXT);
}

void story_make(struct story *s, struct reader *r, const struct crashes *all, const struct crash *c,
		struct symbols *symbols, const char *kernel)
{
	struct teller *t = calloc(1, sizeof(*t));
	struct file_places places;

	*s = (struct story){ .panic = c->panic, .event = c->event, .pid = c->pid };
	if (!t)
		return;
	t->s = s;
	t->r = r;
	t->all = all;
	t->c = c;
	t->symbols = symbols;
	t->kernel = kernel;
	t->image.fd = -1;
	symbols_keep(symbols, reader_database(r));
	meta_text(reader_database(r), "kernel_file", t->kernel_file, sizeof(t->kernel_file));
	if (t->kernel_file[0])
		t->kernel = t->kernel_file; /* the recording has what is wanted of it */
	file_places_read(&places, reader_database(r));
	symbols_places(symbols, &places, t->kernel);
	t->started = meta_integer(reader_database(r), "started", INT64_MAX);
	if (c->panic)
		panic_tell(t);
	else
		death_tell(t);
	story_fold(s);
	image_close(&t->image);
	state_free(&t->before);
	free(t);
}
