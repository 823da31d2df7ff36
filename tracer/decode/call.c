#include "tracer/decode/call.h"

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/decode/argument.h"
#include "tracer/decode/form.h"
#include "tracer/decode/names.h"
#include "tracer/decode/outcome.h"

#define T(type) TYPE_##type
static const struct call_info calls[SYSCALL_LIMIT] = {
#define SYSCALL0(nr, name, ret, sentence) [nr] = { #name, sentence, 0, T(ret), { 0 }, { 0 } },
#define SYSCALL1(nr, name, ret, t0, a0, sentence)                                                  \
	[nr] = { #name, sentence, 1, T(ret), { T(t0) }, { #a0 } },
#define SYSCALL2(nr, name, ret, t0, a0, t1, a1, sentence)                                          \
	[nr] = { #name, sentence, 2, T(ret), { T(t0), T(t1) }, { #a0, #a1 } },
#define SYSCALL3(nr, name, ret, t0, a0, t1, a1, t2, a2, sentence)                                  \
	[nr] = { #name, sentence, 3, T(ret), { T(t0), T(t1), T(t2) }, { #a0, #a1, #a2 } },
#define SYSCALL4(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, sentence)                          \
	[nr] = {                                                                                   \
		#name, sentence, 4, T(ret), { T(t0), T(t1), T(t2), T(t3) }, { #a0, #a1, #a2, #a3 } \
	},
#define SYSCALL5(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, sentence)                  \
	[nr] = { #name,                                                                            \
		 sentence,                                                                         \
		 5,                                                                                \
		 T(ret),                                                                           \
		 { T(t0), T(t1), T(t2), T(t3), T(t4) },                                            \
		 { #a0, #a1, #a2, #a3, #a4 } },
#define SYSCALL6(nr, name, ret, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, sentence)          \
	[nr] = { #name,                                                                            \
		 sentence,                                                                         \
		 6,                                                                                \
		 T(ret),                                                                           \
		 { T(t0), T(t1), T(t2), T(t3), T(t4), T(t5) },                                     \
		 { #a0, #a1, #a2, #a3, #a4, #a5 } },
#include "schemas/syscalls.def"
};
#undef T

const struct call_data *data_of(const struct call *c, unsigned arg, unsigned what)
{
	const struct call_data *last = NULL;

	for (unsigned i = 0; i < c->data_count; i++)
		if (c->data[i].arg == arg && c->data[i].what == what)
			last = &c->data[i];
	return last;
}

uint64_t data_number(const struct call_data *d, unsigned offset, unsigned bytes)
{
	uint64_t value = 0;

	if (offset + bytes > d->length)
		return 0;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)d->bytes[offset + i] << (8 * i);
	return value;
}

const struct call_info *call_info(unsigned nr)
{
	return nr < SYSCALL_LIMIT && calls[nr].name ? &calls[nr] : NULL;
}

void call_name_print(struct buffer *b, unsigned nr)
{
	const struct call_info *info = call_info(nr);

	if (info)
		buffer_string(b, info->name);
	else
		buffer_printf(b, "syscall_%u", nr);
}

int call_error(int64_t result)
{
	return result < 0 && result >= -4095 ? (int)-result : 0;
}

/* What clone wrote there: the child's number or its pidfd.  False: nothing. */
static bool parent_tid_print(struct buffer *b, const struct call *c)
{
	const struct call_data *fd = data_of(c, 0, DATA_STRUCT_OUT);

	if (!c->done || c->result <= 0)
		return false;
	if (c->arg[0] & 0x100000) /* CLONE_PARENT_SETTID */
		buffer_printf(b, "[%lld]", (long long)c->result);
	else if (fd)
		buffer_printf(b, "[%d]", (int)data_number(fd, 0, 4));
	else
		return false;
	return true;
}

/* clone's arguments by name, and those that its flags ask for, as strace has them. */
static void clone_args_print(struct buffer *b, const struct call *c)
{
	const struct call_info *info = call_info(c->nr);
	static const struct {
		const char *name;
		uint64_t flags; /* 0: always there */
		unsigned arg;
	} parts[] = {
		{ "child_stack", 0, 1 },
		{ ", flags", 0, 0 },
		{ ", parent_tid", 0x101000, 2 },    /* CLONE_PARENT_SETTID, CLONE_PIDFD */
		{ ", tls", 0x80000, 4 },            /* CLONE_SETTLS */
		{ ", child_tidptr", 0x1200000, 3 }, /* CLONE_CHILD_SETTID, _CLEARTID */
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].flags && !(c->arg[0] & parts[i].flags))
			continue;
		buffer_printf(b, "%s=", parts[i].name);
		if (parts[i].arg != 2 || !parent_tid_print(b, c))
			argument_print(b, c, parts[i].arg, info->type[parts[i].arg]);
	}
}

void call_args_print(struct buffer *b, const struct call *c)
{
	struct form form;

	if (c->nr == NR_clone && c->args >= 5) {
		clone_args_print(b, c);
		return;
	}
	form_of(c, &form);
	for (unsigned i = 0; i < form.count; i++) {
		if (i)
			buffer_string(b, ", ");
		if (form.part[i].arg < c->args)
			argument_print(b, c, form.part[i].arg, (enum call_type)form.part[i].type);
		else
			buffer_char(b, '?');
	}
	if (c->nr == NR_rt_sigreturn)
		argument_print(b, c, 0, TYPE_signal_mask);
}

void call_result_print(struct buffer *b, const struct call *c)
{
	const struct call_info *info = call_info(c->nr);
	const int error = call_error(c->result);

	if (!c->done) {
		buffer_char(b, '?');
	} else if (error >= 512) {
		buffer_printf(b, "? %s (%s)", error_name(error) ? error_name(error) : "ERESTART",
			      error_text(error) ? error_text(error) : "To be restarted");
	} else if (error) {
		buffer_printf(b, "-1 %s", error_name(error) ? error_name(error) : "E?");
		if (error_text(error))
			buffer_printf(b, " (%s)", error_text(error));
		else
			buffer_printf(b, " (error %d)", error);
	} else if (!outcome_print(b, c)) {
		result_print(b, c->result, info ? info->result : TYPE_hex);
	}
}

void wait_status_words(struct buffer *b, uint32_t status)
{
	if ((status & 0x7f) == 0)
		buffer_printf(b, "exited with %u", status >> 8 & 0xff);
	else if ((status & 0xff) == 0x7f) {
		buffer_string(b, "stopped by ");
		signal_print(b, status >> 8 & 0xff);
	} else if (status == 0xffff)
		buffer_string(b, "continued");
	else {
		buffer_string(b, "killed by ");
		signal_print(b, status & 0x7f);
		if (status & 0x80)
			buffer_string(b, " (core dumped)");
	}
}
