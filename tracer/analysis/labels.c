#include "tracer/analysis/labels.h"

#include <stdio.h>
#include <string.h>

#include "tracer/buffer.h"
#include "tracer/schema.h"
#include "tracer/vector.h"

void program_name(const struct walk_thread *t, char *to, size_t size)
{
	const char *slash = strrchr(t->path, '/');
	const char *name = slash && slash[1] ? slash + 1 : t->path;

	if (!t->tid)
		name = "idle";
	name_copy(to, size, *name ? name : *t->name ? t->name : "?");
}

void span_label(const struct walk_span *s, char to[WALK_NAME_BYTES])
{
	static const char *const kinds[SPAN_KINDS] = {
		[SPAN_CALL] = "",
		[SPAN_FAULT] = "page fault: ",
		[SPAN_EXCEPTION] = "exception: ",
		[SPAN_INTERRUPT] = "interrupt: ",
		[SPAN_NMI] = "NMI: ",
	};
	struct buffer b = { 0 };
	const char *label;

	if (s->kind == SPAN_CALL) {
		call_name_print(&b, s->nr);
	} else {
		label = s->kind == SPAN_FAULT ? enum_label(KIND_FAULT, s->cause)
					      : vector_label(s->nr);
		buffer_printf(&b, "%s%s", kinds[s->kind], label ? label : "not ended");
	}
	snprintf(to, WALK_NAME_BYTES, "%s", buffer_text(&b));
	buffer_free(&b);
}
