/* mount and umount2. */
#include "kernel/fs/mount.h"

#include <linux/errno.h>
#include <linux/fs.h>
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

/* A string that may be NULL, then "". */
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

static int mount_new(const struct path *at, uint64_t source, uint64_t fstype, uint64_t flags,
		     uint64_t data)
{
	char type[NAME_MAX_FS], from[64];
	char *options = kmalloc(OPTIONS_MAX);
	struct super *s;
	int error = options ? string_in(type, fstype, sizeof(type), 2) : -ENOMEM;

	if (!error)
		error = string_in(from, source, sizeof(from), 0);
	if (!error)
		error = string_in(options, data, OPTIONS_MAX, 4);
	if (!error)
		error = file_system_mount(type, from, options, &s);
	if (!error) {
		error = mount_add(at, s, *from ? from : "none", flags & FLAGS_KEPT);
		super_put(s);
	}
	kfree(options);
	return error;
}

static int mount_again(const struct path *at, uint64_t source)
{
	struct path from;
	int error = at_path((uint64_t)AT_FDCWD, source, 0, 0, &from);

	if (error)
		return error;
	error = mount_bind(&from, at);
	path_put(&from);
	return error;
}

int64_t sys_mount(uint64_t source, uint64_t target, uint64_t fstype, uint64_t flags, uint64_t data)
{
	struct path at;
	int error;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(uint64_t)MS_MGC_MSK;
	if (flags & ~(uint64_t)(FLAGS_KNOWN | FLAGS_SHARING))
		return -EINVAL;
	if (!caller_can(CAP_SYS_ADMIN))
		return -EPERM;
	error = at_path((uint64_t)AT_FDCWD, target, 1, 0, &at);
	if (error)
		return error;
	if (flags & MS_REMOUNT)
		error = mount_set_flags(&at, flags & FLAGS_KEPT);
	else if (flags & MS_BIND)
		error = mount_again(&at, source);
	else if (flags & FLAGS_SHARING) /* there is one namespace: all mounts are private */
		error = flags & (MS_SHARED | MS_SLAVE) ? -EINVAL : 0;
	else
		error = mount_new(&at, source, fstype, flags, data);
	path_put(&at);
	return error;
}

int64_t sys_umount2(uint64_t target, uint64_t flags)
{
	struct path at;
	int error;

	if (flags & ~(uint64_t)(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
		return -EINVAL;
	if (!caller_can(CAP_SYS_ADMIN))
		return -EPERM;
	error = at_path((uint64_t)AT_FDCWD, target, 0,
			flags & UMOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0, &at);
	if (error)
		return error;
	error = mount_remove(&at, flags & MNT_DETACH);
	path_put(&at);
	return error;
}

/* The root is what the kernel started with, and stays: as Linux says of its rootfs. */
int64_t sys_pivot_root(uint64_t new_root, uint64_t put_old)
{
	struct path new, old;
	int error;

	if (!caller_can(CAP_SYS_ADMIN))
		return -EPERM;
	error = at_path((uint64_t)AT_FDCWD, new_root, 0, 0, &new);
	if (error)
		return error;
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
