/* System calls as text, in the way strace writes them.
 *
 * A call is its number, six argument registers, what the kernel recorded of the
 * memory behind them, and a result.  All of it is guest data: any value prints. */
#ifndef TRACER_DECODE_CALL_H
#define TRACER_DECODE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/buffer.h"

enum call_type {
#define TYPE(name, how) TYPE_##name,
#include "schemas/types.def"
	TYPE_LIMIT
};

#define CALL_ARGS 6

struct call_info {
	const char *name; /* NULL: no such call */
	const char *sentence;
	unsigned args;
	enum call_type result;
	enum call_type type[CALL_ARGS];
	const char *arg_name[CALL_ARGS];
};

/* What is known of a call by its number; NULL if there is none. */
const struct call_info *call_info(unsigned nr);

/* Bytes behind an argument: one syscall_data record. */
struct call_data {
	uint8_t arg, what; /* what: group DATA of enums.def */
	uint16_t length;   /* of bytes */
	uint32_t total;    /* bytes that there were */
	const uint8_t *bytes;
};

struct call {
	unsigned nr;
	unsigned args; /* argument registers recorded */
	uint64_t arg[CALL_ARGS];
	const struct call_data *data;
	unsigned data_count;
	bool done; /* result is known; before, what the kernel fills in is not printed */
	int64_t result;
};

/* The last record of this kind (DATA_...) behind an argument; NULL: there is none. */
const struct call_data *data_of(const struct call *c, unsigned arg, unsigned what);

/* The little-endian number of so many bytes at an offset; 0 beyond the end. */
uint64_t data_number(const struct call_data *d, unsigned offset, unsigned bytes);

/* "openat", or "syscall_600" for an unknown number. */
void call_name_print(struct buffer *b, unsigned nr);
/* "AT_FDCWD, \"/etc/passwd\", O_RDONLY". */
void call_args_print(struct buffer *b, const struct call *c);
/* "3", "-1 ENOENT (No such file or directory)"; "?" while it is not done. */
void call_result_print(struct buffer *b, const struct call *c);

/* Is this result an error?  Then its number, else 0. */
int call_error(int64_t result);

/* A wait status in words: "exited with 0", "killed by SIGSEGV". */
void wait_status_words(struct buffer *b, uint32_t status);

#endif
