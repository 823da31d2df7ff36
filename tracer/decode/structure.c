#include "tracer/decode/structure.h"

#include <linux/sched.h>
#include <signal.h>
#include <string.h>

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/decode/address.h"
#include "tracer/decode/message.h"
#include "tracer/decode/names.h"
#include "tracer/decode/parts.h"

#define COUNT(list)     (sizeof(list) / sizeof((list)[0]))
#define BYTES_SHOWN     32
#define TIME_BYTES      16
#define EPOLL_BYTES     12 /* packed */
#define RLIM_INFINITE   UINT64_MAX
#define SOCKET_OPTION_4 4
#define CLONE_BYTES     64 /* the first version of struct clone_args */

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
	{ "f_fsid", 56, 8, FS_ID, 0 },
	{ "f_namelen", 64, 8, DEC, 0 },
	{ "f_frsize", 72, 8, DEC, 0 },
	{ "f_flags", 80, 8, NAMES, SET_statfs_flags },
};
static const struct part sysinfo[] = {
	{ "uptime", 0, 8, DEC, 0 },      { "loads", 8, 24, LOADS, 0 },
	{ "totalram", 32, 8, UDEC, 0 },  { "freeram", 40, 8, UDEC, 0 },
	{ "sharedram", 48, 8, UDEC, 0 }, { "bufferram", 56, 8, UDEC, 0 },
	{ "totalswap", 64, 8, UDEC, 0 }, { "freeswap", 72, 8, UDEC, 0 },
	{ "procs", 80, 2, UDEC, 0 },     { "totalhigh", 88, 8, UDEC, 0 },
	{ "freehigh", 96, 8, UDEC, 0 },  { "mem_unit", 104, 4, UDEC, 0 },
};
static const struct part altstack[] = { { "ss_sp", 0, 8, POINTER, 0 },
					{ "ss_flags", 8, 4, NAMES, SET_altstack_flags },
					{ "ss_size", 16, 8, UDEC, 0 } };
/* Members of struct clone_args, and the flags of which one must be there for it to mean
 * anything; 0: it always does. */
static const struct {
	struct part part;
	uint64_t flags;
} clone_args[] = {
	{ { "flags", 0, 8, NAMES, SET_clone_flags }, 0 },
	{ { "pidfd", 8, 8, POINTER, 0 }, CLONE_PIDFD },
	{ { "child_tid", 16, 8, POINTER, 0 }, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID },
	{ { "parent_tid", 24, 8, POINTER, 0 }, CLONE_PARENT_SETTID },
	{ { "exit_signal", 32, 8, SIGNAL, 0 }, 0 },
	{ { "stack", 40, 8, POINTER, 0 }, 0 },
	{ { "stack_size", 48, 8, HEX, 0 }, 0 },
	{ { "tls", 56, 8, POINTER, 0 }, CLONE_SETTLS },
};
static const struct part sent_info[] = { { "si_pid", 16, 4, DEC, 0 },
					 { "si_uid", 20, 4, UDEC, 0 } };
static const struct part queued_info[] = { { "si_pid", 16, 4, DEC, 0 },
					   { "si_uid", 20, 4, UDEC, 0 },
					   { "si_value", 24, 8, VALUE, 0 } };
static const struct part timer_info[] = { { "si_timerid", 16, 4, HEX, 0 },
					  { "si_overrun", 20, 4, DEC, 0 },
					  { "si_value", 24, 8, VALUE, 0 } };
static const struct part fault_info[] = { { "si_addr", 16, 8, POINTER, 0 } };
static const struct part sched_attr[] = {
	{ "size", 0, 4, UDEC, 0 },
	{ "sched_policy", 4, 4, NAMES, SET_sched_policy },
	{ "sched_flags", 8, 8, NAMES, SET_reset_flags },
	{ "sched_nice", 16, 4, DEC, 0 },
	{ "sched_priority", 20, 4, UDEC, 0 },
	{ "sched_runtime", 24, 8, UDEC, 0 },
	{ "sched_deadline", 32, 8, UDEC, 0 },
	{ "sched_period", 40, 8, UDEC, 0 },
	{ "sched_util_min", 48, 4, UDEC, 0 }, /* from size 56 on */
	{ "sched_util_max", 52, 4, UDEC, 0 },
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

/* moments: of a file, with dates, not lengths of time. */
static bool times_print(struct buffer *b, const struct call_data *d, const char *fraction,
			bool moments)
{
	const unsigned count = d->length / TIME_BYTES;

	for (unsigned i = 0; i < count; i++) {
		if (count > 1)
			buffer_string(b, i ? ", " : "[");
		if (moments)
			moment_print(b, d, i * TIME_BYTES, fraction);
		else
			time_print(b, d, i * TIME_BYTES, fraction);
	}
	if (count > 1)
		buffer_char(b, ']');
	return count > 0;
}

/* What the kernel wrote to the caller, as " => {parent_tid=[5], pidfd=[3]}". */
static void clone_results_print(struct buffer *b, const struct call *c, uint64_t flags)
{
	const struct call_data *fd = data_of(c, 0, DATA_STRUCT_OUT);
	const bool tid = flags & CLONE_PARENT_SETTID;

	if (!c->done || c->result <= 0 || (!tid && !fd))
		return;
	buffer_string(b, " => {");
	if (tid)
		buffer_printf(b, "parent_tid=[%lld]%s", (long long)c->result, fd ? ", " : "");
	if (fd)
		buffer_printf(b, "pidfd=[%d]", (int)data_number(fd, 0, 4));
	buffer_char(b, '}');
}

static bool clone_args_print(struct buffer *b, const struct call *c, const struct call_data *d)
{
	const uint64_t flags = data_number(d, 0, 8);
	const char *before = "{";

	if (d->length < CLONE_BYTES)
		return false;
	for (size_t i = 0; i < COUNT(clone_args); i++) {
		if (clone_args[i].flags && !(flags & clone_args[i].flags))
			continue;
		buffer_string(b, before);
		parts_add(b, d, &clone_args[i].part, 1);
		before = ", ";
	}
	buffer_char(b, '}');
	clone_results_print(b, c, flags);
	return true;
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
	limit_print(b, c, data_number(d, 0, 8));
	buffer_string(b, ", rlim_max=");
	limit_print(b, c, data_number(d, 8, 8));
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
		const uint64_t data = data_number(d, at + 4, 8);

		buffer_string(b, at ? ", {events=" : "{events=");
		set_print(b, SET_epoll_events, data_number(d, at, 4));
		buffer_printf(b, ", data={u32=%u, u64=%llu}}", (uint32_t)data,
			      (unsigned long long)data);
	}
	if (array)
		buffer_string(b, count > 0 ? ", ...]" : "]");
	return true;
}

static bool statx_print(struct buffer *b, const struct call_data *d)
{
	const unsigned mode = (unsigned)data_number(d, 28, 2);

	if (d->length < 48)
		return false;
	buffer_string(b, "{stx_mask=");
	set_print(b, SET_statx_mask, data_number(d, 0, 4));
	buffer_string(b, ", stx_attributes=0, stx_mode=");
	file_mode_print(b, mode);
	buffer_printf(b, ", stx_size=%llu, ...}", (unsigned long long)data_number(d, 40, 8));
	return true;
}

/* Who sent a signal, or what it is about. */
static bool siginfo_print(struct buffer *b, const struct call_data *d)
{
	const int code = (int)data_number(d, 8, 4), error = (int)data_number(d, 4, 4);

	if (d->length < 32)
		return false;
	buffer_string(b, "{si_signo=");
	signal_print(b, (int32_t)data_number(d, 0, 4));
	if (error)
		buffer_printf(b, ", si_errno=%d", error);
	buffer_string(b, ", si_code=");
	set_print(b, SET_signal_code, (uint32_t)code);
	buffer_string(b, ", ");
	if (code == SI_QUEUE || code == SI_MESGQ)
		parts_add(b, d, queued_info, COUNT(queued_info));
	else if (code == SI_TIMER)
		parts_add(b, d, timer_info, COUNT(timer_info));
	else if (code == SI_USER || code == SI_TKILL)
		parts_add(b, d, sent_info, COUNT(sent_info));
	else
		parts_add(b, d, fault_info, COUNT(fault_info));
	buffer_char(b, '}');
	return true;
}

static bool sched_attr_print(struct buffer *b, const struct call_data *d)
{
	const size_t known = d->length < 56 ? COUNT(sched_attr) - 2 : COUNT(sched_attr);

	return parts_print(b, d, sched_attr, known, "}");
}

static bool cpu_set_print(struct buffer *b, const struct call_data *d)
{
	const char *space = "";

	buffer_char(b, '[');
	for (unsigned cpu = 0; cpu < d->length * 8u; cpu++)
		if (d->bytes[cpu / 8] >> (cpu % 8) & 1) {
			buffer_printf(b, "%s%u", space, cpu);
			space = " ";
		}
	buffer_char(b, ']');
	return true;
}

static bool groups_print(struct buffer *b, const struct call_data *d)
{
	buffer_char(b, '[');
	for (unsigned at = 0; at + 4 <= d->length; at += 4)
		buffer_printf(b, "%s%u", at ? ", " : "", (unsigned)data_number(d, at, 4));
	buffer_string(b, d->length < d->total ? ", ...]" : "]");
	return true;
}

/* How a timer tells that it ran out. */
static bool sigevent_print(struct buffer *b, const struct call_data *d)
{
	const uint64_t value = data_number(d, 0, 8);
	const unsigned notify = (unsigned)data_number(d, 12, 4);

	if (d->length < 20)
		return false;
	buffer_char(b, '{');
	if (value) {
		buffer_string(b, "sigev_value=");
		sigval_print(b, value);
		buffer_string(b, ", ");
	}
	buffer_string(b, "sigev_signo=");
	if (notify == SIGEV_SIGNAL || notify == SIGEV_THREAD_ID)
		signal_print(b, (int32_t)data_number(d, 8, 4));
	else
		buffer_printf(b, "%u", (unsigned)data_number(d, 8, 4));
	buffer_string(b, ", sigev_notify=");
	set_print(b, SET_notify, notify);
	if (notify == SIGEV_THREAD_ID)
		buffer_printf(b, ", sigev_notify_thread_id=%d", (int)data_number(d, 16, 4));
	buffer_char(b, '}');
	return true;
}

static bool quoted_print(struct buffer *b, const struct call_data *d, size_t length)
{
	const size_t shown = length < BYTES_SHOWN ? length : BYTES_SHOWN;

	buffer_quote(b, d->bytes, shown);
	if (shown < length || (length == d->length && d->length < d->total))
		buffer_string(b, "...");
	return true;
}

/* One number in brackets, or bytes of another length. */
static bool number_print(struct buffer *b, const struct call_data *d, unsigned bytes)
{
	if (d->length == bytes)
		buffer_printf(b, "[%lld]", (long long)data_signed(d, 0, bytes));
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
		return times_print(b, d, "usec", c->nr == NR_utimes);
	case TYPE_timespecs:
		return times_print(b, d, "nsec", true);
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
		return clone_args_print(b, c, d);
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
		return c->nr == NR_waitid ? PARTS(b, d, child_info) : siginfo_print(b, d);
	case TYPE_cpu_set:
	case TYPE_out_cpu_set:
		return cpu_set_print(b, d);
	case TYPE_sched_attr:
	case TYPE_out_sched_attr:
		return sched_attr_print(b, d);
	case TYPE_sigevent:
		return sigevent_print(b, d);
	case TYPE_groups:
	case TYPE_out_groups:
		return groups_print(b, d);
	case TYPE_xattr_value:
	case TYPE_out_xattr_value:
		return quoted_print(b, d, d->length);
	case TYPE_out_path:
		return quoted_print(b, d, strnlen((const char *)d->bytes, d->length));
	case TYPE_mq_attr:
	case TYPE_out_mq_attr:
		return mq_attr_print(b, d);
	case TYPE_sembufs:
		return sembufs_print(b, d);
	case TYPE_in_message:
	case TYPE_out_message:
		return msgbuf_print(b, c, index, d);
	case TYPE_out_signal:
		buffer_char(b, '[');
		signal_print(b, (int32_t)data_number(d, 0, 4));
		buffer_char(b, ']');
		return true;
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
