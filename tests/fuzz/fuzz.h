/* What the fuzzers share: taking numbers and bytes from the input, and reading a
 * trace file as every command does. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* libFuzzer's entry: one input; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct fuzz_input {
	const uint8_t *bytes;
	size_t left;
};

/* The next count (1..8) bytes as a little-endian number; missing ones are 0. */
static inline uint64_t fuzz_number(struct fuzz_input *in, size_t count)
{
	uint64_t value = 0;

	count = count < in->left ? count : in->left;
	memcpy(&value, in->bytes, count);
	in->bytes += count;
	in->left -= count;
	return value;
}

/* The next bytes, at most *count; *count becomes how many there are. */
static inline const uint8_t *fuzz_bytes(struct fuzz_input *in, size_t *count)
{
	const uint8_t *at = in->bytes;

	*count = *count < in->left ? *count : in->left;
	in->bytes += *count;
	in->left -= *count;
	return at;
}

struct reader;

/* Tell the first crashes of a recording, with the files of this machine. */
void fuzz_stories(struct reader *r);
/* Open the trace file at path and touch all that a reader gives of its first
 * events, and its crashes.  What cannot be read is an answer, not a failure. */
void fuzz_read_trace(const char *path);

/* A file name of this process for the trace under test; the same each time. */
const char *fuzz_path(void);
/* Remove the file, what SQLite put beside it, and cores: fuzz_path with ".core". */
void fuzz_path_clear(void);

#endif
