/* Names and descriptors that programs pass. */
#include "kernel/syscall/user_path.h"

#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/resource.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/trace/trace.h"

int user_path_get(struct user_path *p, uint64_t addr, unsigned arg)
{
	int64_t n = user_string(p->small, addr, PATH_SHORT);

	p->text = p->small;
	if (n == -ENAMETOOLONG) {
		p->text = kmalloc(PATH_MAX);
		n = p->text ? user_string(p->text, addr, PATH_MAX) : -ENOMEM;
	}
	if (n < 0) {
		user_path_put(p);
		return (int)n;
	}
	trace_data(arg, DATA_PATH, p->text, (size_t)n);
	return 0;
}

void user_path_put(struct user_path *p)
{
	if (p->text != p->small)
		kfree(p->text);
	p->text = p->small;
}

void user_path_note(uint64_t addr, unsigned arg)
{
	struct user_path p;

	if (!user_path_get(&p, addr, arg))
		user_path_put(&p);
}

int at_begin(struct at *a, uint64_t dirfd, uint64_t addr, unsigned arg)
{
	struct process *p = current_process();
	int error;

	a->directory = NULL;
	a->name.text = a->name.small;
	a->lookup =
		(struct lookup){ .context = p->fs, .credentials = &p->credentials, .follow = true };
	error = user_path_get(&a->name, addr, arg);
	if (error || a->name.text[0] == '/')
		return error;
	return at_base(a, dirfd);
}

int at_base(struct at *a, uint64_t dirfd)
{
	if ((int)dirfd == AT_FDCWD)
		return 0;
	a->directory = caller_file(dirfd);
	if (!a->directory)
		return -EBADF;
	a->lookup.base = &a->directory->path;
	return 0;
}

void at_end(struct at *a)
{
	user_path_put(&a->name);
	file_put(a->directory);
}

int at_path(uint64_t dirfd, uint64_t addr, unsigned arg, unsigned flags, struct path *out)
{
	struct at a;
	int error = at_begin(&a, dirfd, addr, arg);

	a.lookup.follow = !(flags & AT_SYMLINK_NOFOLLOW);
	a.lookup.empty = flags & AT_EMPTY_PATH;
	if (!error)
		error = path_lookup(&a.lookup, a.name.text, out);
	at_end(&a);
	return error;
}

struct file *caller_file(uint64_t fd)
{
	return fd_get(current_process()->files, (int)fd);
}

struct file_use caller_file_use(uint64_t fd)
{
	struct process *p = current_process();

	/* Others cannot become threads or share the table without a call of this one. */
	if (__atomic_load_n(&p->thread_count, __ATOMIC_ACQUIRE) == 1 && !p->files_shared)
		return (struct file_use){ .file = fd_peek(p->files, (int)fd) };
	return (struct file_use){ .file = fd_get(p->files, (int)fd), .counted = true };
}

uint64_t caller_fd_limit(void)
{
	return current_process()->limits[RLIMIT_NOFILE].soft;
}

int64_t caller_install(struct file *f, unsigned flags)
{
	return fd_install(current_process()->files, f, 0, flags & O_CLOEXEC, caller_fd_limit());
}

const struct credentials *caller_credentials(void)
{
	return &current_process()->credentials;
}

void trace_bytes(unsigned arg, unsigned what, const struct buffer *b, size_t total)
{
	uint64_t words[TRACE_DATA_MAX / 8];
	size_t n = MIN(total, (size_t)trace_data_kept);

	if (!n || b->parts || b->kernel || !user_words(b->addr, n, words)) {
		if (n % 8)
			words[n / 8] = 0;
		if (buffer_get(b, 0, words, n))
			return;
	}
	trace_data_words(arg, what, words, n, total);
}
