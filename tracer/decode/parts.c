#include "tracer/decode/parts.h"

#include <sys/stat.h>
#include <time.h>

int64_t data_signed(const struct call_data *d, unsigned offset, unsigned bytes)
{
	const unsigned shift = bytes && bytes < 8 ? 64 - 8 * bytes : 0;

	return (int64_t)(data_number(d, offset, bytes) << shift) >> shift;
}

void time_print(struct buffer *b, const struct call_data *d, unsigned at, const char *fraction)
{
	buffer_printf(b, "{tv_sec=%lld, tv_%s=%lld}", (long long)data_number(d, at, 8), fraction,
		      (long long)data_number(d, at + 8, 8));
}

void moment_print(struct buffer *b, const struct call_data *d, unsigned at, const char *fraction)
{
	const bool nano = *fraction == 'n';
	const time_t seconds = (time_t)data_number(d, at, 8);
	const int64_t part = data_signed(d, at + 8, 8);
	char date[64];
	struct tm tm;

	if (nano && (part == UTIME_NOW || part == UTIME_OMIT)) {
		buffer_string(b, part == UTIME_NOW ? "UTIME_NOW" : "UTIME_OMIT");
		return;
	}
	time_print(b, d, at, fraction);
	if ((!seconds && !part) || part < 0 || part >= (nano ? 1000000000 : 1000000) ||
	    !gmtime_r(&seconds, &tm) || !strftime(date, sizeof(date), "%FT%T", &tm))
		return;
	buffer_printf(b, " /* %s", date);
	if (part)
		buffer_printf(b, ".%0*lld", nano ? 9 : 6, (long long)part);
	buffer_string(b, "+0000 */");
}

void sigval_print(struct buffer *b, uint64_t value)
{
	buffer_printf(b, "{sival_int=%d, sival_ptr=", (int32_t)value);
	if (value)
		buffer_printf(b, "%#llx}", (unsigned long long)value);
	else
		buffer_string(b, "NULL}");
}

static void part_print(struct buffer *b, const struct call_data *d, const struct part *p)
{
	const uint64_t value = data_number(d, p->offset, p->bytes < 8 ? p->bytes : 8);

	switch (p->form) {
	case DEC:
		buffer_printf(b, "%lld", (long long)data_signed(d, p->offset, p->bytes));
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
	case VALUE:
		sigval_print(b, value);
		break;
	case FS_ID:
		buffer_printf(b, "{val=[%#x, %#x]}", (unsigned)value, (unsigned)(value >> 32));
		break;
	case LOADS:
		buffer_printf(b, "[%llu, %llu, %llu]", (unsigned long long)value,
			      (unsigned long long)data_number(d, p->offset + 8, 8),
			      (unsigned long long)data_number(d, p->offset + 16, 8));
		break;
	}
}

bool parts_add(struct buffer *b, const struct call_data *d, const struct part *parts, size_t count)
{
	if (parts[count - 1].offset + parts[count - 1].bytes > d->length)
		return false;
	for (size_t i = 0; i < count; i++) {
		buffer_printf(b, "%s%s=", i ? ", " : "", parts[i].name);
		part_print(b, d, &parts[i]);
	}
	return true;
}

bool parts_print(struct buffer *b, const struct call_data *d, const struct part *parts,
		 size_t count, const char *end)
{
	if (parts[count - 1].offset + parts[count - 1].bytes > d->length)
		return false;
	buffer_char(b, '{');
	parts_add(b, d, parts, count);
	buffer_string(b, end);
	return true;
}
