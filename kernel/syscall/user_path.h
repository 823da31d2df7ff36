/* What the calls on files share: names and descriptors that programs pass.
 *
 *   struct at at;
 *   error = at_begin(&at, dirfd, path, 1);     reads the name, finds the directory
 *   if (!error)
 *           error = path_lookup(&at.lookup, at.name.text, &p);
 *   at_end(&at); */
#ifndef KERNEL_SYSCALL_USER_PATH_H
#define KERNEL_SYSCALL_USER_PATH_H

#include "kernel/fs/file.h"
#include "kernel/mm/user.h"
#include "kernel/trace/trace.h"

#define PATH_SHORT 128

/* A string of the program, in the struct itself when it is short. */
struct user_path {
	char *text;
	char small[PATH_SHORT];
};
/* arg: its number in the call, for the trace.  -EFAULT, -ENAMETOOLONG, -ENOMEM. */
int user_path_get(struct user_path *p, uint64_t addr, unsigned arg);
void user_path_put(struct user_path *p);
/* Only for the trace: the path of a call that fails before it looks there. */
void user_path_note(uint64_t addr, unsigned arg);

struct at {
	struct user_path name;
	struct file *directory; /* reference; NULL: the working directory */
	struct lookup lookup;   /* follow is true, empty is false */
};
/* As the *at calls: -EBADF for a bad dirfd of a relative name.  Always followed by
 * at_end. */
int at_begin(struct at *a, uint64_t dirfd, uint64_t addr, unsigned arg);
/* Let dirfd be the base also of an absolute name (RESOLVE_IN_ROOT). */
int at_base(struct at *a, uint64_t dirfd);
void at_end(struct at *a);
/* All in one.  flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH. */
int at_path(uint64_t dirfd, uint64_t addr, unsigned arg, unsigned flags, struct path *out);

/* The caller's file behind fd with a reference, or NULL. */
struct file *caller_file(uint64_t fd);
/* The same for the length of one call.  Where nobody else can close it meanwhile,
 * because this is the only thread that uses the descriptors, no reference is taken:
 * give it back with file_use_end, and do not keep it. */
struct file_use {
	struct file *file; /* NULL: no such descriptor */
	bool counted;
};
struct file_use caller_file_use(uint64_t fd);
static inline void file_use_end(struct file_use u)
{
	if (u.counted)
		file_put(u.file);
}
/* Put f (moves in) at the lowest free descriptor: it, or -errno. */
int64_t caller_install(struct file *f, unsigned flags);
/* The caller's limit on descriptors. */
uint64_t caller_fd_limit(void);
const struct credentials *caller_credentials(void);

/* syscall_data of the first bytes of memory of the program, as many as are kept.  What
 * all of it fits a word, as pipes' tokens do, takes a short way. */
void trace_bytes(unsigned arg, unsigned what, const struct buffer *b, size_t total);
static inline void trace_user_bytes(unsigned arg, unsigned what, const struct buffer *b,
				    size_t total)
{
	const struct ev_syscall_data fixed = {
		.arg = arg, .what = what, .length = total, .total = total
	};

	if (!trace_data_wanted())
		return;
	if (total - 1 >= 8 || total > trace_data_kept || trace_is_watched() || b->parts ||
	    b->kernel || !user_trace_word(b->addr, fixed))
		trace_bytes(arg, what, b, total);
}

#endif
