#include "tracer/store/inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "tracer/store/sql.h"

#define LEVEL 3
#define PAGE  4096u
/* No input of ours is larger; a frame that says so is somebody's invention. */
#define INPUT_MAX (1ull << 32)

static int packed_save(sqlite3 *db, const char *name, const void *bytes, size_t size,
		       struct error *why)
{
	const size_t room = ZSTD_compressBound(size);
	void *packed = malloc(room);
	size_t length = packed ? ZSTD_compress(packed, room, bytes, size, LEVEL) : 0;
	sqlite3_stmt *q = NULL;
	int status = 0;

	if (!packed || ZSTD_isError(length))
		status = error_set(why, 2, "cannot keep the %s: out of memory", name);
	else if (!(q = sql_prepare(db, "INSERT INTO input VALUES (?, ?, ?)", why)) ||
		 sql_row(q, "tib", name, (int64_t)size, packed, length))
		status = sql_error(why, db, "cannot keep the inputs");
	sqlite3_finalize(q);
	free(packed);
	return status;
}

int input_save_part(sqlite3 *db, const char *name, int fd, uint64_t at, uint64_t size,
		    struct error *why)
{
	const uint64_t before = at % PAGE;
	char *bytes = mmap(NULL, before + size, PROT_READ, MAP_SHARED, fd, (off_t)(at - before));
	int status;

	if (bytes == MAP_FAILED)
		return error_set(why, 2, "cannot keep the %s: %s", name, strerror(errno));
	status = packed_save(db, name, bytes + before, size, why);
	munmap(bytes, before + size);
	return status;
}

int input_save(sqlite3 *db, const char *name, int fd, struct error *why)
{
	struct stat st;

	if (fstat(fd, &st))
		return error_set(why, 2, "cannot keep the %s: %s", name, strerror(errno));
	return input_save_part(db, name, fd, 0, (uint64_t)st.st_size, why);
}

/* Unpack into a file in memory. */
static int unpacked_file(const void *packed, size_t length, uint64_t size)
{
	const int fd = memfd_create("input", MFD_CLOEXEC);
	void *bytes = MAP_FAILED;
	bool good = false;

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
		bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes != MAP_FAILED) {
		good = ZSTD_decompress(bytes, size, packed, length) == size;
		munmap(bytes, size);
	}
	if (fd >= 0 && !good)
		close(fd);
	return good ? fd : -1;
}

int input_load(sqlite3 *db, const char *name, struct error *why)
{
	sqlite3_stmt *q = sql_prepare(db, "SELECT bytes, data FROM input WHERE name = ?", why);
	int fd = -1;
	int64_t size;

	if (!q)
		return -1;
	sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(q) != SQLITE_ROW) {
		error_set(why, 3,
			  "the recording does not have its %s: only those of `ringscope run"
			  " --record-replay` can be run again",
			  name);
	} else {
		size = sqlite3_column_int64(q, 0);
		if (size > 0 && (uint64_t)size <= INPUT_MAX && sqlite3_column_blob(q, 1))
			fd = unpacked_file(sqlite3_column_blob(q, 1),
					   (size_t)sqlite3_column_bytes(q, 1), (uint64_t)size);
		if (fd < 0)
			error_set(why, 3, "the %s in the recording is damaged", name);
	}
	sqlite3_finalize(q);
	return fd;
}
