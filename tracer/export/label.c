#include "tracer/export/label.h"

#include <stdio.h>
#include <string.h>

#include "tracer/buffer.h"
#include "tracer/schema.h"
#include "tracer/vector.h"

void label_span(const struct walk_span *s, char *to, size_t size)
{
	static const char *const kinds[SPAN_KINDS] = {
		[SPAN_CALL] = "call",
		[SPAN_FAULT] = "page fault",
		[SPAN_EXCEPTION] = "exception",
		[SPAN_INTERRUPT] = "interrupt",
		[SPAN_NMI] = "NMI",
	};
	struct buffer b = { 0 };

	if (s->kind == SPAN_CALL)
		call_name_print(&b, s->nr);
	else if (s->kind == SPAN_FAULT || s->kind == SPAN_NMI)
		buffer_string(&b, kinds[s->kind]);
	else
		buffer_printf(&b, "%s: %s", kinds[s->kind], vector_label(s->nr));
	snprintf(to, size, "%s", buffer_text(&b));
	buffer_free(&b);
}

const char *label_thread(const struct walk_thread *t)
{
	const char *slash = strrchr(t->path, '/');

	if (slash && slash[1])
		return slash + 1;
	return *t->path ? t->path : *t->name ? t->name : "?";
}
