/* Following files that QEMU writes, for exact runs: a file takes all at once and never
 * says when, which a socket does not.  A thread a file copies what is added to it into
 * a socket, and closes that when QEMU has ended and all is copied; whoever reads the
 * other end sees the stream that QEMU itself would have written there.  What comes the
 * other way is thrown away.  The files' memory is given back as they are read. */
#ifndef TRACER_VM_FOLLOW_H
#define TRACER_VM_FOLLOW_H

#include <sys/types.h>

#include "tracer/error.h"

#define FOLLOW_MAX 8

struct follow;

/* A new file without a name for QEMU to write to; -1 and errno. */
int follow_file(void);
/* Follow count files, written by process pid, into as many sockets.  Takes all of these
 * descriptors.  0 or status 125. */
int follow_start(struct follow **out, pid_t pid, const int *files, const int *sockets,
		 unsigned count, struct error *why);
/* The process has ended: wait until all is copied, or nobody takes it.  NULL is fine. */
void follow_finish(struct follow *f);

#endif
