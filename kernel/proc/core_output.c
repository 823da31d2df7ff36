/* The bytes of a core file on their way: to the host, as messages of schemas/trace.h,
 * and into a file. */
#include <linux/errno.h>
#include <linux/resource.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/drivers/port.h"
#include "kernel/fs/core_name.h"
#include "kernel/fs/regular.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/proc/core_parts.h"
#include "schemas/trace.h"

static void message_fill(struct core_output *o, enum core_kind kind, uint64_t length)
{
	*(struct core_message *)o->buffer = (struct core_message){
		.magic = CORE_MAGIC,
		.kind = kind,
		.length = length,
	};
}

static void port_send(struct core_output *o, size_t bytes)
{
	if (o->port &&
	    port_write_whole(o->port, o->buffer, sizeof(struct core_message) + bytes) < 0)
		o->port = NULL; /* nobody listens any more */
}

/* Linux dumps for no program that gained rights, and replaces regular files only. */
static struct file *file_make(const struct process *p, int sig)
{
	const uint32_t flags = O_CREAT | O_WRONLY | O_NOFOLLOW | O_LARGEFILE;
	struct lookup l = { .context = p->fs, .credentials = &p->credentials };
	struct core_name_facts facts = {
		.pid = p->pid,
		.uid = p->credentials.uid,
		.gid = p->credentials.gid,
		.sig = (uint32_t)sig,
		.program = current()->name,
		.seconds = (clock_realtime_base() + clock_now()) / 1000000000,
	};
	char name[CORE_NAME_SIZE];
	struct file *f = NULL;

	if (p->limits[RLIMIT_CORE].soft < PAGE_SIZE || !p->dumpable ||
	    !core_name_make(name, &facts))
		return NULL;
	if (file_open_name(&l, name, flags, 0600, &f))
		return NULL;
	if ((f->inode->mode & S_IFMT) != S_IFREG || f->inode->links != 1 ||
	    !inode_owned(f->inode, &p->credentials) || inode_truncate(f->inode, 0)) {
		file_put(f);
		return NULL;
	}
	return f;
}

bool core_output_open(struct core_output *o, const struct process *p, uint64_t limit, int sig)
{
	*o = (struct core_output){ .limit = p->limits[RLIMIT_CORE].soft };
	o->port = limit ? port_by_name(CORE_PORT_NAME) : NULL;
	o->file = file_make(p, sig);
	if (!o->port && !o->file)
		return false;
	o->buffer = kmalloc(sizeof(struct core_message) + CORE_DATA_MAX);
	if (!o->buffer) {
		if (o->file)
			file_put(o->file);
		return false;
	}
	message_fill(o, CORE_BEGIN, 0);
	((struct core_message *)o->buffer)->pid = p->pid;
	((struct core_message *)o->buffer)->sig = (uint32_t)sig;
	port_send(o, 0);
	return true;
}

static void file_append(struct core_output *o, const void *from, size_t n)
{
	const struct buffer b = { .addr = (uint64_t)from,
				  .length = MIN(n, o->limit - MIN(o->limit, o->at)),
				  .kernel = true };
	uint64_t position = o->at;

	if (o->file && b.length)
		file_write(o->file, &b, &position);
	o->at += n;
}

static void flush(struct core_output *o)
{
	if (!o->used)
		return;
	message_fill(o, CORE_DATA, o->used);
	port_send(o, o->used);
	file_append(o, o->buffer + sizeof(struct core_message), o->used);
	o->used = 0;
}

static void hole_end(struct core_output *o)
{
	if (!o->hole)
		return;
	message_fill(o, CORE_SKIP, o->hole);
	port_send(o, 0);
	o->at += o->hole;
	o->hole = 0;
}

void core_put(struct core_output *o, const void *from, size_t n)
{
	const char *at = from;

	while (n) {
		const size_t part = MIN(n, CORE_DATA_MAX - o->used);

		if (!o->used)
			hole_end(o);
		memcpy(o->buffer + sizeof(struct core_message) + o->used, at, part);
		o->used += part;
		at += part;
		n -= part;
		if (o->used == CORE_DATA_MAX)
			flush(o);
	}
}

void core_skip(struct core_output *o, uint64_t n)
{
	flush(o);
	o->hole += n;
}

bool core_output_close(struct core_output *o, uint64_t left)
{
	const bool file = o->file;

	flush(o);
	if (o->hole && o->file && o->at + o->hole <= o->limit)
		inode_truncate(o->file->inode, o->at + o->hole);
	hole_end(o);
	message_fill(o, CORE_END, left);
	port_send(o, 0);
	if (o->file)
		file_put(o->file);
	kfree(o->buffer);
	return file;
}
