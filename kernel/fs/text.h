/* Text that grows: what the files of /proc are rendered into. */
#ifndef KERNEL_FS_TEXT_H
#define KERNEL_FS_TEXT_H

#include "kernel/lib/print.h"

/* Owned by one thread.  When memory runs out the rest is dropped and failed set. */
struct text {
	char *bytes; /* not terminated */
	size_t length, room;
	bool failed;
};

void text_add(struct text *t, const char *format, ...) printf_like(2, 3);
void text_bytes(struct text *t, const void *from, size_t n);
/* A path with the characters of which as \ooo. */
void text_escaped(struct text *t, const char *s, const char *which);
void text_free(struct text *t);

#endif
