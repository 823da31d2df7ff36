/* What went wrong, for a person: one line, and the exit status that fits. */
#ifndef TRACER_ERROR_H
#define TRACER_ERROR_H

struct error {
	int status;     /* 1 the answer is no, 2 usage or I/O, 3 incomplete, 125 run failed */
	char text[512]; /* "what failed: why; what to do about it", no final newline */
};

/* Fill in why (which may be NULL) and return status. */
int error_set(struct error *why, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
