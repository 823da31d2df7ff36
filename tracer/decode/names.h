/* Numbers of the Linux ABI as people write them: errors, signals, flags.  The
 * lists are schemas/errors.def, signals.def and flags.def. */
#ifndef TRACER_DECODE_NAMES_H
#define TRACER_DECODE_NAMES_H

#include <stdint.h>

#include "tracer/buffer.h"

enum name_set {
#define SET(set, kind) SET_##set,
#include "schemas/flags.def"
	SET_LIMIT,
	SET_none
};

/* Name and text of an error (positive number); NULL if there is none. */
const char *error_name(int64_t number);
const char *error_text(int64_t number);

/* "SIGCHLD", "SIGRT_3"; a number that is no signal is printed as it is. */
void signal_print(struct buffer *b, int64_t number);
/* A set of signals: "[INT TERM]", "~[KILL]" where more than half are in it. */
void sigset_print(struct buffer *b, uint64_t mask);

/* The value by the names of a set: "O_CREAT|O_TRUNC", "SEEK_CUR".  What has no
 * name is a hexadecimal number, with a remark how its name would
 * begin if it is all there is; 0 without a name is "0". */
void set_print(struct buffer *b, enum name_set set, uint64_t value);

/* A file's mode: "S_IFDIR|S_ISVTX|0777". */
void file_mode_print(struct buffer *b, uint32_t mode);

/* The priority of a disk request: "IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)". */
void io_priority_print(struct buffer *b, uint32_t value);

#endif
