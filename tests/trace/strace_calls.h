/* The calls of strace_calls by what they are about, one after another in main. */
#ifndef TESTS_TRACE_STRACE_CALLS_H
#define TESTS_TRACE_STRACE_CALLS_H

#include <errno.h>

#define DO(call)                                                                                   \
	do {                                                                                       \
		if ((long)(call) == -1)                                                            \
			errno = 0;                                                                 \
	} while (0)

/* strace_files.c */
void files(void);
void directories(void);

/* strace_talk.c: from one process to another */
void sockets(void);
void messages(void);
void talk(void);

#endif
