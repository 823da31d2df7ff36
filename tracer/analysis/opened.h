/* What calls on descriptors are about, by name: a path, or what made it. */
#ifndef TRACER_ANALYSIS_OPENED_H
#define TRACER_ANALYSIS_OPENED_H

#include "tracer/analysis/descriptors.h"
#include "tracer/analysis/map.h"

struct file_process;

/* Zeroes at first. */
struct opened {
	struct map by_pid, by_label;     /* index + 1 */
	struct file_process **processes; /* whose descriptors are known */
	uint32_t process_count, process_size;
	char **names;
	uint32_t name_count, name_size;
};

/* A process begins, with what its maker has open. */
void opened_process(struct opened *f, const struct walk_thread *t);
/* The file that the thread's call is about; false: it is about none. */
bool opened_name(struct opened *f, const struct walk_thread *t, char *to, size_t size);
/* That call has ended: what it opened and closed. */
void opened_call(struct opened *f, const struct walk_thread *t);
void opened_free(struct opened *f);

#endif
