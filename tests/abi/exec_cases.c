/* execve: what the new program is given, what it keeps, and what cannot be run. */
#include "tests/abi/case.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/abi/probe.h"

#define SELF "/proc/self/exe"

static char *const no_env[] = { NULL };

/* In a child: become a probe of the kind. */
static void probe_exec(const char *kind, const char *argument, char *const *env)
{
	char *const argv[] = { (char *)"abi", (char *)PROBE_ARGUMENT, (char *)kind,
			       (char *)argument, NULL };

	execve(SELF, argv, env);
	case_fail(__FILE__, __LINE__, "execve of a probe returned");
}

static pid_t probe_start(const char *kind, char *const *env)
{
	pid_t pid = child();

	if (pid == 0)
		probe_exec(kind, NULL, env);
	return pid;
}

static void file_executable(const char *name, const void *bytes, size_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
}

CASE(exec_strings)
{
	char *const env[] = { (char *)"ONE=1", (char *)"EMPTY=", (char *)"no equals sign", NULL };
	pid_t pid = child();

	if (pid == 0)
		probe_exec("strings", "with a space", env);
	EXITS(pid, 0);
	EXITS(probe_start("strings", no_env), 0);
}

CASE(exec_stack_layout)
{
	char *const odd[] = { (char *)"ODD=x", NULL };

	EXITS(probe_start("stack", no_env), 0);
	EXITS(probe_start("stack", odd), 0);
}

CASE(exec_auxiliary_vector)
{
	EXITS(probe_start("auxiliary", no_env), 0);
}

static void on_signal(int number)
{
	(void)number;
}

CASE(exec_signals)
{
	sigset_t mask;
	pid_t pid = child();

	if (pid == 0) {
		sigemptyset(&mask);
		sigaddset(&mask, SIGUSR1);
		CHECK(sigprocmask(SIG_SETMASK, &mask, NULL) == 0);
		CHECK(signal(SIGHUP, SIG_IGN) != SIG_ERR);
		CHECK(signal(SIGTERM, on_signal) != SIG_ERR);
		kill(getpid(), SIGUSR1);
		probe_exec("signals", NULL, no_env);
	}
	DIES(pid, SIGUSR1);
}

CASE(exec_descriptors)
{
	pid_t pid = child();

	if (pid == 0) {
		CHECK(open("/dev/null", O_RDONLY) == 3);
		CHECK(open("/dev/null", O_RDONLY | O_CLOEXEC) == 4);
		CHECK(dup(4) == 5);
		CHECK(open("/dev/null", O_RDONLY) == 6);
		CHECK(fcntl(6, F_SETFD, FD_CLOEXEC) == 0);
		probe_exec("descriptors", NULL, no_env);
	}
	EXITS(pid, 0);
}

CASE(exec_same_process)
{
	char number[16];
	pid_t pid = child();

	if (pid == 0) {
		snprintf(number, sizeof(number), "%d", (int)getpid());
		probe_exec("pid", number, no_env);
	}
	EXITS(pid, 0);
}

CASE(exec_after_vfork)
{
	pid_t pid = vfork();

	if (pid == 0)
		probe_exec("exit", "9", no_env);
	EXITS(pid, 9);
}

static void *thread_pause(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void *thread_exec(void *number)
{
	probe_exec("pid", number, no_env);
	return NULL;
}

/* Whoever calls it, the new program is the process's only thread and has its pid. */
CASE(exec_with_threads)
{
	char number[16];
	pthread_t thread;
	pid_t pid;

	for (int from_thread = 0; from_thread < 2; from_thread++) {
		pid = child();
		if (pid == 0) {
			snprintf(number, sizeof(number), "%d", (int)getpid());
			CHECK(pthread_create(&thread, NULL, thread_pause, NULL) == 0);
			if (from_thread)
				CHECK(pthread_create(&thread, NULL, thread_exec, number) == 0);
			else
				probe_exec("pid", number, no_env);
			thread_pause(NULL);
		}
		EXITS(pid, 0);
	}
}

CASE(exec_errors)
{
	char *const argv[] = { (char *)"x", NULL };

	file_put("plain", "text");
	CHECK(mkdir("dir", 0755) == 0 && symlink("loop", "loop") == 0);
	FAILS(execve("absent", argv, no_env), ENOENT);
	FAILS(execve("plain", argv, no_env), EACCES);
	FAILS(execve("plain/below", argv, no_env), ENOTDIR);
	FAILS(execve("dir", argv, no_env), EACCES);
	FAILS(execve("loop", argv, no_env), ELOOP);
	FAILS(execve("", argv, no_env), ENOENT);
}

CASE(exec_too_big)
{
	static char *argv[] = { (char *)"x", NULL, NULL };
	char *text = malloc(140000);

	memset(text, 'x', 140000);
	text[139999] = '\0';
	argv[1] = text; /* one string may have 131072 bytes */
	FAILS(execve(SELF, argv, no_env), E2BIG);
}

CASE(exec_long_arguments)
{
	static char *argv[1003];
	char *text = malloc(1000);
	pid_t pid = child();

	if (pid == 0) {
		memset(text, 'x', 999);
		text[999] = '\0';
		argv[0] = (char *)"abi";
		argv[1] = (char *)PROBE_ARGUMENT;
		argv[2] = (char *)"stack";
		for (int i = 3; i < 1002; i++)
			argv[i] = text;
		execve(SELF, argv, no_env);
	}
	EXITS(pid, 0);
}

CASE(exec_broken_files)
{
	char *const argv[] = { (char *)"x", NULL };
	Elf64_Ehdr header;
	int fd = open(SELF, O_RDONLY);

	CHECK(read(fd, &header, sizeof(header)) == sizeof(header));
	file_executable("empty", "", 0);
	FAILS(execve("empty", argv, no_env), ENOEXEC);
	file_executable("junk", "\1\2\3\4 no format at all", 20);
	FAILS(execve("junk", argv, no_env), ENOEXEC);
	file_executable("magic", &header, 4);
	FAILS(execve("magic", argv, no_env), ENOEXEC);
	header.e_machine = EM_ARM;
	file_executable("machine", &header, sizeof(header));
	FAILS(execve("machine", argv, no_env), ENOEXEC);
	header.e_machine = EM_X86_64;
	header.e_type = ET_REL;
	file_executable("object", &header, sizeof(header));
	FAILS(execve("object", argv, no_env), ENOEXEC);
	header.e_type = ET_EXEC;
	header.e_phentsize = 1;
	file_executable("headers", &header, sizeof(header));
	FAILS(execve("headers", argv, no_env), ENOEXEC);
}

CASE(exec_script)
{
	char self[PATH_MAX], script[PATH_MAX + 64];
	pid_t pid;
	ssize_t length = readlink(SELF, self, sizeof(self) - 1);

	CHECK(length > 0);
	self[length] = '\0';
	CHECK(symlink(self, "program") == 0);
	snprintf(script, sizeof(script), "#! ./program %s\nnot read", PROBE_ARGUMENT);
	file_executable("strings", script, strlen(script));
	pid = child();
	if (pid == 0)
		execle("strings", "name is dropped", "second", (char *)NULL, no_env);
	EXITS(pid, 0);
	file_executable("bad", "#!/absent/interpreter\n", 22);
	FAILS(execl("bad", "bad", (char *)NULL), ENOENT);
	file_executable("none", "#!   \n", 6);
	FAILS(execl("none", "none", (char *)NULL), ENOEXEC);
}

CASE(exec_busy_file)
{
	char *const argv[] = { (char *)"x", NULL };

	CHECK(open("file", O_WRONLY | O_CREAT, 0755) == 3);
	FAILS(execve("file", argv, no_env), ETXTBSY);
}
