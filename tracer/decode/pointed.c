#include "tracer/decode/pointed.h"

#include <string.h>

#include "schemas/events.h"
#include "tracer/decode/names.h"

static void bytes_print(struct buffer *b, const struct call_data *d, size_t length)
{
	buffer_quote(b, d->bytes, length);
	if (d->length < d->total)
		buffer_string(b, "...");
}

static void string_print(struct buffer *b, const struct call_data *d)
{
	bytes_print(b, d, strnlen((const char *)d->bytes, d->length));
}

/* argv: ["sh", "-c"]; a last string without NUL was cut. */
static void strings_print(struct buffer *b, const struct call_data *d)
{
	unsigned at = 0;

	buffer_char(b, '[');
	while (at < d->length) {
		const size_t length = strnlen((const char *)d->bytes + at, d->length - at);

		if (at)
			buffer_string(b, ", ");
		buffer_quote(b, d->bytes + at, length);
		at += (unsigned)length + 1;
	}
	if (d->length < d->total)
		buffer_string(b, ", ...");
	buffer_char(b, ']');
}

/* struct stat of x86-64: st_mode at 24, st_rdev at 40, st_size at 48. */
static void stat_print(struct buffer *b, const struct call_data *d)
{
	const uint32_t mode = (uint32_t)data_number(d, 24, 4);
	const uint32_t kind = mode & 0170000;

	buffer_string(b, "{st_mode=");
	file_mode_print(b, mode);
	if (kind == 0020000 || kind == 0060000) {
		const uint64_t device = data_number(d, 40, 8);

		buffer_printf(b, ", st_rdev=makedev(%#llx, %#llx)",
			      (unsigned long long)(device >> 8 & 0xfff),
			      (unsigned long long)((device & 0xff) | (device >> 12 & 0xfff00)));
	} else {
		buffer_printf(b, ", st_size=%lld", (long long)data_number(d, 48, 8));
	}
	buffer_string(b, ", ...}");
}

static void timespec_print(struct buffer *b, const struct call_data *d)
{
	const unsigned count = d->length / 16;

	if (count > 1)
		buffer_char(b, '[');
	for (unsigned i = 0; i < count; i++)
		buffer_printf(b, "%s{tv_sec=%lld, tv_nsec=%lld}", i ? ", " : "",
			      (long long)data_number(d, i * 16, 8),
			      (long long)data_number(d, i * 16 + 8, 8));
	if (count > 1)
		buffer_char(b, ']');
}

static void wait_status_print(struct buffer *b, const struct call_data *d)
{
	const uint32_t status = (uint32_t)data_number(d, 0, 4);

	if ((status & 0x7f) == 0) {
		buffer_printf(b, "[{WIFEXITED(s) && WEXITSTATUS(s) == %u}]", status >> 8 & 0xff);
	} else if (status == 0xffff) {
		buffer_string(b, "[{WIFCONTINUED(s)}]");
	} else if ((status & 0xff) == 0x7f) {
		buffer_string(b, "[{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		signal_print(b, status >> 8 & 0xff);
		buffer_string(b, "}]");
	} else {
		buffer_string(b, "[{WIFSIGNALED(s) && WTERMSIG(s) == ");
		signal_print(b, status & 0x7f);
		buffer_string(b, status & 0x80 ? " && WCOREDUMP(s)}]" : "}]");
	}
}

/* struct sigaction of the kernel: handler, flags, restorer, mask. */
static void sigaction_print(struct buffer *b, const struct call_data *d)
{
	const uint64_t handler = data_number(d, 0, 8);
	const uint64_t flags = data_number(d, 8, 8);

	buffer_string(b, "{sa_handler=");
	if (handler < 2)
		buffer_string(b, handler ? "SIG_IGN" : "SIG_DFL");
	else
		buffer_printf(b, "%#llx", (unsigned long long)handler);
	buffer_string(b, ", sa_mask=");
	sigset_print(b, data_number(d, 24, 8));
	buffer_string(b, ", sa_flags=");
	set_print(b, SET_sa_flags, flags);
	if (flags & 0x04000000) /* SA_RESTORER */
		buffer_printf(b, ", sa_restorer=%#llx", (unsigned long long)data_number(d, 16, 8));
	buffer_char(b, '}');
}

static void pollfds_print(struct buffer *b, const struct call_data *d)
{
	buffer_char(b, '[');
	for (unsigned at = 0; at + 8 <= d->length; at += 8) {
		buffer_printf(b, "%s{fd=%d, events=", at ? ", " : "",
			      (int32_t)data_number(d, at, 4));
		set_print(b, SET_poll_events, data_number(d, at + 4, 2));
		buffer_char(b, '}');
	}
	buffer_string(b, d->length < d->total ? ", ...]" : "]");
}

/* struct utsname: fields of 65 bytes; the kernel's name and version suffice. */
static void utsname_print(struct buffer *b, const struct call_data *d)
{
	static const char *const fields[] = { "sysname", "nodename", "release" };

	buffer_char(b, '{');
	for (unsigned i = 0; i < 3 && (i + 1) * 65 <= d->length; i++) {
		const char *at = (const char *)d->bytes + i * 65;

		buffer_printf(b, "%s%s=", i ? ", " : "", fields[i]);
		buffer_quote(b, at, strnlen(at, 65));
	}
	buffer_string(b, ", ...}");
}

void pointed_print(struct buffer *b, const struct call_data *d)
{
	switch (d->what) {
	case DATA_PATH:
	case DATA_STRING:
		string_print(b, d);
		break;
	case DATA_STRINGS:
		strings_print(b, d);
		break;
	case DATA_STAT:
		stat_print(b, d);
		break;
	case DATA_INT_PAIR:
		buffer_printf(b, "[%d, %d]", (int32_t)data_number(d, 0, 4),
			      (int32_t)data_number(d, 4, 4));
		break;
	case DATA_TIMESPEC:
		timespec_print(b, d);
		break;
	case DATA_WAIT_STATUS:
		wait_status_print(b, d);
		break;
	case DATA_SIGACTION:
		sigaction_print(b, d);
		break;
	case DATA_SIGSET:
		sigset_print(b, data_number(d, 0, 8));
		break;
	case DATA_POLLFDS:
		pollfds_print(b, d);
		break;
	case DATA_UTSNAME:
		utsname_print(b, d);
		break;
	default:
		bytes_print(b, d, d->length);
		break;
	}
}
