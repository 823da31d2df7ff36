#include "tracer/decode/outcome.h"

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/decode/form.h"
#include "tracer/decode/names.h"

#define F_GETFD     1
#define F_GETFL     3
#define POLLFD_SIZE 8

static unsigned short_at(const uint8_t *bytes)
{
	return bytes[0] | (unsigned)bytes[1] << 8;
}

/* 1 ([{fd=3, revents=POLLIN}]) */
static bool poll_print(struct buffer *b, const struct call *c)
{
	const struct call_data *d = data_of(c, 0, DATA_POLLFDS);
	const char *comma = "";

	if (!d)
		return false;
	buffer_printf(b, "%lld ([", (long long)c->result);
	for (unsigned at = 0; at + POLLFD_SIZE <= d->length; at += POLLFD_SIZE) {
		const uint8_t *entry = d->bytes + at;

		if (!short_at(entry + 6))
			continue;
		buffer_printf(b, "%s{fd=%d, revents=", comma,
			      (int)(short_at(entry) | short_at(entry + 2) << 16));
		set_print(b, SET_poll_events, short_at(entry + 6));
		buffer_char(b, '}');
		comma = ", ";
	}
	buffer_string(b, "])");
	return true;
}

/* 2 (in [3], out [4 5]) */
static bool select_print(struct buffer *b, const struct call *c)
{
	static const char *const names[] = { "in", "out", "except" };
	const char *comma = " (";

	buffer_printf(b, "%lld", (long long)c->result);
	for (unsigned i = 0; i < 3; i++) {
		const struct call_data *d = data_of(c, i + 1, DATA_STRUCT_OUT);
		const char *space = "";

		for (unsigned fd = 0; d && fd < d->length * 8u && fd < c->arg[0]; fd++) {
			if (!(d->bytes[fd / 8] >> (fd % 8) & 1))
				continue;
			if (!*space)
				buffer_printf(b, "%s%s [", comma, names[i]);
			buffer_printf(b, "%s%u", space, fd);
			space = " ";
			comma = ", ";
		}
		if (*space)
			buffer_char(b, ']');
	}
	if (*comma == ',')
		buffer_char(b, ')');
	return true;
}

static bool flags_print(struct buffer *b, uint64_t value, bool of_file)
{
	if (!of_file && !value)
		return false;
	buffer_printf(b, "%#llx (flags ", (unsigned long long)value);
	set_print(b, of_file ? SET_open_access : SET_fd_flags, of_file ? value & 3 : value);
	if (of_file && value & ~3ull) {
		buffer_char(b, '|');
		set_print(b, SET_open_flags, value & ~3ull);
	}
	buffer_char(b, ')');
	return true;
}

/* 1 (SUID_DUMP_USER): a number and its name. */
static bool named_print(struct buffer *b, const struct call *c, enum name_set names)
{
	buffer_printf(b, "%lld (", (long long)c->result);
	set_print(b, names, (uint64_t)c->result);
	buffer_char(b, ')');
	return true;
}

bool outcome_print(struct buffer *b, const struct call *c)
{
	switch (c->nr) {
	case NR_poll:
	case NR_ppoll:
	case NR_select:
	case NR_pselect6:
		if (c->result == 0) {
			buffer_string(b, "0 (Timeout)");
			return true;
		}
		return c->nr == NR_poll || c->nr == NR_ppoll ? poll_print(b, c)
							     : select_print(b, c);
	case NR_fcntl:
		return (c->arg[1] == F_GETFL || c->arg[1] == F_GETFD) &&
		       flags_print(b, (uint64_t)c->result, c->arg[1] == F_GETFL);
	case NR_ioprio_get:
		buffer_printf(b, "%lld (", (long long)c->result);
		io_priority_print(b, (uint32_t)c->result);
		buffer_char(b, ')');
		return true;
	case NR_prctl:
		return form_property_result(c) == TYPE_dumpable && named_print(b, c, SET_dumpable);
	case NR_rt_sigtimedwait:
		buffer_printf(b, "%lld (", (long long)c->result);
		signal_print(b, c->result);
		buffer_char(b, ')');
		return true;
	case NR_sched_getscheduler:
		return named_print(b, c, SET_sched_policy);
	default:
		return false;
	}
}
