/* mount and umount2. */
#include "kernel/fs/mount.h"

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/mount.h>

#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/trace/trace.h"

#define OPTIONS_MAX 4096
#define NAME_MAX_FS 32

/* Flags of umount2(2); the kernel's own header has them, UAPI's has not. */
#define MNT_FORCE       1
#define MNT_DETACH      2
#define UMOUNT_NOFOLLOW 8

#define FLAGS_KEPT (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME)
#define FLAGS_KNOWN                                                                                \
	(FLAGS_KEPT | MS_REMOUNT | MS_BIND | MS_REC | MS_SILENT | MS_RELATIME | MS_STRICTATIME |   \
	 MS_SYNCHRONOUS)
#define FLAGS_SHARING (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

/* What mount is given as text, read before anything is looked at; NULL is "". */
struct mount_text {
	char source[PATH_MAX], type[NAME_MAX_FS], options[OPTIONS_MAX];
};

static int string_in(char *to, uint64_t addr, size_t size, unsigned arg)
{
	int64_t n = 0;

	to[0] = 0;
	if (addr)
		n = user_string(to, addr, size);
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : (int)n;
	if (addr)
		trace_data(arg, DATA_STRING, to, (size_t)n);
	return 0;
}

/* A new mount's options only: other calls pass anything there. */
static int text_in(struct mount_text *t, uint64_t source, uint64_t fstype, uint64_t flags,
		   uint64_t data)
{
	int error = string_in(t->type, fstype, sizeof(t->type), 2);
	const int other = string_in(t->source, source, sizeof(t->source), 0);

	if (!error)
		error = other;
	t->options[0] = 0;
	if (!error && !(flags & (MS_BIND | FLAGS_SHARING)))
		error = string_in(t->options, data, sizeof(t->options), 4);
	return error;
}

static int mount_new(const struct path *at, const struct mount_text *t, uint64_t flags)
{
	struct super *s;
	int error = file_system_mount(t->type, t->source, t->options, &s);

	if (error)
		return error;
	error = mount_add(at, s, *t->source ? t->source : "none", flags & FLAGS_KEPT);
	super_put(s);
	return error;
}

static int mount_again(const struct path *at, const struct mount_text *t)
{
	struct lookup l = { .context = current_process()->fs,
			    .credentials = caller_credentials(),
			    .follow = true };
	struct path from;
	int error = path_lookup(&l, t->source, &from);

	if (error)
		return error;
	error = mount_bind(&from, at);
	path_put(&from);
	return error;
}

static int mount_do(const struct path *at, const struct mount_text *t, uint64_t flags)
{
	if (!caller_can(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & ~(uint64_t)(FLAGS_KNOWN | FLAGS_SHARING))
		return -EINVAL;
	if (flags & MS_REMOUNT)
		return mount_set_flags(at, flags & FLAGS_KEPT);
	if (flags & MS_BIND)
		return mount_again(at, t);
	if (flags & FLAGS_SHARING) /* there is one namespace: all mounts are private */
		return flags & (MS_SHARED | MS_SLAVE) ? -EINVAL : 0;
	return mount_new(at, t, flags);
}

int64_t sys_mount(uint64_t source, uint64_t target, uint64_t fstype, uint64_t flags, uint64_t data)
{
	struct mount_text *t = kmalloc(sizeof(*t));
	struct path at;
	int error;

	if (!t)
		return -ENOMEM;
	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(uint64_t)MS_MGC_MSK;
	error = text_in(t, source, fstype, flags, data);
	if (error) {
		user_path_note(target, 1);
		goto out;
	}
	error = at_path((uint64_t)AT_FDCWD, target, 1, 0, &at);
	if (error)
		goto out;
	error = mount_do(&at, t, flags);
	path_put(&at);
out:
	kfree(t);
	return error;
}

int64_t sys_umount2(uint64_t target, uint64_t flags)
{
	struct path at;
	int error;

	if (flags & ~(uint64_t)(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW)) {
		user_path_note(target, 0);
		return -EINVAL;
	}
	error = at_path((uint64_t)AT_FDCWD, target, 0,
			flags & UMOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0, &at);
	if (error)
		return error;
	error = caller_can(CAP_SYS_ADMIN) ? mount_remove(&at, flags & MNT_DETACH) : -EPERM;
	path_put(&at);
	return error;
}

/* The root is what the kernel started with, and stays: as Linux says of its rootfs. */
int64_t sys_pivot_root(uint64_t new_root, uint64_t put_old)
{
	struct path new, old;
	int error;

	if (!caller_can(CAP_SYS_ADMIN)) {
		user_path_note(new_root, 0);
		user_path_note(put_old, 1);
		return -EPERM;
	}
	error = at_path((uint64_t)AT_FDCWD, new_root, 0, 0, &new);
	if (error) {
		user_path_note(put_old, 1);
		return error;
	}
	error = at_path((uint64_t)AT_FDCWD, put_old, 1, 0, &old);
	if (!error) {
		error = S_ISDIR(path_inode(&new)->mode) && S_ISDIR(path_inode(&old)->mode)
				? -EINVAL
				: -ENOTDIR;
		path_put(&old);
	}
	path_put(&new);
	return error;
}
