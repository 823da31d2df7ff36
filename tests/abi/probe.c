/* Kinds of probe; each prints what the case compares, and exits.  See probe.h. */
#include "tests/abi/probe.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "tests/abi/case.h"

extern char **environ;

static int probe_strings(int argc, char **argv)
{
	for (int i = 0; i <= argc; i++)
		say("argv[%d] = %s", i, argv[i] ? argv[i] : "(end)");
	for (int i = 0; environ[i]; i++)
		say("env[%d] = %s", i, environ[i]);
	return 0;
}

/* The stack as the System V ABI wants it at entry: argc at a multiple of 16, argv, 0,
 * environment, 0, auxiliary vector. */
static int probe_stack(int argc, char **argv)
{
	CHECK((uintptr_t)(argv - 1) % 16 == 0);
	CHECK(((long *)argv)[-1] == argc);
	CHECK(environ == argv + argc + 1);
	say("argc at a multiple of 16, argv and environment behind it");
	return 0;
}

static int probe_auxiliary(int argc, char **argv)
{
	const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
	const char *name = (const char *)getauxval(AT_EXECFN);
	int loads = 0, sum = 0;

	(void)argc;
	(void)argv;
	GIVES(getauxval(AT_PAGESZ), 4096);
	GIVES(getauxval(AT_CLKTCK), 100);
	GIVES(getauxval(AT_PHENT), sizeof(*headers));
	GIVES(getauxval(AT_UID) + getauxval(AT_EUID) + getauxval(AT_GID) + getauxval(AT_EGID), 0);
	GIVES(getauxval(AT_SECURE), 0);
	GIVES(getauxval(AT_BASE), 0);
	GIVES(getauxval(AT_FLAGS), 0);
	CHECK(headers && name && random);
	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
		loads += headers[i].p_type == PT_LOAD;
	CHECK(loads >= 2 && getauxval(AT_ENTRY) != 0);
	for (int i = 0; i < 16; i++)
		sum += random[i];
	CHECK(sum != 0);
	say("AT_EXECFN = %s", name);
	return 0;
}

/* Where CAP_CHOWN is, as /proc says. */
static int probe_capabilities(int argc, char **argv)
{
	static const char *const sets[] = { "Inh", "Prm", "Eff", "Bnd", "Amb" };
	char status[4096], name[16], *line;

	(void)argc;
	(void)argv;
	file_get("/proc/self/status", status, sizeof(status));
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "Cap%s:", sets[i]);
		CHECK((line = strstr(status, name)));
		say("%s %lu", name, strtoul(line + strlen(name), NULL, 16) & 1);
	}
	say("secure %lu", getauxval(AT_SECURE));
	return 0;
}

static int probe_signals(int argc, char **argv)
{
	sigset_t mask;

	(void)argc;
	(void)argv;
	CHECK(sigprocmask(SIG_BLOCK, NULL, &mask) == 0);
	GIVES(sigismember(&mask, SIGUSR1), 1);
	GIVES(sigismember(&mask, SIGUSR2), 0);
	GIVES(signal(SIGHUP, SIG_DFL) == SIG_IGN, 1);
	GIVES(signal(SIGTERM, SIG_DFL) == SIG_DFL, 1);
	sigemptyset(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL); /* SIGUSR1 is pending and kills us */
	return 1;
}

static int probe_descriptors(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (int fd = 3; fd < 8; fd++)
		say("descriptor %d: %s", fd, fcntl(fd, F_GETFD) < 0 ? "closed" : "open");
	return 0;
}

/* --probe pid N: is this still process N? */
static int probe_pid(int argc, char **argv)
{
	return argc > 3 && atoi(argv[3]) == getpid() ? 0 : 1;
}

static int probe_exit(int argc, char **argv)
{
	return argc > 3 ? atoi(argv[3]) : 0;
}

int probe_main(int argc, char **argv)
{
	static const struct {
		const char *kind;
		int (*run)(int argc, char **argv);
	} kinds[] = {
		{ "strings", probe_strings },
		{ "stack", probe_stack },
		{ "auxiliary", probe_auxiliary },
		{ "capabilities", probe_capabilities },
		{ "signals", probe_signals },
		{ "descriptors", probe_descriptors },
		{ "pid", probe_pid },
		{ "exit", probe_exit },
	};

	for (size_t i = 0; argc > 2 && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].kind, argv[2]) == 0)
			return kinds[i].run(argc, argv);
	return 2;
}
