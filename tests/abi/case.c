/* The harness: see case.h.  Order: printing, helpers for cases, one case, all cases. */
#include "tests/abi/case.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const struct test_case __start_test_cases[], __stop_test_cases[];

static bool is_quiet;
static volatile pid_t running; /* the case's process, for on_alarm */
static volatile sig_atomic_t timed_out;
static char scratch[64];

static void print_line(const char *prefix, const char *format, va_list arguments)
{
	char line[512];
	int length = snprintf(line, sizeof(line), "%s", prefix);

	length += vsnprintf(line + length, sizeof(line) - length - 1, format, arguments);
	if (length > (int)sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (write(1, line, length) != length)
		_exit(2);
}

static void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line("", format, arguments);
	va_end(arguments);
}

void say(const char *format, ...)
{
	va_list arguments;
	int error = errno;

	if (is_quiet)
		return;
	va_start(arguments, format);
	print_line("    ", format, arguments);
	va_end(arguments);
	errno = error;
}

void case_fail(const char *file, int line, const char *what)
{
	const char *base = strrchr(file, '/');

	print("    FAILED at %s:%d: %s (errno %s)", base ? base + 1 : file, line, what,
	      error_name(errno));
	_exit(1);
}

void case_gives(const char *file, int line, const char *text, long got, long wanted)
{
	char what[256];

	if (got != wanted) {
		snprintf(what, sizeof(what), "%s is %ld, not %ld", text, got, wanted);
		case_fail(file, line, what);
	}
	say("%s = %ld", text, got);
}

void case_fails(const char *file, int line, const char *text, long got, int wanted)
{
	char what[256];

	if (got != -1 || errno != wanted) {
		snprintf(what, sizeof(what), "%s is %ld, not -1 %s", text, got, error_name(wanted));
		case_fail(file, line, what);
	}
	say("%s = %s", text, error_name(wanted));
}

void case_ended(const char *file, int line, pid_t pid, int status, int signal)
{
	char what[128];
	int word = child_status(pid);

	if (word == (signal ? signal : status << 8)) {
		if (signal)
			say("child dies of SIG%s", signal_name(signal));
		else
			say("child exits with %d", status);
		return;
	}
	if (WIFSIGNALED(word))
		snprintf(what, sizeof(what), "child died of SIG%s", signal_name(WTERMSIG(word)));
	else
		snprintf(what, sizeof(what), "child's wait status is 0x%x", word);
	case_fail(file, line, what);
}

pid_t child(void)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	return pid;
}

int child_status(pid_t pid)
{
	int word;
	pid_t got;

	do
		got = waitpid(pid, &word, 0);
	while (got < 0 && errno == EINTR);
	CHECK(got == pid);
	return word;
}

void sleep_ms(long ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) < 0)
		CHECK(errno == EINTR);
}

void until_asleep(pid_t pid)
{
	char name[32], text[64] = "";

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	for (long end = now_ms() + 1000L * CASE_SECONDS; now_ms() < end; sleep_ms(1)) {
		const char *state;

		CHECK(file_get(name, text, sizeof(text)) > 0);
		state = strrchr(text, ')');
		if (state && state[2] == 'S')
			break;
	}
}

long now_ms(void)
{
	struct timespec now;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void file_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(close(fd) == 0);
}

size_t file_get(const char *path, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got = 0;
	int fd = open(path, O_RDONLY);

	while (fd >= 0 && length < size - 1 &&
	       (got = read(fd, text + length, size - 1 - length)) > 0)
		length += got;
	if (fd >= 0)
		close(fd);
	text[length] = '\0';
	return length;
}

unsigned long stat_field(const char *path, int wanted)
{
	char text[1024], *at;

	CHECK(file_get(path, text, sizeof(text)) > 0);
	CHECK((at = strrchr(text, ')')));
	at += 2;
	if (wanted == 3)
		return (unsigned char)*at;
	for (int field = 3; field < wanted; field++)
		CHECK((at = strchr(at, ' ')) && at++);
	return strtoul(at, NULL, 10);
}

/* The signal mask and actions of the harness itself do not reach the case. */
static _Noreturn void case_enter(const struct test_case *entry)
{
	struct rlimit no_core = { 0, 0 };

	setpgid(0, 0);
	umask(022);
	signal(SIGALRM, SIG_DFL);
	if (setrlimit(RLIMIT_CORE, &no_core) < 0 || chdir(scratch) < 0 ||
	    mkdir(entry->name, 0755) < 0 || chdir(entry->name) < 0) {
		print("    FAILED to set up %s/%s: %s", scratch, entry->name, strerror(errno));
		_exit(1);
	}
	entry->run();
	_exit(0);
}

static void on_alarm(int number)
{
	timed_out = number;
	kill(-running, SIGKILL);
	kill(running, SIGKILL);
}

/* rm -rf */
static void tree_remove(const char *path)
{
	char below[4096];
	struct dirent *entry;
	DIR *folder;

	if (unlink(path) == 0 || rmdir(path) == 0)
		return;
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		tree_remove(below);
	}
	if (folder)
		closedir(folder);
	rmdir(path);
}

bool case_run(const struct test_case *entry)
{
	char folder[128];
	int word;
	pid_t pid = fork();

	if (pid == 0)
		case_enter(entry);
	if (pid < 0) {
		print("    FAILED to fork: %s", strerror(errno));
		return false;
	}
	running = pid;
	timed_out = 0;
	alarm(CASE_SECONDS);
	while (waitpid(pid, &word, 0) < 0 && errno == EINTR)
		;
	alarm(0);
	kill(-pid, SIGKILL);
	snprintf(folder, sizeof(folder), "%s/%s", scratch, entry->name);
	tree_remove(folder);
	if (timed_out)
		print("    FAILED: not done after %d s", CASE_SECONDS);
	else if (WIFSIGNALED(word))
		print("    FAILED: died of SIG%s", signal_name(WTERMSIG(word)));
	return !timed_out && word == 0;
}

void case_quiet(bool quiet)
{
	is_quiet = quiet;
}

/* The arguments are patterns as of the shell; no pattern matches every case. */
static bool case_matches(const struct test_case *entry, int count, char **patterns)
{
	for (int i = 0; i < count; i++)
		if (fnmatch(patterns[i], entry->name, 0) == 0)
			return true;
	return count == 0;
}

static int cases_list(void)
{
	const struct test_case *entry;

	for (entry = __start_test_cases; entry < __stop_test_cases; entry++)
		print("%s", entry->name);
	return 0;
}

/* Descriptors that the shell or a debugger left open would shift every number. */
static void harness_enter(const char *program)
{
	struct sigaction action = { .sa_handler = on_alarm };

	for (int fd = 3; fd < 256; fd++)
		close(fd);
	sigaction(SIGALRM, &action, NULL);
	snprintf(scratch, sizeof(scratch), "/tmp/%s.%d", program, (int)getpid());
	if (mkdir(scratch, 0755) < 0) {
		dprintf(2, "%s: cannot make %s: %s\n", program, scratch, strerror(errno));
		_exit(2);
	}
}

int case_main(int argc, char **argv, const char *program, bool (*run)(const struct test_case *))
{
	const struct test_case *entry;
	int count = 0, failed = 0;
	bool passed;

	if (argc > 1 && strcmp(argv[1], "--list") == 0)
		return cases_list();
	if (argc > 1 && argv[1][0] == '-') {
		dprintf(2, "usage: %s [--list] [PATTERN...]\n", program);
		return 2;
	}
	harness_enter(program);
	for (entry = __start_test_cases; entry < __stop_test_cases; entry++) {
		if (!case_matches(entry, argc - 1, argv + 1))
			continue;
		print("%s", entry->name);
		passed = run ? run(entry) : case_run(entry);
		print("%s: %s", entry->name, passed ? "ok" : "FAILED");
		count++;
		failed += !passed;
	}
	tree_remove(scratch);
	print("%s: %d cases, %d failed", program, count, failed);
	return failed || !count ? 1 : 0;
}
