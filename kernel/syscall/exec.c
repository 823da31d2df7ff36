/* Replacing the program. */
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/proc/arguments.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

#define NAME_SIZE (4096 + 24) /* PATH_MAX and /dev/fd/N/ */

/* Find the program and run it under the given name. */
static int64_t exec_at(struct at *at, const char *name, uint64_t argv, uint64_t envp, unsigned arg)
{
	struct path program;
	int error = path_lookup(&at->lookup, at->name.text, &program);

	if (error) {
		arguments_tell(argv, envp, arg);
		return error;
	}
	error = process_exec(&program, name, argv, envp, arg);
	path_put(&program);
	return error;
}

int64_t sys_execve(uint64_t path, uint64_t argv, uint64_t envp)
{
	struct at at;
	int64_t result = at_begin(&at, (uint64_t)AT_FDCWD, path, 0);

	if (!result)
		result = exec_at(&at, at.name.text, argv, envp, 1);
	at_end(&at);
	return result;
}

int64_t sys_execveat(uint64_t dirfd, uint64_t path, uint64_t argv, uint64_t envp, uint64_t flags)
{
	struct at at;
	int64_t result;
	char *name;

	if (flags & ~(uint64_t)(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	name = kmalloc(NAME_SIZE);
	if (!name)
		return -ENOMEM;
	result = at_begin(&at, dirfd, path, 1);
	if (!result) {
		at.lookup.empty = flags & AT_EMPTY_PATH;
		at.lookup.follow = !(flags & AT_SYMLINK_NOFOLLOW);
		/* As Linux names what a descriptor leads to. */
		if (!at.directory)
			string_copy(name, NAME_SIZE, at.name.text);
		else
			print_text(name, NAME_SIZE,
				   at.name.text[0] ? "/dev/fd/%d/%s" : "/dev/fd/%d", (int)dirfd,
				   at.name.text);
		result = exec_at(&at, name, argv, envp, 2);
	}
	at_end(&at);
	kfree(name);
	return result;
}
