#include "tracer/vm/control.h"

#include <errno.h>
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

static int answer_print(FILE *from, const char *path, struct error *why)
{
	char line[1024];

	if (!fgets(line, sizeof(line), from))
		return error_set(why, 2, "%s: the recording ended without an answer", path);
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "error: ", 7) == 0)
		return error_set(why, 2, "%s", line + 7);
	while (fgets(line, sizeof(line), from))
		fputs(line, stdout);
	return 0;
}

int control_request(const char *path, char *const *words, struct error *why)
{
	const struct sockaddr_un address = address_of(path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *answer;
	int status;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    request_send(fd, words) < 0) {
		error_set(why, 2, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 2;
	}
	answer = fdopen(fd, "r");
	if (!answer) {
		close(fd);
		return error_set(why, 2, "%s: %s", path, strerror(errno));
	}
	status = answer_print(answer, path, why);
	fclose(answer);
	return status;
}
