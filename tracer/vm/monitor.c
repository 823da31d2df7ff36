#include "tracer/vm/monitor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tracer/vm/queue.h"

#define LINE_MAX_BYTES (1u << 20) /* of what QEMU says at once */

static bool text_send(struct monitor *m, const char *text)
{
	const size_t length = strlen(text);

	if (m->fd < 0)
		return false;
	if (send(m->fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length)
		return true;
	m->fd = -1;
	return false;
}

void monitor_init(struct monitor *m, int fd)
{
	*m = (struct monitor){ .fd = fd };
	/* Of what came before it listens to us QEMU tells no events. */
	text_send(m, "{\"execute\": \"qmp_capabilities\"}\n"
		     "{\"execute\": \"query-status\", \"id\": 0}\n");
}

void monitor_free(struct monitor *m)
{
	buffer_free(&m->input);
	buffer_free(&m->answer);
	m->fd = -1;
}

static bool status_is(const char *line, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "\"status\": \"%s\"", name);
	return strstr(line, text) != NULL;
}

static bool event_is(const char *line, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "\"event\": \"%s\"", name);
	return strstr(line, text) != NULL;
}

/* What the machine is when we come. */
static void status_take(struct monitor *m, const char *line)
{
	m->panicked |= status_is(line, "guest-panicked");
	m->ended |= status_is(line, "shutdown");
	m->paused |= m->panicked || m->ended || status_is(line, "paused");
}

static void line_take(struct monitor *m, const char *line)
{
	const char *id = strstr(line, "\"id\": ");
	unsigned number = 0;

	if (id && strstr(line, "\"event\": ") == NULL && sscanf(id + 6, "%u", &number) == 1) {
		if (number == 0) {
			status_take(m, line);
			return;
		}
		m->answered = number;
		buffer_clear(&m->answer);
		buffer_string(&m->answer, line);
		return;
	}
	if (event_is(line, "STOP"))
		m->paused = true;
	if (event_is(line, "RESUME"))
		m->paused = false;
	if (event_is(line, "GUEST_PANICKED"))
		m->panicked = true;
	if (event_is(line, "SHUTDOWN")) {
		m->reset |= strstr(line, "\"guest-reset\"") != NULL;
		m->off |= strstr(line, "\"guest-shutdown\"") != NULL;
	}
}

/* Whole lines; what is left begins the next. */
static void lines_take(struct monitor *m)
{
	struct buffer rest = { 0 };
	char *text = m->input.data, *end;

	while (text &&
	       (end = memchr(text, '\n', m->input.length - (size_t)(text - m->input.data)))) {
		*end = '\0';
		line_take(m, text);
		text = end + 1;
	}
	if (text)
		buffer_append(&rest, text, m->input.length - (size_t)(text - m->input.data));
	buffer_free(&m->input);
	m->input = rest;
}

void monitor_read(struct monitor *m)
{
	char bytes[16384];
	ssize_t got = 0;

	while (m->fd >= 0 && (got = recv(m->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		buffer_append(&m->input, bytes, (size_t)got);
		lines_take(m);
	}
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) ||
	    m->input.length > LINE_MAX_BYTES)
		m->fd = -1;
}

/* Send a command, whose arguments are JSON or NULL, and wait for the answer. */
static bool ask(struct monitor *m, const char *command, const char *arguments, unsigned timeout_ms)
{
	const unsigned id = ++m->commands;
	const uint64_t end = clock_now_ns() + timeout_ms * 1000000ull;
	struct buffer text = { 0 };
	bool sent;

	buffer_printf(&text, "{\"execute\": \"%s\", \"id\": %u%s%s}\n", command, id,
		      arguments ? ", \"arguments\": " : "", arguments ? arguments : "");
	sent = text_send(m, buffer_text(&text));
	buffer_free(&text);
	while (sent && m->fd >= 0 && m->answered != id && clock_now_ns() < end) {
		struct pollfd ready = { .fd = m->fd, .events = POLLIN };

		if (poll(&ready, 1, 20) > 0)
			monitor_read(m);
	}
	return m->answered == id && strstr(buffer_text(&m->answer), "\"error\": {") == NULL;
}

bool monitor_command(struct monitor *m, const char *command, unsigned timeout_ms)
{
	return ask(m, command, NULL, timeout_ms);
}

/* The JSON string that `text` points into, up to its closing quote. */
static void string_append(struct buffer *out, const char *text)
{
	for (; *text && *text != '"'; text++) {
		if (*text != '\\') {
			buffer_char(out, *text);
			continue;
		}
		text++;
		if (*text == 'n')
			buffer_char(out, '\n');
		else if (*text == 't')
			buffer_char(out, '\t');
		else if (*text == '\0')
			return;
		else if (*text != 'r')
			buffer_char(out, *text);
	}
}

bool monitor_human(struct monitor *m, const char *line, struct buffer *out, unsigned timeout_ms)
{
	static const char begin[] = "\"return\": \"";
	struct buffer arguments = { 0 };
	const char *at;
	bool good;

	buffer_string(&arguments, "{\"command-line\": ");
	buffer_json(&arguments, line);
	buffer_char(&arguments, '}');
	good = ask(m, "human-monitor-command", buffer_text(&arguments), timeout_ms);
	buffer_free(&arguments);
	at = good ? strstr(buffer_text(&m->answer), begin) : NULL;
	if (at)
		string_append(out, at + sizeof(begin) - 1);
	return at != NULL;
}
