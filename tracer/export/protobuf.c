#include "tracer/export/protobuf.h"

#include <string.h>

#define NAME_BYTES 400

enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

static void put(struct message *m, const void *bytes, size_t count)
{
	if (m->length + count > sizeof(m->bytes))
		return;
	memcpy(m->bytes + m->length, bytes, count);
	m->length += count;
}

void put_varint(struct message *m, uint64_t value)
{
	uint8_t byte;

	do {
		byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		put(m, &byte, 1);
		value >>= 7;
	} while (value);
}

void put_number(struct message *m, unsigned field, uint64_t value)
{
	put_varint(m, field << 3 | WIRE_VARINT);
	put_varint(m, value);
}

static void put_counted(struct message *m, unsigned field, const void *bytes, size_t count)
{
	put_varint(m, field << 3 | WIRE_BYTES);
	put_varint(m, count);
	put(m, bytes, count);
}

void put_bytes(struct message *m, unsigned field, const void *bytes, size_t count)
{
	put_counted(m, field, bytes, count > NAME_BYTES ? NAME_BYTES : count);
}

void put_text(struct message *m, unsigned field, const char *text)
{
	put_bytes(m, field, text, strlen(text));
}

void put_message(struct message *m, unsigned field, const struct message *inner)
{
	put_counted(m, field, inner->bytes, inner->length);
}
