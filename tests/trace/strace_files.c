/* Part of strace_calls: names, files and what belongs to them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "tests/trace/strace_calls.h"

void files(void)
{
	struct iovec parts[2] = { { (void *)"one ", 4 }, { (void *)"two", 3 } };
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	char text[64];
	struct stat st;
	int fd;

	DO(mkdir("d", 0755));
	DO(mkdir("d", 0755));
	fd = open("d/f", O_RDWR | O_CREAT | O_TRUNC, 0640);
	DO(write(fd, "hello\n", 6));
	DO(write(fd, "a text that is longer than the thirty-two bytes shown", 53));
	DO(writev(fd, parts, 2));
	DO(pwrite(fd, "J", 1, 0));
	DO(lseek(fd, 0, SEEK_SET));
	DO(read(fd, text, 6));
	DO(pread(fd, text, 10, 6));
	parts[0].iov_base = text;
	parts[1].iov_base = text + 8;
	DO(readv(fd, parts, 2));
	DO(fcntl(fd, F_GETFL));
	DO(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
	DO(fcntl(fd, F_SETFD, FD_CLOEXEC));
	DO(fcntl(fd, F_SETLK, &lock));
	DO(flock(fd, LOCK_EX | LOCK_NB));
	DO(ftruncate(fd, 100));
	DO(fchmod(fd, 0600));
	DO(syscall(SYS_fstat, fd, &st));
	DO(syscall(SYS_newfstatat, AT_FDCWD, "d", &st, AT_SYMLINK_NOFOLLOW));
	DO(syscall(SYS_newfstatat, AT_FDCWD, "d/none", &st, 0));
	DO(symlink("f", "d/l"));
	DO(readlink("d/l", text, sizeof(text)));
	DO(link("d/f", "d/g"));
	DO(rename("d/g", "d/h"));
	DO(access("d/h", R_OK | W_OK));
	DO(faccessat(AT_FDCWD, "d/none", F_OK, 0));
	DO(chmod("d/h", 0400));
	DO(umask(022));
	DO(dup(fd));
	DO(dup2(fd, 20));
	DO(dup3(fd, 21, O_CLOEXEC));
	DO(close(20));
	DO(close(21));
	DO(close(fd));
	DO(close(fd));
	DO(open("d/none", O_RDONLY | O_CLOEXEC));
	DO(unlink("d/l"));
	DO(unlinkat(AT_FDCWD, "d/f", 0));
	DO(unlink("d/h"));
	DO(rmdir("d"));
}

void directories(void)
{
	const struct timespec moments[2] = { { 1700000000, 123456789 }, { 0, UTIME_OMIT } };
	char text[1024];
	int fd;

	DO(mkdir("e", 0755));
	DO(mknod("e/p", S_IFIFO | 0600, 0));
	DO(mknod("e/q", S_IFREG | 0600, 0));
	DO(mkdir("e/sticky", 0755));
	DO(chmod("e/sticky", 01777));
	DO(syscall(SYS_newfstatat, AT_FDCWD, "e/sticky", text, 0));
	fd = open("e", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DO(syscall(SYS_getdents64, fd, text, sizeof(text)));
	DO(syscall(SYS_getdents64, fd, text, sizeof(text)));
	DO(close(fd));
	fd = open("e/q", O_RDWR);
	DO(read(fd, text, 10));
	DO(pread(fd, text, 10, 5));
	DO(fallocate(fd, 0, 0, 100));
	DO(syscall(SYS_fadvise64, fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	DO(fsync(fd));
	DO(fdatasync(fd));
	DO(sync_file_range(fd, 0, 10, SYNC_FILE_RANGE_WRITE));
	DO(setxattr("e/q", "user.name", "value", 5, XATTR_CREATE));
	DO(getxattr("e/q", "user.name", text, sizeof(text)));
	DO(getxattr("e/q", "user.none", text, sizeof(text)));
	DO(listxattr("e/q", text, sizeof(text)));
	DO(removexattr("e/q", "user.name"));
	DO(syscall(SYS_statx, AT_FDCWD, "e/none", AT_SYMLINK_NOFOLLOW, 0x7ff, text));
	DO(syscall(SYS_utimensat, AT_FDCWD, "e/q", NULL, 0));
	DO(utimensat(AT_FDCWD, "e/q", moments, 0));
	DO(syscall(SYS_utimes, "e/q", &(struct timeval[2]){ { 1700000000, 5 }, { 3, 0 } }));
	DO(syscall(SYS_copy_file_range, fd, NULL, fd, NULL, 0, 0));
	DO(syscall(SYS_sendfile, 1, fd, NULL, 0));
	DO(syscall(SYS_renameat2, AT_FDCWD, "e/none", AT_FDCWD, "e/x", 1));
	DO(syscall(SYS_fchownat, AT_FDCWD, "e/q", 0, -1, AT_SYMLINK_NOFOLLOW));
	DO(syscall(SYS_fchmodat, AT_FDCWD, "e/q", 0644));
	DO(syscall(SYS_close_range, 50, 60, 0));
	DO(close(fd));
	DO(unlink("e/p"));
	DO(unlink("e/q"));
	DO(rmdir("e/sticky"));
	DO(rmdir("e"));
	DO(syscall(SYS_getcwd, text, 1));
	DO(syscall(SYS_truncate, "none", 5));
	DO(syscall(SYS_statfs, "none", text));
	fd = inotify_init1(IN_CLOEXEC);
	DO(inotify_add_watch(fd, "/", IN_CREATE | IN_DELETE));
	DO(close(fd));
	DO(syscall(SYS_memfd_create, "name", MFD_CLOEXEC));
	DO(syscall(SYS_umount2, "/none", MNT_DETACH));
}
