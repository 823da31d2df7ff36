#include "kernel/fs/host_client.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/drivers/virtio_9p.h"
#include "kernel/fs/host_call.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define PROTOCOL        "9P2000.L"
#define MESSAGE_MAX     (CLIENT_PAGES * PAGE_SIZE + PAGE_SIZE)
#define LIST_MAX        64512    /* of entries in one reply; with its head and the request 64 KiB */
#define ATTRIBUTES_MASK 0x7ffull /* mode to blocks */

_Static_assert(CALL_REQUEST + LIST_MAX <= 65536, "a call's memory is no more");

/* --- calls -------------------------------------------------------------------------- */

uint32_t call_fid_new(struct client *client)
{
	return __atomic_add_fetch(&client->last_fid, 1, __ATOMIC_RELAXED) & 0x7fffffff;
}

int call_begin_long(struct call *c, struct client *client, unsigned type, size_t more, size_t room)
{
	c->client = client;
	c->reply_at = ALIGN_UP(CALL_REQUEST + more, 16);
	c->memory = kmalloc(c->reply_at + room);
	if (!c->memory)
		return -ENOMEM;
	c->room = room;
	c->type = type;
	c->tag = HOST_NO_TAG;
	if (type != HOST_VERSION)
		c->tag = __atomic_add_fetch(&client->last_tag, 1, __ATOMIC_RELAXED) & 0x7fff;
	request_begin(&c->request, c->memory, c->reply_at, type, c->tag);
	return 0;
}

int call_begin(struct call *c, struct client *client, unsigned type, size_t room)
{
	return call_begin_long(c, client, type, 0, room);
}

/* Send the request with `out` bytes of the pages behind it, or with `in` pages behind
 * the room for the reply. */
static int call_exchange(struct call *c, struct page *const *pages, size_t out, unsigned in)
{
	struct queue_buffer parts[VIRTIO_9P_PARTS];
	phys_t memory = virt_to_phys(c->memory);
	size_t length = request_end(&c->request, out);
	unsigned count = 0, sent;
	uint32_t written;

	if (!length)
		return -ENAMETOOLONG;
	KASSERT((out + PAGE_MASK) / PAGE_SIZE + in + 2 <= VIRTIO_9P_PARTS);
	parts[count++] = (struct queue_buffer){ memory, length };
	for (size_t at = 0; at < out; at += PAGE_SIZE)
		parts[count++] = (struct queue_buffer){ page_phys(pages[at >> PAGE_SHIFT]),
							MIN(out - at, PAGE_SIZE) };
	sent = count;
	parts[count++] = (struct queue_buffer){ { memory.raw + c->reply_at }, c->room };
	for (unsigned i = 0; i < in; i++)
		parts[count++] = (struct queue_buffer){ page_phys(pages[i]), PAGE_SIZE };
	written = virtio_9p_exchange(c->client->device, parts, sent, count - sent);
	return reply_begin(&c->reply, c->memory + c->reply_at, written, c->type, c->tag);
}

int call_run(struct call *c)
{
	return call_exchange(c, NULL, 0, 0);
}

int call_run_out(struct call *c, struct page *const *pages, size_t out)
{
	return call_exchange(c, pages, out, 0);
}

int call_run_in(struct call *c, struct page *const *pages, unsigned in)
{
	return call_exchange(c, pages, 0, in);
}

/* A request whose only word is the fid. */
static int call_on(struct call *c, struct client *client, unsigned type, uint32_t fid, size_t room)
{
	int error = call_begin(c, client, type, room);

	if (error)
		return error;
	request_number(&c->request, 4, fid);
	return call_run(c);
}

void call_end(struct call *c)
{
	kfree(c->memory);
}

/* --- start ------------------------------------------------------------------------ */

static int version_agree(struct client *client)
{
	struct call c;
	const char *text;
	size_t length, size;
	int error = call_begin(&c, client, HOST_VERSION, CALL_ANSWER);

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
	error = call_begin(&c, client, HOST_ATTACH, CALL_ANSWER);
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

/* --- names and attributes ----------------------------------------------------------- */

static int walk_request(struct call *c, struct client *client, const struct client_name *name,
			uint32_t fid)
{
	int error = call_begin(c, client, HOST_WALK, CALL_ANSWER);

	if (error)
		return error;
	request_number(&c->request, 4, name->directory);
	request_number(&c->request, 4, fid);
	request_number(&c->request, 2, name->length ? 1 : 0);
	if (name->length)
		request_text(&c->request, name->text, name->length);
	return call_run(c);
}

int client_walk(struct client *client, const struct client_name *name, uint32_t *out,
		struct host_qid *qid)
{
	struct call c = { 0 };
	uint64_t count;
	int error;

	*out = call_fid_new(client);
	error = walk_request(&c, client, name, *out);
	if (!error) {
		count = reply_number(&c.reply, 2);
		if (count)
			*qid = reply_qid(&c.reply);
		error = count != (name->length ? 1 : 0) ? -EIO : reply_end(&c.reply);
		if (error)
			client_clunk(client, *out);
	}
	call_end(&c);
	return error;
}

/* If it fails the server has forgotten the fid all the same; without memory here,
 * only the server's own table stays longer. */
void client_clunk(struct client *client, uint32_t fid)
{
	struct call c = { 0 };

	call_on(&c, client, HOST_CLUNK, fid, CALL_ANSWER);
	call_end(&c);
}

int client_attributes(struct client *client, uint32_t fid, struct host_attributes *out)
{
	struct call c = { 0 };
	int error = call_begin(&c, client, HOST_ATTRIBUTES, CALL_ANSWER);

	if (error)
		return error;
	request_number(&c.request, 4, fid);
	request_number(&c.request, 8, ATTRIBUTES_MASK);
	error = call_run(&c);
	if (!error) {
		reply_attributes(&c.reply, out);
		error = reply_end(&c.reply);
	}
	call_end(&c);
	return error;
}

int64_t client_readlink(struct client *client, uint32_t fid, char *to, size_t size)
{
	struct call c = { 0 };
	size_t length = 0;
	int error = call_on(&c, client, HOST_READLINK, fid, CALL_ANSWER + size);

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
	int error = call_on(&c, client, HOST_STATFS, fid, CALL_ANSWER);

	if (!error) {
		reply_number(&c.reply, 4); /* type */
		out->block = (uint32_t)reply_number(&c.reply, 4);
		out->blocks = reply_number(&c.reply, 8);
		out->free = reply_number(&c.reply, 8);
		reply_number(&c.reply, 8); /* free for those who are not root */
		out->files = reply_number(&c.reply, 8);
		out->files_free = reply_number(&c.reply, 8);
		error = reply_end(&c.reply);
	}
	call_end(&c);
	return error;
}

/* --- contents ----------------------------------------------------------------------- */

int client_open(struct client *client, uint32_t fid, uint32_t flags)
{
	struct call c = { 0 };
	int error = call_begin(&c, client, HOST_OPEN, CALL_ANSWER);

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
	uint32_t bytes = count * PAGE_SIZE;
	int error = call_begin(&c, client, HOST_READ, HOST_READ_HEAD);

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
	size_t left = reply_number(&c->reply, 4);
	struct host_entry e;

	*more = left != 0;
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
	int error = call_begin(&c, client, HOST_LIST, LIST_MAX);

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
