#include "tests/bench/linux.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/row.h"

static void place(const char *type, const char *at)
{
	mkdir(at, 0755);
	must(mount(type, at, type, 0, NULL) == 0, at);
}

static void put(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

/* The rows run in a child: about faults of the first process the kernel writes to
 * its log.  The parent ends the machine. */
static void child_run(void)
{
	const pid_t child = fork();

	must(child >= 0, "fork");
	if (child == 0)
		return;
	while (wait(NULL) != child)
		;
	reboot(RB_AUTOBOOT);
}

void linux_begin(int ftrace)
{
	if (getpid() != 1)
		return;
	place("devtmpfs", "/dev");
	place("proc", "/proc");
	place("tmpfs", "/tmp");
	if (ftrace) {
		place("tracefs", "/trace");
		put("/trace/events/raw_syscalls/enable", "1");
		put("/trace/events/sched/enable", "1");
		put("/trace/events/exceptions/enable", "1");
	}
	child_run();
}
