#include "tracer/crash/core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "schemas/trace.h"
#include "tracer/store/sql.h"

/* A larger file is somebody's invention: addresses of programs have 47 bits. */
#define CORE_MAX (1ll << 47)

int core_find(struct core_file *out, sqlite3 *db, int64_t pid, struct error *why)
{
	sqlite3_stmt *q = sql_prepare(db,
				      "SELECT id, pid, signal, coalesce(bytes, -1),"
				      " coalesce(omitted, 0) FROM core WHERE ?1 < 0 OR pid = ?1"
				      " ORDER BY id DESC LIMIT 1",
				      why);
	int step;

	if (!q)
		return -1;
	sqlite3_bind_int64(q, 1, pid);
	step = sqlite3_step(q);
	if (step == SQLITE_ROW) {
		out->id = sqlite3_column_int64(q, 0);
		out->pid = (uint32_t)sqlite3_column_int64(q, 1);
		out->signal = (uint32_t)sqlite3_column_int64(q, 2);
		out->bytes = sqlite3_column_int64(q, 3);
		out->omitted = sqlite3_column_int64(q, 4);
	} else if (step != SQLITE_DONE) {
		sql_error(why, db, "cannot read core files");
	}
	sqlite3_finalize(q);
	return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
}

static bool all_written(int fd, const char *bytes, size_t count, int64_t at)
{
	while (count) {
		const ssize_t done = pwrite(fd, bytes, count, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			errno = done ? errno : ENOSPC;
			return false;
		}
		bytes += done;
		count -= (size_t)done;
		at += done;
	}
	return true;
}

/* One row of core_data.  0, 2 or 3. */
static int piece_write(int fd, sqlite3_stmt *q, const char *path, int64_t *end, struct error *why)
{
	const int64_t offset = sqlite3_column_int64(q, 0), size = sqlite3_column_int64(q, 1);
	const void *packed = sqlite3_column_blob(q, 2);
	const size_t count = (size_t)sqlite3_column_bytes(q, 2);
	char bytes[CORE_DATA_MAX];

	if (offset < 0 || offset > CORE_MAX || size <= 0 || size > CORE_DATA_MAX || !packed ||
	    ZSTD_decompress(bytes, sizeof(bytes), packed, count) != (size_t)size)
		return error_set(why, 3, "the core file is damaged in the recording");
	if (!all_written(fd, bytes, (size_t)size, offset))
		return error_set(why, 2, "%s: cannot write the core: %s", path, strerror(errno));
	if (*end < offset + size)
		*end = offset + size;
	return 0;
}

static int pieces_write(int fd, sqlite3 *db, const struct core_file *c, const char *path,
			struct error *why)
{
	sqlite3_stmt *q = sql_prepare(
		db, "SELECT offset, bytes, data FROM core_data WHERE core = ? ORDER BY id", why);
	int64_t end = 0;
	int status = q ? 0 : 2, step = SQLITE_DONE;

	if (q)
		sqlite3_bind_int64(q, 1, c->id);
	while (!status && (step = sqlite3_step(q)) == SQLITE_ROW)
		status = piece_write(fd, q, path, &end, why);
	if (!status && step != SQLITE_DONE)
		status = sql_error(why, db, "cannot read the core");
	sqlite3_finalize(q);
	if (end < c->bytes)
		end = c->bytes;
	if (!status && end > CORE_MAX)
		status = error_set(why, 3, "the core file is damaged in the recording");
	if (!status && ftruncate(fd, (off_t)end))
		status = error_set(why, 2, "%s: cannot write the core: %s", path, strerror(errno));
	return status;
}

int core_write(sqlite3 *db, const struct core_file *c, const char *path, struct error *why)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	struct stat st;
	int status;

	if (fd < 0)
		return error_set(why, 2, "%s: cannot write the core: %s", path, strerror(errno));
	status = pieces_write(fd, db, c, path, why);
	if (!fstat(fd, &st) && close(fd) && !status)
		status = error_set(why, 2, "%s: cannot write the core: %s", path, strerror(errno));
	if (status && S_ISREG(st.st_mode))
		unlink(path);
	return status;
}
