#include "tracer/decode/flags.h"

#include "schemas/syscalls.h"
#include "tracer/decode/names.h"

/* 0x200 is AT_REMOVEDIR, but for the call that asks about access. */
void at_flags_print(struct buffer *b, const struct call *c, uint64_t value)
{
	const bool eaccess = c->nr == NR_faccessat2 && value & 0x200;

	if (eaccess) {
		buffer_string(b, "AT_EACCESS");
		value &= ~0x200ull;
		if (!value)
			return;
		buffer_char(b, '|');
	}
	if (c->nr == NR_statx && !(value & 0x6000)) { /* neither FORCE_SYNC nor DONT_SYNC */
		buffer_string(b, "AT_STATX_SYNC_AS_STAT");
		if (!(uint32_t)value)
			return;
		buffer_char(b, '|');
	}
	set_print(b, SET_at_flags, (uint32_t)value);
}

/* A choice in some bits of the value, flags in the others. */
static void choice_print(struct buffer *b, enum name_set choice, uint64_t mask, enum name_set flags,
			 uint64_t value)
{
	set_print(b, choice, value & mask);
	if (value & ~mask) {
		buffer_char(b, '|');
		set_print(b, flags, value & ~mask);
	}
}

/* Calls whose O_CLOEXEC and O_NONBLOCK have names of their own. */
static bool own_flags_print(struct buffer *b, unsigned nr, uint64_t value)
{
	const char *prefix = nr == NR_eventfd2         ? "EFD"
			     : nr == NR_timerfd_create ? "TFD"
			     : nr == NR_signalfd4      ? "SFD"
			     : nr == NR_epoll_create1  ? "EPOLL"
			     : nr == NR_inotify_init1  ? "IN"
						       : NULL;
	const uint64_t known = 02000000 | 04000 | (nr == NR_eventfd2);
	const char *bar = "";

	if (!prefix || value & ~known || !value)
		return false;
	if (nr == NR_eventfd2 && value & 1) {
		buffer_string(b, "EFD_SEMAPHORE");
		bar = "|";
	}
	if (value & 02000000) {
		buffer_printf(b, "%s%s_CLOEXEC", bar, prefix);
		bar = "|";
	}
	if (value & 04000)
		buffer_printf(b, "%s%s_NONBLOCK", bar, prefix);
	return true;
}

void open_flags_print(struct buffer *b, const struct call *c, uint64_t value)
{
	const struct call_info *info = call_info(c->nr);

	if (own_flags_print(b, c->nr, value))
		return;
	/* pipe2, dup3, ...: O_CLOEXEC and the like, but nothing is opened. */
	if (c->nr != NR_open && c->nr != NR_openat && c->nr != NR_fcntl && c->nr != NR_mq_open &&
	    c->nr != NR_open_by_handle_at && info)
		set_print(b, SET_open_flags, (uint32_t)value);
	else
		choice_print(b, SET_open_access, 3, SET_open_flags, (uint32_t)value);
}

void map_flags_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	choice_print(b, SET_map_type, 15, SET_map_flags, (uint32_t)value);
}

void futex_op_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	/* FUTEX_WAKE_PRIVATE, ... are names; the other flag is added. */
	set_print(b, SET_futex_op, value & 127);
	if (value & 0x80)
		buffer_string(b, "_PRIVATE");
	if (value & ~0xffull) {
		buffer_char(b, '|');
		set_print(b, SET_futex_flags, (uint32_t)value & ~0xffu);
	}
}

void socket_type_print(struct buffer *b, const struct call *c, uint64_t value)
{
	if (c->nr == NR_accept4)
		set_print(b, SET_socket_flags, (uint32_t)value);
	else
		choice_print(b, SET_socket_kind, 15, SET_socket_flags, (uint32_t)value);
}

/* The low byte of clone's flags is the signal that tells the parent of the end. */
void clone_flags_print(struct buffer *b, const struct call *c, uint64_t value)
{
	const uint64_t flags = c->nr == NR_clone ? value & ~0xffull : value;

	if (flags || c->nr != NR_clone || !value)
		set_print(b, SET_clone_flags, flags);
	if (flags == value)
		return;
	if (flags)
		buffer_char(b, '|');
	signal_print(b, value & 0xff);
}

void access_mode_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	if ((uint32_t)value)
		set_print(b, SET_access_mode, (uint32_t)value);
	else
		buffer_string(b, "F_OK");
}

void prot_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	if (value)
		set_print(b, SET_prot, value);
	else
		buffer_string(b, "PROT_NONE");
}

void ipc_flags_print(struct buffer *b, const struct call *c, uint64_t value)
{
	(void)c;
	if (value & ~0777ull) {
		set_print(b, SET_ipc_flags, (uint32_t)value & ~0777u);
		buffer_char(b, '|');
	}
	buffer_printf(b, "%#o", (unsigned)value & 0777);
}
