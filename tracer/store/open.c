#include "tracer/store/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/sql/modules.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"
#include "tracer/store/store.h"

static int file_check(const char *path, struct error *why)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_set(why, 2, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(why, 2, "%s: not a file", path);
	switch (store_is_trace(path)) {
	case 1:
		return 0;
	case 0:
		return error_set(why, 2, "%s: not a Ringscope trace", path);
	default:
		return error_set(why, 2, "%s: %s", path, strerror(errno));
	}
}

/* Are these tables of the form, and these bytes of the layout, that we read? */
static int format_check(sqlite3 *db, const char *path, struct error *why)
{
	const int64_t format = sql_integer(db, "PRAGMA user_version", -1);
	char ours[32], theirs[32];

	if (format == -1)
		return error_set(why, 2, "%s: cannot be read: %s", path, sqlite3_errmsg(db));
	if (format != STORE_FORMAT)
		return error_set(why, 2, "%s: is a trace of format %lld, this program reads %d",
				 path, (long long)format, STORE_FORMAT);
	meta_text(db, "schema", theirs, sizeof(theirs));
	snprintf(ours, sizeof(ours), "%016llx", (unsigned long long)RINGSCOPE_SCHEMA_HASH);
	if (!theirs[0])
		return error_set(why, 3, "%s: the recording was cut off before it began: %s", path,
				 sqlite3_errmsg(db));
	if (strcmp(ours, theirs) != 0)
		return error_set(why, 3,
				 "%s: recorded with schema %s, this program reads schema %s", path,
				 theirs, ours);
	return 0;
}

/* May we decode in place?  Then a lock that says so to others, else -1. */
static int decode_lock(const char *path)
{
	const int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A recorder that died while it finished its file left it to whoever reads it next to
 * take back what was half done, which needs to write. */
static void file_recover(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(db, 5000);
		sql_harden(db);
		sql_integer(db, "PRAGMA user_version", -1);
	}
	sqlite3_close(db);
}

static int database_open(sqlite3 **out, const char *path, int flags, struct error *why)
{
	int status = 0;

	if (sqlite3_open_v2(path, out, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		status = error_set(why, 2, "%s: %s", path, sqlite3_errmsg(*out));
		sqlite3_close_v2(*out);
		*out = NULL;
		return status;
	}
	sqlite3_busy_timeout(*out, 5000);
	sql_harden(*out);
	sql_modules_register(*out);
	return 0;
}

/* Decode a copy that goes away when it is closed. */
static int decode_copy(sqlite3 **db, const char *path, tables_progress progress, struct error *why)
{
	sqlite3_backup *backup;
	sqlite3 *copy;
	int status = database_open(&copy, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, why);

	if (status)
		return status;
	backup = sqlite3_backup_init(copy, "main", *db, "main");
	if (!backup || sqlite3_backup_step(backup, -1) != SQLITE_DONE)
		status = error_set(why, 2, "%s: cannot copy it to decode it: %s", path,
				   sqlite3_errmsg(copy));
	sqlite3_backup_finish(backup);
	sqlite3_exec(copy, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (!status)
		status = tables_build(copy, true, progress, why);
	sqlite3_close_v2(*db);
	*db = copy;
	return status;
}

static int decode_in_place(sqlite3 **db, const char *path, tables_progress progress,
			   struct error *why)
{
	int status;

	sqlite3_close_v2(*db);
	status = database_open(db, path, SQLITE_OPEN_READWRITE, why);
	if (status)
		return status;
	sqlite3_exec(*db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	return tables_build(*db, true, progress, why);
}

static int decode(sqlite3 **db, const char *path, tables_progress progress, struct error *why)
{
	struct error place = { 0 };
	const int lock = decode_lock(path);
	int status;

	if (lock < 0)
		return decode_copy(db, path, progress, why);
	status = decode_in_place(db, path, progress, &place);
	close(lock);
	/* No room beside the file, say: a copy elsewhere may do. */
	if (status == 2 && *db)
		status = decode_copy(db, path, progress, why);
	else if (status && why)
		*why = place;
	return status;
}

/* Say which file it was. */
static void error_name_file(struct error *why, const char *path)
{
	struct error with;

	if (!why || strncmp(why->text, path, strlen(path)) == 0)
		return;
	error_set(&with, why->status, "%.200s: %.300s", path, why->text);
	*why = with;
}

/* Is it recorded into now, by somebody who fills the tables as it goes? */
static bool recording_live(sqlite3 *db, const char *path)
{
	return meta_integer(db, "live", 0) == 1 && store_path_busy(path);
}

static int file_open(sqlite3 **out, const char *path, bool large, tables_progress progress,
		     struct error *why)
{
	enum tables_state ready;
	int status = file_check(path, why);

	*out = NULL;
	if (status)
		return status;
	status = database_open(out, path, SQLITE_OPEN_READONLY, why);
	if (!status && sql_integer(*out, "PRAGMA user_version", -1) < 0 &&
	    sqlite3_errcode(*out) == SQLITE_READONLY)
		file_recover(path);
	if (!status)
		status = format_check(*out, path, why);
	if (!status) {
		ready = tables_ready(*out);
		/* Who wanted no tables does not get them behind his back. */
		if (ready == TABLES_INDEX && large)
			status = decode_copy(out, path, progress, why);
		else if (ready == TABLES_NONE && !recording_live(*out, path))
			status = decode(out, path, progress, why);
	}
	if (!status)
		status = tables_views(*out, why);
	if (status) {
		error_name_file(why, path);
		sqlite3_close_v2(*out);
		*out = NULL;
	}
	return status;
}

int trace_open(sqlite3 **out, const char *path, tables_progress progress, struct error *why)
{
	return file_open(out, path, true, progress, why);
}

int trace_open_index(sqlite3 **out, const char *path, tables_progress progress, struct error *why)
{
	return file_open(out, path, false, progress, why);
}

bool trace_live(const char *path)
{
	struct error why = { 0 };
	sqlite3 *db = NULL;
	bool live;

	if (file_check(path, &why) || database_open(&db, path, SQLITE_OPEN_READONLY, &why))
		return false;
	live = !format_check(db, path, &why) && recording_live(db, path);
	sqlite3_close_v2(db);
	return live;
}
