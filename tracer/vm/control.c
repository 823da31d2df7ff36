#include "tracer/vm/control.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tracer/vm/session.h"

int control_directory(char *to, size_t size, struct error *why)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	struct stat st;
	int length;

	if (run && *run == '/')
		length = snprintf(to, size, "%s/ringscope", run);
	else
		length = snprintf(to, size, "/tmp/ringscope-%u", (unsigned)geteuid());
	if (length < 0 || (size_t)length >= size)
		return error_set(why, 125, "%s: %s", run, strerror(ENAMETOOLONG));
	if (mkdir(to, 0700) < 0 && errno != EEXIST)
		return error_set(why, 125, "%s: %s", to, strerror(errno));
	/* Nobody else's, and nobody else may put sockets there. */
	if (lstat(to, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_mode & 077)
		return error_set(why, 125, "%s: is not a directory of this user alone", to);
	return 0;
}

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return address;
}

int control_open(struct control *c, struct error *why)
{
	char directory[sizeof(c->path) - 16];
	struct sockaddr_un address;
	int status = control_directory(directory, sizeof(directory), why);

	c->fd = -1;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		c->client[i].fd = -1;
	if (status)
		return status;
	snprintf(c->path, sizeof(c->path), "%s/%d", directory, (int)getpid());
	unlink(c->path);
	address = address_of(c->path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(c->fd, CONTROL_CLIENTS) < 0) {
		error_set(why, 125, "%s: %s", c->path, strerror(errno));
		control_close(c);
		return 125;
	}
	return 0;
}

static void client_close(struct control_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->wait = CONTROL_NOTHING;
}

void control_close(struct control *c)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		client_close(&c->client[i]);
	if (c->fd >= 0) {
		close(c->fd);
		unlink(c->path);
	}
	c->fd = -1;
}

void control_polls(const struct control *c, struct pollfd *polls)
{
	polls[0] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		polls[1 + i] = (struct pollfd){ .fd = c->client[i].fd, .events = POLLIN };
}

static void client_accept(struct control *c)
{
	const int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		if (c->client[i].fd < 0) {
			c->client[i].fd = fd;
			c->client[i].length = 0;
			return;
		}
	}
	close(fd);
}

/* The request is whole: its lines become strings. */
static bool request_split(struct control_client *c)
{
	if (c->length < 2 || memcmp(c->request + c->length - 2, "\n\n", 2) != 0)
		return false;
	c->request[--c->length] = '\0';
	for (size_t i = 0; i < c->length; i++)
		if (c->request[i] == '\n')
			c->request[i] = '\0';
	return true;
}

static void client_read(struct control_client *c, struct session *s)
{
	const ssize_t got = read(c->fd, c->request + c->length, sizeof(c->request) - 1 - c->length);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) { /* it went away, or its request is too long */
		client_close(c);
		return;
	}
	c->length += (size_t)got;
	if (request_split(c))
		session_command(s, c, c->request);
}

void control_serve(struct control *c, const struct pollfd *polls, struct session *s)
{
	if (polls[0].revents)
		client_accept(c);
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		if (polls[1 + i].fd >= 0 && polls[1 + i].revents)
			client_read(&c->client[i], s);
}

const char *control_argument(const struct control_client *c, const char *after)
{
	const char *next = (after ? after : c->request) + strlen(after ? after : c->request) + 1;

	return next < c->request + c->length ? next : NULL;
}

void control_reply(struct control_client *c, const char *format, ...)
{
	char text[1024];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (length > 0 && send(c->fd, text, strnlen(text, sizeof(text)), MSG_NOSIGNAL) < 0)
		errno = 0; /* it did not wait for the answer */
	client_close(c);
}

void control_reply_text(struct control_client *c, const char *text)
{
	size_t left = strlen(text);
	ssize_t sent;

	if (send(c->fd, "ok\n", 3, MSG_NOSIGNAL) == 3)
		for (; left && (sent = send(c->fd, text, left, MSG_NOSIGNAL)) > 0; text += sent)
			left -= (size_t)sent;
	client_close(c);
}

void control_wait(struct control_client *c, enum control_event event, uint32_t target)
{
	c->wait = event;
	c->target = target;
}

void control_reached(struct control *c, enum control_event event, uint32_t count)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &c->client[i];

		if (client->fd >= 0 && client->wait == event &&
		    (int32_t)(count - client->target) >= 0)
			control_reply(client, "ok\n");
	}
}

/* --- The client -------------------------------------------------------------- */

static int request_send(int fd, char *const *words)
{
	char text[CONTROL_BYTES];
	size_t length = 0;

	for (; *words; words++) {
		const size_t n = strlen(*words);

		if (length + n + 2 >= sizeof(text) || !n || strchr(*words, '\n')) {
			errno = EINVAL;
			return -1;
		}
		memcpy(text + length, *words, n);
		length += n;
		text[length++] = '\n';
	}
	text[length++] = '\n';
	return send(fd, text, length, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -1;
}

/* The answer's first line says whether it is one. */
static int answer_check(struct buffer *answer, const char *path, struct error *why)
{
	const char *text = buffer_text(answer), *end = strchr(text, '\n');
	struct buffer rest = { 0 };

	if (!end)
		return error_set(why, 2, "%s: the recording ended without an answer", path);
	if (strncmp(text, "error: ", 7) == 0)
		return error_set(why, 2, "%.*s", (int)(end - text - 7), text + 7);
	buffer_string(&rest, end + 1);
	buffer_free(answer);
	*answer = rest;
	return 0;
}

int control_ask(const char *path, char *const *words, struct buffer *answer, struct error *why)
{
	const struct sockaddr_un address = address_of(path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char bytes[4096];
	ssize_t got;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    request_send(fd, words) < 0) {
		error_set(why, 2, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 2;
	}
	while ((got = read(fd, bytes, sizeof(bytes))) > 0)
		buffer_append(answer, bytes, (size_t)got);
	close(fd);
	return answer_check(answer, path, why);
}

int control_request(const char *path, char *const *words, struct error *why)
{
	struct buffer answer = { 0 };
	const int status = control_ask(path, words, &answer, why);

	if (!status && answer.length)
		fputs(buffer_text(&answer), stdout);
	buffer_free(&answer);
	return status;
}

/* Where the recorder of a trace file listens. */
static int path_of_trace(const char *file, char *to, size_t size, struct error *why)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	const char *path = NULL;
	int status = 0;

	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE name = 'control'", -1, &s, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		path = (const char *)sqlite3_column_text(s, 0);
	if (!path || snprintf(to, size, "%s", path) >= (int)size)
		status = error_set(why, 2, "%s: names no control socket", file);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return status;
}

int control_find(const char *what, char *to, size_t size, struct error *why)
{
	char directory[92];
	struct stat st;

	if (strspn(what, "0123456789") == strlen(what) && strlen(what) < 12) {
		if (control_directory(directory, sizeof(directory), why))
			return 2;
		snprintf(to, size, "%s/%s", directory, what);
		return 0;
	}
	if (stat(what, &st) < 0)
		return error_set(why, 2, "%s: %s", what, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return path_of_trace(what, to, size, why);
	if (snprintf(to, size, "%s", what) >= (int)size)
		return error_set(why, 2, "%s: %s", what, strerror(ENAMETOOLONG));
	return 0;
}
