/* RLIMIT_FSIZE: how far files grow, and who is told. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/abi/told.h"

static void limit(rlim_t bytes)
{
	struct rlimit r = { bytes, RLIM_INFINITY };

	CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0);
}

/* What the call gives under this limit: what the case prints may go to a file. */
#define UNDER(bytes, call)                                                                         \
	({                                                                                         \
		limit(bytes);                                                                      \
		long gave_ = (long)(call);                                                         \
		int error_ = errno;                                                                \
		limit(RLIM_INFINITY);                                                              \
		errno = error_;                                                                    \
		gave_;                                                                             \
	})

/* The signals since the last time. */
static int signals(void)
{
	int n = told_count;

	told_count = 0;
	return n;
}

static int make(const char *name, size_t size)
{
	static const char zeros[16384];
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && size <= sizeof(zeros) && write(fd, zeros, size) == (ssize_t)size);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static long size_of(int fd)
{
	struct stat st;

	CHECK(fstat(fd, &st) == 0);
	return (long)st.st_size;
}

CASE(size_limit_write)
{
	static char bytes[8192];
	struct iovec parts[2] = { { bytes, 3000 }, { bytes, 5000 } };
	int fd = make("file", 0);

	told_by(SIGXFSZ, 0);
	GIVES(UNDER(6000, write(fd, bytes, 4000)), 4000);
	GIVES(UNDER(6000, write(fd, bytes, 4000)), 2000);
	GIVES(signals(), 0);
	FAILS(UNDER(6000, write(fd, bytes, 1)), EFBIG);
	GIVES(signals(), 1);
	GIVES(told_code, SI_USER);
	CHECK(told_sender == getpid());
	GIVES(UNDER(6000, write(fd, bytes, 0)), 0);
	GIVES(signals(), 0);
	GIVES(lseek(fd, 0, SEEK_CUR), 6000);
	GIVES(size_of(fd), 6000);
	GIVES(lseek(fd, 0, SEEK_SET), 0);
	GIVES(UNDER(6000, writev(fd, parts, 2)), 6000);
	FAILS(UNDER(6000, writev(fd, parts, 2)), EFBIG);
	GIVES(UNDER(6000, pwrite(fd, bytes, 10, 5995)), 5);
	FAILS(UNDER(6000, pwrite(fd, bytes, 10, 6000)), EFBIG);
	FAILS(UNDER(6000, pwritev(fd, parts, 2, 7000)), EFBIG);
	GIVES(signals(), 3);
	GIVES(size_of(fd), 6000);
}

CASE(size_limit_append)
{
	struct iovec part = { (char *)"0123456789", 10 };
	int fd = make("file", 100), end = open("file", O_WRONLY | O_APPEND);

	told_by(SIGXFSZ, 0);
	CHECK(end >= 0);
	GIVES(UNDER(104, write(end, "0123456789", 10)), 4);
	FAILS(UNDER(104, write(end, "0123456789", 10)), EFBIG);
	FAILS(UNDER(104, pwrite(end, "0123456789", 10, 0)), EFBIG);
	FAILS(UNDER(104, syscall(SYS_pwritev2, fd, &part, 1, 0, 0, 0x10)), EFBIG);
	GIVES(signals(), 3);
	GIVES(size_of(fd), 104);
}

CASE(size_limit_file_beyond)
{
	char text[8];
	int fd = make("file", 9000);

	told_by(SIGXFSZ, 0);
	GIVES(pread(fd, text, 4, 8000), 4);
	FAILS(UNDER(1000, pwrite(fd, "x", 1, 8000)), EFBIG);
	GIVES(UNDER(1000, pwrite(fd, "x", 1, 999)), 1);
	GIVES(UNDER(1000, ftruncate(fd, 8000)), 0);
	FAILS(UNDER(1000, ftruncate(fd, 8001)), EFBIG);
	GIVES(UNDER(1000, ftruncate(fd, 8000)), 0);
	GIVES(signals(), 2);
	GIVES(size_of(fd), 8000);
}

CASE(size_limit_truncate)
{
	int fd = make("file", 0);

	told_by(SIGXFSZ, 0);
	GIVES(UNDER(5000, ftruncate(fd, 5000)), 0);
	FAILS(UNDER(5000, ftruncate(fd, 5001)), EFBIG);
	FAILS(UNDER(5000, truncate("file", 1 << 20)), EFBIG);
	GIVES(signals(), 2);
	FAILS(UNDER(5000, ftruncate(fd, -1)), EINVAL);
	FAILS(UNDER(5000, truncate("absent", 1 << 20)), ENOENT);
	GIVES(signals(), 0);
	GIVES(size_of(fd), 5000);
	GIVES(UNDER(5000, ftruncate(fd, 0)), 0);
	GIVES(open("file", O_WRONLY | O_TRUNC) >= 0, 1);
}

CASE(size_limit_allocate)
{
	int fd = memfd_create("limited", 0);

	CHECK(fd >= 0);
	told_by(SIGXFSZ, 0);
	GIVES(UNDER(8192, fallocate(fd, 0, 0, 8192)), 0);
	FAILS(UNDER(8192, fallocate(fd, 0, 4096, 8192)), EFBIG);
	FAILS(UNDER(8192, fallocate(fd, FALLOC_FL_KEEP_SIZE, 4096, 8192)), EFBIG);
	GIVES(UNDER(8192, fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 4096, 8192)),
	      0);
	GIVES(signals(), 2);
	GIVES(size_of(fd), 8192);
}

CASE(size_limit_memory_file)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

	CHECK(fd >= 0);
	told_by(SIGXFSZ, 0);
	GIVES(UNDER(100, pwrite(fd, "abcdef", 6, 97)), 3);
	GIVES(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	FAILS(UNDER(100, ftruncate(fd, 101)), EFBIG);
	FAILS(UNDER(100, pwrite(fd, "x", 1, 100)), EFBIG);
	FAILS(UNDER(100, fallocate(fd, 0, 0, 101)), EFBIG);
	GIVES(signals(), 3);
	FAILS(UNDER(200, ftruncate(fd, 101)), EPERM);
	FAILS(UNDER(200, pwrite(fd, "x", 1, 100)), EPERM);
	FAILS(UNDER(200, fallocate(fd, 0, 0, 101)), EPERM);
	GIVES(signals(), 0);
}

CASE(size_limit_copies)
{
	off_t from = 0, to = 4000;
	int in = make("in", 9000), out = make("out", 0);

	told_by(SIGXFSZ, 0);
	GIVES(UNDER(5000, copy_file_range(in, &from, out, &to, 3000, 0)), 1000);
	GIVES(signals(), 0);
	GIVES(from, 1000);
	GIVES(to, 5000);
	FAILS(UNDER(5000, copy_file_range(in, &from, out, &to, 3000, 0)), EFBIG);
	from = 9000;
	FAILS(UNDER(5000, copy_file_range(in, &from, out, &to, 3000, 0)), EFBIG);
	GIVES(signals(), 2);
	from = 0;
	GIVES(UNDER(5000, sendfile(out, in, &from, 4000)), 4000);
	GIVES(signals(), 0);
	GIVES(UNDER(5000, sendfile(out, in, &from, 4000)), 1000);
	GIVES(from, 5000);
	GIVES(signals(), 1);
	FAILS(UNDER(5000, sendfile(out, in, &from, 4000)), EFBIG);
	GIVES(from, 5000);
	GIVES(signals(), 1);
	GIVES(size_of(out), 5000);
}

CASE(size_limit_splice)
{
	static char bytes[8000];
	int fd = make("file", 0), ends[2];
	off_t at = 5999;

	CHECK(pipe(ends) == 0);
	GIVES(write(ends[1], bytes, sizeof(bytes)), 8000);
	told_by(SIGXFSZ, 0);
	GIVES(UNDER(6000, splice(ends[0], NULL, fd, NULL, 5000, 0)), 5000);
	GIVES(signals(), 0);
	GIVES(UNDER(6000, splice(ends[0], NULL, fd, NULL, 5000, 0)), 1000);
	GIVES(signals(), 1);
	FAILS(UNDER(6000, splice(ends[0], NULL, fd, NULL, 5000, 0)), EFBIG);
	GIVES(signals(), 1);
	GIVES(UNDER(6000, splice(ends[0], NULL, fd, &at, 1, 0)), 1);
	GIVES(signals(), 0);
	GIVES(read(ends[0], bytes, sizeof(bytes)), 1999);
	GIVES(size_of(fd), 6000);
}

CASE(size_limit_spares)
{
	int fd = make("file", 9000), ends[2];
	char *map = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	CHECK(map != MAP_FAILED && pipe(ends) == 0);
	told_by(SIGXFSZ, 0);
	GIVES(UNDER(0, map[8999] = 'x'), 'x');
	GIVES(UNDER(0, write(ends[1], "pipe", 4)), 4);
	GIVES(UNDER(0, write(open("/dev/null", O_WRONLY), "null", 4)), 4);
	GIVES(UNDER(0, mkdir("directory", 0700)), 0);
	GIVES(UNDER(0, symlink("a text", "link")), 0);
	GIVES(UNDER(0, ftruncate(memfd_create("empty", 0), 0)), 0);
	GIVES(signals(), 0);
	FAILS(UNDER(0, pwrite(fd, "x", 1, 0)), EFBIG);
	FAILS(UNDER(0, ftruncate(fd, 9001)), EFBIG);
	GIVES(signals(), 2);
	GIVES(pwrite(fd, "x", 1, 9000), 1);
	FAILS(UNDER((rlim_t)1 << 63, pwrite(fd, "x", 1, 0)), EFBIG);
	GIVES(UNDER((rlim_t)1 << 63, ftruncate(fd, 9002)), 0);
	GIVES(signals(), 1);
}

CASE(size_limit_ends_the_process)
{
	struct rlimit r = { 3, 3 };
	pid_t pid = child();

	if (!pid) {
		int fd = make("file", 0);

		CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0);
		if (write(fd, "abcd", 4) == 3)
			(void)!write(fd, "d", 1);
		_exit(1);
	}
	DIES(pid, SIGXFSZ);
	pid = child();
	if (!pid) { /* the child's child has the limit, too */
		CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0 && signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
		pid = child();
		if (!pid)
			_exit(ftruncate(make("ignored", 2), 4) == -1 && errno == EFBIG ? 7 : 1);
		_exit(WEXITSTATUS(child_status(pid)));
	}
	EXITS(pid, 7);
}

CASE(write_beyond_all_offsets)
{
	char byte = 0;
	off_t from = 0, to = INT64_MAX - 1;
	int fd = memfd_create("last", 0);

	CHECK(fd >= 0);
	FAILS(pwrite(fd, &byte, 1, INT64_MAX), EINVAL);
	FAILS(pread(fd, &byte, 1, INT64_MAX), EINVAL);
	FAILS(ftruncate(fd, INT64_MIN), EINVAL);
	GIVES(ftruncate(fd, 100), 0);
	FAILS(copy_file_range(fd, &from, fd, &to, SIZE_MAX, 0), EOVERFLOW);
	GIVES(copy_file_range(fd, &from, fd, &(off_t){ 100 }, 1000, 0), 100);
	FAILS(copy_file_range(fd, &from, fd, &(off_t){ 150 }, 1000, 0), EINVAL);
}

CASE(pipe_signal_sender)
{
	int ends[2];

	told_by(SIGPIPE, 0);
	CHECK(pipe(ends) == 0 && close(ends[0]) == 0);
	FAILS(write(ends[1], "x", 1), EPIPE);
	GIVES(signals(), 1);
	GIVES(told_code, SI_USER);
	CHECK(told_sender == getpid());
}
