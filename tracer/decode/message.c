#include "tracer/decode/message.h"

#include <string.h>

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/decode/names.h"
#include "tracer/decode/parts.h"

#define IOVEC_BYTES  16
#define SEMBUF_BYTES 6

/* The bytes that went through the buffers of argument index, if they were recorded. */
static const struct call_data *bytes_of(const struct call *c, unsigned index)
{
	for (unsigned i = 0; i < c->data_count; i++)
		if (c->data[i].arg == index &&
		    (c->data[i].what == DATA_BYTES_IN || c->data[i].what == DATA_BYTES_OUT))
			return &c->data[i];
	return NULL;
}

/* One buffer: address or what part of the bytes lies in it. */
static void buffer_part_print(struct buffer *b, const struct call_data *bytes, uint64_t offset,
			      uint64_t base, uint64_t length)
{
	uint64_t held = bytes && offset < bytes->length ? bytes->length - offset : 0;
	uint64_t used = bytes && offset < bytes->total ? bytes->total - offset : 0;

	if (used > length)
		used = length;
	if (held > used)
		held = used;
	if (!bytes || (length && !held)) {
		buffer_printf(b, "%#llx", (unsigned long long)base);
		return;
	}
	buffer_quote(b, bytes->bytes + offset, held);
	if (held < used)
		buffer_string(b, "...");
}

bool iovec_print(struct buffer *b, const struct call *c, unsigned index, const struct call_data *d)
{
	const struct call_data *bytes = bytes_of(c, index);
	const bool nothing = c->done && c->result == 0 && d->what == DATA_STRUCT_IN;
	uint64_t offset = 0;

	buffer_char(b, '[');
	for (unsigned at = 0; at + IOVEC_BYTES <= d->length; at += IOVEC_BYTES) {
		const uint64_t length = data_number(d, at + 8, 8);

		buffer_string(b, at ? ", {iov_base=" : "{iov_base=");
		if (nothing)
			buffer_string(b, "\"\"");
		else
			buffer_part_print(b, bytes, offset, data_number(d, at, 8), length);
		buffer_printf(b, ", iov_len=%llu}", (unsigned long long)length);
		offset += length;
	}
	buffer_string(b, d->length < d->total ? ", ...]" : "]");
	return true;
}

/* What else was recorded of argument index. */
static const struct call_data *parts_of(const struct call *c, unsigned index)
{
	for (unsigned i = 0; i < c->data_count; i++)
		if (c->data[i].arg == index && c->data[i].what == DATA_IOVEC)
			return &c->data[i];
	return NULL;
}

bool msghdr_print(struct buffer *b, const struct call *c, unsigned index, const struct call_data *d)
{
	const struct call_data *parts = parts_of(c, index);

	if (d->length < 56)
		return false;
	buffer_string(b, "{msg_name=");
	if (data_number(d, 0, 8))
		buffer_printf(b, "%#llx", (unsigned long long)data_number(d, 0, 8));
	else
		buffer_string(b, "NULL");
	buffer_printf(b, ", msg_namelen=%u, msg_iov=", (unsigned)data_number(d, 8, 4));
	if (parts)
		iovec_print(b, c, index, parts);
	else
		buffer_printf(b, "%#llx", (unsigned long long)data_number(d, 16, 8));
	buffer_printf(b, ", msg_iovlen=%llu, msg_controllen=%llu, msg_flags=",
		      (unsigned long long)data_number(d, 24, 8),
		      (unsigned long long)data_number(d, 40, 8));
	set_print(b, SET_msg_flags, data_number(d, 48, 4));
	buffer_char(b, '}');
	return true;
}

/* {mtype=1, mtext="hello"} */
bool msgbuf_print(struct buffer *b, const struct call *c, unsigned index, const struct call_data *d)
{
	const struct call_data *text = bytes_of(c, index);

	if (d->length < 8)
		return false;
	buffer_printf(b, "{mtype=%lld, mtext=", (long long)data_number(d, 0, 8));
	if (text)
		buffer_part_print(b, text, 0, 0, text->total);
	else if (c->arg[index + 1] == 0)
		buffer_string(b, "\"\"");
	else
		buffer_printf(b, "%#llx", (unsigned long long)c->arg[index] + 8);
	buffer_char(b, '}');
	return true;
}

bool mq_attr_print(struct buffer *b, const struct call_data *d)
{
	static const struct part parts[] = { { "mq_flags", 0, 8, NAMES, SET_open_flags },
					     { "mq_maxmsg", 8, 8, DEC, 0 },
					     { "mq_msgsize", 16, 8, DEC, 0 },
					     { "mq_curmsgs", 24, 8, DEC, 0 } };

	return PARTS(b, d, parts);
}

bool sembufs_print(struct buffer *b, const struct call_data *d)
{
	buffer_char(b, '[');
	for (unsigned at = 0; at + SEMBUF_BYTES <= d->length; at += SEMBUF_BYTES) {
		buffer_printf(b, "%s{sem_num=%u, sem_op=%d, sem_flg=", at ? ", " : "",
			      (unsigned)data_number(d, at, 2), (int)data_signed(d, at + 2, 2));
		set_print(b, SET_sem_flags, data_number(d, at + 4, 2));
		buffer_char(b, '}');
	}
	buffer_string(b, d->length < d->total ? ", ...]" : "]");
	return true;
}
