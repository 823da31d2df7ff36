/* Protocol buffers, by hand: one small message at a time. */
#ifndef TRACER_EXPORT_PROTOBUF_H
#define TRACER_EXPORT_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

/* Names are bounded, lists are of UNWIND_ALL numbers at most: a message has this much room. */
struct message {
	uint8_t bytes[2048];
	size_t length;
};

void put_varint(struct message *m, uint64_t value);
void put_number(struct message *m, unsigned field, uint64_t value);
/* Text or bytes, cut to 400. */
void put_bytes(struct message *m, unsigned field, const void *bytes, size_t count);
void put_text(struct message *m, unsigned field, const char *text);
void put_message(struct message *m, unsigned field, const struct message *inner);

#endif
