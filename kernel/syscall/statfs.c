/* What a file system is: statfs. */
#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/mount.h>

#include "kernel/fs/mount.h"
#include "kernel/mm/user.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

#define NAME_BYTES_MAX   255
#define ST_VALID         0x20 /* the flags are set: statfs(2) */
#define ST_RELATIME      0x1000
#define PIPEFS_MAGIC_OUT 0x50495045 /* files without a file system */

static int64_t statfs_out(const struct path *p, uint64_t addr)
{
	struct super *s = path_inode(p)->super;
	unsigned long flags = mount_flags(p);
	struct super_usage u = { 0 };
	struct statfs out;

	if (s && s->usage)
		s->usage(s, &u);
	/* MS_RDONLY, MS_NOSUID, MS_NODEV and MS_NOEXEC are ST_ flags of the same value. */
	out = (struct statfs){
		.f_type = s ? s->magic : PIPEFS_MAGIC_OUT,
		.f_bsize = (long)inode_block(path_inode(p)),
		.f_frsize = (long)inode_block(path_inode(p)),
		.f_blocks = (long)u.blocks,
		.f_bfree = (long)u.blocks_free,
		.f_bavail = (long)u.blocks_free,
		.f_files = (long)u.files,
		.f_ffree = (long)u.files_free,
		.f_fsid.val = { s ? (int)s->device : 0, 0 },
		.f_namelen = NAME_BYTES_MAX,
		.f_flags = (long)(ST_VALID | ST_RELATIME |
				  (flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC))),
	};
	return user_copy_out(addr, &out, sizeof(out));
}

int64_t sys_statfs(uint64_t path, uint64_t buf)
{
	struct path p;
	int64_t error = at_path((uint64_t)AT_FDCWD, path, 0, 0, &p);

	if (error)
		return error;
	error = statfs_out(&p, buf);
	path_put(&p);
	return error;
}

int64_t sys_fstatfs(uint64_t fd, uint64_t buf)
{
	struct file *f = caller_file(fd);
	int64_t error;

	if (!f)
		return -EBADF;
	error = statfs_out(&f->path, buf);
	file_put(f);
	return error;
}
