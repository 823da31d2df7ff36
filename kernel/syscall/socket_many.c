/* Several messages in one call: sendmmsg, recvmmsg. */
#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/user.h"
#include "kernel/net/socket_flags.h"
#include "kernel/syscall/socket_address.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"

#define HEADERS_MAX 1024u /* UIO_MAXIOV: a call does no more */
#define HEADER_SIZE 64u   /* struct mmsghdr: a struct msghdr, and the length moved */
#define LENGTH_AT   56u

/* The k'th message: 0, or -errno of it. */
static int64_t one(struct file *f, struct socket *s, uint64_t at, uint64_t flags,
		   int64_t (*move)(struct file *, struct socket *, uint64_t, uint64_t))
{
	int64_t n = move(f, s, at, flags);
	uint32_t length = (uint32_t)n;

	if (n < 0)
		return n;
	return user_copy_out(at + LENGTH_AT, &length, sizeof(length));
}

int64_t sys_sendmmsg(uint64_t fd, uint64_t msgvec, uint64_t count, uint64_t flags)
{
	struct socket *s;
	struct file *f;
	int64_t error = socket_get(fd, &f, &s);
	unsigned done = 0, most = MIN((unsigned)count, HEADERS_MAX);

	if (error)
		return error;
	while (done < most && !error) {
		error = one(f, s, msgvec + done * HEADER_SIZE, flags, socket_send_header);
		done += !error;
	}
	file_put(f);
	return done ? (int64_t)done : error;
}

/* Until `deadline` (0: none), as Linux looked at only between messages. */
static int64_t receive_all(struct file *f, struct socket *s, uint64_t at, unsigned most,
			   uint64_t flags, uint64_t deadline)
{
	int64_t error = 0;
	unsigned done = 0;

	while (done < most && !error) {
		error = one(f, s, at + done * HEADER_SIZE, flags & ~(uint64_t)MSG_WAITFORONE,
			    socket_receive_header);
		if (error)
			break;
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (deadline && clock_now() >= deadline)
			break;
	}
	/* An error behind messages is for the next call. */
	if (done && error && error != -EAGAIN)
		__atomic_store_n(&s->error, (int)-error, __ATOMIC_RELEASE);
	return done ? (int64_t)done : error;
}

int64_t sys_recvmmsg(uint64_t fd, uint64_t msgvec, uint64_t count, uint64_t flags, uint64_t timeout)
{
	uint64_t ns = 0, deadline = 0, now;
	struct socket *s;
	struct file *f;
	int64_t result = 0;

	if (timeout)
		result = user_timespec_in(timeout, 4, &ns);
	if (!result && timeout)
		deadline = deadline_after(ns);
	if (!result)
		result = socket_get(fd, &f, &s);
	if (result)
		return result;
	result = socket_error_take(s);
	if (result)
		result = -result;
	else
		result = receive_all(f, s, msgvec, MIN((unsigned)count, HEADERS_MAX), flags,
				     deadline);
	file_put(f);
	now = clock_now();
	if (timeout && result > 0)
		user_timespec_out(timeout, 4, deadline > now ? deadline - now : 0);
	return result;
}
