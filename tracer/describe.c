/* reader_describe: an event as one line of plain text. */
#include <stdio.h>
#include <string.h>

#include "tracer/buffer.h"
#include "tracer/decode/call.h"
#include "tracer/decode/names.h"
#include "tracer/reader_rows.h"
#include "tracer/schema.h"

static void tail_describe(struct buffer *b, const struct event_info *info, const struct event *e)
{
	const uint64_t *tail = e->payload + info->words;
	const unsigned words = e->words - info->words;

	buffer_printf(b, ", %s ", info->tail_label);
	if (info->tail_kind == KIND_words) {
		for (unsigned i = 0; i < words; i++)
			buffer_printf(b, "%s0x%llx", i ? " " : "", (unsigned long long)tail[i]);
	} else if (info->tail_kind == KIND_text) {
		buffer_quote(b, tail, strnlen((const char *)tail, words * 8));
	} else {
		size_t length = words * 8;

		if (e->kind == EV_syscall_data && (uint64_t)event_field(e, 2) < length)
			length = (size_t)event_field(e, 2);
		buffer_quote(b, tail, length);
	}
}

static void field_describe(struct buffer *b, const struct field_info *f, int64_t value)
{
	const char *label = enum_label(f->kind, (uint64_t)value);

	switch (f->kind) {
	case KIND_hex:
	case KIND_addr:
		buffer_printf(b, "0x%llx", (unsigned long long)value);
		break;
	case KIND_nr:
		call_name_print(b, (unsigned)value);
		break;
	case KIND_sig:
		signal_print(b, value);
		break;
	case KIND_flag:
		buffer_string(b, value ? "yes" : "no");
		break;
	case KIND_result:
	case KIND_int:
		buffer_printf(b, "%lld", (long long)value);
		break;
	default:
		if (label)
			buffer_string(b, label);
		else
			buffer_printf(b, "%llu", (unsigned long long)value);
		break;
	}
}

/* "page fault: address 0x7f.., at 0x40.., error bits 0x6" */
static void fields_describe(struct buffer *b, const struct event_info *info, const struct event *e)
{
	bool first = true;

	buffer_string(b, info->label);
	for (unsigned i = 0; i < info->fields; i++) {
		const struct field_info *f = &info->field[i];

		if (f->kind == KIND_pad)
			continue;
		buffer_printf(b, "%s%s%s ", first ? ": " : ", ", f->label,
			      f->kind == KIND_flag ? ":" : "");
		first = false;
		field_describe(b, f, event_field(e, i));
	}
	if (info->tail && e->words > info->words)
		tail_describe(b, info, e);
}

void reader_describe(struct reader *r, const struct event *e, char *text, size_t size)
{
	const struct event_info *info = event_info(e->kind);
	struct buffer b = { 0 };
	struct span span;
	bool done = false;

	if (e->kind == EV_syscall_enter)
		done = reader_call_print(&b, r, e->id, false);
	else if ((e->kind == EV_syscall_return || e->kind == EV_syscall_result) &&
		 reader_span(r, e->id, &span))
		done = reader_call_print(&b, r, span.begin, true);
	if (!done && info && e->words >= info->words)
		fields_describe(&b, info, e);
	else if (!done)
		buffer_printf(&b, "event of unknown kind %u", e->kind);
	snprintf(text, size, "%s", buffer_text(&b));
	buffer_free(&b);
}
