#include "tracer/vm/run_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tracer/store/store.h"
#include "tracer/vm/control.h"

#define SUFFIX ".guest"

static int path_make(char *to, size_t size, const struct run_directory *d, const char *name)
{
	const int length = snprintf(to, size, "%s/%s", d->path, name);

	return length > 0 && (size_t)length < size ? 0 : (errno = ENAMETOOLONG, -1);
}

static int lock_take(struct run_directory *d)
{
	char path[128];

	d->lock = -1;
	if (path_make(path, sizeof(path), d, "lock"))
		return -1;
	d->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (d->lock >= 0 && flock(d->lock, LOCK_EX | LOCK_NB) < 0) {
		close(d->lock);
		d->lock = -1;
	}
	return d->lock < 0 ? -1 : 0;
}

/* When a process began, in ticks since boot; 0: there is none of this number that has not
 * ended. */
static unsigned long long process_began(int pid)
{
	unsigned long long began = 0;
	char path[32], text[1024], state;
	const char *behind;
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[got > 0 ? got : 0] = '\0';
	behind = strrchr(text, ')'); /* of its name; field 22: proc(5) */
	if (!behind ||
	    sscanf(behind,
		   ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d"
		   " %*d %*d %*d %*d %llu",
		   &state, &began) != 2 ||
	    state == 'Z' || state == 'X')
		return 0;
	return began;
}

void run_fact_guest(struct buffer *facts, int pid)
{
	char text[64];

	snprintf(text, sizeof(text), "%d %llu", pid, process_began(pid));
	run_fact_add(facts, "qemu", text);
}

int run_guest(const struct buffer *facts)
{
	const char *qemu = run_fact(facts, "qemu");
	unsigned long long began;
	int pid;

	if (!qemu || sscanf(qemu, "%d %llu", &pid, &began) != 2 || pid <= 1 || !began ||
	    process_began(pid) != began)
		return 0;
	return pid;
}

/* Has the guest of a directory ended, with no tracer to see it?  Then it goes away. */
static void sweep_one(const char *path)
{
	struct run_directory d = { .lock = -1 };
	struct buffer facts = { 0 };
	struct rules rules;

	if (snprintf(d.path, sizeof(d.path), "%s", path) >= (int)sizeof(d.path) || lock_take(&d))
		return;
	if (run_directory_load(&d, &facts, &rules, NULL) == 0 && !run_guest(&facts))
		run_directory_remove(&d);
	run_directory_leave(&d);
	buffer_free(&facts);
}

/* What ended guests and killed tracers left behind. */
static void sweep(const char *parent)
{
	DIR *list = opendir(parent);
	struct dirent *entry;
	char path[128];

	while (list && (entry = readdir(list))) {
		const size_t length = strlen(entry->d_name), suffix = strlen(SUFFIX);

		if (snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name) >=
		    (int)sizeof(path))
			continue;
		if (length > suffix && strcmp(entry->d_name + length - suffix, SUFFIX) == 0)
			sweep_one(path);
		else if (strspn(entry->d_name, "0123456789") == length &&
			 !process_began(atoi(entry->d_name)))
			unlink(path); /* the control socket of a tracer that was killed */
	}
	if (list)
		closedir(list);
}

int run_directory_create(struct run_directory *d, struct error *why)
{
	char parent[sizeof(d->path) - 24];
	int status = control_directory(parent, sizeof(parent), why);

	*d = (struct run_directory){ .lock = -1 };
	if (status)
		return status;
	sweep(parent);
	snprintf(d->path, sizeof(d->path), "%s/%d" SUFFIX, parent, (int)getpid());
	if (mkdir(d->path, 0700) < 0 || lock_take(d)) {
		status = error_set(why, 125, "%s: %s", d->path, strerror(errno));
		d->path[0] = '\0';
	}
	return status;
}

/* The directory that a trace file names. */
static int path_of_trace(const char *file, char *to, size_t size)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	const char *path = NULL;
	int good = 0;

	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE name = 'guest'", -1, &s, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		path = (const char *)sqlite3_column_text(s, 0);
	if (path && snprintf(to, size, "%s", path) < (int)size)
		good = 1;
	sqlite3_finalize(s);
	sqlite3_close(db);
	return good;
}

static int path_find(struct run_directory *d, const char *name, struct error *why)
{
	char parent[sizeof(d->path) - 24];
	struct stat st;

	if (*name && strspn(name, "0123456789") == strlen(name) && strlen(name) < 12) {
		if (control_directory(parent, sizeof(parent), why))
			return 125;
		snprintf(d->path, sizeof(d->path), "%s/%s" SUFFIX, parent, name);
		return 0;
	}
	if (stat(name, &st) < 0)
		return error_set(why, 125, "%s: %s", name, strerror(errno));
	if (S_ISDIR(st.st_mode)
		    ? snprintf(d->path, sizeof(d->path), "%s", name) < (int)sizeof(d->path)
		    : path_of_trace(name, d->path, sizeof(d->path)))
		return 0;
	return error_set(why, 125,
			 "%s: names no guest that outlives its tracer (run --on-tracer-loss)",
			 name);
}

int run_directory_open(struct run_directory *d, const char *name, struct error *why)
{
	struct stat st;
	int status;

	*d = (struct run_directory){ .lock = -1 };
	status = path_find(d, name, why);
	if (status)
		return status;
	/* A path from a file that anybody may have written: nobody else's directory. */
	if (lstat(d->path, &st) < 0)
		return error_set(why, 125, "%s: the guest has ended", name);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return error_set(why, 125, "%s: is not a directory of this user alone", d->path);
	if (lock_take(d))
		return error_set(why, 125, "%s: %s", name,
				 errno == EWOULDBLOCK ? "a tracer is at work there"
						      : strerror(errno));
	return 0;
}

void run_directory_leave(struct run_directory *d)
{
	if (d->lock >= 0)
		close(d->lock);
	d->lock = -1;
}

void run_directory_remove(struct run_directory *d)
{
	static const char *const names[] = {
		"trace", "stdin",   "stdout", "stderr", "log", "core",
		"early", "monitor", "state",  "rules",  "new", "lock"
	};
	char path[128];

	if (!d->path[0])
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (path_make(path, sizeof(path), d, names[i]) == 0)
			unlink(path);
	rmdir(d->path);
	run_directory_leave(d);
	d->path[0] = '\0';
}

/* --- Sockets ------------------------------------------------------------------- */

static int socket_open(const struct run_directory *d, const char *name,
		       int (*use)(int fd, const struct sockaddr *address, socklen_t size))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd >= 0 && path_make(address.sun_path, sizeof(address.sun_path), d, name) == 0 &&
	    use(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

static int listen_at(int fd, const struct sockaddr *address, socklen_t size)
{
	return bind(fd, address, size) < 0 ? -1 : listen(fd, 1);
}

int run_directory_listen(const struct run_directory *d, const char *name)
{
	return socket_open(d, name, listen_at);
}

int run_directory_connect(const struct run_directory *d, const char *name)
{
	return socket_open(d, name, connect);
}

/* --- Facts ----------------------------------------------------------------------- */

void run_fact_add(struct buffer *facts, const char *name, const char *value)
{
	buffer_printf(facts, "%s=%s", name, value);
	buffer_char(facts, '\0');
}

const char *run_fact(const struct buffer *facts, const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = facts->data; at && at < facts->data + facts->length;
	     at += strlen(at) + 1)
		if (strncmp(at, name, length) == 0 && at[length] == '=')
			return at + length + 1;
	return NULL;
}

static int file_save(const struct run_directory *d, const char *name, const void *bytes,
		     size_t size, struct error *why)
{
	char path[128], new[128];
	int fd = -1;
	bool good = path_make(path, sizeof(path), d, name) == 0 &&
		    path_make(new, sizeof(new), d, "new") == 0;

	if (good)
		fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	good = fd >= 0 && write(fd, bytes, size) == (ssize_t)size;
	good = fd >= 0 && close(fd) == 0 && good && rename(new, path) == 0;
	return good ? 0 : error_set(why, 125, "%s/%s: %s", d->path, name, strerror(errno));
}

int run_directory_save(const struct run_directory *d, const struct buffer *facts, struct error *why)
{
	return file_save(d, "state", facts->data, facts->length, why);
}

int run_directory_save_rules(const struct run_directory *d, const struct rules *rules,
			     struct error *why)
{
	return file_save(d, "rules", rules, sizeof(*rules), why);
}

static bool file_load(const struct run_directory *d, const char *name, struct buffer *to)
{
	char path[128], bytes[4096];
	ssize_t got = -1;
	int fd;

	if (path_make(path, sizeof(path), d, name))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	while (fd >= 0 && (got = read(fd, bytes, sizeof(bytes))) > 0)
		buffer_append(to, bytes, (size_t)got);
	if (fd >= 0)
		close(fd);
	return got == 0;
}

int run_directory_load(const struct run_directory *d, struct buffer *facts, struct rules *rules,
		       struct error *why)
{
	struct buffer bytes = { 0 };
	bool good = file_load(d, "state", facts) && file_load(d, "rules", &bytes) &&
		    bytes.length == sizeof(*rules);

	if (good)
		memcpy(rules, bytes.data, sizeof(*rules));
	buffer_free(&bytes);
	if (!good || rules->count > TRACE_RULES_MAX)
		return error_set(why, 125, "%s: its state cannot be read", d->path);
	return 0;
}
