/* What the files of a core dump share.  core.c stops the threads, core_segments.c chooses
 * the memory, core_notes.c writes what else a debugger wants, core_output.c moves bytes. */
#ifndef KERNEL_PROC_CORE_PARTS_H
#define KERNEL_PROC_CORE_PARTS_H

#include "kernel/fs/file.h"
#include "kernel/proc/task.h"

struct port;

/* Where the bytes go: either may be NULL. */
struct core_output {
	struct port *port;
	struct file *file;
	uint64_t at, limit; /* in the file: it ends at the limit */
	uint64_t hole;      /* bytes skipped since the last that were written */
	char *buffer;       /* struct core_message and CORE_DATA_MAX bytes */
	size_t used;
};

/* False without memory, or when nobody wants a core. */
bool core_output_open(struct core_output *o, const struct process *p, uint64_t limit, int sig);
void core_put(struct core_output *o, const void *from, size_t n);
void core_skip(struct core_output *o, uint64_t n);
/* left: bytes of memory left out.  True: a file was written. */
bool core_output_close(struct core_output *o, uint64_t left);

/* A stretch of memory: in the file if kept, else only named in it. */
struct core_segment {
	uint64_t start, end;
	uint64_t pages; /* that are there */
	uint8_t prot;
	bool kept;
};

/* One process while it is dumped. */
struct core {
	struct process *process;
	struct space *space;
	const siginfo_t *info;
	struct frame frame;      /* of the thread that dumps, which is the first */
	struct thread **threads; /* references; stopped */
	uint32_t thread_count;
	struct core_segment *segments;
	uint32_t segment_count, segment_room;
	uint64_t kept, left; /* bytes of memory */
};

/* Look what memory there is and choose at most limit bytes of it: the smaller segments
 * first, and of each thread the top of its stack.  False without memory. */
bool core_segments_find(struct core *c, uint64_t limit);
void core_segments_put(const struct core *c, struct core_output *o);

/* Bytes that grow. */
struct core_bytes {
	char *data;
	size_t length, room;
	bool failed;
};
/* All notes; free data afterwards. */
void core_notes_make(const struct core *c, struct core_bytes *notes);

#endif
