#include "tracer/store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/store/meta.h"
#include "tracer/store/sql.h"
#include "tracer/store/store.h"
#include "tracer/tables/tables.h"

extern const char evidence_sql[];

/* A file is made under its name with this, and renamed when it has its tables: whoever
 * finds one by its name can open it. */
#define NEW "-new"

int store_is_trace(const char *path)
{
	unsigned char head[72];
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t got;
	uint32_t id;

	if (fd < 0)
		return -1;
	got = pread(fd, head, sizeof(head), 0);
	close(fd);
	if (got != (ssize_t)sizeof(head) || memcmp(head, "SQLite format 3", 16) != 0)
		return 0;
	/* Offset 68 of the SQLite header, big-endian. */
	id = (uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 | (uint32_t)head[70] << 8 |
	     head[71];
	return id == STORE_APPLICATION_ID;
}

/* Does another process record into this file now? */
bool store_path_busy(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool busy;

	if (fd < 0)
		return false;
	busy = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	close(fd);
	return busy;
}

/* Remove what is at path if it is ours to remove. */
static int path_clear(const char *path, bool force, struct error *why)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal", NEW };
	char name[4096];
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : error_set(why, 2, "%s: %s", path, strerror(errno));
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return error_set(why, 2, "%s: exists and is not a file; name another with -o",
				 path);
	if (!force && st.st_size > 0 && store_is_trace(path) != 1)
		return error_set(why, 2,
				 "%s: exists and is not a Ringscope trace; name another with -o,"
				 " or give --force",
				 path);
	if (store_path_busy(path))
		return error_set(why, 2, "%s: another recording is using it", path);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (snprintf(name, sizeof(name), "%s%s", path, suffixes[i]) >= (int)sizeof(name))
			return error_set(why, 2, "%s: %s", path, strerror(ENAMETOOLONG));
		if (unlink(name) < 0 && errno != ENOENT)
			return error_set(why, 2, "%s: %s", name, strerror(errno));
	}
	return 0;
}

/* A name that no other recording has, and where it was made. */
static int identity_write(sqlite3 *db, struct error *why)
{
	unsigned char bytes[16];
	char run[2 * sizeof(bytes) + 1], host[256] = "";

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_set(why, 2, "cannot name the recording: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(run + 2 * i, 3, "%02x", bytes[i]);
	gethostname(host, sizeof(host) - 1);
	if (meta_set_text(db, "run", run) || meta_set_text(db, "host", host))
		return sql_error(why, db, "cannot name the recording");
	return 0;
}

static int evidence_create(sqlite3 *db, struct error *why)
{
	char pragmas[256];

	snprintf(pragmas, sizeof(pragmas),
		 "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;"
		 "PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN;",
		 STORE_APPLICATION_ID, STORE_FORMAT);
	if (sql_exec(db, pragmas, why) || sql_exec(db, evidence_sql, why) ||
	    tables_create(db, why) || meta_set_integer(db, "empty", 1) || identity_write(db, why) ||
	    sql_exec(db, "COMMIT", why))
		return why ? why->status : 2;
	return 0;
}

int file_lock(sqlite3 **db, int *lock, const char *path, int flags, struct error *why)
{
	int status;

	*lock = open(path, O_RDWR | O_CLOEXEC | flags, 0666);
	if (*lock < 0)
		return error_set(why, 2, "%s: cannot write: %s", path, strerror(errno));
	if (flock(*lock, LOCK_EX | LOCK_NB) < 0) {
		close(*lock);
		return error_set(why, 2, "%s: another recording is using it", path);
	}
	if (sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK) {
		status = error_set(why, 2, "%s: %s", path, sqlite3_errmsg(*db));
		sqlite3_close_v2(*db);
		close(*lock);
		return status;
	}
	sqlite3_busy_timeout(*db, 10000);
	return 0;
}

int file_make(const char *path, bool force, struct error *why)
{
	char new[4096];
	sqlite3 *db = NULL;
	int lock = -1, status = path_clear(path, force, why);

	if (status)
		return status;
	if (snprintf(new, sizeof(new), "%s" NEW, path) >= (int)sizeof(new))
		return error_set(why, 2, "%s: %s", path, strerror(ENAMETOOLONG));
	status = file_lock(&db, &lock, new, O_CREAT, why);
	if (status)
		return status;
	status = evidence_create(db, why);
	sqlite3_close_v2(db);
	close(lock);
	if (!status && rename(new, path) < 0)
		status = error_set(why, 2, "%s: %s", path, strerror(errno));
	if (status)
		unlink(new);
	return status;
}
