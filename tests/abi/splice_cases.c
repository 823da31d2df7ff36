/* Bytes between pipes and files inside the kernel; holes; positions. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

CASE(splice_file_to_pipe)
{
	off_t offset = 2;
	char text[16] = "";
	int ends[2], fd;

	file_put("file", "0123456789");
	fd = open("file", O_RDWR);
	CHECK(fd >= 0 && pipe(ends) == 0);
	GIVES(splice(fd, &offset, ends[1], NULL, 5, 0), 5);
	GIVES(offset, 7);
	GIVES(lseek(fd, 0, SEEK_CUR), 0);
	GIVES(splice(fd, NULL, ends[1], NULL, 3, SPLICE_F_MOVE), 3);
	GIVES(lseek(fd, 0, SEEK_CUR), 3);
	GIVES(read(ends[0], text, sizeof(text)), 8);
	say("%s\n", text);
	offset = 10;
	GIVES(splice(fd, &offset, ends[1], NULL, 5, 0), 0);
	offset = -1;
	FAILS(splice(fd, &offset, ends[1], NULL, 5, 0), EINVAL);
}

CASE(splice_pipe_to_file)
{
	off_t offset = 4;
	char text[32];
	int ends[2], fd = open("file", O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0 && pipe(ends) == 0);
	GIVES(write(ends[1], "abcdefgh", 8), 8);
	GIVES(splice(ends[0], NULL, fd, &offset, 3, 0), 3);
	GIVES(offset, 7);
	GIVES(splice(ends[0], NULL, fd, NULL, 100, 0), 5);
	GIVES(file_get("file", text, sizeof(text)), 7);
	say("%s\n", text);
	FAILS(splice(ends[0], NULL, fd, NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
	close(ends[1]);
	GIVES(splice(ends[0], NULL, fd, NULL, 1, 0), 0);
}

CASE(splice_refuses)
{
	off_t offset = 0;
	int a[2], b[2], fd;

	file_put("file", "text");
	fd = open("file", O_RDWR);
	CHECK(fd >= 0 && pipe(a) == 0 && pipe(b) == 0);
	FAILS(splice(fd, NULL, fd, NULL, 4, 0), EINVAL);
	FAILS(splice(a[0], &offset, fd, NULL, 4, 0), ESPIPE);
	FAILS(splice(fd, NULL, a[1], &offset, 4, 0), ESPIPE);
	FAILS(splice(a[0], NULL, a[1], NULL, 4, 0), EINVAL);
	FAILS(splice(a[1], NULL, b[1], NULL, 4, 0), EBADF);
	FAILS(splice(99, NULL, b[1], NULL, 4, 0), EBADF);
	FAILS(splice(a[0], NULL, b[1], NULL, 4, 0x100), EINVAL);
	FAILS(tee(a[0], fd, 4, 0), EINVAL);
	FAILS(tee(a[0], a[1], 4, 0), EINVAL);
	GIVES(splice(99, NULL, 98, NULL, 0, 0), 0);
	fcntl(fd, F_SETFL, O_APPEND);
	CHECK(write(a[1], "x", 1) == 1);
	FAILS(splice(a[0], NULL, fd, NULL, 4, 0), EINVAL);
	signal(SIGPIPE, SIG_IGN);
	close(b[0]);
	FAILS(splice(a[0], NULL, b[1], NULL, 4, 0), EPIPE);
}

CASE(splice_between_pipes)
{
	char text[16] = "";
	int a[2], b[2];

	CHECK(pipe(a) == 0 && pipe(b) == 0);
	GIVES(write(a[1], "0123456789", 10), 10);
	GIVES(tee(a[0], b[1], 4, 0), 4);
	GIVES(splice(a[0], NULL, b[1], NULL, 6, 0), 6);
	GIVES(read(b[0], text, sizeof(text)), 10);
	say("%s\n", text);
	memset(text, 0, sizeof(text));
	GIVES(read(a[0], text, sizeof(text)), 4);
	say("%s\n", text);
	FAILS(tee(a[0], b[1], 4, SPLICE_F_NONBLOCK), EAGAIN);
}

CASE(splice_waits)
{
	char text[16] = "";
	int a[2], b[2];
	pid_t pid;

	CHECK(pipe(a) == 0 && pipe(b) == 0);
	pid = child();
	if (pid == 0) {
		sleep_ms(50);
		_exit(write(a[1], "late", 4) != 4);
	}
	GIVES(splice(a[0], NULL, b[1], NULL, 100, 0), 4);
	GIVES(read(b[0], text, sizeof(text)), 4);
	EXITS(pid, 0);
}

CASE(vmsplice_both_ways)
{
	char in[] = "abcdef", out[8] = "";
	struct iovec parts[2] = { { in, 2 }, { in + 3, 3 } }, to = { out, 7 };
	int ends[2];

	CHECK(pipe(ends) == 0);
	GIVES(vmsplice(ends[1], parts, 2, 0), 5);
	GIVES(vmsplice(ends[0], &to, 1, 0), 5);
	say("%s\n", out);
	FAILS(vmsplice(ends[1], parts, 2, 0x100), EINVAL);
	FAILS(vmsplice(99, parts, 2, 0), EBADF);
}

CASE(holes)
{
	char byte = 'x', text[3];
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0);
	for (int i = 0; i < 4; i++)
		CHECK(pwrite(fd, &byte, 1, i * 65536) == 1 &&
		      pwrite(fd, &byte, 1, i * 65536 + 65535) == 1);
	GIVES(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 65536, 65536), 0);
	GIVES(pread(fd, text, 1, 65536), 1);
	GIVES(text[0], 0);
	GIVES(pread(fd, text, 1, 65535), 1);
	GIVES(text[0], 'x');
	GIVES(pread(fd, text, 1, 131072), 1);
	GIVES(text[0], 'x');
	GIVES(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 131071, 2), 0);
	GIVES(pread(fd, text, 3, 131071), 3);
	GIVES(text[1], 0);
	CHECK(fstat(fd, &st) == 0);
	GIVES(st.st_size, 262144);
	FAILS(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10), EOPNOTSUPP);
	GIVES(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1 << 20), 0);
	CHECK(fstat(fd, &st) == 0);
	GIVES(st.st_size, 262144);
}

CASE(seek_data_and_hole)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0 && pwrite(fd, "x", 1, 1 << 20) == 1);
	GIVES(lseek(fd, 0, SEEK_DATA), 1 << 20);
	GIVES(lseek(fd, 0, SEEK_HOLE), 0);
	GIVES(lseek(fd, 1 << 20, SEEK_HOLE), (1 << 20) + 1);
	GIVES(lseek(fd, (1 << 20) - 1, SEEK_HOLE), (1 << 20) - 1);
	FAILS(lseek(fd, (1 << 20) + 1, SEEK_DATA), ENXIO);
	FAILS(lseek(fd, -1, SEEK_DATA), ENXIO);
	GIVES(ftruncate(fd, 1 << 21), 0);
	FAILS(lseek(fd, (1 << 20) + 8192, SEEK_DATA), ENXIO);
}

CASE(copy_within_a_file)
{
	off_t from = 0, to = 100;
	char text[8] = "";
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0 && write(fd, "abcdef", 6) == 6);
	GIVES(copy_file_range(fd, &from, fd, &to, 6, 0), 6);
	GIVES(to, 106);
	GIVES(pread(fd, text, 6, 100), 6);
	say("%s\n", text);
	from = 0;
	to = 3;
	FAILS(copy_file_range(fd, &from, fd, &to, 6, 0), EINVAL);
}

CASE(write_at_the_end)
{
	char tail[] = "tail";
	struct iovec part = { tail, 4 };
	char text[16];
	int fd;

	file_put("file", "head ");
	fd = open("file", O_RDWR);
	CHECK(fd >= 0);
	GIVES(syscall(SYS_pwritev2, fd, &part, 1, 0, 0, 0x10), 4);
	GIVES(lseek(fd, 0, SEEK_CUR), 0);
	GIVES(file_get("file", text, sizeof(text)), 9);
	GIVES(syscall(SYS_pwritev2, fd, &part, 1, 0, 0, 0x4), 4);
	FAILS(syscall(SYS_pwritev2, fd, &part, 1, 0, 0, 0x4000), EOPNOTSUPP);
	FAILS(syscall(SYS_preadv2, fd, &part, 1, -2L, -1L, 0), EINVAL);
}
