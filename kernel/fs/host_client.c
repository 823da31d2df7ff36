#include "kernel/fs/host_client.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/drivers/virtio_9p.h"
#include "kernel/fs/host.h"
#include "kernel/fs/host_call.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define PROTOCOL        "9P2000.L"
#define MESSAGE_MAX     (CLIENT_PAGES * PAGE_SIZE + PAGE_SIZE)
#define ENTRY_BYTES_MAX 279   /* of one entry: qid, offset, type, name */
#define LIST_MAX        64256 /* of entries in one reply; with its head and the request 64 KiB */

_Static_assert(CALL_REQUEST + 32 + LIST_MAX + CALL_ANSWER <= 65536, "a call's memory is no more");

/* A request whose only word is the fid. */
static int call_on(struct call *c, struct client *client, unsigned type, uint32_t fid,
		   const struct call_needs *needs)
{
	int error = call_begin(c, client, type, needs);

	if (error)
		return error;
	request_number(&c->request, 4, fid);
	return call_run(c);
}

/* --- start ------------------------------------------------------------------------ */

static int version_agree(struct client *client)
{
	struct call c;
	const char *text;
	size_t length, size;
	int error = call_begin(&c, client, HOST_VERSION, NULL);

	if (error)
		return error;
	request_number(&c.request, 4, MESSAGE_MAX);
	request_text(&c.request, PROTOCOL, strlen(PROTOCOL));
	error = call_run(&c);
	size = reply_number(&c.reply, 4);
	text = reply_text(&c.reply, &length);
	if (!error && (size != MESSAGE_MAX || length != strlen(PROTOCOL) ||
		       memcmp(text, PROTOCOL, length) != 0))
		error = -EPROTONOSUPPORT;
	call_end(&c);
	return error;
}

static int attach(struct client *client, uint32_t *root)
{
	struct call c;
	int error;

	*root = call_fid_new(client);
	error = call_begin(&c, client, HOST_ATTACH, NULL);
	if (error)
		return error;
	request_number(&c.request, 4, *root);
	request_number(&c.request, 4, HOST_NO_FID);
	request_text(&c.request, "root", 4);
	request_text(&c.request, "", 0);
	request_number(&c.request, 4, 0); /* user id */
	error = call_run(&c);
	call_end(&c);
	return error;
}

int client_start(const char *tag, struct client **out, uint32_t *root)
{
	struct virtio_9p *device = virtio_9p_find(tag);
	struct client *client = device ? kmalloc(sizeof(*client)) : NULL;
	int error;

	if (!client)
		return device ? -ENOMEM : -ENODEV;
	client->device = device;
	client->fixed = strcmp(tag, HOST_ROOT_TAG) == 0;
	error = version_agree(client);
	if (!error)
		error = attach(client, root);
	if (error)
		kfree(client);
	else
		*out = client;
	return error;
}

void client_end(struct client *c)
{
	kfree(c);
}

int64_t client_readlink(struct client *client, uint32_t fid, char *to, size_t size)
{
	const struct call_needs needs = { .room = size };
	struct call c = { 0 };
	size_t length = 0;
	int error = call_on(&c, client, HOST_READLINK, fid, &needs);

	if (!error) {
		const char *text = reply_text(&c.reply, &length);

		error = !length ? -EIO : reply_end(&c.reply);
		length = MIN(length, size);
		memcpy(to, text, length);
	}
	call_end(&c);
	return error ? error : (int64_t)length;
}

int client_usage(struct client *client, uint32_t fid, struct host_usage *out)
{
	struct call c = { 0 };
	int error = call_on(&c, client, HOST_STATFS, fid, NULL);

	if (!error) {
		reply_number(&c.reply, 4); /* type */
		out->block = (uint32_t)reply_number(&c.reply, 4);
		out->blocks = reply_number(&c.reply, 8);
		out->free = reply_number(&c.reply, 8);
		reply_number(&c.reply, 8); /* free for those who are not root */
		out->files = reply_number(&c.reply, 8);
		out->files_free = reply_number(&c.reply, 8);
		if (clock_is_exact()) { /* what others use of it is no input */
			out->free = out->blocks / 2;
			out->files_free = out->files / 2;
		}
		error = reply_end(&c.reply);
	}
	call_end(&c);
	return error;
}

/* --- contents ----------------------------------------------------------------------- */

int client_open(struct client *client, uint32_t fid, uint32_t flags)
{
	struct call c = { 0 };
	int error = call_begin(&c, client, HOST_OPEN, NULL);

	if (error)
		return error;
	request_number(&c.request, 4, fid);
	request_number(&c.request, 4, flags);
	error = call_run(&c);
	call_end(&c);
	return error;
}

/* An error's reply is as long as the head of the data's: both fit where it goes. */
int client_read(struct client *client, uint32_t fid, uint64_t offset, struct page *const *pages,
		unsigned count, size_t *got)
{
	struct call c = { 0 };
	const struct call_needs needs = { .pages = count };
	uint32_t bytes = count * PAGE_SIZE;
	int error = call_begin(&c, client, HOST_READ, &needs);

	if (error)
		return error;
	request_number(&c.request, 4, fid);
	request_number(&c.request, 8, offset);
	request_number(&c.request, 4, bytes);
	error = call_run_in(&c, pages, count);
	if (!error) {
		*got = reply_number(&c.reply, 4);
		if (c.reply.failed || *got > bytes || *got + HOST_READ_HEAD != c.reply.length)
			error = -EIO;
	}
	call_end(&c);
	return error;
}

static int entries_emit(struct call *c, uint64_t *position, bool *more,
			bool (*emit)(void *cookie, const struct host_entry *e), void *cookie)
{
	size_t left = reply_number(&c->reply, 4), used = left;
	struct host_entry e;

	/* QEMU stops only where the next name does not fit. */
	*more = used + ENTRY_BYTES_MAX > LIST_MAX - HOST_READ_HEAD;
	while (reply_entry(&c->reply, &left, &e)) {
		if (!emit(cookie, &e))
			return -ENOMEM;
		*position = e.next;
	}
	return reply_end(&c->reply);
}

int client_list(struct client *client, uint32_t fid, uint64_t *position, bool *more,
		bool (*emit)(void *cookie, const struct host_entry *e), void *cookie)
{
	struct call c = { 0 };
	const struct call_needs needs = { .room = LIST_MAX };
	int error = call_begin(&c, client, HOST_LIST, &needs);

	if (error)
		return error;
	request_number(&c.request, 4, fid);
	request_number(&c.request, 8, *position);
	request_number(&c.request, 4, LIST_MAX - HOST_READ_HEAD);
	error = call_run(&c);
	if (!error)
		error = entries_emit(&c, position, more, emit, cookie);
	call_end(&c);
	return error;
}
