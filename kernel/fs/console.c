/* The program's standard streams. */
#include "kernel/fs/console.h"

#include <linux/errno.h>

#include "kernel/lib/assert.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/port.h"
#include "kernel/fs/device.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/procfs.h"
#include "kernel/fs/tty.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "schemas/trace.h"

#define PIECE_BYTES  4096u
#define ROWS_DEFAULT 24
#define COLS_DEFAULT 80
#define PORT_MAJOR   240 /* for local use: devices.txt of Linux */

static struct tty *tty;
static struct port *tty_port; /* where the terminal's screen is; NULL: nowhere */
static bool stream_is_tty[3];
static struct file *stdin_ends[2]; /* stdin that is no terminal */

/* Without a host (a bare QEMU) what is written goes to the log, line by line. */
static void log_bytes(const char *from, size_t n)
{
	while (n) {
		const char *end = memchr(from, '\n', n);
		size_t length = end ? (size_t)(end - from) : n;

		log_line(LOG_INFO, "%.*s", (int)length, from);
		length += end != NULL;
		from += length;
		n -= length;
	}
}

static int64_t stream_write(struct port *p, const void *from, size_t n)
{
	if (p)
		return port_write(p, from, n);
	log_bytes(from, n);
	return (int64_t)n;
}

static int64_t screen_write(void *data, const void *from, size_t n)
{
	return tty_port || !port_by_name(INPUT_PORT_NAME) ? stream_write(tty_port, from, n)
							  : (int64_t)n;
}

static int64_t port_file_write(struct file *f, const struct buffer *b, uint64_t *position)
{
	const char *const *name = f->data;
	struct port *p = port_by_name(*name);
	size_t done = 0;
	char *piece = kmalloc(PIECE_BYTES);
	int64_t n = piece ? 0 : -ENOMEM;

	while (n >= 0 && done < b->length) {
		size_t size = MIN(b->length - done, PIECE_BYTES);

		n = buffer_get(b, done, piece, size);
		if (!n)
			n = stream_write(p, piece, size);
		if (n > 0)
			done += (size_t)n;
	}
	kfree(piece);
	return done ? (int64_t)done : n;
}

static unsigned port_file_poll(struct file *f, struct poll *poll)
{
	const char *const *name = f->data;
	struct port *p = port_by_name(*name);

	if (p && poll)
		poll_add(poll, port_wait_queue(p));
	return !p || port_writable(p) ? POLLOUT | POLLWRNORM : 0;
}

static const struct file_ops port_file_ops = { .write = port_file_write, .poll = port_file_poll };

static int console_device_open(struct file *f)
{
	return tty ? tty_open(tty, f) : -ENODEV;
}

void console_init(void)
{
	static const char *output = OUTPUT_PORT_NAME, *error = ERROR_PORT_NAME;
	static const struct tty_side screen = { .write = screen_write };
	static struct device console = {
		.name = "console",
		.number = 5 << 8 | 1,
		.mode = 0600,
		.ops = &port_file_ops,
		.open = console_device_open,
	};
	static struct device ports[] = {
		{ .name = "port-stdout",
		  .number = PORT_MAJOR << 8 | 1,
		  .mode = 0200,
		  .ops = &port_file_ops,
		  .data = &output },
		{ .name = "port-stderr",
		  .number = PORT_MAJOR << 8 | 2,
		  .mode = 0200,
		  .ops = &port_file_ops,
		  .data = &error },
	};

	tty = tty_create(console.number, &screen, NULL);
	KASSERT(tty);
	device_add(&console);
	device_add(&ports[0]);
	device_add(&ports[1]);
}

/* --- What the host sends ------------------------------------------------------ */

/* All n bytes from p; false when it is closed before. */
static bool port_read_all(struct port *p, void *to, size_t n)
{
	size_t done = 0;

	while (done < n) {
		int64_t got = port_read(p, (char *)to + done, n - done, false);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static void input_bytes(const char *bytes, size_t n)
{
	struct buffer b = { .addr = (uint64_t)bytes, .length = n, .kernel = true };

	if (stream_is_tty[0])
		tty_type(tty, bytes, n);
	else if (stdin_ends[1] && file_write(stdin_ends[1], &b, NULL) < 0)
		/* Nobody will ever read it: what else comes is dropped. */
		file_put(__atomic_exchange_n(&stdin_ends[1], NULL, __ATOMIC_ACQ_REL));
}

static void input_end(void)
{
	if (stream_is_tty[0])
		tty_hangup(tty, true);
	else
		file_put(__atomic_exchange_n(&stdin_ends[1], NULL, __ATOMIC_ACQ_REL));
}

static bool message_read(struct port *p, char *piece)
{
	struct input_message m;
	uint16_t size[2];

	if (!port_read_all(p, &m, sizeof(m)))
		return false;
	switch (m.kind) {
	case INPUT_DATA:
		for (uint32_t left = m.length; left;) {
			uint32_t n = MIN(left, PIECE_BYTES);

			if (!port_read_all(p, piece, n))
				return false;
			input_bytes(piece, n);
			left -= n;
		}
		return true;
	case INPUT_END:
		input_end();
		return m.length == 0;
	case INPUT_WINDOW:
		if (m.length != sizeof(size) || !port_read_all(p, size, sizeof(size)))
			return false;
		tty_resize(tty, size[0], size[1]);
		return true;
	}
	log_line(LOG_ERROR, "standard input: message of unknown kind %u", m.kind);
	return false;
}

static void input_run(void *port)
{
	char *piece = kmalloc(PIECE_BYTES);

	while (piece && message_read(port, piece))
		;
	kfree(piece);
	input_end();
	thread_exit();
}

/* --- Start ---------------------------------------------------------------------- */

/* The value of key= in the command line, or NULL; it ends at a space. */
static const char *option(const char *line, const char *key)
{
	size_t n = strlen(key);

	while (line && *line) {
		if (strncmp(line, key, n) == 0 && line[n] == '=')
			return line + n + 1;
		line = strchr(line, ' ');
		line = line ? line + 1 : NULL;
	}
	return NULL;
}

static uint16_t option_number(const char *line, const char *key, uint16_t otherwise)
{
	const char *value = option(line, key), *end;
	uint64_t number = value ? string_number(value, &end) : 0;

	return number && number <= UINT16_MAX ? (uint16_t)number : otherwise;
}

void console_start(const char *command_line)
{
	static const char *const keys[] = { "stdin", "stdout", "stderr" };
	struct port *input = port_by_name(INPUT_PORT_NAME);
	struct thread *t;

	procfs_set_command_line(command_line);
	for (unsigned i = 0; i < 3; i++) {
		const char *value = option(command_line, keys[i]);

		stream_is_tty[i] = value && strncmp(value, "tty", 3) == 0;
	}
	if (stream_is_tty[1])
		tty_port = port_by_name(OUTPUT_PORT_NAME);
	else if (stream_is_tty[2])
		tty_port = port_by_name(ERROR_PORT_NAME);
	tty_resize(tty, option_number(command_line, "rows", ROWS_DEFAULT),
		   option_number(command_line, "cols", COLS_DEFAULT));
	if (!stream_is_tty[0] && pipe_create(stdin_ends, 0))
		panic("no memory for standard input");
	if (!input) {
		input_end();
		return;
	}
	t = thread_create_kernel("input", input_run, input);
	if (!t)
		panic("no memory for the input thread");
	thread_start(t);
}

int console_open(int fd, struct file **out)
{
	static const char *const names[] = { NULL, "/dev/port-stdout", "/dev/port-stderr" };
	struct credentials root = credentials_root;
	struct fs_context *c;
	struct lookup l;
	int error;

	if (fd == 0 && !stream_is_tty[0]) {
		if (!stdin_ends[0])
			return -EBADF;
		*out = stdin_ends[0]; /* init's now: nobody else gets it */
		stdin_ends[0] = NULL;
		return 0;
	}
	c = fs_context_create();
	if (!c)
		return -ENOMEM;
	l = (struct lookup){ .context = c, .credentials = &root, .follow = true };
	error = file_open_name(&l, stream_is_tty[fd] ? "/dev/console" : names[fd],
			       (stream_is_tty[fd] ? O_RDWR : O_WRONLY) | O_NOCTTY, 0, out);
	fs_context_put(c);
	return error;
}
