/* One message and its reply: what the functions of host_client.h are made of.  For
 * host_client*.c only.
 *
 *   struct call c;
 *   error = call_begin(&c, client, HOST_..., room for the reply);
 *   request_number(&c.request, ...);
 *   if (!error) error = call_run(&c);
 *   ... reply_number(&c.reply, ...);
 *   call_end(&c);
 */
#ifndef KERNEL_FS_HOST_CALL_H
#define KERNEL_FS_HOST_CALL_H

#include "kernel/fs/host_client.h"

#define CALL_REQUEST 560 /* the longest but the making of a link names two names */
#define CALL_ANSWER  192 /* the longest but texts and data is that to HOST_ATTRIBUTES */

/* Locks: [I] at birth   [a] atomic */
struct client {
	struct virtio_9p *device;    /* [I] */
	uint32_t last_fid, last_tag; /* [a] */
};

/* Physically contiguous memory holds the request and, behind it, the reply. */
struct call {
	struct client *client;
	struct host_request request;
	struct host_reply reply;
	unsigned type;
	uint16_t tag;
	uint8_t *memory;
	size_t reply_at, room; /* in memory */
};

uint32_t call_fid_new(struct client *client);
/* 0 or -ENOMEM.  room: for the reply.  call_end in any case. */
int call_begin(struct call *c, struct client *client, unsigned type, size_t room);
/* The same with `more` bytes of text in the request. */
int call_begin_long(struct call *c, struct client *client, unsigned type, size_t more, size_t room);
/* Send it and take the reply's head off; with pages, too, which lie behind the request
 * (`out`: bytes of them) or the reply (room for `in` whole pages). */
int call_run(struct call *c);
int call_run_out(struct call *c, struct page *const *pages, size_t out);
int call_run_in(struct call *c, struct page *const *pages, unsigned in);
void call_end(struct call *c);

#endif
