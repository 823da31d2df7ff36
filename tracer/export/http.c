#include "tracer/export/http.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define CHUNK_BYTES  65536u
#define ANSWER_BYTES (1u << 20)
/* A database may think for a while before it answers. */
#define TIMEOUT_SECONDS 120

struct http {
	int socket;
	bool broken;
	char host[256];
	size_t filled;
	uint8_t chunk[CHUNK_BYTES];
};

void http_encode(struct buffer *b, const char *text)
{
	for (; *text; text++)
		if (isalnum((unsigned char)*text) || strchr("-_.~", *text))
			buffer_char(b, *text);
		else
			buffer_printf(b, "%%%02X", (unsigned char)*text);
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					    : -1;
}

/* Part of a URL, decoded.  False: it does not fit. */
static bool part_copy(char *to, size_t size, const char *from, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		char c = from[i];

		if (c == '%' && i + 2 < length && hex_digit(from[i + 1]) >= 0 &&
		    hex_digit(from[i + 2]) >= 0) {
			c = (char)(hex_digit(from[i + 1]) * 16 + hex_digit(from[i + 2]));
			i += 2;
		}
		if (n + 1 >= size || (unsigned char)c < 0x20)
			return false;
		to[n++] = c;
	}
	to[n] = '\0';
	return true;
}

/* HOST[:PORT], [IPv6] in brackets. */
static bool host_parse(struct http_url *u, const char *text, size_t length, const char *port)
{
	const char *end = text + length, *colon = NULL;

	if (length && *text == '[') {
		const char *close = memchr(text, ']', length);

		if (!close)
			return false;
		colon = close + 1 < end && close[1] == ':' ? close + 1 : NULL;
		if (!part_copy(u->host, sizeof(u->host), text + 1, (size_t)(close - text - 1)))
			return false;
	} else {
		colon = memchr(text, ':', length);
		if (!part_copy(u->host, sizeof(u->host), text,
			       (size_t)((colon ? colon : end) - text)))
			return false;
	}
	snprintf(u->port, sizeof(u->port), "%s", port);
	return u->host[0] && (!colon || part_copy(u->port, sizeof(u->port), colon + 1,
						  (size_t)(end - colon - 1)));
}

int http_url_parse(struct http_url *u, const char *text, const char *port, struct error *why)
{
	const char *from = text, *slash, *at, *colon;
	bool good;

	memset(u, 0, sizeof(*u));
	if (strncmp(text, "http://", 7) != 0)
		return error_set(why, 2, "%s: a URL begins with http://", text);
	from += 7;
	slash = from + strcspn(from, "/");
	at = memchr(from, '@', (size_t)(slash - from));
	good = true;
	if (at) {
		colon = memchr(from, ':', (size_t)(at - from));
		good = part_copy(u->user, sizeof(u->user), from,
				 (size_t)((colon ? colon : at) - from));
		if (good && colon)
			good = part_copy(u->password, sizeof(u->password), colon + 1,
					 (size_t)(at - colon - 1));
		from = at + 1;
	}
	good = good && host_parse(u, from, (size_t)(slash - from), port);
	if (good && *slash)
		good = part_copy(u->path, sizeof(u->path), slash + 1, strlen(slash + 1));
	return good ? 0 : error_set(why, 2, "%s: not a URL", text);
}

static int socket_connect(const struct http_url *u, struct error *why)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const struct timeval limit = { .tv_sec = TIMEOUT_SECONDS };
	struct addrinfo *list;
	int fd = -1, code = getaddrinfo(u->host, u->port, &hints, &list);

	if (code) {
		error_set(why, 2, "%s: %s", u->host, gai_strerror(code));
		return -1;
	}
	errno = ECONNREFUSED;
	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
			code = errno;
			close(fd);
			errno = code;
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd < 0) {
		error_set(why, 2, "cannot connect to %s port %s: %s", u->host, u->port,
			  strerror(errno));
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return fd;
}

static bool bytes_send(struct http *h, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size && !h->broken) {
		const ssize_t sent = send(h->socket, at, size, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0) {
			h->broken = true;
			break;
		}
		at += sent;
		size -= (size_t)sent;
	}
	return !h->broken;
}

int http_post(struct http **out, const struct http_url *u, const char *target, const char *headers,
	      struct error *why)
{
	struct http *h = calloc(1, sizeof(*h));
	struct buffer head = { 0 };

	*out = NULL;
	if (!h)
		return error_set(why, 2, "%s: out of memory", u->host);
	snprintf(h->host, sizeof(h->host), "%s", u->host);
	h->socket = socket_connect(u, why);
	if (h->socket < 0) {
		free(h);
		return 2;
	}
	buffer_printf(&head, "POST %s HTTP/1.1\r\nHost: %s:%s\r\nUser-Agent: ringscope\r\n", target,
		      u->host, u->port);
	buffer_printf(&head, "Connection: close\r\nTransfer-Encoding: chunked\r\n%s\r\n", headers);
	bytes_send(h, buffer_text(&head), head.length);
	buffer_free(&head);
	*out = h;
	return 0;
}

static bool chunk_send(struct http *h)
{
	char head[16];
	const int length = snprintf(head, sizeof(head), "%zx\r\n", h->filled);
	bool good;

	if (!h->filled)
		return !h->broken;
	good = bytes_send(h, head, (size_t)length) && bytes_send(h, h->chunk, h->filled) &&
	       bytes_send(h, "\r\n", 2);
	h->filled = 0;
	return good;
}

int http_send(struct http *h, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size) {
		size_t part = CHUNK_BYTES - h->filled;

		if (part > size)
			part = size;
		memcpy(h->chunk + h->filled, at, part);
		h->filled += part;
		at += part;
		size -= part;
		if (h->filled == CHUNK_BYTES && !chunk_send(h))
			return -1;
	}
	return 0;
}

/* All that comes until the other side closes. */
static void answer_read(struct http *h, struct buffer *answer)
{
	char bytes[4096];
	ssize_t got;

	while (answer->length < ANSWER_BYTES) {
		got = recv(h->socket, bytes, sizeof(bytes), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		buffer_append(answer, bytes, (size_t)got);
	}
}

/* The chunks of a body put together. */
static void chunks_join(struct buffer *body, const char *from, const char *end)
{
	while (from < end) {
		char *after;
		const unsigned long size = strtoul(from, &after, 16);
		const char *line = memchr(after, '\n', (size_t)(end - after));

		if (after == from || !line || size == 0 || size > (unsigned long)(end - line - 1))
			return;
		buffer_append(body, line + 1, size);
		from = line + 1 + size + 2;
	}
}

int http_end(struct http *h, unsigned *status, struct buffer *body, struct error *why)
{
	struct buffer answer = { 0 };
	const char *text, *blank;
	char *head;

	if (chunk_send(h))
		bytes_send(h, "0\r\n\r\n", 5);
	errno = 0;
	answer_read(h, &answer);
	text = buffer_text(&answer);
	*status = 0;
	buffer_clear(body);
	if (strncmp(text, "HTTP/1.", 7) == 0 && strlen(text) > 12)
		*status = (unsigned)strtoul(text + 9, NULL, 10);
	blank = strstr(text, "\r\n\r\n");
	if (*status && blank) {
		head = strndup(text, (size_t)(blank - text));
		if (head && strcasestr(head, "Transfer-Encoding: chunked"))
			chunks_join(body, blank + 4, text + answer.length);
		else
			buffer_append(body, blank + 4, answer.length - (size_t)(blank + 4 - text));
		free(head);
	} else {
		error_set(why, 2, "%s gave no answer: %s", h->host,
			  errno ? strerror(errno) : "it closed the connection");
		*status = 0;
	}
	close(h->socket);
	free(h);
	buffer_free(&answer);
	return *status ? 0 : 2;
}
