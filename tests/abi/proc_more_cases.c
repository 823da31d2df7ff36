/* Files of /proc and /sys: their shape, and figures that can be checked. */
#include "tests/abi/case.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static char text[65536];

static void has(const char *path, const char *part)
{
	file_get(path, text, sizeof(text));
	if (!strstr(text, part)) {
		say("%s has no %s", path, part);
		case_fail(__FILE__, __LINE__, part);
	}
	say("%s: %s", path, part);
}

CASE(proc_process_files)
{
	has("/proc/self/io", "rchar: ");
	has("/proc/self/io", "cancelled_write_bytes: 0\n");
	has("/proc/self/smaps", "Rss:  ");
	has("/proc/self/smaps", "VmFlags: rd");
	has("/proc/self/smaps", "[stack]");
	has("/proc/self/smaps_rollup", "[rollup]");
	has("/proc/self/cgroup", "0::/");
	has("/proc/self/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
	has("/proc/self/personality", "00000000\n");
	file_get("/proc/self/oom_score", text, sizeof(text));
	CHECK(atoi(text) > 0);
	file_get("/proc/thread-self/children", text, sizeof(text));
	GIVES(strlen(text), 0);
}

CASE(proc_oom_adjust)
{
	pid_t pid;
	int fd = open("/proc/self/oom_score_adj", O_RDWR);

	CHECK(fd >= 0);
	GIVES(write(fd, "300\n", 4), 4);
	has("/proc/self/oom_score_adj", "300\n");
	FAILS(write(fd, "1001", 4), EINVAL);
	FAILS(write(fd, "x", 1), EINVAL);
	pid = child();
	if (pid == 0) {
		has("/proc/self/oom_score_adj", "300\n");
		_exit(0);
	}
	EXITS(pid, 0);
}

CASE(proc_fdinfo)
{
	char name[64];
	int fd;

	file_put("a", "0123456789");
	CHECK((fd = open("a", O_RDWR | O_CLOEXEC | O_APPEND)) >= 0);
	CHECK(lseek(fd, 7, SEEK_SET) == 7);
	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	file_get(name, text, sizeof(text));
	CHECK(strstr(text, "pos:\t7\n"));
	CHECK(strstr(text, "flags:\t02102002\n"));
	CHECK(strstr(text, "mnt_id:\t"));
	close(fd);
	FAILS(open(name, O_RDONLY), ENOENT);
}

CASE(proc_auxiliary)
{
	unsigned long pairs[128] = { 0 };
	int fd = open("/proc/self/auxv", O_RDONLY);
	ssize_t n = read(fd, pairs, sizeof(pairs));
	bool page = false, entry = false;

	CHECK(n > 64 && n % 16 == 0);
	for (ssize_t k = 0; k < n / 8; k += 2) {
		page |= pairs[k] == AT_PAGESZ && pairs[k + 1] == 4096;
		entry |= pairs[k] == AT_ENTRY && pairs[k + 1] == getauxval(AT_ENTRY);
	}
	CHECK(page && entry && pairs[n / 8 - 2] == AT_NULL);
}

CASE(proc_namespaces)
{
	char link[64] = "";

	CHECK(readlink("/proc/self/ns/pid", link, sizeof(link) - 1) > 0);
	CHECK(strncmp(link, "pid:[", 5) == 0);
	CHECK(readlink("/proc/self/ns/pid_for_children", link, sizeof(link) - 1) > 0);
	CHECK(strncmp(link, "pid:[", 5) == 0);
}

CASE(proc_sockets)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0of-this-test" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char *at;

	CHECK(bind(fd, (struct sockaddr *)&a, 2 + 13) == 0 && listen(fd, 1) == 0);
	file_get("/proc/net/unix", text, sizeof(text));
	CHECK((at = strstr(text, " @of-this-test\n")));
	while (at > text && at[-1] != '\n')
		at--;
	CHECK(strstr(at, " 00000000 00010000 0001 01 "));
}

CASE(proc_machine_files)
{
	has("/proc/cpuinfo", "processor\t: 0\n");
	has("/proc/cpuinfo", "flags\t\t: fpu ");
	has("/proc/cpuinfo", " bits virtual\n");
	has("/proc/vmstat", "nr_free_pages ");
	has("/proc/vmstat", "pgfault ");
	has("/proc/interrupts", "CPU0");
	has("/proc/devices", "Character devices:\n  1 mem\n");
	has("/proc/devices", "\nBlock devices:\n");
	has("/proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	has("/proc/partitions", "major minor  #blocks  name\n");
	has("/proc/tty/drivers",
	    "/dev/tty             /dev/tty        5       0 system:/dev/tty\n");
	has("/proc/sys/fs/inotify/max_queued_events", "16384\n");
	has("/proc/sys/kernel/pty/max", "4096\n");
	has("/sys/devices/system/cpu/online", "0");
	has("/sys/devices/system/cpu/possible", "0");
	has("/sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n");
	has("/sys/devices/system/node/node0/cpulist", "0");
	has("/sys/kernel/mm/transparent_hugepage/enabled", "never");
}

static void *body_asleep(void *number)
{
	*(_Atomic int *)number = (int)syscall(SYS_gettid);
	for (;;)
		pause();
	return NULL;
}

/* A thread is found in /proc by its number, though /proc does not list it. */
CASE(proc_thread_by_number)
{
	_Atomic int number = 0;
	char path[64], link_target[64] = "";
	struct dirent *e;
	pthread_t thread;
	DIR *folder;
	int listed = 0;

	CHECK(pthread_create(&thread, NULL, body_asleep, (void *)&number) == 0);
	while (!number)
		sleep_ms(1);
	until_asleep(number);
	snprintf(path, sizeof(path), "/proc/%d/stat", number);
	file_get(path, text, sizeof(text));
	CHECK(atoi(text) == number);
	GIVES(stat_field(path, 3), 'S');
	GIVES(stat_field(path, 20), 2);
	snprintf(path, sizeof(path), "/proc/%d/task/%d", number, getpid());
	GIVES(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "/proc/%d/exe", number);
	CHECK(readlink(path, link_target, sizeof(link_target) - 1) > 0);
	CHECK((folder = opendir("/proc")));
	while ((e = readdir(folder)))
		listed += atoi(e->d_name) == number;
	GIVES(listed, 0);
	snprintf(path, sizeof(path), "/proc/%d", 4194304 + 7);
	FAILS(open(path, O_RDONLY), ENOENT);
}
