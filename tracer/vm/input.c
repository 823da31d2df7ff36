#include "tracer/vm/input.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schemas/trace.h"
#include "tracer/vm/queue.h"
#include "tracer/vm/terminal.h"

#define ESCAPE_BYTE  0x1d /* Ctrl-] */
#define ESCAPE_TIMES 3
#define ESCAPE_KEY   'f'
#define ESCAPE_NS    1000000000ull

void input_init(struct input *in, int from, int to, bool terminal)
{
	*in = (struct input){ .from = from, .to = to, .terminal = terminal };
}

/* Queue a message; the caller saw that nothing is held. */
static void message_put(struct input *in, uint32_t kind, uint32_t length)
{
	const struct input_message head = { kind, length };

	memcpy(in->message, &head, sizeof(head));
	in->start = 0;
	in->end = sizeof(head) + length;
}

bool input_wants_read(const struct input *in)
{
	return !in->ended && in->start == in->end;
}

bool input_wants_write(const struct input *in)
{
	return in->to >= 0 && (in->start < in->end || in->window || (in->ended && !in->end_sent));
}

/* Count Ctrl-] in a row; true when the user wants to leave.  A key for us is taken
 * out of the bytes. */
static bool escape_seen(struct input *in, char *bytes, size_t *count)
{
	const uint64_t now = clock_now_ns();

	if (now - in->escape_ns > ESCAPE_NS)
		in->escapes = 0;
	for (size_t i = 0; i < *count; i++) {
		if (in->escapes && bytes[i] == ESCAPE_KEY) {
			in->key = true;
			in->escapes = 0;
			memmove(bytes + i, bytes + i + 1, --*count - i);
			continue;
		}
		in->escapes = bytes[i] == ESCAPE_BYTE ? in->escapes + 1 : 0;
		if (in->escapes == 1)
			in->escape_ns = now;
		if (in->escapes == ESCAPE_TIMES)
			return true;
	}
	return false;
}

bool input_read(struct input *in)
{
	char *const bytes = in->message + sizeof(struct input_message);
	const ssize_t got = read(in->from, bytes, INPUT_BYTES);
	size_t count = got > 0 ? (size_t)got : 0;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (got <= 0) {
		in->ended = true;
		return true;
	}
	if (in->terminal && escape_seen(in, bytes, &count))
		return false;
	if (count)
		message_put(in, INPUT_DATA, (uint32_t)count);
	return true;
}

/* The next message that is not bytes. */
static void event_put(struct input *in)
{
	uint16_t size[2];

	if (in->window) {
		in->window = false;
		terminal_size(in->from, &size[0], &size[1]);
		memcpy(in->message + sizeof(struct input_message), size, sizeof(size));
		message_put(in, INPUT_WINDOW, sizeof(size));
	} else if (in->ended && !in->end_sent) {
		in->end_sent = true;
		message_put(in, INPUT_END, 0);
	}
}

void input_write(struct input *in)
{
	ssize_t put;

	if (in->start == in->end)
		event_put(in);
	put = send(in->to, in->message + in->start, in->end - in->start,
		   MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put >= 0) {
		in->start += (size_t)put;
	} else if (errno != EINTR && errno != EAGAIN) {
		in->to = -1; /* QEMU is gone; nobody reads any more */
		in->start = in->end;
		in->ended = true;
	}
}
