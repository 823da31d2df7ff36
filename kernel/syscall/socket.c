/* Making, naming and connecting sockets. */
#include <linux/errno.h>
#include <linux/socket.h>

#include "kernel/lib/string.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/socket_address.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

/* Numbers of Linux that no UAPI header names (include/linux/socket.h, net.h). */
#define AF_UNSPEC    0
#define AF_UNIX      1
#define SOCK_RAW     3
#define SOCK_MAX     11
#define KIND_MASK    0xfu
#define SOCK_CLOEXEC O_CLOEXEC

void socket_caller(struct socket_identity *out)
{
	const struct process *p = current_process();

	*out = (struct socket_identity){ p->pid, p->credentials.euid, p->credentials.egid };
}

int socket_get(uint64_t fd, struct file **f, struct socket **s)
{
	*f = caller_file(fd);
	if (!*f || (*f)->flags & O_PATH) {
		file_put(*f);
		return -EBADF;
	}
	*s = socket_of(*f);
	if (!*s) {
		file_put(*f);
		return -ENOTSOCK;
	}
	return 0;
}

struct lookup socket_lookup(void)
{
	struct process *p = current_process();

	return (struct lookup){ .context = p->fs, .credentials = &p->credentials, .follow = true };
}

int socket_address_in(uint64_t addr, uint64_t length, struct socket_address *out, bool *none)
{
	struct sockaddr_un a = { 0 };

	*none = false;
	*out = (struct socket_address){ 0 };
	if ((int)length < 0 || (int)length > (int)sizeof(struct __kernel_sockaddr_storage))
		return -EINVAL;
	length = (uint32_t)length;
	if (user_copy_in(&a, addr, MIN(length, sizeof(a))))
		return -EFAULT;
	if (length < sizeof(a.sun_family))
		return -EINVAL;
	*none = a.sun_family == AF_UNSPEC;
	if (*none)
		return 0;
	if (a.sun_family != AF_UNIX || length > sizeof(a))
		return -EINVAL;
	length -= sizeof(a.sun_family);
	memcpy(out->path, a.sun_path, length);
	out->length = (unsigned)length;
	if (length && a.sun_path[0]) {
		out->length = (unsigned)strnlen(out->path, length) + 1;
		trace_data(1, DATA_PATH, out->path, out->length - 1);
	}
	return 0;
}

int socket_address_out(uint64_t addr, uint64_t length_at, const struct socket_address *a)
{
	struct sockaddr_un whole = { .sun_family = AF_UNIX };
	int length = (int)(sizeof(whole.sun_family) + a->length), room;

	if (user_copy_in(&room, length_at, sizeof(room)))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	memcpy(whole.sun_path, a->path, MIN(a->length, sizeof(whole.sun_path)));
	if (user_copy_out(addr, &whole, (size_t)MIN(MIN(room, length), (int)sizeof(whole))) ||
	    user_copy_out(length_at, &length, sizeof(length)))
		return -EFAULT;
	return 0;
}

/* The kind of socket that socket and socketpair are asked for. */
static int kind_of(uint64_t domain, uint64_t type, uint64_t protocol)
{
	unsigned kind = (unsigned)type & KIND_MASK;

	if ((unsigned)type & ~(KIND_MASK | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if ((int)domain != AF_UNIX)
		return -EAFNOSUPPORT;
	if (kind >= SOCK_MAX)
		return -EINVAL;
	if ((int)protocol != 0 && (int)protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (kind == SOCK_RAW)
		return SOCKET_DATAGRAM;
	if (kind != SOCKET_STREAM && kind != SOCKET_DATAGRAM && kind != SOCKET_SEQUENCED)
		return -ESOCKTNOSUPPORT;
	return (int)kind;
}

static void owner_set(struct file *f)
{
	f->inode->uid = caller_credentials()->fsuid;
	f->inode->gid = caller_credentials()->fsgid;
}

int64_t sys_socket(uint64_t domain, uint64_t type, uint64_t protocol)
{
	int kind = kind_of(domain, type, protocol), error;
	struct file *f;

	if (kind < 0)
		return kind;
	error = socket_create(kind, (uint32_t)type & O_NONBLOCK, &f);
	if (error)
		return error;
	owner_set(f);
	return caller_install(f, (unsigned)type & SOCK_CLOEXEC);
}

int64_t sys_socketpair(uint64_t domain, uint64_t type, uint64_t protocol, uint64_t fds)
{
	struct fd_table *t = current_process()->files;
	int kind = kind_of(domain, type, protocol), numbers[2], error;
	struct file *f[2];

	if (kind < 0)
		return kind;
	error = socket_pair(kind, (uint32_t)type & O_NONBLOCK, f);
	if (error)
		return error;
	owner_set(f[0]);
	owner_set(f[1]);
	numbers[0] = (int)caller_install(f[0], (unsigned)type & SOCK_CLOEXEC);
	if (numbers[0] < 0) {
		file_put(f[1]);
		return numbers[0];
	}
	numbers[1] = (int)caller_install(f[1], (unsigned)type & SOCK_CLOEXEC);
	error = numbers[1] < 0 ? numbers[1] : user_copy_out(fds, numbers, sizeof(numbers));
	if (error) {
		fd_close(t, numbers[0]);
		if (numbers[1] >= 0)
			fd_close(t, numbers[1]);
		return error;
	}
	trace_data(3, DATA_INT_PAIR, numbers, sizeof(numbers));
	return 0;
}

int64_t sys_bind(uint64_t fd, uint64_t addr, uint64_t addrlen)
{
	struct lookup l = socket_lookup();
	struct socket_address a;
	struct socket *s;
	struct file *f;
	bool none;
	int error = socket_get(fd, &f, &s);

	if (error)
		return error;
	error = socket_address_in(addr, addrlen, &a, &none);
	if (!error)
		error = none ? -EINVAL : socket_bind(s, &a, &l);
	file_put(f);
	return error;
}

int64_t sys_connect(uint64_t fd, uint64_t addr, uint64_t addrlen)
{
	struct lookup l = socket_lookup();
	struct socket_address a;
	struct socket *s;
	struct file *f;
	bool none;
	int error = socket_get(fd, &f, &s);

	if (error)
		return error;
	error = socket_address_in(addr, addrlen, &a, &none);
	if (!error && !none && !a.length)
		error = -EINVAL;
	if (!error)
		error = socket_connect(s, none ? NULL : &a, &l, !(f->flags & O_NONBLOCK));
	file_put(f);
	return error;
}

int64_t sys_listen(uint64_t fd, uint64_t backlog)
{
	struct socket *s;
	struct file *f;
	int error = socket_get(fd, &f, &s);

	if (error)
		return error;
	error = socket_listen(s, (int)backlog);
	file_put(f);
	return error;
}

/* Only for the trace: what room there is for an address that a failing call does not give. */
static int64_t no_address(uint64_t addr, uint64_t addrlen, int64_t error)
{
	int room;

	if (addr && user_copy_in(&room, addrlen, sizeof(room)))
		return error; /* not to be read: that is not why it failed */
	return error;
}

/* A new file for the next connection; its address to the program. */
static int64_t accept_out(struct file *f, uint64_t flags)
{
	owner_set(f);
	return caller_install(f, (unsigned)flags & SOCK_CLOEXEC);
}

int64_t sys_accept4(uint64_t fd, uint64_t addr, uint64_t addrlen, uint64_t flags)
{
	struct socket_address a = { 0 };
	struct socket *s;
	struct file *f, *new;
	int64_t error;

	if (flags & ~(uint64_t)(O_CLOEXEC | O_NONBLOCK))
		return no_address(addr, addrlen, -EINVAL);
	error = socket_get(fd, &f, &s);
	if (error)
		return no_address(addr, addrlen, error);
	error = socket_accept(s, !(f->flags & O_NONBLOCK), (uint32_t)flags & O_NONBLOCK, &new);
	file_put(f);
	if (error)
		return no_address(addr, addrlen, error);
	if (addr) {
		socket_peer_name(socket_of(new), &a);
		error = socket_address_out(addr, addrlen, &a);
		if (error) {
			file_put(new);
			return error;
		}
	}
	return accept_out(new, flags);
}

int64_t sys_accept(uint64_t fd, uint64_t addr, uint64_t addrlen)
{
	return sys_accept4(fd, addr, addrlen, 0);
}

int64_t sys_shutdown(uint64_t fd, uint64_t how)
{
	struct socket *s;
	struct file *f;
	int error = socket_get(fd, &f, &s);

	if (error)
		return error;
	/* 0, 1, 2 are the sets of SHUT_RECEIVE and SHUT_SEND, less one. */
	error = (unsigned)how > 2 ? -EINVAL : socket_shutdown(s, (unsigned)how + 1);
	file_put(f);
	return error;
}

static int64_t name_out(uint64_t fd, uint64_t addr, uint64_t addrlen, bool peer)
{
	struct socket_address a = { 0 };
	struct socket *s;
	struct file *f;
	int error = socket_get(fd, &f, &s);

	if (error)
		return no_address(addr, addrlen, error);
	if (peer)
		error = socket_peer_name(s, &a);
	else
		socket_name(s, &a);
	file_put(f);
	return error ? no_address(addr, addrlen, error) : socket_address_out(addr, addrlen, &a);
}

int64_t sys_getsockname(uint64_t fd, uint64_t addr, uint64_t addrlen)
{
	return name_out(fd, addr, addrlen, false);
}

int64_t sys_getpeername(uint64_t fd, uint64_t addr, uint64_t addrlen)
{
	return name_out(fd, addr, addrlen, true);
}
