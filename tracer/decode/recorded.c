#include "tracer/decode/recorded.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/events.h"

void recorded_begin(struct recorded *r, struct call *c)
{
	r->used = 0;
	c->data = r->data;
	c->data_count = 0;
}

void recorded_add(struct recorded *r, struct call *c, const uint64_t *payload, unsigned words)
{
	struct ev_syscall_data head;
	size_t length = (size_t)words * 8;

	if (length < sizeof(head))
		return;
	length -= sizeof(head);
	memcpy(&head, payload, sizeof(head));
	if (length > head.length)
		length = head.length;
	if (c->data_count == RECORDED_MOST || r->used + length > RECORDED_BYTES)
		return;
	if (!r->bytes)
		r->bytes = malloc(RECORDED_BYTES);
	if (!r->bytes)
		return;
	memcpy(r->bytes + r->used, (const uint8_t *)payload + sizeof(head), length);
	c->data = r->data;
	r->data[c->data_count++] = (struct call_data){
		.arg = head.arg,
		.what = head.what,
		.length = (uint16_t)length,
		.total = head.total,
		.bytes = r->bytes + r->used,
	};
	r->used += length;
}

void recorded_free(struct recorded *r)
{
	free(r->bytes);
	r->bytes = NULL;
}
