#include "tracer/vm/cpio.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tracer/analysis/hash.h"

void cpio_begin(struct cpio *c, FILE *file)
{
	*c = (struct cpio){ .file = file, .inode = 1 };
}

static void put(struct cpio *c, const void *bytes, size_t count)
{
	if (c->error)
		return;
	if (count && fwrite(bytes, 1, count, c->file) != count)
		c->error = errno ? errno : EIO;
	c->bytes += count;
}

static void pad(struct cpio *c)
{
	static const char zeroes[4];

	put(c, zeroes, -c->bytes & 3);
}

static void header(struct cpio *c, const char *path, mode_t mode, time_t mtime, size_t size)
{
	char text[128];

	while (*path == '/')
		path++;
	c->hash = hash_number(hash_number(HASH_START, mode), (uint64_t)mtime);
	if (size > UINT32_MAX) {
		if (!c->error)
			c->error = EFBIG;
		return;
	}
	/* magic, inode, mode, uid, gid, links, mtime, size, device of the file (2),
	 * device that it is (2), length of the name with its NUL, checksum */
	snprintf(text, sizeof(text), "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 c->inode++, (unsigned)mode, 0, 0, 1, (unsigned)mtime, (unsigned)size, 0, 0, 0, 0,
		 (unsigned)strlen(path) + 1, 0);
	put(c, text, 110);
	put(c, path, strlen(path) + 1);
	pad(c);
}

void cpio_directory(struct cpio *c, const char *path, mode_t mode)
{
	header(c, path, S_IFDIR | (mode & 07777), 0, 0);
}

void cpio_bytes(struct cpio *c, const char *path, mode_t mode, const void *bytes, size_t size)
{
	header(c, path, S_IFREG | (mode & 07777), 0, size);
	put(c, bytes, size);
	c->hash = hash_bytes(c->hash, bytes, size);
	pad(c);
}

void cpio_copy(struct cpio *c, const char *path, mode_t mode, time_t mtime, int fd, size_t size)
{
	static const char zeroes[4096];
	char buffer[65536];
	ssize_t got = 1;

	header(c, path, S_IFREG | (mode & 07777), mtime, size);
	while (size && got > 0 && !c->error) {
		got = read(fd, buffer, size < sizeof(buffer) ? size : sizeof(buffer));
		if (got < 0 && errno == EINTR) {
			got = 1;
			continue;
		}
		if (got < 0)
			c->error = errno;
		if (got > 0) {
			put(c, buffer, (size_t)got);
			c->hash = hash_bytes(c->hash, buffer, (size_t)got);
			size -= (size_t)got;
		}
	}
	/* A file that shrank meanwhile. */
	for (size_t some; size && !c->error; size -= some) {
		some = size < sizeof(zeroes) ? size : sizeof(zeroes);
		put(c, zeroes, some);
	}
	pad(c);
}

void cpio_symlink(struct cpio *c, const char *path, const char *target)
{
	header(c, path, S_IFLNK | 0777, 0, strlen(target));
	put(c, target, strlen(target));
	c->hash = hash_bytes(c->hash, target, strlen(target));
	pad(c);
}

int cpio_end(struct cpio *c)
{
	header(c, "TRAILER!!!", 0, 0, 0);
	if (!c->error && fflush(c->file))
		c->error = errno;
	return c->error;
}
