/* Buffers and messages behind arguments: iovecs, struct msghdr, System V and POSIX
 * messages, operations on semaphores. */
#ifndef TRACER_DECODE_MESSAGE_H
#define TRACER_DECODE_MESSAGE_H

#include <stdbool.h>

#include "tracer/decode/call.h"

/* Print what argument index points to.  False: it cannot be read, nothing was printed. */
bool iovec_print(struct buffer *b, const struct call *c, unsigned index, const struct call_data *d);
bool msghdr_print(struct buffer *b, const struct call *c, unsigned index,
		  const struct call_data *d);
bool msgbuf_print(struct buffer *b, const struct call *c, unsigned index,
		  const struct call_data *d);
bool mq_attr_print(struct buffer *b, const struct call_data *d);
bool sembufs_print(struct buffer *b, const struct call_data *d);

#endif
