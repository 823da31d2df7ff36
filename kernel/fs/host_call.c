#include "kernel/fs/host_call.h"

#include <linux/errno.h>

#include "kernel/lib/assert.h"
#include "kernel/mm/object.h"

uint32_t call_fid_new(struct client *client)
{
	return __atomic_add_fetch(&client->last_fid, 1, __ATOMIC_RELAXED) & 0x7fffffff;
}

int call_begin(struct call *c, struct client *client, unsigned type, const struct call_needs *needs)
{
	static const struct call_needs none;
	size_t parts;

	needs = needs ? needs : &none;
	parts = ALIGN_UP(CALL_REQUEST + needs->text, sizeof(struct vring_desc));
	c->client = client;
	c->reply_at = parts + (2 + needs->pages) * sizeof(struct vring_desc);
	c->room = CALL_ANSWER + needs->room;
	c->memory = kmalloc(c->reply_at + c->room);
	if (!c->memory)
		return -ENOMEM;
	c->message = (struct virtio_9p_message){ .parts = (void *)(c->memory + parts) };
	c->type = type;
	c->tag = HOST_NO_TAG;
	if (type != HOST_VERSION)
		c->tag = __atomic_add_fetch(&client->last_tag, 1, __ATOMIC_RELAXED) & 0x7fff;
	request_begin(&c->request, c->memory, parts, type, c->tag);
	return 0;
}

static void part_add(struct call *c, phys_t phys, size_t length, uint16_t flags)
{
	c->message.parts[c->message.count++] = (struct vring_desc){
		.addr = phys.raw,
		.len = length,
		.flags = flags,
	};
}

/* The request with `out` bytes of the pages behind it, or with `in` pages behind the
 * room for the reply. */
static int call_prepare(struct call *c, struct page *const *pages, size_t out, unsigned in)
{
	phys_t memory = virt_to_phys(c->memory);
	size_t length = request_end(&c->request, out);

	if (!length)
		return -ENAMETOOLONG;
	part_add(c, memory, length, 0);
	for (size_t at = 0; at < out; at += PAGE_SIZE)
		part_add(c, page_phys(pages[at >> PAGE_SHIFT]), MIN(out - at, PAGE_SIZE), 0);
	part_add(c, (phys_t){ memory.raw + c->reply_at }, in ? HOST_READ_HEAD : c->room,
		 VRING_DESC_F_WRITE);
	for (unsigned i = 0; i < in; i++)
		part_add(c, page_phys(pages[i]), PAGE_SIZE, VRING_DESC_F_WRITE);
	return 0;
}

static int call_finish(struct call *c)
{
	return reply_begin(&c->reply, c->memory + c->reply_at, c->message.written, c->type, c->tag);
}

static int call_exchange(struct call *c, struct page *const *pages, size_t out, unsigned in)
{
	struct virtio_9p_message *m = &c->message;
	int error = call_prepare(c, pages, out, in);

	if (error)
		return error;
	virtio_9p_exchange(c->client->device, &m, 1);
	return call_finish(c);
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

void call_post(struct call *c)
{
	call_prepare(c, NULL, 0, 0);
	virtio_9p_post(c->client->device, &c->message);
}

void calls_run(struct call *calls, int *errors, unsigned n)
{
	struct virtio_9p_message *messages[CALLS_MAX];
	unsigned count = 0;

	KASSERT(n <= CALLS_MAX);
	for (unsigned i = 0; i < n; i++) {
		if (!errors[i])
			errors[i] = call_prepare(&calls[i], NULL, 0, 0);
		if (!errors[i])
			messages[count++] = &calls[i].message;
	}
	if (!count)
		return;
	virtio_9p_exchange(calls[0].client->device, messages, count);
	for (unsigned i = 0; i < n; i++) {
		if (!errors[i])
			errors[i] = call_finish(&calls[i]);
	}
}

void call_end(struct call *c)
{
	kfree(c->memory);
}
