/* What a file says about itself, and how that is changed. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

CASE(stat_fields)
{
	struct stat st, again;

	file_put("file", "0123456789");
	GIVES(stat("file", &st), 0);
	GIVES(st.st_mode, S_IFREG | 0644);
	GIVES(st.st_size, 10);
	GIVES(st.st_nlink, 1);
	GIVES(st.st_uid, 0);
	GIVES(st.st_gid, 0);
	CHECK(st.st_ino != 0 && st.st_blksize >= 512);
	GIVES(fstat(open("file", O_RDONLY), &again), 0);
	CHECK(st.st_ino == again.st_ino && st.st_dev == again.st_dev);
	FAILS(stat("absent", &st), ENOENT);
	FAILS(fstat(99, &st), EBADF);
}

CASE(stat_kinds)
{
	struct stat st;
	int ends[2];

	CHECK(mkdir("dir", 0711) == 0 && stat("dir", &st) == 0);
	GIVES(st.st_mode, S_IFDIR | 0711);
	CHECK(symlink("target!", "link") == 0 && lstat("link", &st) == 0);
	GIVES(st.st_mode, S_IFLNK | 0777);
	GIVES(st.st_size, 7);
	CHECK(mkfifo("fifo", 0600) == 0 && stat("fifo", &st) == 0);
	GIVES(st.st_mode, S_IFIFO | 0600);
	CHECK(pipe(ends) == 0 && fstat(ends[0], &st) == 0);
	GIVES(st.st_mode, S_IFIFO | 0600);
	CHECK(stat("/dev/zero", &st) == 0);
	GIVES(S_ISCHR(st.st_mode), 1);
	GIVES(st.st_rdev, 0x105);
}

CASE(fstatat_flags)
{
	struct stat st, of_fd;
	int dir, fd;

	CHECK(mkdir("dir", 0755) == 0);
	file_put("dir/file", "text");
	CHECK(symlink("file", "dir/link") == 0);
	CHECK((dir = open("dir", O_RDONLY)) >= 0);
	CHECK((fd = open("dir/file", O_RDONLY)) >= 0);
	GIVES(syscall(SYS_newfstatat, dir, "link", &st, 0), 0);
	GIVES(S_ISREG(st.st_mode), 1);
	GIVES(syscall(SYS_newfstatat, dir, "link", &st, AT_SYMLINK_NOFOLLOW), 0);
	GIVES(S_ISLNK(st.st_mode), 1);
	GIVES(syscall(SYS_newfstatat, fd, "", &of_fd, AT_EMPTY_PATH), 0);
	GIVES(of_fd.st_size, 4);
	GIVES(syscall(SYS_newfstatat, AT_FDCWD, "", &st, AT_EMPTY_PATH), 0);
	GIVES(S_ISDIR(st.st_mode), 1);
	FAILS(syscall(SYS_newfstatat, fd, "", &st, 0), ENOENT);
	FAILS(syscall(SYS_newfstatat, 99, "", &st, AT_EMPTY_PATH), EBADF);
	FAILS(syscall(SYS_newfstatat, fd, "link", &st, 0), ENOTDIR);
	FAILS(syscall(SYS_newfstatat, dir, "link", &st, 0x40000000), EINVAL);
}

CASE(chmod_modes)
{
	struct stat st;

	file_put("file", "");
	CHECK(symlink("file", "link") == 0);
	GIVES(chmod("file", 04711), 0);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_mode & 07777, 04711);
	GIVES(chmod("link", 0600), 0);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_mode, S_IFREG | 0600);
	GIVES(chmod("file", 0100755), 0);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_mode, S_IFREG | 0755);
	FAILS(chmod("absent", 0600), ENOENT);
}

CASE(chown_owner)
{
	struct stat st;

	file_put("file", "");
	GIVES(chown("file", 123, 456), 0);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_uid, 123);
	GIVES(st.st_gid, 456);
	GIVES(chown("file", -1, 7), 0);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_uid, 123);
	GIVES(st.st_gid, 7);
	FAILS(chown("absent", 0, 0), ENOENT);
}

CASE(umask_bits)
{
	umask(0);
	GIVES(umask(077), 0);
	GIVES(umask(0), 077);
	GIVES(umask(07777), 0);
	GIVES(umask(022), 0777);
}

CASE(utimensat_times)
{
	struct timespec times[2] = { { 1000, 123456789 }, { 2000, 5 } };
	struct timespec only_one[2] = { { 0, UTIME_OMIT }, { 3000, 0 } };
	struct timespec bad[2] = { { 0, 1000000000 }, { 0, 0 } };
	struct stat st;
	int fd;

	file_put("file", "");
	GIVES(utimensat(AT_FDCWD, "file", times, 0), 0);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_atim.tv_sec, 1000);
	GIVES(st.st_atim.tv_nsec, 123456789);
	GIVES(st.st_mtim.tv_sec, 2000);
	GIVES(st.st_mtim.tv_nsec, 5);
	CHECK((fd = open("file", O_WRONLY)) >= 0);
	GIVES(syscall(SYS_utimensat, fd, NULL, only_one, 0), 0);
	CHECK(stat("file", &st) == 0);
	GIVES(st.st_atim.tv_sec, 1000);
	GIVES(st.st_mtim.tv_sec, 3000);
	GIVES(utimensat(AT_FDCWD, "file", NULL, 0), 0);
	CHECK(stat("file", &st) == 0);
	CHECK(st.st_mtim.tv_sec > 1600000000 && st.st_atim.tv_sec > 1600000000);
	FAILS(utimensat(AT_FDCWD, "file", bad, 0), EINVAL);
	FAILS(utimensat(AT_FDCWD, "absent", times, 0), ENOENT);
}

CASE(write_changes_mtime)
{
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	struct stat st;
	int fd;

	file_put("file", "text");
	CHECK(utimensat(AT_FDCWD, "file", old, 0) == 0);
	CHECK((fd = open("file", O_RDWR)) >= 0);
	CHECK(fstat(fd, &st) == 0);
	GIVES(st.st_mtim.tv_sec, 1000);
	GIVES(write(fd, "x", 1), 1);
	CHECK(fstat(fd, &st) == 0);
	CHECK(st.st_mtim.tv_sec > 1000 && st.st_ctim.tv_sec > 1000);
}

CASE(statfs_sane)
{
	struct statfs fs;

	GIVES(statfs(".", &fs), 0);
	CHECK(fs.f_bsize >= 512 && fs.f_blocks > 0 && fs.f_bfree <= fs.f_blocks);
	GIVES(fs.f_namelen, 255);
	GIVES(statfs("/proc", &fs), 0);
	GIVES(fs.f_type, 0x9fa0);
	FAILS(statfs("absent", &fs), ENOENT);
}

CASE(mknod_kinds)
{
	struct stat st;

	GIVES(mknod("fifo", S_IFIFO | 0640, 0), 0);
	CHECK(stat("fifo", &st) == 0);
	GIVES(st.st_mode, S_IFIFO | 0640);
	GIVES(mknod("plain", S_IFREG | 0600, 0), 0);
	CHECK(stat("plain", &st) == 0);
	GIVES(st.st_mode, S_IFREG | 0600);
	FAILS(mknod("fifo", S_IFIFO | 0640, 0), EEXIST);
	FAILS(mknod("absent/fifo", S_IFIFO | 0640, 0), ENOENT);
}
