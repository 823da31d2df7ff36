#include "tracer/decode/argument.h"

#include <string.h>

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/decode/flags.h"
#include "tracer/decode/names.h"
#include "tracer/decode/pointed.h"
#include "tracer/decode/structure.h"

typedef void (*printer)(struct buffer *b, const struct call *c, uint64_t value);

static void int_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	buffer_printf(b, "%d", (int32_t)value);
}

static void uint_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	buffer_printf(b, "%u", (uint32_t)value);
}

static void long_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	buffer_printf(b, "%lld", (long long)value);
}

static void ulong_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	buffer_printf(b, "%llu", (unsigned long long)value);
}

static void hex_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	buffer_printf(b, value < 10 ? "%llu" : "0x%llx", (unsigned long long)value);
}

static void ptr_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	if (value)
		buffer_printf(b, "0x%llx", (unsigned long long)value);
	else
		buffer_string(b, "NULL");
}

static void mode_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	buffer_printf(b, "%#03o", (unsigned)value & 0177777);
}

static void dirfd_print(struct buffer *b, const struct call *c, uint64_t value)
{
	if ((int32_t)value == -100)
		buffer_string(b, "AT_FDCWD");
	else
		int_print(b, c, value);
}

static void file_mode_argument(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	file_mode_print(b, (uint32_t)value);
}

static void ioprio_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	io_priority_print(b, (uint32_t)value);
}

static void futex_bits_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	if ((uint32_t)value == UINT32_MAX)
		buffer_string(b, "FUTEX_BITSET_MATCH_ANY");
	else
		buffer_printf(b, "%#x", (uint32_t)value);
}

static void device_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	buffer_printf(b, "makedev(%#llx, %#llx)", (unsigned long long)(value >> 8 & 0xfff),
		      (unsigned long long)((value & 0xff) | (value >> 12 & 0xfff00)));
}

static void signal_argument(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	signal_print(b, (int32_t)value);
}

static void socket_option_print(struct buffer *b, const struct call *c, uint64_t value)
{
	if (c->arg[1] == 1) /* SOL_SOCKET */
		set_print(b, SET_socket_option, (uint32_t)value);
	else
		int_print(b, c, value);
}

static void ipc_key_print(struct buffer *b, const struct call *c, uint64_t value)
{
	if ((uint32_t)value)
		hex_print(b, c, (uint32_t)value);
	else
		buffer_string(b, "IPC_PRIVATE");
}

static void fcntl_argument_print(struct buffer *b, const struct call *c, uint64_t value)
{
	switch (c->arg[1]) {
	case 1: /* F_GETFD, F_GETFL: no argument */
	case 3:
		buffer_string(b, "0");
		break;
	case 2: /* F_SETFD */
		set_print(b, SET_fd_flags, (uint32_t)value);
		break;
	case 4: /* F_SETFL */
		open_flags_print(b, c, value);
		break;
	case 0:    /* F_DUPFD */
	case 1030: /* F_DUPFD_CLOEXEC */
	case 1031: /* F_SETPIPE_SZ */
		int_print(b, c, value);
		break;
	default:
		hex_print(b, c, value);
		break;
	}
}

/* Types that are printed by a function, and those that are names of a set. */
static const printer printers[TYPE_LIMIT] = {
	[TYPE_int] = int_print,
	[TYPE_uint] = uint_print,
	[TYPE_long] = long_print,
	[TYPE_ulong] = ulong_print,
	[TYPE_hex] = hex_print,
	[TYPE_size] = ulong_print,
	[TYPE_offset] = long_print,
	[TYPE_fd] = int_print,
	[TYPE_dirfd] = dirfd_print,
	[TYPE_pid] = int_print,
	[TYPE_uid] = int_print,
	[TYPE_gid] = int_print,
	[TYPE_mode] = mode_print,
	[TYPE_device] = device_print,
	[TYPE_at_flags] = at_flags_print,
	[TYPE_signal] = signal_argument,
	[TYPE_open_flags] = open_flags_print,
	[TYPE_map_flags] = map_flags_print,
	[TYPE_futex_op] = futex_op_print,
	[TYPE_clone_flags] = clone_flags_print,
	[TYPE_access_mode] = access_mode_print,
	[TYPE_prot] = prot_print,
	[TYPE_socket_type] = socket_type_print,
	[TYPE_socket_option] = socket_option_print,
	[TYPE_ipc_key] = ipc_key_print,
	[TYPE_ipc_flags] = ipc_flags_print,
	[TYPE_fcntl_argument] = fcntl_argument_print,
	[TYPE_ioctl_argument] = hex_print,
	[TYPE_prctl_argument] = hex_print,
	[TYPE_file_mode] = file_mode_argument,
	[TYPE_ioprio] = ioprio_print,
	[TYPE_futex_bits] = futex_bits_print,
};

static const uint8_t sets[TYPE_LIMIT] = {
#define S(type) [TYPE_##type] = SET_##type + 1
	S(statx_mask),       S(memfd_flags),   S(whence),         S(remap_flags),
	S(msync_flags),      S(advice),        S(fadvice),        S(mask_how),
	S(wait_options),     S(id_type),       S(clock_id),       S(timer_flags),
	S(itimer),           S(resource),      S(rusage_who),     S(priority_which),
	S(sched_policy),     S(flock_op),      S(epoll_op),       S(splice_flags),
	S(random_flags),     S(rename_flags),  S(mount_flags),    S(umount_flags),
	S(ptrace_request),   S(socket_domain), S(socket_level),   S(msg_flags),
	S(shutdown_how),     S(shm_cmd),       S(sem_cmd),        S(msg_cmd),
	S(queue_flags),      S(shm_flags),     S(ioprio_who),     S(xattr_flags),
	S(sync_range_flags), S(inotify_mask),  S(membarrier_cmd), S(kcmp_type),
	S(dumpable),         S(capability),    S(ambient),        S(fcntl_cmd),
	S(prctl_op),         S(arch_prctl_op), S(ioctl_request),
#undef S
};

static void value_print(struct buffer *b, const struct call *c, uint64_t value, enum call_type type)
{
	if (printers[type])
		printers[type](b, c, value);
	else if (sets[type])
		set_print(b, sets[type] - 1, (uint32_t)value);
	else
		ptr_print(b, c, value);
}

/* Does the kernel fill in what this argument points to? */
static bool is_output(enum call_type type)
{
	switch (type) {
	case TYPE_out_path:
	case TYPE_out_buffer:
	case TYPE_out_iovec:
	case TYPE_out_stat:
	case TYPE_out_fds:
	case TYPE_out_utsname:
	case TYPE_out_timespec:
	case TYPE_out_sigset:
	case TYPE_out_sigaction:
	case TYPE_wait_status:
		return true;
	default:
		return false;
	}
}

/* What was counted behind a pointer; -1: nothing. */
static int64_t data_count(const struct call *c, unsigned index)
{
	uint32_t count;

	for (unsigned i = 0; i < c->data_count; i++)
		if (c->data[i].arg == index && c->data[i].what == DATA_COUNT &&
		    c->data[i].length == sizeof(count)) {
			memcpy(&count, c->data[i].bytes, sizeof(count));
			return count;
		}
	return -1;
}

/* "0x5555" and how many there are, as a remark. */
static void counted_print(struct buffer *b, const struct call *c, unsigned index, const char *one,
			  const char *many)
{
	const int64_t count = data_count(c, index);

	ptr_print(b, c, c->arg[index]);
	if (count >= 0 && c->arg[index])
		buffer_printf(b, " /* %lld %s */", (long long)count, count == 1 ? one : many);
}

/* What needs no record: false if this argument does. */
static bool plain_print(struct buffer *b, const struct call *c, unsigned index, enum call_type type)
{
	const uint64_t value = c->arg[index];

	switch (type) {
	case TYPE_environment:
		counted_print(b, c, index, "var", "vars");
		return true;
	case TYPE_out_entries:
		counted_print(b, c, index, "entries", "entries");
		return true;
	case TYPE_out_xattr_value:
		if (!c->arg[index + 1]) /* only the size is asked for */
			return false;
		/* fall through */
	case TYPE_out_buffer:
		if (!value || !c->done || c->result)
			return false;
		buffer_string(b, "\"\"");
		return true;
	case TYPE_out_groups:
		if (!value || !c->done || c->result)
			return false;
		buffer_string(b, "[]");
		return true;
	case TYPE_signal_mask:
		for (unsigned i = 0; i < c->data_count; i++)
			if (c->data[i].what == DATA_SIGSET) {
				buffer_string(b, "{mask=");
				pointed_print(b, &c->data[i]);
				buffer_char(b, '}');
			}
		return true;
	case TYPE_sem_argument:
		if (value)
			hex_print(b, c, value);
		else
			buffer_string(b, "NULL");
		return true;
	default:
		return false;
	}
}

static bool data_is_structure(const struct call_data *d)
{
	return d->what == DATA_STRUCT_IN || d->what == DATA_STRUCT_OUT;
}

/* "[110 => 10]": a length that the kernel changed.  False: it did not. */
static bool length_print(struct buffer *b, const struct call *c, unsigned index)
{
	int32_t given = 0, wanted = 0;
	bool in = false, out = false;

	for (unsigned i = 0; i < c->data_count; i++) {
		const struct call_data *d = &c->data[i];

		if (d->arg != index || d->length < sizeof(given))
			continue;
		memcpy(d->what == DATA_STRUCT_IN ? &given : &wanted, d->bytes, sizeof(given));
		in |= d->what == DATA_STRUCT_IN;
		out |= d->what == DATA_STRUCT_OUT;
	}
	if (!in || !out || given == wanted)
		return false;
	buffer_printf(b, "[%d => %d]", given, wanted);
	return true;
}

void argument_print(struct buffer *b, const struct call *c, unsigned index, enum call_type type)
{
	const struct call_data *last = NULL, *structure = NULL;

	if (type == TYPE_length && length_print(b, c, index))
		return;
	if (plain_print(b, c, index, type))
		return;
	for (unsigned i = 0; i < c->data_count; i++) {
		if (c->data[i].arg != index)
			continue;
		/* Linux writes back what is left of a timeout; what was asked is meant. */
		if (!last || type != TYPE_timespec)
			last = &c->data[i];
		if ((type == TYPE_fd_set || type == TYPE_clone_args) && structure)
			continue;
		if (data_is_structure(last))
			structure = last;
	}
	if (structure && c->arg[index] && structure_print(b, c, index, type, structure))
		return;
	if (last && !data_is_structure(last) && c->arg[index] && (c->done || !is_output(type)))
		pointed_print(b, last);
	else
		value_print(b, c, c->arg[index], type);
}

void result_print(struct buffer *b, int64_t result, enum call_type type)
{
	const struct call none = { 0 };

	switch (type) {
	case TYPE_zero:
	case TYPE_size:
	case TYPE_int:
		buffer_printf(b, "%lld", (long long)result);
		break;
	case TYPE_none:
		buffer_char(b, '?');
		break;
	default:
		value_print(b, &none, (uint64_t)result, type);
		break;
	}
}
