/* Signals, mappings, the kernel's log: one row an event. */
#include "tracer/decode/names.h"
#include "tracer/tables/builder.h"

static void signal_row(struct builder *b, const char *what, uint32_t target, unsigned number,
		       int64_t code, int64_t handler)
{
	const struct event *e = &b->now->e;

	buffer_clear(&b->words);
	signal_print(&b->words, number);
	ROW(b, signal, "iiiititii", I(e->id), e->time, I(e->cpu), I(e->tid), what, I(target),
	    buffer_text(&b->words), code, handler);
}

static void mapping_row(struct builder *b, const char *what, uint64_t start, uint64_t length,
			int64_t offset, int64_t prot, int64_t flags, const char *path)
{
	ROW(b, mapping, "iiitiiiiit", I(b->now->e.id), b->now->e.time, I(b->thread->pid), what,
	    I(start), I(length), offset, prot, flags, path);
}

static void mapped(struct builder *b)
{
	const struct ev_map m = PAYLOAD(b, map);
	const unsigned fixed = sizeof(m) / 8;
	char path[TRACE_WORDS_MAX * 8 + 1];

	text_tail(path, sizeof(path), b->now->e.payload + fixed, b->now->e.words - fixed);
	mapping_row(b, "map", m.start, m.length, I(m.offset), I(m.prot), I(m.flags),
		    path[0] ? path : NULL);
}

static void log_row(struct builder *b, int64_t level, unsigned fixed)
{
	const struct event *e = &b->now->e;
	char text[TRACE_WORDS_MAX * 8 + 1];

	text_tail(text, sizeof(text), e->payload + fixed, e->words - fixed);
	ROW(b, log, "iiiit", I(e->id), e->time, I(e->cpu), level, text);
}

void notes_event(struct builder *b)
{
	const struct ev_signal_send send = PAYLOAD(b, signal_send);
	const struct ev_signal_deliver deliver = PAYLOAD(b, signal_deliver);
	const struct ev_unmap unmap = PAYLOAD(b, unmap);
	const struct ev_protect protect = PAYLOAD(b, protect);

	switch (b->now->e.kind) {
	case EV_signal_send:
		signal_row(b, "sent", send.target, send.sig, (int16_t)send.code, SQL_NULL);
		break;
	case EV_signal_deliver:
		signal_row(b, "delivered", b->thread->tid, deliver.sig, SQL_NULL,
			   I(deliver.handler));
		break;
	case EV_map:
		mapped(b);
		break;
	case EV_unmap:
		mapping_row(b, "unmap", unmap.start, unmap.length, SQL_NULL, SQL_NULL, SQL_NULL,
			    NULL);
		break;
	case EV_protect:
		mapping_row(b, "protect", protect.start, protect.length, SQL_NULL, I(protect.prot),
			    SQL_NULL, NULL);
		break;
	case EV_log:
		log_row(b, I(PAYLOAD(b, log).level), sizeof(struct ev_log) / 8);
		break;
	case EV_panic:
		log_row(b, -1, sizeof(struct ev_panic) / 8);
		break;
	}
}
