#include "tracer/store/inputs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "tracer/store/sql.h"

#define LEVEL 3
#define PAGE  4096u
/* One row has so much: a reader takes none that is much larger. */
#define PIECE      (32u << 20)
#define PIECE_NAME 40
/* No input of ours is larger; a frame that says so is somebody's invention. */
#define INPUT_MAX (1ull << 32)

/* The first piece has the input's name, the others a number behind it. */
static void piece_name(char to[PIECE_NAME], const char *name, unsigned n)
{
	if (n)
		snprintf(to, PIECE_NAME, "%s %u", name, n);
	else
		snprintf(to, PIECE_NAME, "%s", name);
}

struct saving {
	sqlite3_stmt *row;
	void *packed;
	size_t room;
};

static int piece_save(struct saving *s, sqlite3 *db, const char *name, unsigned n,
		      const void *bytes, size_t size, struct error *why)
{
	const size_t length = ZSTD_compress(s->packed, s->room, bytes, size, LEVEL);
	char piece[PIECE_NAME];

	piece_name(piece, name, n);
	if (ZSTD_isError(length))
		return error_set(why, 2, "cannot keep the %s: %s", name, ZSTD_getErrorName(length));
	return sql_row(s->row, "tib", piece, (int64_t)size, s->packed, length)
		       ? sql_error(why, db, "cannot keep the inputs")
		       : 0;
}

static int packed_save(sqlite3 *db, const char *name, const char *bytes, uint64_t size,
		       struct error *why)
{
	struct saving s = { .row = sql_prepare(db, "INSERT INTO input VALUES (?, ?, ?)", why),
			    .room = ZSTD_compressBound(PIECE) };
	int status = s.row ? 0 : 2;
	uint64_t at = 0;

	s.packed = malloc(s.room);
	if (!status && !s.packed)
		status = error_set(why, 2, "cannot keep the %s: out of memory", name);
	for (unsigned n = 0; !status && (at < size || !n); n++, at += PIECE)
		status = piece_save(&s, db, name, n, bytes + at,
				    size - at < PIECE ? size - at : PIECE, why);
	sqlite3_finalize(s.row);
	free(s.packed);
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

/* Add to a file in memory that has `had` bytes.  False: it is damaged. */
static bool piece_unpack(int fd, uint64_t had, sqlite3_stmt *q)
{
	const int64_t size = sqlite3_column_int64(q, 0);
	const void *packed = sqlite3_column_blob(q, 1);
	const size_t length = (size_t)sqlite3_column_bytes(q, 1);
	char *bytes;
	bool good;

	if (size <= 0 || size > PIECE || had + (uint64_t)size > INPUT_MAX || !packed ||
	    ftruncate(fd, (off_t)(had + (uint64_t)size)))
		return false;
	bytes = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)had);
	if (bytes == MAP_FAILED)
		return false;
	good = ZSTD_decompress(bytes, (size_t)size, packed, length) == (size_t)size;
	munmap(bytes, (size_t)size);
	return good;
}

/* All pieces; only the last may be short.  False: one is damaged; *had: bytes there were. */
static bool pieces_unpack(int fd, sqlite3_stmt *q, const char *name, uint64_t *had)
{
	char piece[PIECE_NAME];
	bool good = true;

	*had = 0;
	for (unsigned n = 0; good && *had == (uint64_t)n * PIECE; n++) {
		piece_name(piece, name, n);
		sqlite3_reset(q);
		sqlite3_bind_text(q, 1, piece, -1, SQLITE_TRANSIENT);
		if (sqlite3_step(q) != SQLITE_ROW)
			break;
		good = piece_unpack(fd, *had, q);
		*had += (uint64_t)sqlite3_column_int64(q, 0);
	}
	return good;
}

int input_load(sqlite3 *db, const char *name, struct error *why)
{
	sqlite3_stmt *q = sql_prepare(db, "SELECT bytes, data FROM input WHERE name = ?", why);
	int fd = q ? memfd_create("input", MFD_CLOEXEC) : -1;
	bool good = true;
	uint64_t had;

	if (!q)
		return -1;
	if (fd < 0)
		error_set(why, 3, "the %s in the recording: %s", name, strerror(errno));
	else if (!(good = pieces_unpack(fd, q, name, &had)))
		error_set(why, 3, "the %s in the recording is damaged", name);
	else if (!had)
		error_set(why, 3,
			  "the recording does not have its %s: only those of `ringscope run"
			  " --record-replay` can be run again",
			  name);
	if (fd >= 0 && (!good || !had)) {
		close(fd);
		fd = -1;
	}
	sqlite3_finalize(q);
	return fd;
}
