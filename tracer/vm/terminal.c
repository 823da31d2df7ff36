#include "tracer/vm/terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static volatile sig_atomic_t raw_fd = -1;

void terminal_restore(void)
{
	const int fd = raw_fd;

	raw_fd = -1;
	if (fd >= 0)
		tcsetattr(fd, TCSADRAIN, &saved);
}

static void died(int signal)
{
	terminal_restore();
	raise(signal); /* SA_RESETHAND: its default action follows */
}

static void faults_watch(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	struct sigaction action = { .sa_handler = died, .sa_flags = (int)SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigaction(faults[i], &action, NULL);
}

bool terminal_raw(int fd)
{
	static bool watched;
	struct termios raw;

	if (tcgetattr(fd, &saved) < 0)
		return false;
	if (!watched) {
		watched = true;
		faults_watch();
		atexit(terminal_restore);
	}
	raw = saved;
	cfmakeraw(&raw);
	raw_fd = fd;
	if (tcsetattr(fd, TCSADRAIN, &raw) == 0)
		return true;
	raw_fd = -1;
	return false;
}

void terminal_size(int fd, uint16_t *rows, uint16_t *columns)
{
	struct winsize size = { 0 };

	ioctl(fd, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}
