/* The line discipline: keys in, what the program reads and what the screen shows.
 * Include: tests/host/fake_fs.h
 * Sources: tests/host/fake_fs.c
 * Sources: kernel/fs/tty.c kernel/fs/tty_file.c kernel/fs/tty_keys.c
 * Sources: kernel/fs/tty_output.c
 * Sources: kernel/fs/buffer.c */
#include "kernel/fs/device.h"
#include "kernel/fs/tty_state.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/errno.h>

static char screen[65536];
static size_t screen_used;
static int last_signal;
static struct tty *tty;
static struct file file;

/* What tty.c needs and these tests do not. */
void device_add(struct device *d)
{
	(void)d;
}

void poll_add(struct poll *p, struct wait_queue *q)
{
	(void)p;
	(void)q;
}

int64_t tty_request(struct tty *t, unsigned request, uint64_t argument, bool master)
{
	(void)t;
	(void)request;
	(void)argument;
	(void)master;
	return -ENOTTY;
}

static int64_t screen_write(void *data, const void *from, size_t n)
{
	(void)data;
	if (screen_used + n >= sizeof(screen))
		screen_used = 0;
	memcpy(screen + screen_used, from, n);
	screen_used += n;
	screen[screen_used] = 0;
	return (int64_t)n;
}

static void hook_signal_group(uint32_t pgrp, int sig)
{
	assert_int_equal(pgrp, 77);
	last_signal = sig;
}

static int hook_check_foreground(struct tty *t, int sig)
{
	(void)t;
	(void)sig;
	return 0;
}

static void hook_session_leave(struct tty *t, uint32_t session, uint32_t group, bool hung_up)
{
	assert_ptr_equal(t, tty);
	assert_int_equal(session, 77);
	assert_int_equal(group, 77);
	assert_true(hung_up);
	last_signal = SIGHUP;
}

static bool hook_session_leader(void)
{
	return false;
}

static const struct tty_side screen_side = { .write = screen_write };

static int start(void **state)
{
	(void)state;
	tty_hooks = (struct tty_hooks){ .signal_group = hook_signal_group,
					.check_foreground = hook_check_foreground,
					.session_leave = hook_session_leave,
					.session_leader = hook_session_leader };
	tty = tty_create(5 << 8, &screen_side, NULL);
	tty->foreground = 77;
	file = (struct file){ .flags = O_RDWR | O_NONBLOCK };
	assert_int_equal(tty_open(tty, &file), 0);
	screen_used = 0;
	screen[0] = 0;
	last_signal = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	file.ops->release(&file);
	tty_put(tty);
	return 0;
}

static void type(const char *keys)
{
	tty_input(tty, keys, strlen(keys));
}

/* The result of a read of size bytes; what it gave is in got. */
static char got[8192];
static int64_t take(size_t size)
{
	struct buffer b = { .addr = (uint64_t)got, .length = size, .kernel = true };
	uint64_t position = 0;
	int64_t n;

	memset(got, 0, sizeof(got));
	n = file.ops->read(&file, &b, &position);
	return n;
}

static void test_line(void **state)
{
	(void)state;
	type("hello");
	assert_int_equal(take(100), -EAGAIN);
	type("\r");
	assert_string_equal(screen, "hello\r\n");
	assert_int_equal(take(3), 3);
	assert_string_equal(got, "hel");
	assert_int_equal(take(100), 3);
	assert_string_equal(got, "lo\n");
	type("one\ntwo\n");
	assert_int_equal(take(100), 4);
	assert_int_equal(take(100), 4);
	assert_string_equal(got, "two\n");
}

static void test_erase(void **state)
{
	(void)state;
	type("abc\x7fx\n");
	assert_int_equal(take(100), 4);
	assert_string_equal(got, "abx\n");
	assert_string_equal(screen, "abc\b \bx\r\n");
	screen_used = 0;
	type("ab\x01\x7f\n");
	assert_string_equal(screen, "ab^A\b \b\b \b\r\n");
	assert_int_equal(take(100), 3);
	type("\x7f\x7f\x7f\n");
	assert_int_equal(take(100), 1);
	type("one two  \x17three\n");
	assert_int_equal(take(100), 10);
	assert_string_equal(got, "one three\n");
	type("gone\x15kept\n");
	assert_int_equal(take(100), 5);
	assert_string_equal(got, "kept\n");
	type("\xc3\xa4\xc3\xb6\x7f\n");
	assert_int_equal(take(100), 3);
	assert_string_equal(got, "\xc3\xa4\n");
}

static void test_end_of_file(void **state)
{
	(void)state;
	type("\x04");
	assert_int_equal(take(100), 0);
	assert_int_equal(take(100), -EAGAIN);
	type("part\x04");
	assert_int_equal(take(100), 4);
	assert_string_equal(got, "part");
	assert_int_equal(take(100), -EAGAIN);
	type("a\x16\x04z\n"); /* LNEXT takes the key for itself */
	assert_int_equal(take(100), 4);
	assert_string_equal(got, "a\x04z\n");
}

static void test_signals(void **state)
{
	(void)state;
	type("lost");
	type("\x03");
	assert_int_equal(last_signal, SIGINT);
	assert_string_equal(screen, "lost^C");
	type("\n");
	assert_int_equal(take(100), 1);
	type("\x1a");
	assert_int_equal(last_signal, SIGTSTP);
	type("\x1c");
	assert_int_equal(last_signal, SIGQUIT);
	tty->termios.c_lflag &= ~(unsigned)ISIG;
	last_signal = 0;
	type("\x03\n");
	assert_int_equal(last_signal, 0);
	assert_int_equal(take(100), 2);
	tty_resize(tty, 30, 100);
	assert_int_equal(last_signal, SIGWINCH);
	tty->session = 77;
	tty_get(tty); /* the session's, which the hang-up ends */
	tty_hangup(tty, true);
	assert_int_equal(last_signal, SIGHUP);
	assert_int_equal(tty->session, 0);
	assert_int_equal(take(100), 0);
}

static void test_raw(void **state)
{
	(void)state;
	tty->termios.c_lflag &= ~(unsigned)(ICANON | ECHO | ISIG);
	tty->termios.c_iflag = 0;
	type("\x03\r\x7f");
	assert_int_equal(take(100), 3);
	assert_string_equal(got, "\x03\r\x7f");
	assert_string_equal(screen, "");
	tty->termios.c_cc[VMIN] = 0;
	assert_int_equal(take(100), 0);
	tty->termios.c_cc[VTIME] = 1;
	file.flags &= ~(unsigned)O_NONBLOCK;
	assert_int_equal(take(100), 0);
	type("x");
	assert_int_equal(take(100), 1);
}

static void test_stop(void **state)
{
	struct buffer b = { .addr = (uint64_t) "out\n", .length = 4, .kernel = true };
	uint64_t position = 0;

	(void)state;
	assert_int_equal(file.ops->write(&file, &b, &position), 4);
	assert_string_equal(screen, "out\r\n");
	type("\x13");
	assert_int_equal(file.ops->write(&file, &b, &position), -EAGAIN);
	type("\x11");
	assert_int_equal(file.ops->write(&file, &b, &position), 4);
}

/* More than fits: the end of the line still does, nothing is overwritten. */
static void test_full(void **state)
{
	(void)state;
	tty->termios.c_lflag &= ~(unsigned)ECHO;
	for (unsigned i = 0; i < 2 * TTY_CELLS; i++)
		type("y");
	type("\n");
	assert_int_equal(take(sizeof(got)), TTY_CELLS);
	assert_int_equal(got[TTY_CELLS - 1], '\n');
}

/* Any keys in any mode: the ring stays whole. */
static void test_random(void **state)
{
	(void)state;
	srand(3);
	for (unsigned step = 0; step < 200000; step++) {
		char key = (char)(rand() % 3 ? rand() % 32 : rand());

		if (rand() % 997 == 0)
			tty->termios.c_lflag = (unsigned)rand();
		if (rand() % 997 == 0)
			tty->termios.c_iflag = (unsigned)rand();
		tty_input(tty, &key, 1);
		if (rand() % 50 == 0)
			take((size_t)rand() % 300 + 1);
		assert_true(tty->head - tty->tail <= TTY_CELLS);
		assert_true(tty->line - tty->tail <= tty->head - tty->tail);
		assert_int_equal(tty->echo_bytes, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_line, start, end),
		cmocka_unit_test_setup_teardown(test_erase, start, end),
		cmocka_unit_test_setup_teardown(test_end_of_file, start, end),
		cmocka_unit_test_setup_teardown(test_signals, start, end),
		cmocka_unit_test_setup_teardown(test_raw, start, end),
		cmocka_unit_test_setup_teardown(test_stop, start, end),
		cmocka_unit_test_setup_teardown(test_full, start, end),
		cmocka_unit_test_setup_teardown(test_random, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
