#include "tracer/decode/pointed.h"

#include <string.h>

#include "schemas/events.h"
#include "tracer/decode/names.h"

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

static void mode_print(struct buffer *b, uint32_t mode)
{
	static const char *const kinds[16] = {
		[1] = "S_IFIFO", [2] = "S_IFCHR",  [4] = "S_IFDIR",   [6] = "S_IFBLK",
		[8] = "S_IFREG", [10] = "S_IFLNK", [12] = "S_IFSOCK",
	};
	const char *kind = kinds[mode >> 12 & 15];

	if (kind)
		buffer_printf(b, "%s|%#o", kind, mode & 07777);
	else
		buffer_printf(b, "%#o", mode);
}

/* struct stat of x86-64: st_mode at 24, st_rdev at 40, st_size at 48. */
static void stat_print(struct buffer *b, const struct call_data *d)
{
	const uint32_t mode = (uint32_t)number_at(d, 24, 4);
	const uint32_t kind = mode & 0170000;

	buffer_string(b, "{st_mode=");
	mode_print(b, mode);
	if (kind == 0020000 || kind == 0060000) {
		const uint64_t device = number_at(d, 40, 8);

		buffer_printf(b, ", st_rdev=makedev(%#llx, %#llx)",
			      (unsigned long long)(device >> 8 & 0xfff),
			      (unsigned long long)((device & 0xff) | (device >> 12 & 0xfff00)));
	} else {
		buffer_printf(b, ", st_size=%lld", (long long)number_at(d, 48, 8));
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
			      (long long)number_at(d, i * 16, 8),
			      (long long)number_at(d, i * 16 + 8, 8));
	if (count > 1)
		buffer_char(b, ']');
}

static void wait_status_print(struct buffer *b, const struct call_data *d)
{
	const uint32_t status = (uint32_t)number_at(d, 0, 4);

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
	const uint64_t handler = number_at(d, 0, 8);
	const uint64_t flags = number_at(d, 8, 8);

	buffer_string(b, "{sa_handler=");
	if (handler < 2)
		buffer_string(b, handler ? "SIG_IGN" : "SIG_DFL");
	else
		buffer_printf(b, "%#llx", (unsigned long long)handler);
	buffer_string(b, ", sa_mask=");
	sigset_print(b, number_at(d, 24, 8));
	buffer_string(b, ", sa_flags=");
	set_print(b, SET_sa_flags, flags);
	if (flags & 0x04000000) /* SA_RESTORER */
		buffer_printf(b, ", sa_restorer=%#llx", (unsigned long long)number_at(d, 16, 8));
	buffer_char(b, '}');
}

static void pollfds_print(struct buffer *b, const struct call_data *d)
{
	buffer_char(b, '[');
	for (unsigned at = 0; at + 8 <= d->length; at += 8) {
		buffer_printf(b, "%s{fd=%d, events=", at ? ", " : "", (int32_t)number_at(d, at, 4));
		set_print(b, SET_poll_events, number_at(d, at + 4, 2));
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
		buffer_printf(b, "[%d, %d]", (int32_t)number_at(d, 0, 4),
			      (int32_t)number_at(d, 4, 4));
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
		sigset_print(b, number_at(d, 0, 8));
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
