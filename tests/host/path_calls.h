/* Calls with names on a fresh tmpfs as the root, by one that may do all: what the tests of
 * paths share.  Each is its error, or 0, and keeps nothing. */
#ifndef TESTS_HOST_PATH_CALLS_H
#define TESTS_HOST_PATH_CALLS_H

#include "kernel/fs/path.h"

/* Of the test that runs. */
extern struct fs_context *context;

struct lookup asked(bool follow);

int make_directory(const char *name);
int make_file(const char *name);
int make_symlink(const char *target, const char *name);
int remove_name(const char *name, bool directory);
int rename_name(const char *from, const char *to, unsigned flags);
int link_name(const char *from, const char *to);
int look_up(const char *name, bool follow);
int open_name(const char *name, uint32_t flags);
/* What name leads to, as a path from the root; holds until the next call. */
const char *where(const char *name);

/* Around each test: the root and the context; all memory that it took must be back. */
int path_start(void **state);
int path_end(void **state);

#endif
