/* Options of sockets. */
#include <asm/socket.h>
#include <linux/errno.h>
#include <linux/time.h>

#include "kernel/lib/string.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/socket_address.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/syscall/user_time.h"

#define AF_UNIX       1
#define BUFFER_MOST   212992u /* net.core.wmem_max; shown doubled */
#define SEND_LEAST    4608u   /* SOCK_MIN_SNDBUF */
#define RECEIVE_LEAST 2304u   /* SOCK_MIN_RCVBUF */
#define PRIORITY_MOST 6

/* Options that are kept and shown, but change nothing between two sockets here. */
#define KEPT(option) (1ull << (option))
#define OPTIONS_KEPT                                                                               \
	(KEPT(SO_DEBUG) | KEPT(SO_REUSEADDR) | KEPT(SO_KEEPALIVE) | KEPT(SO_BROADCAST) |           \
	 KEPT(SO_DONTROUTE) | KEPT(SO_OOBINLINE) | KEPT(SO_NO_CHECK) | KEPT(SO_REUSEPORT) |        \
	 KEPT(SO_PASSSEC) | KEPT(SO_TIMESTAMP_OLD) | KEPT(SO_TIMESTAMPNS_OLD) | KEPT(SO_RXQ_OVFL))

static bool kept(int option)
{
	return option > 0 && option < 64 && OPTIONS_KEPT >> option & 1;
}

static int set_buffer(uint32_t *size, unsigned value, unsigned least)
{
	*size = MAX(value * 2, least);
	return 0;
}

/* Without the upper limit, for user 0. */
static int force_buffer(struct socket *s, int option, int value)
{
	unsigned size = (unsigned)MIN(MAX(value, 0), INT32_MAX / 2);

	if (!caller_can(CAP_NET_ADMIN))
		return -EPERM;
	return option == SO_SNDBUFFORCE ? set_buffer(&s->send_size, size, SEND_LEAST)
					: set_buffer(&s->receive_size, size, RECEIVE_LEAST);
}

static int set_linger(struct socket *s, uint64_t addr, int length)
{
	int linger[2];

	if (length < (int)sizeof(linger))
		return -EINVAL;
	if (user_copy_in(linger, addr, sizeof(linger)))
		return -EFAULT;
	s->linger[0] = linger[0] != 0;
	if (linger[0])
		s->linger[1] = linger[1];
	return 0;
}

static int set_timeout(uint64_t *ns, uint64_t addr, int length)
{
	struct timeval t;

	if (length < (int)sizeof(t))
		return -EINVAL;
	if (user_copy_in(&t, addr, sizeof(t)))
		return -EFAULT;
	return timeval_ns(&t, ns) ? 0 : -EDOM;
}

static int set_number(struct socket *s, int option, int value)
{
	switch (option) {
	case SO_SNDBUF:
		return set_buffer(&s->send_size, MIN((unsigned)value, BUFFER_MOST), SEND_LEAST);
	case SO_RCVBUF:
		return set_buffer(&s->receive_size, MIN((unsigned)value, BUFFER_MOST),
				  RECEIVE_LEAST);
	case SO_SNDBUFFORCE:
	case SO_RCVBUFFORCE:
		return force_buffer(s, option, value);
	case SO_PRIORITY:
		if (value < 0 || value > PRIORITY_MOST)
			return caller_can(CAP_NET_ADMIN) ? (s->priority = value, 0) : -EPERM;
		s->priority = value;
		return 0;
	case SO_MARK:
		if (!caller_can(CAP_NET_ADMIN))
			return -EPERM;
		s->mark = value;
		return 0;
	case SO_RCVLOWAT:
		s->low_water = value < 0 ? INT32_MAX : value ? value : 1;
		return 0;
	case SO_PASSCRED:
		s->pass_credentials = value != 0;
		return 0;
	default:
		if (!kept(option))
			return -ENOPROTOOPT;
		if (value)
			s->options |= KEPT(option);
		else
			s->options &= ~KEPT(option);
		return 0;
	}
}

static int set(struct socket *s, int level, int option, uint64_t addr, int length)
{
	int value;

	if (length < 0)
		return -EINVAL;
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (length < (int)sizeof(value))
		return -EINVAL;
	if (user_copy_in(&value, addr, sizeof(value)))
		return -EFAULT;
	if (option == SO_LINGER)
		return set_linger(s, addr, length);
	if (option == SO_SNDTIMEO_OLD || option == SO_SNDTIMEO_NEW)
		return set_timeout(&s->send_timeout, addr, length);
	if (option == SO_RCVTIMEO_OLD || option == SO_RCVTIMEO_NEW)
		return set_timeout(&s->receive_timeout, addr, length);
	return set_number(s, option, value);
}

int64_t sys_setsockopt(uint64_t fd, uint64_t level, uint64_t option, uint64_t value,
		       uint64_t length)
{
	struct socket *s;
	struct file *f;
	int error = socket_get(fd, &f, &s);

	if (error)
		return error;
	error = set(s, (int)level, (int)option, value, (int)length);
	file_put(f);
	return error;
}

static int number_of(struct socket *s, int option, int *value)
{
	switch (option) {
	case SO_TYPE:
		*value = s->type;
		return 0;
	case SO_ERROR:
		*value = socket_error_take(s);
		return 0;
	case SO_SNDBUF:
		*value = (int)s->send_size;
		return 0;
	case SO_RCVBUF:
		*value = (int)s->receive_size;
		return 0;
	case SO_PRIORITY:
		*value = s->priority;
		return 0;
	case SO_MARK:
		*value = s->mark;
		return 0;
	case SO_RCVLOWAT:
		*value = s->low_water;
		return 0;
	case SO_SNDLOWAT:
		*value = 1;
		return 0;
	case SO_PASSCRED:
		*value = s->pass_credentials;
		return 0;
	case SO_ACCEPTCONN:
		*value = s->state == SOCKET_LISTENING;
		return 0;
	case SO_DOMAIN:
		*value = AF_UNIX;
		return 0;
	case SO_PROTOCOL:
		*value = 0;
		return 0;
	default:
		if (!kept(option))
			return -ENOPROTOOPT;
		*value = s->options >> option & 1;
		return 0;
	}
}

/* The value of an option into v: its length, or -errno. */
static int value_of(struct socket *s, int option, void *v)
{
	int error;

	switch (option) {
	case SO_PEERCRED:
		*(struct socket_identity *)v = s->other;
		return sizeof(s->other);
	case SO_LINGER:
		memcpy(v, s->linger, sizeof(s->linger));
		return sizeof(s->linger);
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		*(struct timeval *)v = timeval_from(s->send_timeout);
		return sizeof(struct timeval);
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		*(struct timeval *)v = timeval_from(s->receive_timeout);
		return sizeof(struct timeval);
	default:
		error = number_of(s, option, v);
		return error ? error : (int)sizeof(int);
	}
}

static int get(struct socket *s, int level, int option, uint64_t addr, uint64_t length_at)
{
	uint64_t value[2] = { 0 }; /* the longest, aligned */
	int room, length;

	if (user_copy_in(&room, length_at, sizeof(room)))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	length = value_of(s, option, value);
	if (length < 0)
		return length;
	length = MIN(length, room);
	if (user_copy_out(addr, value, (size_t)length) ||
	    user_copy_out(length_at, &length, sizeof(length)))
		return -EFAULT;
	return 0;
}

int64_t sys_getsockopt(uint64_t fd, uint64_t level, uint64_t option, uint64_t value,
		       uint64_t length)
{
	struct socket *s;
	struct file *f;
	int error = socket_get(fd, &f, &s);

	if (error)
		return error;
	error = get(s, (int)level, (int)option, value, length);
	file_put(f);
	return error;
}
