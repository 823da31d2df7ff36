/* Messages that change the host's tree. */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/fs/host_call.h"
#include "kernel/lib/string.h"

#define SECOND_NS 1000000000ull

/* A request that begins with a directory and a name in it; `more` bytes of text follow. */
static int name_begin(struct call *c, struct client *client, unsigned type,
		      const struct client_name *name, size_t more)
{
	const struct call_needs needs = { .text = more };
	int error = call_begin(c, client, type, &needs);

	if (error)
		return error;
	request_number(&c->request, 4, name->directory);
	request_text(&c->request, name->text, name->length);
	return 0;
}

/* Send what was begun; the reply says nothing more. */
static int finish(struct call *c, int error)
{
	if (!error)
		error = call_run(c);
	call_end(c);
	return error;
}

/* The fid of the directory, cloned, becomes that of the file. */
int client_create(struct client *client, const struct client_name *name, uint32_t mode,
		  uint32_t gid, uint32_t *out)
{
	const struct client_name same = { .directory = name->directory };
	struct client_name there = *name;
	struct host_qid qid;
	struct call c = { 0 };
	int error = client_walk(client, &same, out, &qid);

	if (error)
		return error;
	there.directory = *out;
	error = name_begin(&c, client, HOST_CREATE, &there, 0);
	if (!error) {
		request_number(&c.request, 4, O_RDWR | O_CREAT | O_EXCL);
		request_number(&c.request, 4, mode);
		request_number(&c.request, 4, gid);
	}
	error = finish(&c, error);
	if (error)
		client_clunk(client, *out);
	return error;
}

int client_mkdir(struct client *client, const struct client_name *name, uint32_t mode, uint32_t gid)
{
	struct call c = { 0 };
	int error = name_begin(&c, client, HOST_MKDIR, name, 0);

	if (!error) {
		request_number(&c.request, 4, mode);
		request_number(&c.request, 4, gid);
	}
	return finish(&c, error);
}

int client_symlink(struct client *client, const struct client_name *name, const char *target,
		   uint32_t gid)
{
	struct call c = { 0 };
	int error = name_begin(&c, client, HOST_SYMLINK, name, strlen(target));

	if (!error) {
		request_text(&c.request, target, strlen(target));
		request_number(&c.request, 4, gid);
	}
	return finish(&c, error);
}

int client_mknod(struct client *client, const struct client_name *name, uint32_t mode,
		 uint64_t device, uint32_t gid)
{
	struct call c = { 0 };
	int error = name_begin(&c, client, HOST_MKNOD, name, 0);

	if (!error) {
		request_number(&c.request, 4, mode);
		request_number(&c.request, 4, (device >> 8 & 0xfff) | (device >> 32 & ~0xfffull));
		request_number(&c.request, 4, (device & 0xff) | (device >> 12 & 0xfff00));
		request_number(&c.request, 4, gid);
	}
	return finish(&c, error);
}

int client_link(struct client *client, const struct client_name *name, uint32_t fid)
{
	struct call c = { 0 };
	int error = call_begin(&c, client, HOST_LINK, NULL);

	if (!error) {
		request_number(&c.request, 4, name->directory);
		request_number(&c.request, 4, fid);
		request_text(&c.request, name->text, name->length);
	}
	return finish(&c, error);
}

int client_unlink(struct client *client, const struct client_name *name, bool directory)
{
	struct call c = { 0 };
	int error = name_begin(&c, client, HOST_UNLINK, name, 0);

	if (!error)
		request_number(&c.request, 4, directory ? HOST_UNLINK_DIRECTORY : 0);
	return finish(&c, error);
}

int client_rename(struct client *client, const struct client_name *from,
		  const struct client_name *to)
{
	struct call c = { 0 };
	int error = name_begin(&c, client, HOST_RENAME, from, 0);

	if (!error) {
		request_number(&c.request, 4, to->directory);
		request_text(&c.request, to->text, to->length);
	}
	return finish(&c, error);
}

int client_write(struct client *client, uint32_t fid, uint64_t offset, struct page *const *pages,
		 size_t bytes, size_t *done)
{
	struct call c = { 0 };
	const struct call_needs needs = { .pages = (bytes + PAGE_MASK) >> PAGE_SHIFT };
	int error = call_begin(&c, client, HOST_WRITE, &needs);

	if (error)
		return error;
	request_number(&c.request, 4, fid);
	request_number(&c.request, 8, offset);
	request_number(&c.request, 4, bytes);
	error = call_run_out(&c, pages, bytes);
	if (!error) {
		*done = reply_number(&c.reply, 4);
		if (c.reply.failed || !*done || *done > bytes)
			error = -EIO;
	}
	call_end(&c);
	return error;
}

int client_sync(struct client *client, uint32_t fid)
{
	struct call c = { 0 };
	int error = call_begin(&c, client, HOST_SYNC, NULL);

	if (!error) {
		request_number(&c.request, 4, fid);
		request_number(&c.request, 4, 0); /* attributes, too */
	}
	return finish(&c, error);
}

static void time_put(struct host_request *r, uint64_t ns)
{
	request_number(r, 8, ns / SECOND_NS);
	request_number(r, 8, ns % SECOND_NS);
}

int client_change(struct client *client, uint32_t fid, const struct host_change *change)
{
	struct call c = { 0 };
	int error = call_begin(&c, client, HOST_CHANGE, NULL);

	if (!error) {
		request_number(&c.request, 4, fid);
		request_number(&c.request, 4, change->what);
		request_number(&c.request, 4, change->mode);
		request_number(&c.request, 4, change->uid);
		request_number(&c.request, 4, change->gid);
		request_number(&c.request, 8, change->size);
		time_put(&c.request, change->atime);
		time_put(&c.request, change->mtime);
	}
	return finish(&c, error);
}
