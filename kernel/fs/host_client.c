#include "kernel/fs/host_client.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/debug/log.h"
#include "kernel/drivers/virtio_9p.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define PROTOCOL        "9P2000.L"
#define MESSAGE_MAX     (CLIENT_PAGES * PAGE_SIZE + PAGE_SIZE)
#define REQUEST_MAX     512      /* the longest is a walk along one name */
#define ANSWER_MAX      7168     /* the longest but data is the text of a link */
#define LIST_MAX        65024    /* of entries in one reply; with its head and the request 64 KiB */
#define ATTRIBUTES_MASK 0x7ffull /* mode to blocks */

/* One message and where its reply goes: physically contiguous memory. */
struct call {
	struct host_request request;
	struct host_reply reply;
	unsigned type;
	uint16_t tag;
	size_t room; /* for the reply, behind the request */
	uint8_t *memory;
};

static uint32_t last_fid, last_tag; /* [a] */

static uint32_t fid_new(void)
{
	return __atomic_add_fetch(&last_fid, 1, __ATOMIC_RELAXED) & 0x7fffffff;
}

static int call_begin(struct call *c, unsigned type, size_t room)
{
	c->memory = kmalloc(REQUEST_MAX + room);
	if (!c->memory)
		return -ENOMEM;
	c->room = room;
	c->type = type;
	c->tag = type == HOST_VERSION ? HOST_NO_TAG
				      : __atomic_add_fetch(&last_tag, 1, __ATOMIC_RELAXED) & 0x7fff;
	request_begin(&c->request, c->memory, REQUEST_MAX, type, c->tag);
	return 0;
}

/* Send the request with `pages` behind the room for the reply; bytes written. */
static uint32_t call_exchange(struct call *c, struct page *const *pages, unsigned count)
{
	struct queue_buffer parts[VIRTIO_9P_PARTS];
	phys_t memory = virt_to_phys(c->memory);
	size_t length = request_end(&c->request);

	KASSERT(length && count + 2 <= VIRTIO_9P_PARTS);
	parts[0] = (struct queue_buffer){ memory, length };
	parts[1] = (struct queue_buffer){ { memory.raw + REQUEST_MAX }, c->room };
	for (unsigned i = 0; i < count; i++)
		parts[2 + i] = (struct queue_buffer){ page_phys(pages[i]), PAGE_SIZE };
	return virtio_9p_exchange(parts, count + 2);
}

static int call_run(struct call *c)
{
	uint32_t written = call_exchange(c, NULL, 0);

	return reply_begin(&c->reply, c->memory + REQUEST_MAX, written, c->type, c->tag);
}

/* A request whose only word is the fid. */
static int call_on(struct call *c, unsigned type, uint32_t fid)
{
	int error = call_begin(c, type, ANSWER_MAX);

	if (error)
		return error;
	request_number(&c->request, 4, fid);
	return call_run(c);
}

static void call_end(struct call *c)
{
	kfree(c->memory);
}

/* --- start ------------------------------------------------------------------------ */

static int version_agree(void)
{
	struct call c;
	const char *text;
	size_t length, size;
	int error = call_begin(&c, HOST_VERSION, ANSWER_MAX);

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

int client_start(uint32_t *root)
{
	struct call c;
	int error;

	if (!virtio_9p_open())
		return -ENODEV;
	error = version_agree();
	if (error)
		return error;
	*root = fid_new();
	error = call_begin(&c, HOST_ATTACH, ANSWER_MAX);
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

/* --- names and attributes ----------------------------------------------------------- */

static int walk_request(struct call *c, uint32_t directory, const char *name, size_t length,
			uint32_t fid)
{
	int error = call_begin(c, HOST_WALK, ANSWER_MAX);

	if (error)
		return error;
	request_number(&c->request, 4, directory);
	request_number(&c->request, 4, fid);
	request_number(&c->request, 2, length ? 1 : 0);
	if (length)
		request_text(&c->request, name, length);
	return call_run(c);
}

int client_walk(uint32_t directory, const char *name, size_t length, uint32_t *out,
		struct host_qid *qid)
{
	struct call c = { 0 };
	uint64_t count;
	int error;

	*out = fid_new();
	error = walk_request(&c, directory, name, length, *out);
	if (!error) {
		count = reply_number(&c.reply, 2);
		if (count)
			*qid = reply_qid(&c.reply);
		error = count != (length ? 1 : 0) ? -EIO : reply_end(&c.reply);
		if (error)
			client_clunk(*out);
	}
	call_end(&c);
	return error;
}

/* If it fails the server has forgotten the fid all the same; without memory here,
 * only the server's own table stays longer. */
void client_clunk(uint32_t fid)
{
	struct call c = { 0 };

	call_on(&c, HOST_CLUNK, fid);
	call_end(&c);
}

int client_attributes(uint32_t fid, struct host_attributes *out)
{
	struct call c = { 0 };
	int error = call_begin(&c, HOST_ATTRIBUTES, ANSWER_MAX);

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

int64_t client_readlink(uint32_t fid, char *to, size_t size)
{
	struct call c = { 0 };
	size_t length = 0;
	int error = call_on(&c, HOST_READLINK, fid);

	if (!error) {
		const char *text = reply_text(&c.reply, &length);

		error = !length ? -EIO : reply_end(&c.reply);
		length = MIN(length, size);
		memcpy(to, text, length);
	}
	call_end(&c);
	return error ? error : (int64_t)length;
}

int client_usage(uint32_t fid, struct host_usage *out)
{
	struct call c = { 0 };
	int error = call_on(&c, HOST_STATFS, fid);

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

int client_open(uint32_t fid)
{
	struct call c = { 0 };
	int error = call_begin(&c, HOST_OPEN, ANSWER_MAX);

	if (error)
		return error;
	request_number(&c.request, 4, fid);
	request_number(&c.request, 4, O_RDONLY);
	error = call_run(&c);
	call_end(&c);
	return error;
}

/* An error's reply is as long as the head of the data's: both fit where it goes. */
int client_read(uint32_t fid, uint64_t offset, struct page *const *pages, unsigned count,
		size_t *got)
{
	struct call c = { 0 };
	uint8_t *head;
	uint32_t written, bytes = count * PAGE_SIZE;
	int error = call_begin(&c, HOST_READ, HOST_READ_HEAD);

	if (error)
		return error;
	request_number(&c.request, 4, fid);
	request_number(&c.request, 8, offset);
	request_number(&c.request, 4, bytes);
	written = call_exchange(&c, pages, count);
	head = c.memory + REQUEST_MAX;
	error = reply_begin(&c.reply, head, written, HOST_READ, c.tag);
	if (!error) {
		*got = reply_number(&c.reply, 4);
		if (c.reply.failed || *got > bytes || *got + HOST_READ_HEAD != written)
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

int client_list(uint32_t fid, uint64_t *position, bool *more,
		bool (*emit)(void *cookie, const struct host_entry *e), void *cookie)
{
	struct call c = { 0 };
	int error = call_begin(&c, HOST_LIST, LIST_MAX);

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
