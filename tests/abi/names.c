/* Names of errors and signals, as they stand in the C headers. */
#include "tests/abi/case.h"

#include <signal.h>
#include <stdio.h>

#define NAMED(number)                                                                              \
	{                                                                                          \
		number, #number                                                                    \
	}

const char *error_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		NAMED(EPERM),     NAMED(ENOENT),  NAMED(ESRCH),        NAMED(EINTR),
		NAMED(EIO),       NAMED(ENXIO),   NAMED(E2BIG),        NAMED(ENOEXEC),
		NAMED(EBADF),     NAMED(ECHILD),  NAMED(EAGAIN),       NAMED(ENOMEM),
		NAMED(EACCES),    NAMED(EFAULT),  NAMED(EBUSY),        NAMED(EEXIST),
		NAMED(EXDEV),     NAMED(ENODEV),  NAMED(ENOTDIR),      NAMED(EISDIR),
		NAMED(EINVAL),    NAMED(ENFILE),  NAMED(EMFILE),       NAMED(ENOTTY),
		NAMED(ETXTBSY),   NAMED(EFBIG),   NAMED(ENOSPC),       NAMED(ESPIPE),
		NAMED(EROFS),     NAMED(EMLINK),  NAMED(EPIPE),        NAMED(EDOM),
		NAMED(ERANGE),    NAMED(EDEADLK), NAMED(ENAMETOOLONG), NAMED(ENOSYS),
		NAMED(ENOTEMPTY), NAMED(ELOOP),   NAMED(EOVERFLOW),    NAMED(EOPNOTSUPP),
		NAMED(ETIMEDOUT), NAMED(ELIBBAD), NAMED(EMSGSIZE),
	};
	static char other[32];

	if (number == 0)
		return "none";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].number == number)
			return names[i].name;
	snprintf(other, sizeof(other), "%d", number);
	return other;
}

const char *signal_name(int number)
{
	static const char *const names[] = {
		[SIGHUP] = "HUP",       [SIGINT] = "INT",       [SIGQUIT] = "QUIT",
		[SIGILL] = "ILL",       [SIGTRAP] = "TRAP",     [SIGABRT] = "ABRT",
		[SIGBUS] = "BUS",       [SIGFPE] = "FPE",       [SIGKILL] = "KILL",
		[SIGUSR1] = "USR1",     [SIGSEGV] = "SEGV",     [SIGUSR2] = "USR2",
		[SIGPIPE] = "PIPE",     [SIGALRM] = "ALRM",     [SIGTERM] = "TERM",
		[SIGSTKFLT] = "STKFLT", [SIGCHLD] = "CHLD",     [SIGCONT] = "CONT",
		[SIGSTOP] = "STOP",     [SIGTSTP] = "TSTP",     [SIGTTIN] = "TTIN",
		[SIGTTOU] = "TTOU",     [SIGURG] = "URG",       [SIGXCPU] = "XCPU",
		[SIGXFSZ] = "XFSZ",     [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF",
		[SIGWINCH] = "WINCH",   [SIGIO] = "IO",         [SIGPWR] = "PWR",
		[SIGSYS] = "SYS",
	};
	static char other[32];

	if (number > 0 && number < (int)(sizeof(names) / sizeof(*names)) && names[number])
		return names[number];
	snprintf(other, sizeof(other), "%d", number);
	return other;
}
