/* Fields of an event. */
#include "tracer/reader.h"
#include "tracer/schema.h"

int64_t event_field(const struct event *e, unsigned field)
{
	const struct event_info *info = event_info(e->kind);
	const struct field_info *f;
	uint64_t value;

	if (!info || field >= info->fields || info->field[field].word >= e->words)
		return 0;
	f = &info->field[field];
	value = e->payload[f->word] >> f->shift;
	if (f->bits < 64)
		value &= (1ull << f->bits) - 1;
	if (f->kind == KIND_int || f->kind == KIND_result || f->kind == KIND_addr)
		return (int64_t)(value << (64 - f->bits)) >> (64 - f->bits);
	return (int64_t)value;
}
