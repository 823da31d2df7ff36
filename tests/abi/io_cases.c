/* Reading, writing and seeking in regular files and character devices. */
#include "tests/abi/case.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

CASE(read_and_write)
{
	char text[16] = "";
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	GIVES(write(fd, "hello, world", 12), 12);
	GIVES(lseek(fd, 7, SEEK_SET), 7);
	GIVES(read(fd, text, sizeof(text)), 5);
	CHECK(memcmp(text, "world", 5) == 0);
	GIVES(read(fd, text, sizeof(text)), 0);
	GIVES(read(fd, text, 0), 0);
	GIVES(write(fd, text, 0), 0);
	GIVES(lseek(fd, 0, SEEK_END), 12);
}

CASE(read_bad_descriptor)
{
	char byte;

	FAILS(read(99, &byte, 1), EBADF);
	FAILS(write(99, "", 1), EBADF);
	FAILS(read(-1, &byte, 1), EBADF);
	FAILS(lseek(99, 0, SEEK_SET), EBADF);
	FAILS(ftruncate(99, 0), EBADF);
}

CASE(read_directory)
{
	char byte;
	int fd = open(".", O_RDONLY);

	FAILS(read(fd, &byte, 1), EISDIR);
	FAILS(write(fd, "", 1), EBADF);
}

CASE(seek_positions)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	GIVES(write(fd, "0123456789", 10), 10);
	GIVES(lseek(fd, -3, SEEK_CUR), 7);
	GIVES(lseek(fd, -10, SEEK_END), 0);
	GIVES(lseek(fd, 100, SEEK_END), 110);
	FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
	FAILS(lseek(fd, -111, SEEK_CUR), EINVAL);
	FAILS(lseek(fd, 0, 99), EINVAL);
	FAILS(lseek(fd, LONG_MAX, SEEK_CUR), EINVAL);
	GIVES(lseek(fd, 0, SEEK_CUR), 110);
}

CASE(seek_hole)
{
	static char text[8192];
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	int zeros = 0;

	GIVES(lseek(fd, 8000, SEEK_SET), 8000);
	GIVES(write(fd, "end", 3), 3);
	CHECK(fstat(fd, &st) == 0);
	GIVES(st.st_size, 8003);
	GIVES(lseek(fd, 0, SEEK_SET), 0);
	GIVES(read(fd, text, sizeof(text)), 8003);
	for (int i = 0; i < 8000; i++)
		zeros += text[i] == 0;
	GIVES(zeros, 8000);
	GIVES(memcmp(text + 8000, "end", 3), 0);
}

CASE(read_positioned)
{
	char text[8] = "";
	int ends[2], fd = open("file", O_RDWR | O_CREAT, 0644);

	GIVES(write(fd, "0123456789", 10), 10);
	GIVES(pread(fd, text, 4, 3), 4);
	CHECK(memcmp(text, "3456", 4) == 0);
	GIVES(pwrite(fd, "xy", 2, 12), 2);
	GIVES(lseek(fd, 0, SEEK_CUR), 10);
	GIVES(pread(fd, text, 8, 10), 4);
	CHECK(memcmp(text, "\0\0xy", 4) == 0);
	GIVES(pread(fd, text, 8, 100), 0);
	FAILS(pread(fd, text, 1, -1), EINVAL);
	FAILS(pwrite(fd, text, 1, -1), EINVAL);
	CHECK(pipe(ends) == 0);
	FAILS(pread(ends[0], text, 1, 0), ESPIPE);
	FAILS(pwrite(ends[1], text, 1, 0), ESPIPE);
}

CASE(read_vectors)
{
	char a[4] = "", b[8] = "";
	struct iovec out[3] = { { (char *)"abc", 3 }, { NULL, 0 }, { (char *)"defgh", 5 } };
	struct iovec in[2] = { { a, 4 }, { b, 8 } };
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	GIVES(writev(fd, out, 3), 8);
	GIVES(lseek(fd, 0, SEEK_SET), 0);
	GIVES(readv(fd, in, 2), 8);
	CHECK(memcmp(a, "abcd", 4) == 0 && memcmp(b, "efgh", 4) == 0);
	GIVES(readv(fd, in, 2), 0);
	GIVES(writev(fd, out, 0), 0);
	FAILS(writev(fd, out, -1), EINVAL);
	FAILS(writev(fd, out, 1025), EINVAL);
	FAILS(writev(99, out, 1), EBADF);
	out[2].iov_len = (size_t)LONG_MAX + 1;
	FAILS(writev(fd, out, 3), EINVAL);
}

CASE(truncate_file)
{
	char text[16];
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	GIVES(write(fd, "0123456789", 10), 10);
	GIVES(ftruncate(fd, 4), 0);
	GIVES(ftruncate(fd, 8), 0);
	CHECK(fstat(fd, &st) == 0);
	GIVES(st.st_size, 8);
	GIVES(lseek(fd, 0, SEEK_CUR), 10);
	GIVES(pread(fd, text, 16, 0), 8);
	GIVES(memcmp(text, "0123\0\0\0\0", 8), 0);
	FAILS(ftruncate(fd, -1), EINVAL);
	FAILS(ftruncate(open("file", O_RDONLY), 0), EINVAL);
	GIVES(ftruncate(fd, 0), 0);
	GIVES(pread(fd, text, 16, 0), 0);
}

CASE(write_after_truncate)
{
	char text[16];
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	GIVES(write(fd, "012345", 6), 6);
	GIVES(ftruncate(fd, 0), 0);
	GIVES(write(fd, "X", 1), 1);
	GIVES(pread(fd, text, 16, 0), 7);
	GIVES(memcmp(text, "\0\0\0\0\0\0X", 7), 0);
}

CASE(write_large)
{
	enum { SIZE = 1 << 20, PIECE = 40000 };
	static unsigned char out[SIZE], in[SIZE];
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	long done = 0, got;

	for (int i = 0; i < SIZE; i++)
		out[i] = i * 31 + i / 4096;
	for (long n; done < SIZE; done += n) {
		n = SIZE - done < PIECE ? SIZE - done : PIECE;
		CHECK(write(fd, out + done, n) == n);
	}
	GIVES(lseek(fd, 0, SEEK_SET), 0);
	for (done = 0; (got = read(fd, in + done, 30001)) > 0; done += got)
		;
	GIVES(done, SIZE);
	GIVES(memcmp(in, out, SIZE), 0);
}

CASE(offset_sharing)
{
	char byte;
	int one, two, other;
	pid_t pid;

	file_put("file", "abcdef");
	CHECK((one = open("file", O_RDONLY)) >= 0);
	CHECK((two = dup(one)) >= 0);
	CHECK((other = open("file", O_RDONLY)) >= 0);
	GIVES((read(one, &byte, 1), byte), 'a');
	GIVES((read(two, &byte, 1), byte), 'b');
	GIVES((read(other, &byte, 1), byte), 'a');
	pid = child();
	if (pid == 0)
		_exit(read(one, &byte, 1) == 1 && byte == 'c' ? 0 : 1);
	EXITS(pid, 0);
	GIVES((read(one, &byte, 1), byte), 'd');
}

CASE(sendfile_copies)
{
	char text[16];
	off_t offset = 2;
	int in, out, ends[2];

	file_put("in", "0123456789");
	CHECK((in = open("in", O_RDONLY)) >= 0);
	CHECK((out = open("out", O_RDWR | O_CREAT, 0644)) >= 0);
	GIVES(sendfile(out, in, NULL, 4), 4);
	GIVES(lseek(in, 0, SEEK_CUR), 4);
	GIVES(sendfile(out, in, &offset, 3), 3);
	GIVES(offset, 5);
	GIVES(lseek(in, 0, SEEK_CUR), 4);
	GIVES(sendfile(out, in, NULL, 100), 6);
	GIVES(sendfile(out, in, NULL, 100), 0);
	GIVES(pread(out, text, 16, 0), 13);
	GIVES(memcmp(text, "0123234456789", 13), 0);
	CHECK(pipe(ends) == 0);
	offset = 0;
	GIVES(sendfile(ends[1], in, &offset, 10), 10);
	GIVES(read(ends[0], text, 16), 10);
	FAILS(sendfile(out, 99, NULL, 1), EBADF);
	FAILS(sendfile(in, in, NULL, 1), EBADF);
}

CASE(device_null)
{
	char byte;
	int fd = open("/dev/null", O_RDWR);
	struct stat st;

	GIVES(write(fd, "gone", 4), 4);
	GIVES(read(fd, &byte, 1), 0);
	CHECK(fstat(fd, &st) == 0);
	GIVES(S_ISCHR(st.st_mode), 1);
	GIVES(st.st_rdev, 0x103);
}

CASE(device_zero)
{
	static char text[5000];
	int zeros = 0, fd = open("/dev/zero", O_RDWR);

	memset(text, 'x', sizeof(text));
	GIVES(read(fd, text, sizeof(text)), 5000);
	for (size_t i = 0; i < sizeof(text); i++)
		zeros += text[i] == 0;
	GIVES(zeros, 5000);
	GIVES(write(fd, text, 10), 10);
}

CASE(device_full)
{
	char text[4] = "xxx";
	int fd = open("/dev/full", O_RDWR);

	FAILS(write(fd, "x", 1), ENOSPC);
	GIVES(read(fd, text, 4), 4);
	GIVES(memcmp(text, "\0\0\0\0", 4), 0);
}

CASE(device_random)
{
	char one[32] = "", two[32] = "";
	int fd = open("/dev/urandom", O_RDONLY);

	GIVES(read(fd, one, 32), 32);
	GIVES(read(fd, two, 32), 32);
	CHECK(memcmp(one, two, 32) != 0);
	CHECK((fd = open("/dev/random", O_RDONLY)) >= 0);
	GIVES(read(fd, one, 32), 32);
}
