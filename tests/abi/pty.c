#include "tests/abi/pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

int master, slave;

void pair_open(void)
{
	char name[64];

	master = OK(posix_openpt(O_RDWR | O_NOCTTY));
	OK(grantpt(master));
	OK(unlockpt(master));
	CHECK(ptsname_r(master, name, sizeof(name)) == 0);
	slave = OK(open(name, O_RDWR | O_NOCTTY));
}

void type(const char *keys)
{
	CHECK(write(master, keys, strlen(keys)) == (long)strlen(keys));
	usleep(10000); /* Linux passes them on when it has time */
}

void show(const char *what, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char text[512] = "", out[2048] = "";
	long n = 0, got, at = 0;

	while (n < 500 && poll(&p, 1, 100) > 0) {
		got = read(fd, text + n, 500 - n);
		if (got <= 0)
			break;
		n += got;
	}
	for (long i = 0; i < n; i++)
		at += snprintf(out + at, sizeof(out) - at,
			       text[i] < ' ' || text[i] == 0x7f ? " %02x" : "%c",
			       (unsigned char)text[i]);
	say("%s %ld: %s", what, n, out);
}

void flags_change(unsigned iflag, unsigned oflag, unsigned lflag, int on)
{
	struct termios t;

	OK(tcgetattr(slave, &t));
	if (on) {
		t.c_iflag |= iflag;
		t.c_oflag |= oflag;
		t.c_lflag |= lflag;
	} else {
		t.c_iflag &= ~iflag;
		t.c_oflag &= ~oflag;
		t.c_lflag &= ~lflag;
	}
	OK(tcsetattr(slave, TCSANOW, &t));
}
