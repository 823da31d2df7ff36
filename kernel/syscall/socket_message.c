/* Sending and receiving on sockets: sendto, sendmsg, recvfrom, recvmsg. */
#include <asm/socket.h>
#include <linux/errno.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/net/socket_flags.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/socket_address.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

#define PARTS_MAX   1024  /* UIO_MAXIOV */
#define CONTROL_MAX 20480 /* net.core.optmem_max */
#define COUNT_MAX   0x7ffff000ull

/* struct msghdr and struct cmsghdr of Linux, which no UAPI header has. */
struct header {
	uint64_t name;
	int name_length;
	uint64_t parts;
	uint64_t part_count;
	uint64_t control;
	uint64_t control_length;
	uint32_t flags;
};

struct control {
	uint64_t length; /* with this header */
	int level, type;
};
_Static_assert(sizeof(struct header) == 56 && sizeof(struct control) == 16, "as Linux has them");

static bool may_wait(const struct file *f, uint64_t flags)
{
	return !(f->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT);
}

/* --- sending --------------------------------------------------------------------- */

static int64_t send_message(struct file *f, struct socket *s, struct socket_message *m,
			    uint64_t flags)
{
	struct lookup l = socket_lookup();
	int64_t n;

	m->flags = (unsigned)flags;
	m->wait = may_wait(f, flags);
	trace_user_bytes(1, DATA_BYTES_IN, m->bytes, m->bytes->length);
	n = socket_send(s, m, &l);
	if (n == -EPIPE && !(flags & MSG_NOSIGNAL) && s->type == SOCKET_STREAM)
		signal_self(SIGPIPE);
	return n;
}

/* The address a message goes to, if there is one. */
static int destination(uint64_t addr, uint64_t length, struct socket_address *a,
		       struct socket_message *m)
{
	bool none;
	int error;

	if (!addr || !length)
		return 0;
	error = socket_address_in(addr, length, a, &none);
	if (!error && (none || !a->length))
		error = -EINVAL;
	if (!error)
		m->to = a;
	return error;
}

int64_t sys_sendto(uint64_t fd, uint64_t buf, uint64_t count, uint64_t flags, uint64_t addr,
		   uint64_t addrlen)
{
	struct buffer b = { .addr = buf, .length = MIN(count, COUNT_MAX) };
	struct socket_message m = { .bytes = &b };
	struct socket_address a;
	struct socket *s;
	struct file *f;
	int64_t n;

	if (count && !user_range(buf, b.length))
		return -EFAULT;
	n = socket_get(fd, &f, &s);
	if (n)
		return n;
	n = destination(addr, addrlen, &a, &m);
	if (!n)
		n = send_message(f, s, &m, flags);
	file_put(f);
	return n;
}

/* Descriptors to pass; the numbers are at `numbers`. */
static int files_in(const int *numbers, unsigned count, struct socket_message *m)
{
	struct file **files;

	if (m->files || count > SOCKET_FILES_MAX)
		return -EINVAL;
	if (!count)
		return 0;
	if (socket_flight_count() + count > caller_fd_limit() && !caller_can(CAP_SYS_RESOURCE) &&
	    !caller_can(CAP_SYS_ADMIN))
		return -ETOOMANYREFS;
	files = kmalloc(count * sizeof(files[0]));
	if (!files)
		return -ENOMEM;
	m->files = files;
	for (unsigned k = 0; k < count; k++) {
		files[k] = caller_file((uint64_t)numbers[k]);
		if (!files[k])
			return -EBADF;
		m->file_count = k + 1;
	}
	return 0;
}

/* Who the sender says to be: itself, unless it is user 0. */
static int identity_in(const struct socket_identity *who, struct socket_message *m)
{
	const struct process *p = current_process();
	const struct credentials *c = &p->credentials;
	struct process *other;

	if (c->euid != 0 && (who->pid != p->pid ||
			     (who->uid != c->uid && who->uid != c->euid && who->uid != c->suid) ||
			     (who->gid != c->gid && who->gid != c->egid && who->gid != c->sgid)))
		return -EPERM;
	other = process_find(who->pid);
	if (!other)
		return -ESRCH;
	process_put(other);
	m->identity = *who;
	m->has_identity = true;
	return 0;
}

/* What is sent along, from length bytes of it. */
static int control_walk(const uint8_t *bytes, size_t length, struct socket_message *m)
{
	size_t at = 0;
	int error = 0;

	while (!error && length - at >= sizeof(struct control)) {
		const struct control *c = (const struct control *)(bytes + at);
		size_t data;

		if (c->length < sizeof(*c) || c->length > length - at)
			return -EINVAL;
		data = c->length - sizeof(*c);
		if (c->level == SOL_SOCKET && c->type == SCM_RIGHTS)
			error = files_in((const int *)(c + 1), (unsigned)(data / sizeof(int)), m);
		else if (c->level == SOL_SOCKET && c->type == SCM_CREDENTIALS &&
			 data == sizeof(struct socket_identity))
			error = identity_in((const struct socket_identity *)(c + 1), m);
		else if (c->level == SOL_SOCKET)
			error = -EINVAL;
		at = MIN(at + ALIGN_UP(c->length, 8), length);
	}
	return error;
}

static int control_in(const struct header *h, struct socket_message *m)
{
	uint8_t *bytes;
	int error;

	if (!h->control_length)
		return 0;
	if (h->control_length > CONTROL_MAX)
		return -ENOBUFS;
	bytes = kmalloc(h->control_length);
	if (!bytes)
		return -ENOBUFS;
	error = user_copy_in(bytes, h->control, h->control_length);
	if (!error)
		error = control_walk(bytes, h->control_length, m);
	kfree(bytes);
	return error;
}

/* The pieces of memory of a message: b->parts is to be freed. */
static int parts_in(const struct header *h, struct buffer *b)
{
	struct iovec *parts;
	uint64_t total = 0;
	int error;

	if (h->part_count > PARTS_MAX)
		return -EMSGSIZE;
	parts = kmalloc((h->part_count + 1) * sizeof(parts[0]));
	if (!parts)
		return -ENOMEM;
	error = user_copy_in(parts, h->parts, h->part_count * sizeof(parts[0]));
	if (!error)
		trace_data(1, DATA_IOVEC, parts, h->part_count * sizeof(parts[0]));
	for (size_t k = 0; k < h->part_count && !error; k++) {
		uint64_t n = parts[k].iov_len;

		if ((int64_t)n < 0)
			error = -EINVAL;
		else if (n && !user_range((uint64_t)parts[k].iov_base, n))
			error = -EFAULT;
		else if (n > COUNT_MAX - total)
			parts[k].iov_len = n = COUNT_MAX - total;
		total += n;
	}
	if (error) {
		kfree(parts);
		return error;
	}
	*b = (struct buffer){ .length = total, .parts = parts, .part_count = h->part_count };
	return 0;
}

int64_t socket_send_header(struct file *f, struct socket *s, uint64_t at, uint64_t flags)
{
	struct socket_message m = { 0 };
	struct socket_address a;
	struct header h;
	struct buffer b;
	int64_t n;

	if (user_copy_in(&h, at, sizeof(h)))
		return -EFAULT;
	n = parts_in(&h, &b);
	if (n)
		return n;
	m.bytes = &b;
	n = destination(h.name, (uint64_t)h.name_length, &a, &m);
	if (!n)
		n = control_in(&h, &m);
	if (!n)
		n = send_message(f, s, &m, flags);
	socket_files_put(m.files, m.file_count);
	kfree((void *)b.parts);
	return n;
}

int64_t sys_sendmsg(uint64_t fd, uint64_t msg, uint64_t flags)
{
	struct socket *s;
	struct file *f;
	int64_t n = socket_get(fd, &f, &s);

	if (n)
		return n;
	n = socket_send_header(f, s, msg, flags);
	file_put(f);
	return n;
}

/* --- receiving ------------------------------------------------------------------- */

static int64_t receive_message(struct file *f, struct socket *s, struct socket_message *m,
			       uint64_t flags)
{
	int64_t n;

	m->flags = (unsigned)flags;
	m->wait = may_wait(f, flags);
	n = socket_receive(s, m);
	if (n > 0)
		trace_user_bytes(1, DATA_BYTES_OUT, m->bytes, MIN((size_t)n, m->bytes->length));
	return n;
}

int64_t sys_recvfrom(uint64_t fd, uint64_t buf, uint64_t count, uint64_t flags, uint64_t addr,
		     uint64_t addrlen)
{
	struct buffer b = { .addr = buf, .length = MIN(count, COUNT_MAX) };
	struct socket_message m = { .bytes = &b };
	struct socket *s;
	struct file *f;
	int64_t n;
	int zero = 0;

	if (count && !user_range(buf, b.length))
		return -EFAULT;
	n = socket_get(fd, &f, &s);
	if (n)
		return n;
	n = receive_message(f, s, &m, flags);
	file_put(f);
	socket_files_put(m.files, m.file_count);
	if (n >= 0 && addr) {
		int error = m.from.length ? socket_address_out(addr, addrlen, &m.from)
					  : user_copy_out(addrlen, &zero, sizeof(zero));

		if (error)
			return error;
	}
	return n;
}

/* Where messages to the program about a message go. */
struct control_out {
	uint64_t at, left;
	uint32_t flags; /* MSG_CTRUNC if not all fitted */
};

static int control_put(struct control_out *o, int type, const void *data, size_t n)
{
	struct control c = { sizeof(c) + n, SOL_SOCKET, type };
	uint64_t space;

	if (o->left < sizeof(c)) {
		o->flags |= MSG_CTRUNC;
		return 0;
	}
	if (o->left < c.length) {
		o->flags |= MSG_CTRUNC;
		c.length = o->left;
		n = c.length - sizeof(c);
	}
	if (user_copy_out(o->at, &c, sizeof(c)) || user_copy_out(o->at + sizeof(c), data, n))
		return -EFAULT;
	space = MIN(ALIGN_UP(c.length, 8), o->left);
	o->at += space;
	o->left -= space;
	return 0;
}

/* As many of the files as there is room for become descriptors. */
static int files_out(struct control_out *o, struct socket_message *m, bool close_exec)
{
	size_t room = o->left > sizeof(struct control) ? (o->left - sizeof(struct control)) / 4 : 0;
	int numbers[SOCKET_FILES_MAX];
	unsigned count = 0;

	while (count < m->file_count && count < room) {
		int fd;

		file_get(m->files[count]);
		fd = (int)caller_install(m->files[count], close_exec ? O_CLOEXEC : 0);
		if (fd < 0)
			break;
		numbers[count++] = fd;
	}
	if (count < m->file_count)
		o->flags |= MSG_CTRUNC;
	return count ? control_put(o, SCM_RIGHTS, numbers, count * sizeof(numbers[0])) : 0;
}

/* The answer's header: the fields that change. */
static int header_out(uint64_t at, struct header *h, const struct socket *s,
		      struct socket_message *m, uint64_t flags)
{
	struct control_out o = { h->control, h->control ? h->control_length : 0, m->flags };
	int length = 0, error = 0;

	if (h->name && m->from.length)
		error = socket_address_out(h->name, at + offsetof(struct header, name_length),
					   &m->from);
	else if (h->name)
		error = user_copy_out(at + offsetof(struct header, name_length), &length,
				      sizeof(length));
	if (!error && s->pass_credentials)
		error = control_put(&o, SCM_CREDENTIALS, &m->identity, sizeof(m->identity));
	if (!error && m->file_count)
		error = files_out(&o, m, flags & MSG_CMSG_CLOEXEC);
	o.flags |= flags & MSG_CMSG_CLOEXEC;
	h->control_length = o.at - h->control;
	if (!error &&
	    (user_copy_out(at + offsetof(struct header, control_length), &h->control_length,
			   sizeof(h->control_length)) ||
	     user_copy_out(at + offsetof(struct header, flags), &o.flags, sizeof(o.flags))))
		error = -EFAULT;
	return error;
}

int64_t socket_receive_header(struct file *f, struct socket *s, uint64_t at, uint64_t flags)
{
	struct socket_message m = { 0 };
	struct header h;
	struct buffer b;
	int64_t n;
	int error;

	if (user_copy_in(&h, at, sizeof(h)))
		return -EFAULT;
	if (h.name && h.name_length < 0)
		return -EINVAL;
	n = parts_in(&h, &b);
	if (n)
		return n;
	m.bytes = &b;
	n = receive_message(f, s, &m, flags);
	if (n >= 0) {
		error = header_out(at, &h, s, &m, flags);
		n = error ? error : n;
	}
	socket_files_put(m.files, m.file_count);
	kfree((void *)b.parts);
	return n;
}

int64_t sys_recvmsg(uint64_t fd, uint64_t msg, uint64_t flags)
{
	struct socket *s;
	struct file *f;
	int64_t n = socket_get(fd, &f, &s);

	if (n)
		return n;
	n = socket_receive_header(f, s, msg, flags);
	file_put(f);
	return n;
}
