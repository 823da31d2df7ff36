#include "tracer/analysis/normal.h"

#include "schemas/events.h"
#include "tracer/analysis/hash.h"

/* How an argument of a type is compared. */
enum manner { BY_VALUE, BY_NULL, BY_DESCRIPTOR, BY_SIGN, NOT_AT_ALL };

static enum manner type_manner(enum call_type type)
{
	switch (type) {
	case TYPE_fd:
	case TYPE_dirfd:
		return BY_DESCRIPTOR;
	case TYPE_pid:
		return BY_SIGN;
	case TYPE_ptr:
	case TYPE_path:
	case TYPE_out_path:
	case TYPE_string:
	case TYPE_strings:
	case TYPE_in_buffer:
	case TYPE_out_buffer:
	case TYPE_in_iovec:
	case TYPE_out_iovec:
	case TYPE_out_stat:
	case TYPE_out_fds:
	case TYPE_out_utsname:
	case TYPE_fd_set:
	case TYPE_pollfds:
	case TYPE_timespec:
	case TYPE_out_timespec:
	case TYPE_timeval:
	case TYPE_out_timeval:
	case TYPE_itimerval:
	case TYPE_out_itimerval:
	case TYPE_itimerspec:
	case TYPE_out_itimerspec:
	case TYPE_rlimit:
	case TYPE_out_rlimit:
	case TYPE_rusage:
	case TYPE_sockaddr:
	case TYPE_out_sockaddr:
	case TYPE_clone_args:
	case TYPE_wait_status:
	case TYPE_sigset:
	case TYPE_out_sigset:
	case TYPE_sigaction:
	case TYPE_out_sigaction:
		return BY_NULL;
	case TYPE_fcntl_argument:
	case TYPE_ioctl_argument:
	case TYPE_prctl_argument:
		return NOT_AT_ALL; /* a pointer or a number, as another argument says */
	default:
		return BY_VALUE;
	}
}

/* Data that the program gave, and that says what it wants. */
static bool data_compared(unsigned what)
{
	switch (what) {
	case DATA_PATH:
	case DATA_STRING:
	case DATA_STRINGS:
	case DATA_BYTES_IN:
	case DATA_IOVEC_SUM:
		return true;
	default:
		return false;
	}
}

static uint64_t argument_hash(uint64_t hash, enum manner manner, uint64_t value,
			      const struct descriptors *d)
{
	switch (manner) {
	case BY_VALUE:
		return hash_number(hash, value);
	case BY_NULL:
		return hash_number(hash, value != 0);
	case BY_DESCRIPTOR:
		return hash_number(hash, descriptors_label(d, (int64_t)value));
	case BY_SIGN: /* 0 and negative numbers mean groups of processes */
		return hash_number(hash, (int32_t)value > 1 ? 2 : (uint32_t)value);
	default:
		return hash;
	}
}

uint64_t normal_call(const struct call *c, const struct descriptors *d)
{
	const struct call_info *info = call_info(c->nr);
	uint64_t hash = hash_number(HASH_START, c->nr);

	for (unsigned i = 0; info && i < c->args && i < info->args; i++)
		hash = argument_hash(hash, type_manner(info->type[i]), c->arg[i], d);
	for (unsigned i = 0; i < c->data_count; i++)
		if (data_compared(c->data[i].what))
			hash = hash_bytes(hash_number(hash, c->data[i].arg), c->data[i].bytes,
					  c->data[i].length);
	return hash;
}

uint32_t normal_result(const struct call *c)
{
	const struct call_info *info = call_info(c->nr);
	uint64_t hash;

	if (!c->done)
		return 0;
	if (call_error(c->result))
		hash = hash_number(HASH_START, (uint64_t)c->result);
	else if (info &&
		 (info->result == TYPE_pid || info->result == TYPE_fd || info->result == TYPE_ptr))
		hash = hash_number(HASH_START, 1);
	else
		hash = hash_number(HASH_START, (uint64_t)c->result);
	return (uint32_t)(hash >> 32) | 1;
}
