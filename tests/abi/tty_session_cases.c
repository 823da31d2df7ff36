/* Terminals and sessions: who controls one, who may read it, what its keys send. */
#include "tests/abi/pty.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifndef TIOCSIG
#define TIOCSIG 0x40045436
#endif

/* A child with the slave as its controlling terminal, which runs body and ends. */
static pid_t session_start(void (*body)(void))
{
	pid_t child = OK(fork());

	if (child)
		return child;
	OK(setsid());
	OK(ioctl(slave, TIOCSCTTY, 0));
	close(master);
	body();
	_exit(0);
}

static void child_end(pid_t child)
{
	int status;

	CHECK(waitpid(child, &status, 0) == child);
	say("status %#x", status);
}

static void controlling_body(void)
{
	int fd = OK(open("/dev/tty", O_RDWR));

	CHECK(tcgetsid(slave) == getpid());
	CHECK(tcgetpgrp(fd) == getpid());
	OK(ioctl(slave, TIOCSCTTY, 0));
	FAILS(tcsetpgrp(slave, 999999), ESRCH);
	FAILS(tcsetpgrp(slave, getppid()), EPERM);
	FAILS(tcsetpgrp(slave, -3), EINVAL);
	signal(SIGHUP, SIG_IGN);
	OK(ioctl(fd, TIOCNOTTY, 0));
	FAILS(open("/dev/tty", O_RDWR), ENXIO);
	FAILS(tcgetpgrp(slave), ENOTTY);
	FAILS(ioctl(slave, TIOCNOTTY, 0), ENOTTY);
	OK(ioctl(slave, TIOCSCTTY, 0));
	OK(close(open("/dev/tty", O_RDWR)));
}

CASE(tty_controlling)
{
	pid_t child;
	int group;

	pair_open();
	child = session_start(controlling_body);
	child_end(child);
	/* Seen from the master nobody has to be its session. */
	OK(ioctl(master, TIOCGPGRP, &group));
	FAILS(ioctl(slave, TIOCGPGRP, &group), ENOTTY);
}

static volatile sig_atomic_t caught;

static void catch (int sig)
{
	caught = sig;
}

static void keys_body(void)
{
	struct sigaction a = { .sa_handler = catch };
	sigset_t all, none;
	char c = 'r';

	sigemptyset(&none);
	sigfillset(&all);
	CHECK(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGQUIT, &a, NULL);
	sigaction(SIGTSTP, &a, NULL);
	sigaction(SIGWINCH, &a, NULL);
	for (int k = 0; k < 5; k++) {
		CHECK(write(slave, &c, 1) == 1);
		while (!caught)
			sigsuspend(&none);
		say("signal %d", caught);
		caught = 0;
	}
}

CASE(tty_signal_keys)
{
	static const char *const keys[] = { "\003", "\034", "\032" };
	struct winsize w = { .ws_row = 10, .ws_col = 20 };
	pid_t child;
	char c;

	pair_open();
	flags_change(0, 0, ECHO, 0);
	child = session_start(keys_body);
	for (int k = 0; k < 5; k++) {
		CHECK(read(master, &c, 1) == 1);
		if (k < 3)
			type(keys[k]);
		else if (k == 3)
			OK(ioctl(master, TIOCSWINSZ, &w));
		else
			OK(ioctl(master, TIOCSIG, SIGINT));
	}
	child_end(child);
	FAILS(ioctl(master, TIOCSIG, SIGKILL), EINVAL);
}

static void answer(int sig)
{
	char c = (char)('a' + sig);

	CHECK(write(slave, &c, 1) == 1);
}

static void answers_body(void)
{
	struct sigaction a = { .sa_handler = answer };
	char c = 'r';

	sigaction(SIGINT, &a, NULL);
	CHECK(write(slave, &c, 1) == 1);
	for (;;)
		pause();
}

/* The key drops what was written before it, never what its handler writes. */
CASE(tty_signal_answers)
{
	char c, keys[251] = "\003";
	pid_t child;

	/* What follows in the same write gives the handler time. */
	memset(keys + 1, 'x', sizeof(keys) - 2);
	pair_open();
	flags_change(0, 0, ECHO, 0);
	child = session_start(answers_body);
	CHECK(read(master, &c, 1) == 1);
	for (int k = 0; k < 300; k++) {
		type(keys);
		CHECK(read(master, &c, 1) == 1 && c == 'a' + SIGINT);
	}
	say("300 answers");
	OK(kill(child, SIGKILL));
	DIES(child, SIGKILL);
}

static void background_body(void)
{
	pid_t child = OK(fork());
	int status;
	char c;

	if (!child) {
		setpgid(0, 0);
		OK(read(slave, &c, 1));
		_exit(c);
	}
	setpgid(child, child);
	CHECK(waitpid(child, &status, WUNTRACED) == child);
	say("stopped by SIGTTIN: %d", WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN);
	OK(tcsetpgrp(slave, child));
	OK(kill(-child, SIGCONT));
	CHECK(waitpid(child, &status, WUNTRACED) == child);
	say("exit %d", WEXITSTATUS(status));
	signal(SIGTTOU, SIG_IGN);
	OK(tcsetpgrp(slave, getpid()));
	signal(SIGTTOU, SIG_DFL);
	flags_change(0, 0, TOSTOP, 1);
	child = OK(fork());
	if (!child) {
		setpgid(0, 0);
		GIVES(write(slave, "w", 1), 1);
		_exit(5);
	}
	setpgid(child, child);
	CHECK(waitpid(child, &status, WUNTRACED) == child);
	say("stopped by SIGTTOU: %d", WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU);
	flags_change(0, 0, TOSTOP, 0);
	OK(kill(-child, SIGCONT));
	CHECK(waitpid(child, &status, 0) == child);
	say("exit %d", WEXITSTATUS(status));
}

CASE(tty_background)
{
	pid_t child;

	pair_open();
	flags_change(0, 0, ECHO, 0);
	type("x\n");
	child = session_start(background_body);
	child_end(child);
	show("written", master);
}

static void orphan_body(void)
{
	int ends[2];
	char c = 0;
	pid_t child;

	OK(pipe(ends));
	child = OK(fork());
	if (!child) { /* its child is in a group that nobody looks after */
		setpgid(0, 0);
		if (fork() == 0) {
			while (getppid() > 1 && usleep(1000) == 0)
				;
			FAILS(read(slave, &c, 1), EIO);
			signal(SIGTSTP, SIG_DFL);
			raise(SIGTSTP); /* has no effect */
			write(ends[1], "o", 1);
			_exit(0);
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
	GIVES(read(ends[0], &c, 1), 1);
	say("orphan says %c", c);
}

CASE(tty_orphan)
{
	pid_t child;

	pair_open();
	child = session_start(orphan_body);
	child_end(child);
}

static void hang_up_body(void)
{
	struct sigaction a = { .sa_handler = catch };
	char c = 'r';

	sigaction(SIGHUP, &a, NULL);
	CHECK(write(slave, &c, 1) == 1);
	FAILS(read(slave, &c, 1), EIO); /* it waited when the other end closed */
	GIVES(read(slave, &c, 1), 0);
	say("signal %d", caught);
	FAILS(open("/dev/tty", O_RDWR), ENXIO);
}

CASE(tty_hang_up)
{
	pid_t child;
	char c;

	pair_open();
	flags_change(0, 0, ECHO, 0);
	child = session_start(hang_up_body);
	OK(close(slave));
	CHECK(read(master, &c, 1) == 1);
	until_asleep(child);
	OK(close(master));
	child_end(child);
}

static void leader_body(void)
{
	char c = 'r';

	if (fork() == 0) {
		signal(SIGHUP, SIG_DFL);
		CHECK(write(slave, &c, 1) == 1);
		for (;;)
			pause();
	}
	for (;;)
		pause();
}

CASE(tty_leader_dies)
{
	struct pollfd p;
	pid_t child;
	char c;

	pair_open();
	flags_change(0, 0, ECHO, 0);
	child = session_start(leader_body);
	OK(close(slave));
	CHECK(read(master, &c, 1) == 1);
	OK(kill(child, SIGKILL));
	child_end(child);
	/* Its child, of the foreground group, got SIGHUP and has the slave open no more. */
	p = (struct pollfd){ .fd = master };
	GIVES(poll(&p, 1, 5000), 1);
	FAILS(read(master, &c, 1), EIO);
}

static void vhangup_body(void)
{
	char c = 'r';

	signal(SIGHUP, SIG_IGN);
	OK(syscall(SYS_vhangup));
	GIVES(read(slave, &c, 1), 0);
	FAILS(write(slave, &c, 1), EIO);
	FAILS(open("/dev/tty", O_RDWR), ENXIO);
}

CASE(tty_vhangup)
{
	char name[64];
	pid_t child;

	pair_open();
	child = session_start(vhangup_body);
	child_end(child);
	FAILS(write(slave, "x", 1), EIO);
	CHECK(ptsname_r(master, name, sizeof(name)) == 0);
	OK(close(slave));
	slave = OK(open(name, O_RDWR | O_NOCTTY));
	GIVES(write(slave, "x", 1), 1);
}

CASE(tty_exclusive)
{
	char name[64];
	int on;

	pair_open();
	OK(ioctl(slave, TIOCEXCL));
	OK(ioctl(slave, 0x80045440, &on)); /* TIOCGEXCL */
	GIVES(on, 1);
	CHECK(ptsname_r(master, name, sizeof(name)) == 0);
	OK(close(open(name, O_RDWR | O_NOCTTY))); /* user 0 may */
	OK(ioctl(slave, TIOCNXCL));
	OK(ioctl(slave, 0x80045440, &on));
	GIVES(on, 0);
	OK(ioctl(slave, TIOCSTI, "q"));
	flags_change(0, 0, ICANON, 0);
	show("as if typed", slave);
}
