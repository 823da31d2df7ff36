/* Pseudo-terminals and the line discipline, as a program at both ends sees them. */
#include "tests/abi/pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif
#ifndef TIOCGPTLCK
#define TIOCGPTLCK 0x80045439
#endif
#ifndef TIOCGPKT
#define TIOCGPKT 0x80045438
#endif
#define EXTERNAL 0200000 /* EXTPROC */

/* One read of a line. */
static void line(int fd)
{
	char text[600] = "";
	long n = read(fd, text, 500);

	text[strcspn(text, "\n")] = 0;
	say("read %ld %s", n, text);
}

static void raw(int least, int time)
{
	struct termios t;

	OK(tcgetattr(slave, &t));
	cfmakeraw(&t);
	t.c_cc[VMIN] = least;
	t.c_cc[VTIME] = time;
	OK(tcsetattr(slave, TCSANOW, &t));
}

CASE(pty_open)
{
	char name[64];
	struct stat st, st2;
	struct statfs fs;
	int on, number;

	master = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	OK(ioctl(master, TIOCGPTN, &number));
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	OK(ioctl(master, TIOCGPTLCK, &on));
	GIVES(on, 1);
	FAILS(open(name, O_RDWR | O_NOCTTY), EIO);
	on = 0;
	OK(ioctl(master, TIOCSPTLCK, &on));
	slave = OK(open(name, O_RDWR | O_NOCTTY));
	OK(fstat(slave, &st));
	OK(stat(name, &st2));
	CHECK(st.st_ino == st2.st_ino);
	CHECK(st.st_ino == (ino_t)number + 3);
	GIVES(st.st_rdev == st2.st_rdev && (st.st_rdev >> 8 & 0xff) == 136, 1);
	CHECK(S_ISCHR(st.st_mode));
	OK(statfs("/dev/pts", &fs));
	GIVES(fs.f_type, 0x1cd1);
	GIVES(isatty(master), 1);
	GIVES(isatty(slave), 1);
	GIVES(strcmp(ttyname(slave), name), 0);
	FAILS(ioctl(slave, TIOCGPTN, &number), ENOTTY);
	FAILS(ioctl(slave, TIOCPKT, &on), ENOTTY);
	FAILS(tcgetsid(slave), ENOTTY);
	OK(close(slave));
	OK(close(master));
	FAILS(stat(name, &st), ENOENT);
}

CASE(pty_peer)
{
	char name[64], text[64] = "";
	int peer, on = 0;

	master = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
	FAILS(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY), EIO);
	OK(ioctl(master, TIOCSPTLCK, &on));
	peer = OK(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
	GIVES(fcntl(peer, F_GETFD), FD_CLOEXEC);
	CHECK(ptsname_r(master, name, sizeof(name)) == 0);
	GIVES(strcmp(ttyname(peer), name), 0);
	GIVES(write(peer, "abc", 3), 3);
	GIVES(read(master, text, sizeof(text)), 3);
	FAILS(ioctl(peer, TIOCGPTPEER, O_RDWR), EIO);
}

CASE(tty_lines)
{
	char text[16];

	pair_open();
	type("one\rtwo\n");
	line(slave);
	line(slave);
	show("echo", master);
	type("abc\177\177x y\027z\n");
	line(slave);
	show("echo", master);
	type("gone\025kept\n");
	line(slave);
	show("echo", master);
	type("part\004");
	line(slave);
	type("\004");
	GIVES(read(slave, text, sizeof(text)), 0);
	type("a\026\003b\n");
	show("literal", slave);
	type("long line\n");
	GIVES(read(slave, text, 4), 4);
	GIVES(read(slave, text, sizeof(text)), 6);
	type("x\022y\n");
	line(slave);
	show("echo", master);
}

CASE(tty_echo_kinds)
{
	pair_open();
	flags_change(0, 0, ECHOCTL, 0);
	type("a\001b\n");
	show("no ECHOCTL", master);
	flags_change(0, 0, ECHOE, 0);
	type("ab\177c\n");
	show("no ECHOE", master);
	flags_change(0, 0, ECHOE | ECHOPRT, 1);
	type("abc\177\177d\n");
	show("ECHOPRT", master);
	flags_change(0, 0, ECHOPRT | ECHOKE, 0);
	type("abc\025d\n");
	show("no ECHOKE", master);
	flags_change(0, 0, ECHO, 0);
	type("abc\n");
	show("no ECHO", master);
	flags_change(0, 0, ECHONL, 1);
	type("abc\n");
	show("ECHONL", master);
	show("all", slave);
}

CASE(tty_input_flags)
{
	pair_open();
	flags_change(0, 0, ECHO, 0);
	flags_change(ICRNL, 0, 0, 0);
	flags_change(INLCR, 0, 0, 1);
	raw(1, 0);
	flags_change(INLCR, 0, 0, 1);
	type("a\nb\r");
	show("INLCR", slave);
	flags_change(INLCR, 0, 0, 0);
	flags_change(IGNCR | ISTRIP, 0, 0, 1);
	type("a\r\341\n");
	show("IGNCR ISTRIP", slave);
	flags_change(IGNCR | ISTRIP, 0, 0, 0);
	flags_change(IUCLC, 0, IEXTEN, 1);
	type("ABC");
	show("IUCLC", slave);
}

CASE(tty_output_flags)
{
	pair_open();
	GIVES(write(slave, "a\nb\r", 4), 4);
	show("ONLCR", master);
	flags_change(0, ONLCR, 0, 0);
	flags_change(0, OCRNL, 0, 1);
	GIVES(write(slave, "a\nb\r", 4), 4);
	show("OCRNL", master);
	flags_change(0, OCRNL, 0, 0);
	flags_change(0, XTABS, 0, 1);
	GIVES(write(slave, "\ra\tb\t", 5), 5);
	show("XTABS", master);
	flags_change(0, XTABS, 0, 0);
	flags_change(0, ONOCR, 0, 1);
	GIVES(write(slave, "\r\ra\r", 4), 4);
	show("ONOCR", master);
	flags_change(0, ONOCR, 0, 0);
	flags_change(0, OLCUC, 0, 1);
	GIVES(write(slave, "aBc", 3), 3);
	show("OLCUC", master);
	flags_change(0, OPOST, 0, 0);
	GIVES(write(slave, "a\n", 2), 2);
	show("raw", master);
}

CASE(tty_raw_min_time)
{
	struct pollfd p;
	char text[16];

	pair_open();
	raw(0, 0);
	GIVES(read(slave, text, sizeof(text)), 0);
	type("abc");
	GIVES(read(slave, text, sizeof(text)), 3);
	raw(0, 1);
	GIVES(read(slave, text, sizeof(text)), 0);
	raw(3, 1);
	type("ab");
	GIVES(read(slave, text, sizeof(text)), 2);
	raw(4, 0);
	type("ab");
	p = (struct pollfd){ .fd = slave, .events = POLLIN };
	GIVES(poll(&p, 1, 0), 0);
	type("cd");
	GIVES(poll(&p, 1, 1000), 1);
	GIVES(read(slave, text, sizeof(text)), 4);
	GIVES(fcntl(slave, F_SETFL, O_NONBLOCK), 0);
	FAILS(read(slave, text, sizeof(text)), EAGAIN);
}

CASE(tty_mode_change)
{
	char text[16];
	int n;

	pair_open();
	flags_change(0, 0, ECHO, 0);
	type("abc");
	OK(ioctl(slave, FIONREAD, &n));
	GIVES(n, 0);
	flags_change(0, 0, ICANON, 0);
	for (int k = 0; k < 1000 && n < 3; k++) { /* Linux passes it on by and by */
		CHECK(ioctl(slave, FIONREAD, &n) == 0);
		usleep(1000);
	}
	GIVES(n, 3);
	GIVES(read(slave, text, sizeof(text)), 3);
	type("de");
	usleep(10000);
	flags_change(0, 0, ICANON, 1);
	GIVES(read(slave, text, sizeof(text)), 2);
	type("lost");
	usleep(10000);
	OK(tcflush(slave, TCIFLUSH));
	type("kept\n");
	line(slave);
	FAILS(tcflush(slave, 7), EINVAL);
	FAILS(tcflow(slave, 9), EINVAL);
	type("ab\ncd");
	usleep(10000);
	OK(ioctl(slave, FIONREAD, &n));
	GIVES(n, 3);
}

CASE(tty_flow)
{
	struct pollfd p;

	pair_open();
	flags_change(0, 0, ECHO, 0);
	OK(fcntl(slave, F_SETFL, O_NONBLOCK));
	type("\023");
	usleep(10000);
	FAILS(write(slave, "held", 4), EAGAIN);
	p = (struct pollfd){ .fd = slave, .events = POLLOUT };
	GIVES(poll(&p, 1, 0), 0);
	type("\021");
	usleep(10000);
	GIVES(write(slave, "free", 4), 4);
	show("output", master);
	OK(tcflow(slave, TCOOFF));
	FAILS(write(slave, "held", 4), EAGAIN);
	OK(tcflow(slave, TCOON));
	GIVES(write(slave, "free", 4), 4);
	show("output", master);
	flags_change(IXANY, 0, 0, 1);
	type("\023");
	type("x");
	usleep(10000);
	GIVES(write(slave, "free", 4), 4);
	OK(tcflow(slave, TCIOFF));
	OK(tcflow(slave, TCION));
	show("output", master);
	flags_change(IXON, 0, 0, 0);
	type("\023\n");
	show("no IXON", slave);
}

CASE(tty_window)
{
	struct winsize w = { .ws_row = 33, .ws_col = 99, .ws_xpixel = 5, .ws_ypixel = 6 };

	pair_open();
	OK(ioctl(master, TIOCSWINSZ, &w));
	memset(&w, 0, sizeof(w));
	OK(ioctl(slave, TIOCGWINSZ, &w));
	say("%d %d %d %d", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
	FAILS(ioctl(slave, TIOCGWINSZ, 8), EFAULT);
	FAILS(ioctl(slave, TIOCSWINSZ, 8), EFAULT);
	FAILS(ioctl(slave, TCGETS, 8), EFAULT);
	FAILS(ioctl(slave, TCSETS, 8), EFAULT);
	FAILS(ioctl(slave, 0x54f0, 8), ENOTTY);
}

CASE(pty_packet)
{
	struct termios t;
	char text[16];
	int on = 1;

	pair_open();
	OK(ioctl(master, TIOCPKT, &on));
	on = 7;
	OK(ioctl(master, TIOCGPKT, &on));
	GIVES(on, 1);
	GIVES(write(slave, "abc", 3), 3);
	show("data", master);
	OK(tcflush(slave, TCIOFLUSH));
	show("flush", master);
	OK(tcflow(slave, TCOOFF));
	show("stop", master);
	OK(tcflow(slave, TCOON));
	show("start", master);
	flags_change(IXON, 0, 0, 0);
	show("no stop", master);
	flags_change(IXON, 0, 0, 1);
	show("do stop", master);
	flags_change(0, 0, EXTERNAL, 1);
	show("external", master);
	OK(tcgetattr(master, &t));
	GIVES(t.c_lflag & EXTERNAL, EXTERNAL);
	type("\003\177x");
	GIVES(read(slave, text, sizeof(text)), 3);
	on = 0;
	OK(ioctl(master, TIOCPKT, &on));
	GIVES(write(slave, "end", 3), 3);
	GIVES(read(master, text, sizeof(text)), 3);
}

CASE(pty_slave_closes)
{
	struct pollfd p;
	char text[16], name[64];

	pair_open();
	flags_change(0, 0, ECHO, 0);
	GIVES(write(slave, "abc", 3), 3);
	CHECK(ptsname_r(master, name, sizeof(name)) == 0);
	OK(close(slave));
	p = (struct pollfd){ .fd = master, .events = POLLIN };
	GIVES(poll(&p, 1, 0), 1);
	say("%#x", p.revents);
	GIVES(read(master, text, sizeof(text)), 3);
	FAILS(read(master, text, sizeof(text)), EIO);
	GIVES(write(master, "x", 1), 1); /* kept for who opens it next */
	GIVES(poll(&p, 1, 0), 1);
	say("%#x", p.revents);
	slave = OK(open(name, O_RDWR | O_NOCTTY));
	GIVES(poll(&p, 1, 0), 0);
	GIVES(write(slave, "abc", 3), 3);
	GIVES(read(master, text, sizeof(text)), 3);
}

CASE(pty_master_closes)
{
	struct termios t;
	struct pollfd p;
	char text[16];

	pair_open();
	type("never read\n");
	OK(close(master));
	p = (struct pollfd){ .fd = slave, .events = POLLIN | POLLOUT };
	GIVES(poll(&p, 1, 0), 1);
	say("%#x", p.revents);
	GIVES(read(slave, text, sizeof(text)), 0);
	FAILS(write(slave, "x", 1), EIO);
	FAILS(tcgetattr(slave, &t), EIO);
	FAILS(tcflush(slave, TCIFLUSH), EIO);
}

CASE(pty_much)
{
	static char text[5000];
	struct pollfd p;
	long out = 0, n;

	pair_open();
	raw(1, 0);
	memset(text, 'x', sizeof(text));
	GIVES(write(master, text, 5000), 5000);
	for (long got = 0; got < 5000; got += n)
		n = OK(read(slave, text, sizeof(text)));
	OK(fcntl(slave, F_SETFL, O_NONBLOCK));
	while ((n = write(slave, text, 1000)) > 0)
		out += n;
	FAILS(write(slave, text, 1000), EAGAIN);
	GIVES(out >= 2000, 1);
	p = (struct pollfd){ .fd = slave, .events = POLLOUT };
	GIVES(poll(&p, 1, 0), 0);
	OK(fcntl(master, F_SETFL, O_NONBLOCK));
	while (out > 0)
		out -= OK(read(master, text, sizeof(text)));
	GIVES(out, 0);
	GIVES(poll(&p, 1, 1000), 1);
}
