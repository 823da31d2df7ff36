/* /proc as far as small programs read it. */
#include "tests/abi/case.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

CASE(proc_self_exe)
{
	char path[PATH_MAX], *base;
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct stat link_target, target;

	CHECK(length > 0);
	path[length] = '\0';
	base = strrchr(path, '/');
	say("ends with %s", base ? base : path);
	CHECK(path[0] == '/');
	GIVES(stat("/proc/self/exe", &link_target), 0);
	GIVES(stat(path, &target), 0);
	CHECK(link_target.st_ino == target.st_ino);
	FAILS(open("/proc/self/exe", O_WRONLY), ETXTBSY);
}

CASE(proc_self_link)
{
	char target[32], wanted[32];
	ssize_t length = readlink("/proc/self", target, sizeof(target) - 1);

	CHECK(length > 0);
	target[length] = '\0';
	snprintf(wanted, sizeof(wanted), "%d", (int)getpid());
	CHECK(strcmp(target, wanted) == 0);
	say("/proc/self is the reader's own number");
}

CASE(proc_self_cwd)
{
	char link_target[PATH_MAX] = "", here[PATH_MAX];

	CHECK(getcwd(here, sizeof(here)));
	CHECK(readlink("/proc/self/cwd", link_target, sizeof(link_target) - 1) > 0);
	GIVES(strcmp(link_target, here), 0);
}

CASE(proc_self_cmdline)
{
	char text[256];
	size_t length = file_get("/proc/self/cmdline", text, sizeof(text));
	char *base = strrchr(text, '/');

	CHECK(length > 1 && text[length - 1] == '\0');
	say("%s", base ? base + 1 : text);
}

CASE(proc_self_stat)
{
	char text[1024];

	CHECK(file_get("/proc/self/stat", text, sizeof(text)) > 0);
	CHECK(strtol(text, NULL, 10) == getpid());
	GIVES(stat_field("/proc/self/stat", 3), 'R');
	CHECK((pid_t)stat_field("/proc/self/stat", 4) == getppid());
	CHECK((pid_t)stat_field("/proc/self/stat", 5) == getpgrp());
	CHECK((pid_t)stat_field("/proc/self/stat", 6) == getsid(0));
	GIVES(stat_field("/proc/self/stat", 20), 1);
	CHECK(stat_field("/proc/self/stat", 23) > 4096); /* size of the address space */
	CHECK(stat_field("/proc/self/stat", 24) > 0);    /* pages in memory */
}

CASE(proc_states)
{
	char path[32];
	siginfo_t info;
	pid_t pid = child();

	if (pid == 0)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	while (stat_field(path, 3) == 'R')
		sleep_ms(1);
	GIVES(stat_field(path, 3), 'S');
	CHECK(kill(pid, SIGSTOP) == 0 && waitid(P_PID, pid, &info, WSTOPPED) == 0);
	GIVES(stat_field(path, 3), 'T');
	CHECK(kill(pid, SIGKILL) == 0 && waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0);
	GIVES(stat_field(path, 3), 'Z');
	DIES(pid, SIGKILL);
	FAILS(open(path, O_RDONLY), ENOENT);
}

CASE(proc_lists_processes)
{
	struct dirent *entry;
	bool self = false;
	int processes = 0;
	DIR *folder = opendir("/proc");

	CHECK(folder);
	while ((entry = readdir(folder))) {
		processes += atoi(entry->d_name) > 0;
		self |= atoi(entry->d_name) == getpid();
	}
	GIVES(self, 1);
	CHECK(processes >= 2);
	GIVES(closedir(folder), 0);
}

/* The number behind "name:" in a file of lines. */
static long line_value(const char *path, const char *name)
{
	static char text[16384];
	char *at;

	CHECK(file_get(path, text, sizeof(text)) > 0);
	CHECK((at = strstr(text, name)));
	return strtol(at + strlen(name), NULL, 10);
}

CASE(proc_meminfo)
{
	long total = line_value("/proc/meminfo", "MemTotal:");

	CHECK(total > 0 && line_value("/proc/meminfo", "MemFree:") <= total);
	CHECK(line_value("/proc/meminfo", "MemAvailable:") > 0);
	CHECK(line_value("/proc/meminfo", "Buffers:") >= 0);
	CHECK(line_value("/proc/meminfo", "\nCached:") >= 0);
	CHECK(line_value("/proc/meminfo", "SwapTotal:") >= 0);
	say("the lines that free reads are there");
}

CASE(proc_system_files)
{
	static const char *const files[] = { "/proc/uptime",  "/proc/loadavg",
					     "/proc/stat",    "/proc/mounts",
					     "/proc/version", "/proc/self/status",
					     "/proc/cpuinfo", "/proc/filesystems" };
	char text[64];

	for (int i = 0; i < 8; i++) {
		size_t length = file_get(files[i], text, sizeof(text));

		say("%s: %s", files[i], length > 4 ? "has text" : "EMPTY");
		CHECK(length > 4);
	}
}

CASE(proc_self_maps)
{
	static char text[65536];

	CHECK(file_get("/proc/self/maps", text, sizeof(text)) > 0);
	GIVES(strstr(text, "[stack]\n") != NULL, 1);
	GIVES(strstr(text, " r-xp ") != NULL, 1);
	GIVES(strstr(text, " rw-p ") != NULL, 1);
	GIVES(strstr(text, "rwxp") != NULL, 0);
}

CASE(proc_self_fd)
{
	char target[PATH_MAX] = "";

	CHECK(open("/dev/null", O_RDONLY) == 3);
	GIVES(readlink("/proc/self/fd/3", target, sizeof(target) - 1), 9);
	GIVES(strcmp(target, "/dev/null"), 0);
	FAILS(readlink("/proc/self/fd/99", target, sizeof(target) - 1), ENOENT);
}

CASE(proc_read_only)
{
	FAILS(mkdir("/proc/new", 0755), ENOENT);
	FAILS(unlink("/proc/uptime"), EPERM);
	FAILS(open("/proc/absent", O_RDONLY), ENOENT);
	FAILS(open("/proc/99999999/stat", O_RDONLY), ENOENT);
}
