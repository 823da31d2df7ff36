/* The same bytes three ways: file_read.
 *
 * A file of 64 KiB in /tmp is read one block at a time, one byte at a time (the first
 * 256 bytes), and through mmap.  In the trace: 17 crossings, 257 crossings, and none
 * but page faults with cause "file page".  The bytes are the same. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 65536, BLOCK = 4096, SOME = 256 };

static unsigned char byte_at(long offset)
{
	return offset * 7 + offset / BLOCK;
}

static int file_make(void)
{
	char path[] = "/tmp/file_read.XXXXXX";
	static unsigned char block[BLOCK];
	int fd = mkstemp(path);

	if (fd < 0)
		return -1;
	unlink(path); /* the open descriptor keeps it */
	for (long at = 0; at < SIZE; at += BLOCK) {
		for (long i = 0; i < BLOCK; i++)
			block[i] = byte_at(at + i);
		if (write(fd, block, BLOCK) != BLOCK)
			return -1;
	}
	return fd;
}

/* Read up to limit bytes, step at a time; how many were as written. */
static long read_by(int fd, long step, long limit)
{
	static unsigned char block[BLOCK];
	long at = 0, right = 0, got;

	lseek(fd, 0, SEEK_SET);
	while (at < limit && (got = read(fd, block, step)) > 0) {
		for (long i = 0; i < got; i++)
			right += block[i] == byte_at(at + i);
		at += got;
	}
	return right;
}

int main(void)
{
	int fd = file_make();
	unsigned char *memory;
	long right = 0;

	if (fd < 0) {
		perror("/tmp/file_read");
		return 1;
	}
	printf("read, %d at a time: %ld bytes right\n", BLOCK, read_by(fd, BLOCK, SIZE + 1));
	printf("read, 1 at a time: %ld bytes right\n", read_by(fd, 1, SOME));
	memory = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (long i = 0; i < SIZE; i++)
		right += memory[i] == byte_at(i);
	printf("mmap: %ld bytes right\n", right);
	return 0;
}
