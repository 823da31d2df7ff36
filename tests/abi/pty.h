/* A pseudo-terminal, seen from both ends. */
#ifndef TESTS_ABI_PTY_H
#define TESTS_ABI_PTY_H

#include "tests/abi/case.h"

/* The value, which is not negative. */
#define OK(expression)                                                                             \
	({                                                                                         \
		long ok_ = (long)(expression);                                                     \
		CHECK(ok_ >= 0);                                                                   \
		(int)ok_;                                                                          \
	})

extern int master, slave; /* of pair_open */

/* A pair; the slave is nobody's controlling terminal. */
void pair_open(void);
/* Write the keys to the master. */
void type(const char *keys);
/* Say what is at an end, at most 100 ms later, with its length. */
void show(const char *what, int fd);
/* Set or clear flags of the slave. */
void flags_change(unsigned iflag, unsigned oflag, unsigned lflag, int on);

#endif
