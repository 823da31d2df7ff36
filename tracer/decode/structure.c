#include "tracer/decode/structure.h"

#include <string.h>

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/decode/address.h"
#include "tracer/decode/names.h"

#define COUNT(list)     (sizeof(list) / sizeof((list)[0]))
#define BYTES_SHOWN     32
#define TIME_BYTES      16
#define EPOLL_BYTES     12 /* packed */
#define IOVEC_BYTES     16
#define RLIM_INFINITE   UINT64_MAX
#define SOCKET_OPTION_4 4

/* How a field's number is printed. */
enum form { DEC, UDEC, HEX, POINTER, TIMEVAL, TIMESPEC, SIGNAL, NAMES };

struct part {
	const char *name;
	unsigned offset, bytes;
	enum form form;
	enum name_set names; /* of NAMES */
};

/* Little-endian number of so many bytes at an offset, 0 beyond the end. */
static uint64_t number_at(const struct call_data *d, unsigned offset, unsigned bytes)
{
	uint64_t value = 0;

	if (offset + bytes > d->length)
		return 0;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)d->bytes[offset + i] << (8 * i);
	return value;
}

static int64_t signed_at(const struct call_data *d, unsigned offset, unsigned bytes)
{
	const unsigned shift = bytes && bytes < 8 ? 64 - 8 * bytes : 0;

	return (int64_t)(number_at(d, offset, bytes) << shift) >> shift;
}

static void time_print(struct buffer *b, const struct call_data *d, unsigned at,
		       const char *fraction)
{
	buffer_printf(b, "{tv_sec=%lld, tv_%s=%lld}", (long long)number_at(d, at, 8), fraction,
		      (long long)number_at(d, at + 8, 8));
}

static void part_print(struct buffer *b, const struct call_data *d, const struct part *p)
{
	const uint64_t value = number_at(d, p->offset, p->bytes < 8 ? p->bytes : 8);

	switch (p->form) {
	case DEC:
		buffer_printf(b, "%lld", (long long)signed_at(d, p->offset, p->bytes));
		break;
	case UDEC:
		buffer_printf(b, "%llu", (unsigned long long)value);
		break;
	case HEX:
		buffer_printf(b, value ? "%#llx" : "%llu", (unsigned long long)value);
		break;
	case POINTER:
		if (value)
			buffer_printf(b, "%#llx", (unsigned long long)value);
		else
			buffer_string(b, "NULL");
		break;
	case TIMEVAL:
		time_print(b, d, p->offset, "usec");
		break;
	case TIMESPEC:
		time_print(b, d, p->offset, "nsec");
		break;
	case SIGNAL:
		signal_print(b, (int32_t)value);
		break;
	case NAMES:
		set_print(b, p->names, value);
		break;
	}
}

static bool parts_print(struct buffer *b, const struct call_data *d, const struct part *parts,
			size_t count, const char *end)
{
	if (parts[count - 1].offset + parts[count - 1].bytes > d->length)
		return false;
	for (size_t i = 0; i < count; i++) {
		buffer_printf(b, "%s%s=", i ? ", " : "{", parts[i].name);
		part_print(b, d, &parts[i]);
	}
	buffer_string(b, end);
	return true;
}

#define PARTS(b, d, parts)      parts_print(b, d, parts, COUNT(parts), "}")
#define PARTS_MORE(b, d, parts) parts_print(b, d, parts, COUNT(parts), ", ...}")

static const struct part itimerval[] = { { "it_interval", 0, 16, TIMEVAL, 0 },
					 { "it_value", 16, 16, TIMEVAL, 0 } };
static const struct part itimerspec[] = { { "it_interval", 0, 16, TIMESPEC, 0 },
					  { "it_value", 16, 16, TIMESPEC, 0 } };
static const struct part rusage[] = { { "ru_utime", 0, 16, TIMEVAL, 0 },
				      { "ru_stime", 16, 16, TIMEVAL, 0 } };
static const struct part tms[] = { { "tms_utime", 0, 8, DEC, 0 },
				   { "tms_stime", 8, 8, DEC, 0 },
				   { "tms_cutime", 16, 8, DEC, 0 },
				   { "tms_cstime", 24, 8, DEC, 0 } };
static const struct part statfs[] = {
	{ "f_type", 0, 8, NAMES, SET_file_system },
	{ "f_bsize", 8, 8, DEC, 0 },
	{ "f_blocks", 16, 8, UDEC, 0 },
	{ "f_bfree", 24, 8, UDEC, 0 },
	{ "f_bavail", 32, 8, UDEC, 0 },
	{ "f_files", 40, 8, UDEC, 0 },
	{ "f_ffree", 48, 8, UDEC, 0 },
	{ "f_namelen", 64, 8, DEC, 0 },
	{ "f_frsize", 72, 8, DEC, 0 },
	{ "f_flags", 80, 8, NAMES, SET_statfs_flags },
};
static const struct part sysinfo[] = {
	{ "uptime", 0, 8, DEC, 0 },      { "totalram", 32, 8, UDEC, 0 },
	{ "freeram", 40, 8, UDEC, 0 },   { "sharedram", 48, 8, UDEC, 0 },
	{ "bufferram", 56, 8, UDEC, 0 }, { "totalswap", 64, 8, UDEC, 0 },
	{ "freeswap", 72, 8, UDEC, 0 },  { "procs", 80, 2, UDEC, 0 },
	{ "mem_unit", 104, 4, UDEC, 0 },
};
static const struct part altstack[] = { { "ss_sp", 0, 8, POINTER, 0 },
					{ "ss_flags", 8, 4, NAMES, SET_altstack_flags },
					{ "ss_size", 16, 8, UDEC, 0 } };
static const struct part clone_args[] = {
	{ "flags", 0, 8, NAMES, SET_clone_flags },
	{ "child_tid", 16, 8, POINTER, 0 },
	{ "parent_tid", 24, 8, POINTER, 0 },
	{ "exit_signal", 32, 8, SIGNAL, 0 },
	{ "stack", 40, 8, POINTER, 0 },
	{ "stack_size", 48, 8, HEX, 0 },
	{ "tls", 56, 8, POINTER, 0 },
};
static const struct part siginfo[] = {
	{ "si_signo", 0, 4, SIGNAL, 0 }, { "si_errno", 4, 4, DEC, 0 },
	{ "si_code", 8, 4, DEC, 0 },     { "si_pid", 16, 4, DEC, 0 },
	{ "si_uid", 20, 4, UDEC, 0 },    { "si_status", 24, 4, DEC, 0 }
};
static const struct part child_info[] = { { "si_signo", 0, 4, SIGNAL, 0 },
					  { "si_code", 8, 4, NAMES, SET_child_code },
					  { "si_pid", 16, 4, DEC, 0 },
					  { "si_uid", 20, 4, UDEC, 0 },
					  { "si_status", 24, 4, DEC, 0 } };
static const struct part winsize[] = { { "ws_row", 0, 2, UDEC, 0 },
				       { "ws_col", 2, 2, UDEC, 0 },
				       { "ws_xpixel", 4, 2, UDEC, 0 },
				       { "ws_ypixel", 6, 2, UDEC, 0 } };
static const struct part termios[] = { { "c_iflag", 0, 4, HEX, 0 },
				       { "c_oflag", 4, 4, HEX, 0 },
				       { "c_cflag", 8, 4, HEX, 0 },
				       { "c_lflag", 12, 4, HEX, 0 } };
static const struct part flock[] = { { "l_type", 0, 2, NAMES, SET_lock_type },
				     { "l_whence", 2, 2, NAMES, SET_whence },
				     { "l_start", 8, 8, DEC, 0 },
				     { "l_len", 16, 8, DEC, 0 } };

/* --- What is no list of fields ----------------------------------------------- */

static bool times_print(struct buffer *b, const struct call_data *d, const char *fraction)
{
	const unsigned count = d->length / TIME_BYTES;

	for (unsigned i = 0; i < count; i++) {
		if (count > 1)
			buffer_string(b, i ? ", " : "[");
		time_print(b, d, i * TIME_BYTES, fraction);
	}
	if (count > 1)
		buffer_char(b, ']');
	return count > 0;
}

static void limit_print(struct buffer *b, const struct call *c, uint64_t value)
{
	if (value == RLIM_INFINITE)
		buffer_string(b, c->nr == NR_prlimit64 ? "RLIM64_INFINITY" : "RLIM_INFINITY");
	else if (value > 1024 && value % 1024 == 0)
		buffer_printf(b, "%llu*1024", (unsigned long long)value / 1024);
	else
		buffer_printf(b, "%llu", (unsigned long long)value);
}

static bool rlimit_print(struct buffer *b, const struct call *c, const struct call_data *d)
{
	if (d->length < 16)
		return false;
	buffer_string(b, "{rlim_cur=");
	limit_print(b, c, number_at(d, 0, 8));
	buffer_string(b, ", rlim_max=");
	limit_print(b, c, number_at(d, 8, 8));
	buffer_char(b, '}');
	return true;
}

/* A set of descriptors below the call's first argument. */
static bool fd_set_print(struct buffer *b, const struct call *c, const struct call_data *d)
{
	const char *space = "";

	buffer_char(b, '[');
	for (unsigned fd = 0; fd < d->length * 8u && fd < c->arg[0]; fd++)
		if (d->bytes[fd / 8] >> (fd % 8) & 1) {
			buffer_printf(b, "%s%u", space, fd);
			space = " ";
		}
	buffer_char(b, ']');
	return true;
}

static bool epoll_print(struct buffer *b, const struct call_data *d, bool array, int64_t count)
{
	if (d->length < EPOLL_BYTES && !(array && count == 0))
		return false;
	if (array)
		buffer_char(b, '[');
	for (unsigned at = 0; at + EPOLL_BYTES <= d->length && (!array || count-- > 0);
	     at += EPOLL_BYTES) {
		const uint64_t data = number_at(d, at + 4, 8);

		buffer_string(b, at ? ", {events=" : "{events=");
		set_print(b, SET_epoll_events, number_at(d, at, 4));
		buffer_printf(b, ", data={u32=%u, u64=%llu}}", (uint32_t)data,
			      (unsigned long long)data);
	}
	if (array)
		buffer_string(b, count > 0 ? ", ...]" : "]");
	return true;
}

/* The bytes that went through the buffers of argument index, if they were recorded. */
static const struct call_data *bytes_of(const struct call *c, unsigned index)
{
	for (unsigned i = 0; i < c->data_count; i++)
		if (c->data[i].arg == index &&
		    (c->data[i].what == DATA_BYTES_IN || c->data[i].what == DATA_BYTES_OUT))
			return &c->data[i];
	return NULL;
}

/* One buffer: address or what part of the bytes lies in it. */
static void buffer_part_print(struct buffer *b, const struct call_data *bytes, uint64_t offset,
			      uint64_t base, uint64_t length)
{
	uint64_t held = bytes && offset < bytes->length ? bytes->length - offset : 0;
	uint64_t used = bytes && offset < bytes->total ? bytes->total - offset : 0;

	if (used > length)
		used = length;
	if (held > used)
		held = used;
	if (!bytes || (length && !held)) {
		buffer_printf(b, "%#llx", (unsigned long long)base);
		return;
	}
	buffer_quote(b, bytes->bytes + offset, held);
	if (held < used)
		buffer_string(b, "...");
}

static bool iovec_print(struct buffer *b, const struct call *c, unsigned index,
			const struct call_data *d)
{
	const struct call_data *bytes = bytes_of(c, index);
	uint64_t offset = 0;

	buffer_char(b, '[');
	for (unsigned at = 0; at + IOVEC_BYTES <= d->length; at += IOVEC_BYTES) {
		const uint64_t length = number_at(d, at + 8, 8);

		buffer_string(b, at ? ", {iov_base=" : "{iov_base=");
		buffer_part_print(b, bytes, offset, number_at(d, at, 8), length);
		buffer_printf(b, ", iov_len=%llu}", (unsigned long long)length);
		offset += length;
	}
	buffer_string(b, d->length < d->total ? ", ...]" : "]");
	return true;
}

/* struct msghdr; the bytes of its buffers are shown as one. */
static bool msghdr_print(struct buffer *b, const struct call *c, unsigned index,
			 const struct call_data *d)
{
	const struct call_data *bytes = bytes_of(c, index);

	if (d->length < 56)
		return false;
	buffer_string(b, "{msg_name=");
	if (number_at(d, 0, 8))
		buffer_printf(b, "%#llx", (unsigned long long)number_at(d, 0, 8));
	else
		buffer_string(b, "NULL");
	buffer_printf(b, ", msg_namelen=%u, msg_iov=", (unsigned)number_at(d, 8, 4));
	if (bytes) {
		buffer_string(b, "[{iov_base=");
		buffer_part_print(b, bytes, 0, 0, bytes->total);
		buffer_printf(b, ", iov_len=%u}]", bytes->total);
	} else {
		buffer_printf(b, "%#llx", (unsigned long long)number_at(d, 16, 8));
	}
	buffer_printf(b, ", msg_iovlen=%llu, msg_controllen=%llu, msg_flags=",
		      (unsigned long long)number_at(d, 24, 8),
		      (unsigned long long)number_at(d, 40, 8));
	set_print(b, SET_msg_flags, number_at(d, 48, 4));
	buffer_char(b, '}');
	return true;
}

static bool statx_print(struct buffer *b, const struct call_data *d)
{
	static const struct part rest[] = { { "stx_size", 40, 8, UDEC, 0 } };
	const unsigned mode = (unsigned)number_at(d, 28, 2);

	if (d->length < 48)
		return false;
	buffer_string(b, "{stx_mask=");
	set_print(b, SET_statx_mask, number_at(d, 0, 4));
	buffer_string(b, ", stx_attributes=0, stx_mode=");
	set_print(b, SET_file_kind, mode & 0170000);
	buffer_printf(b, "|%#o", mode & 07777);
	buffer_string(b, ", ");
	buffer_printf(b, "%s=", rest[0].name);
	part_print(b, d, &rest[0]);
	buffer_string(b, ", ...}");
	return true;
}

/* One number in brackets, or bytes of another length. */
static bool number_print(struct buffer *b, const struct call_data *d, unsigned bytes)
{
	if (d->length == bytes)
		buffer_printf(b, "[%lld]", (long long)signed_at(d, 0, bytes));
	else
		buffer_quote(b, d->bytes, d->length < BYTES_SHOWN ? d->length : BYTES_SHOWN);
	return true;
}

static bool ioctl_print(struct buffer *b, const struct call *c, const struct call_data *d)
{
	switch ((uint32_t)c->arg[1]) {
	case 0x5401: /* TCGETS, TCSETS, TCSETSW, TCSETSF */
	case 0x5402:
	case 0x5403:
	case 0x5404:
		return PARTS_MORE(b, d, termios);
	case 0x5413: /* TIOCGWINSZ, TIOCSWINSZ */
	case 0x5414:
		return PARTS(b, d, winsize);
	default:
		return d->length == 4 && number_print(b, d, 4);
	}
}

static bool fcntl_print(struct buffer *b, const struct call_data *d)
{
	return d->length >= 24 ? PARTS(b, d, flock) : number_print(b, d, 4);
}

bool structure_print(struct buffer *b, const struct call *c, unsigned index, enum call_type type,
		     const struct call_data *d)
{
	switch (type) {
	case TYPE_timeval:
	case TYPE_out_timeval:
		return times_print(b, d, "usec");
	case TYPE_timespecs:
		return times_print(b, d, "nsec");
	case TYPE_itimerval:
	case TYPE_out_itimerval:
		return PARTS(b, d, itimerval);
	case TYPE_itimerspec:
	case TYPE_out_itimerspec:
		return PARTS(b, d, itimerspec);
	case TYPE_rlimit:
	case TYPE_out_rlimit:
		return rlimit_print(b, c, d);
	case TYPE_rusage:
		return PARTS_MORE(b, d, rusage);
	case TYPE_sockaddr:
	case TYPE_out_sockaddr:
		return address_print(b, d->bytes, d->length);
	case TYPE_clone_args:
		return PARTS(b, d, clone_args);
	case TYPE_fd_set:
		return fd_set_print(b, c, d);
	case TYPE_in_iovec:
	case TYPE_out_iovec:
		return iovec_print(b, c, index, d);
	case TYPE_msghdr:
		return msghdr_print(b, c, index, d);
	case TYPE_out_statfs:
		return PARTS(b, d, statfs);
	case TYPE_out_statx:
		return statx_print(b, d);
	case TYPE_out_sysinfo:
		return PARTS(b, d, sysinfo);
	case TYPE_out_tms:
		return PARTS(b, d, tms);
	case TYPE_altstack:
	case TYPE_out_altstack:
		return PARTS(b, d, altstack);
	case TYPE_epoll_event:
		return epoll_print(b, d, false, 1);
	case TYPE_out_epoll_events:
		return epoll_print(b, d, true, c->result);
	case TYPE_out_siginfo:
		return c->nr == NR_waitid ? PARTS(b, d, child_info) : PARTS(b, d, siginfo);
	case TYPE_sched_param:
	case TYPE_out_sched_param:
	case TYPE_out_id:
	case TYPE_length:
	case TYPE_option_value:
	case TYPE_out_option_value:
		return number_print(b, d, 4);
	case TYPE_place:
		return number_print(b, d, 8);
	case TYPE_ioctl_argument:
		return ioctl_print(b, c, d);
	case TYPE_fcntl_argument:
		return fcntl_print(b, d);
	default:
		return false;
	}
}
