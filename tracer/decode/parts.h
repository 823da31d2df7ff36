/* Structures whose members are printed one after the other, as a table says. */
#ifndef TRACER_DECODE_PARTS_H
#define TRACER_DECODE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/decode/call.h"
#include "tracer/decode/names.h"

/* How a member's number is printed. */
enum part_form {
	DEC,
	UDEC,
	HEX,
	POINTER,
	TIMEVAL,
	TIMESPEC,
	SIGNAL,
	NAMES,
	VALUE, /* union sigval */
	FS_ID, /* two words */
	LOADS, /* three numbers */
};

struct part {
	const char *name;
	unsigned offset, bytes;
	enum part_form form;
	enum name_set names; /* of NAMES */
};

/* "a=1, b=2"; with parts_print "{" before it and the end behind it.  False: there are not as
 * many bytes, nothing was printed. */
bool parts_add(struct buffer *b, const struct call_data *d, const struct part *parts, size_t count);
bool parts_print(struct buffer *b, const struct call_data *d, const struct part *parts,
		 size_t count, const char *end);

#define PARTS(b, d, parts) parts_print(b, d, parts, sizeof(parts) / sizeof((parts)[0]), "}")
#define PARTS_MORE(b, d, parts)                                                                    \
	parts_print(b, d, parts, sizeof(parts) / sizeof((parts)[0]), ", ...}")

/* "{tv_sec=1, tv_nsec=5}"; fraction: "usec" or "nsec". */
void time_print(struct buffer *b, const struct call_data *d, unsigned at, const char *fraction);
/* The same of a moment, with its date behind it; or UTIME_NOW, UTIME_OMIT. */
void moment_print(struct buffer *b, const struct call_data *d, unsigned at, const char *fraction);
/* "{sival_int=5, sival_ptr=0x5}" */
void sigval_print(struct buffer *b, uint64_t value);
/* A number of so many bytes, with its sign. */
int64_t data_signed(const struct call_data *d, unsigned offset, unsigned bytes);

#endif
