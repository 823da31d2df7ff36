/* Finding files of the server's, and what it says of them; many at once. */
#include <linux/errno.h>
#include <linux/stat.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/host_call.h"
#include "kernel/mm/object.h"

#define ATTRIBUTES_MASK 0x7ffull /* mode to blocks */

/* The request of a walk to *fid, which is new. */
static int walk_begin(struct call *c, struct client *client, const struct client_name *name,
		      uint32_t *fid)
{
	int error = call_begin(c, client, HOST_WALK, NULL);

	if (error)
		return error;
	*fid = call_fid_new(client);
	request_number(&c->request, 4, name->directory);
	request_number(&c->request, 4, *fid);
	request_number(&c->request, 2, name->length ? 1 : 0);
	if (name->length)
		request_text(&c->request, name->text, name->length);
	return 0;
}

/* Its reply; a fid that came without what was asked for is given back. */
static int walk_end(struct call *c, const struct client_name *name, uint32_t fid,
		    struct host_qid *qid)
{
	uint64_t count = reply_number(&c->reply, 2);
	int error;

	if (count)
		*qid = reply_qid(&c->reply);
	error = count != (name->length ? 1 : 0) ? -EIO : reply_end(&c->reply);
	if (error)
		client_clunk(c->client, fid);
	return error;
}

int client_walk(struct client *client, const struct client_name *name, uint32_t *out,
		struct host_qid *qid)
{
	struct call c = { 0 };
	int error = walk_begin(&c, client, name, out);

	if (!error)
		error = call_run(&c);
	if (!error)
		error = walk_end(&c, name, *out, qid);
	call_end(&c);
	return error;
}

static void clunk_done(struct virtio_9p_message *m)
{
	struct call *c = container_of(m, struct call, message);

	call_end(c);
	kfree(c);
}

/* Nobody waits: if it fails the server has forgotten the fid all the same.  Without
 * memory here, only the server's own table stays longer. */
void client_clunk(struct client *client, uint32_t fid)
{
	struct call *c = kmalloc(sizeof(*c));

	if (!c)
		return;
	if (call_begin(c, client, HOST_CLUNK, NULL)) {
		kfree(c);
		return;
	}
	request_number(&c->request, 4, fid);
	c->message.finished = clunk_done;
	call_post(c);
}

static int attributes_begin(struct call *c, struct client *client, uint32_t fid)
{
	int error = call_begin(c, client, HOST_ATTRIBUTES, NULL);

	if (error)
		return error;
	request_number(&c->request, 4, fid);
	request_number(&c->request, 8, ATTRIBUTES_MASK);
	return 0;
}

/* In an exact run only the time of a file's contents is shown, as an input; reading
 * files, the trace being written, and what the guest itself writes change the rest.  What
 * others make and remove in a directory on the way changes its links and size: one link, as
 * file systems have it that do not count them.  Others may link to a file, too; where the
 * guest does it shows. */
static void attributes_settle(struct host_attributes *a, bool fixed)
{
	const bool directory = (a->mode & S_IFMT) == S_IFDIR;

	if (directory || fixed)
		a->links = 1;
	if (directory) {
		a->size = PAGE_SIZE;
		a->blocks = PAGE_SIZE / 512;
	}
	if (directory || a->mtime >= clock_exact_began())
		a->mtime = clock_realtime_base();
	a->atime = a->ctime = a->btime = a->mtime;
}

static int attributes_end(struct call *c, struct host_attributes *out)
{
	reply_attributes(&c->reply, out);
	if (clock_is_exact())
		attributes_settle(out, c->client->fixed);
	return reply_end(&c->reply);
}

int client_attributes(struct client *client, uint32_t fid, struct host_attributes *out)
{
	struct call c = { 0 };
	int error = attributes_begin(&c, client, fid);

	if (!error)
		error = call_run(&c);
	if (!error)
		error = attributes_end(&c, out);
	call_end(&c);
	return error;
}

/* One kind of message for all of them, then the other. */
static void look_run(struct client *client, struct client_found *found, unsigned n, bool walk,
		     struct call *calls)
{
	int errors[CALLS_MAX];

	for (unsigned i = 0; i < n; i++) {
		struct client_found *f = &found[i];

		calls[i] = (struct call){ .client = client };
		errors[i] = f->error;
		if (!f->error)
			errors[i] = walk ? walk_begin(&calls[i], client, &f->name, &f->fid)
					 : attributes_begin(&calls[i], client, f->fid);
	}
	calls_run(calls, errors, n);
	for (unsigned i = 0; i < n; i++) {
		struct client_found *f = &found[i];
		int was = f->error;

		f->error = errors[i];
		if (!f->error)
			f->error = walk ? walk_end(&calls[i], &f->name, f->fid, &f->qid)
					: attributes_end(&calls[i], &f->attributes);
		if (f->error && !was && !walk)
			client_clunk(client, f->fid);
		call_end(&calls[i]);
	}
}

void client_look(struct client *client, struct client_found *found, unsigned n)
{
	struct call *calls = kmalloc(n * sizeof(*calls));

	for (unsigned i = 0; i < n; i++)
		found[i].error = calls ? 0 : -ENOMEM;
	if (!calls)
		return;
	look_run(client, found, n, true, calls);
	look_run(client, found, n, false, calls);
	kfree(calls);
}
