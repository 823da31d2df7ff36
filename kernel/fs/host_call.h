/* One message and its reply: what the functions of host_client.h are made of.  For
 * host_client*.c only.
 *
 *   struct call c;
 *   error = call_begin(&c, client, HOST_..., NULL);
 *   request_number(&c.request, ...);
 *   if (!error) error = call_run(&c);
 *   ... reply_number(&c.reply, ...);
 *   call_end(&c);
 */
#ifndef KERNEL_FS_HOST_CALL_H
#define KERNEL_FS_HOST_CALL_H

#include "kernel/drivers/virtio_9p.h"
#include "kernel/fs/host_client.h"

#define CALL_REQUEST 560 /* the longest but the making of a link names two names */
#define CALL_ANSWER  192 /* the longest but texts and data is that to HOST_ATTRIBUTES */

/* Locks: [I] at birth   [a] atomic */
struct client {
	struct virtio_9p *device;    /* [I] */
	bool fixed;                  /* [I] nobody in the guest changes its tree */
	uint32_t last_fid, last_tag; /* [a] */
};

#define CALLS_MAX CLIENT_LOOK /* at once */

/* Physically contiguous memory holds the request, the table of its parts, the reply. */
struct call {
	struct virtio_9p_message message;
	struct client *client;
	struct host_request request;
	struct host_reply reply;
	unsigned type;
	uint16_t tag;
	uint8_t *memory;
	size_t reply_at, room; /* in memory */
};

/* What a call needs beyond two names and CALL_ANSWER bytes of reply. */
struct call_needs {
	size_t text;    /* more bytes in the request */
	size_t room;    /* more bytes in the reply */
	unsigned pages; /* with data, behind the request or the reply */
};

uint32_t call_fid_new(struct client *client);
/* 0 or -ENOMEM.  needs may be NULL.  call_end in any case. */
int call_begin(struct call *c, struct client *client, unsigned type,
	       const struct call_needs *needs);
/* Send it and take the reply's head off; with pages, too, which lie behind the request
 * (`out`: bytes of them) or the reply (room for `in` whole pages). */
int call_run(struct call *c);
int call_run_out(struct call *c, struct page *const *pages, size_t out);
int call_run_in(struct call *c, struct page *const *pages, unsigned in);
/* Send those of the n calls whose error is 0, all at once; then each has its own. */
void calls_run(struct call *calls, int *errors, unsigned n);
/* Send it and do not wait; c->message.finished is set. */
void call_post(struct call *c);
void call_end(struct call *c);

#endif
