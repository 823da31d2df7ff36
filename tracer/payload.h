/* The payload of an event as its struct: payload_NAME(event). */
#ifndef TRACER_PAYLOAD_H
#define TRACER_PAYLOAD_H

#include <string.h>

#include "schemas/events.h"
#include "tracer/reader.h"

#define EVENT(id, name, label)                                                                     \
	static inline struct ev_##name payload_##name(const struct event *e)                       \
	{                                                                                          \
		struct ev_##name payload;                                                          \
		memcpy(&payload, e->payload, sizeof(payload));                                     \
		return payload;                                                                    \
	}
#include "schemas/events.def"

/* A 48-bit canonical address, sign-extended. */
static inline uint64_t payload_address(uint64_t bits)
{
	return (uint64_t)((int64_t)(bits << 16) >> 16);
}

/* The text tail behind fixed bytes: cut to size, ended at its first NUL. */
static inline void payload_text(char *to, size_t size, const struct event *e, size_t fixed)
{
	const size_t room = (size_t)e->words * 8;
	size_t length = room > fixed ? room - fixed : 0;

	if (length > size - 1)
		length = size - 1;
	memcpy(to, (const uint8_t *)e->payload + fixed, length);
	to[length] = 0;
}

#endif
