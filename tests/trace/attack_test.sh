#!/usr/bin/env bash
# A program of the guest, with all its rights, tries to read, forge and stop the trace: by
# devices, frames on its streams, kernel memory, ports of the machine, privileged calls,
# signals.  All of that is in the trace, which is whole.
source "$(dirname "$0")/lib.sh"

command -v cc >/dev/null || { echo "SKIP: no cc"; exit 77; }
cat >attack.c <<'END'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* BYE: the command ended with status 99 (schemas/README.md).  Its CRC does not matter: no
 * byte of ours may come so far that one is computed. */
static const unsigned char bye[] = "RSFR\2\0\4\0\10\0\0\0\0\0\0\0\0\0\0\0c\0\0\0";

static void say(const char *what, int bad)
{
	printf("%s: %s\n", what, bad ? "HARM" : "no");
	fflush(stdout);
}

/* Does act end with a signal? */
static int dies(void (*act)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		act();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status);
}

static void read_direct_map(void) { (void)*(volatile char *)0xffff888000100000; }
static void write_kernel(void) { *(volatile char *)0xffffffff80100000 = 0; }
static void out_debug(void) { __asm__ volatile("outb %0, %1" ::"a"((char)'X'), "Nd"((short)0xe9)); }
static void out_exit(void) { __asm__ volatile("outb %0, %1" ::"a"((char)9), "Nd"((short)0x501)); }
static void halt(void) { __asm__ volatile("cli; hlt"); }
static void write_msr(void) { __asm__ volatile("wrmsr" ::"c"(0xc0000082), "a"(0), "d"(0)); }

static void devices(void)
{
	static const char *const names[] = {
		"/dev/mem", "/dev/kmem", "/dev/port", "/dev/vport0p1",
		"/dev/virtio-ports/ringscope.trace.0", "/dev/port-trace", "/proc/kcore",
		"/sys/firmware/memmap", "/dev/hvc0",
	};
	int harm = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const int fd = open(names[i], O_RDWR);

		if (fd >= 0)
			printf("%s opens\n", names[i]);
		harm |= fd >= 0;
		close(fd);
	}
	say("open trace and memory devices", harm);
	/* Every number that a device of the kernel's own could have. */
	for (unsigned major = 0; major < 256; major++)
		for (unsigned minor = 0; minor < 16; minor++) {
			int fd;

			unlink("/tmp/node");
			if (mknod("/tmp/node", S_IFCHR | 0600, makedev(major, minor)) < 0)
				continue;
			fd = open("/tmp/node", O_RDWR | O_NONBLOCK | O_NOCTTY);
			if (fd < 0)
				fd = open("/tmp/node", O_WRONLY | O_NONBLOCK | O_NOCTTY);
			if (fd >= 0 && major != 1 && major != 4 && major != 5 && major != 240)
				printf("node %u:%u opens\n", major, minor);
			/* 240 are the program's own streams: what is written there is output. */
			if (fd >= 0 && major == 240 && minor != 1 && minor != 2)
				say("write to another port", write(fd, bye, 24) > 0);
			close(fd);
		}
}

int main(void)
{
	static const long calls[] = { SYS_iopl, SYS_ioperm, SYS_init_module, SYS_kexec_load,
				      SYS_bpf, SYS_perf_event_open, SYS_delete_module };
	int harm = 0;

	devices();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		harm |= syscall(calls[i], 3, 1, 1, 0, 0, 0) >= 0;
	say("privileged calls", harm);
	say("mmap of memory", mmap(NULL, 4096, PROT_READ, MAP_SHARED, open("/dev/mem", O_RDONLY), 0) != MAP_FAILED);
	say("mmap at a kernel address", mmap((void *)0xffff888000100000, 4096, PROT_READ, MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE, -1, 0) != MAP_FAILED);
	say("have the kernel read its memory for us", write(1, (void *)0xffff888000100000, 8) > 0);
	say("have the kernel write its memory for us", read(open("/etc/passwd", O_RDONLY), (void *)0xffffffff80100000, 8) > 0);
	say("read the ring", !dies(read_direct_map));
	say("write the kernel", !dies(write_kernel));
	say("out to the log", !dies(out_debug));
	say("out to the exit port", !dies(out_exit));
	say("halt", !dies(halt));
	say("move the entry of calls", !dies(write_msr));
	harm = open("/dev/ringscope", O_WRONLY); /* init tells the status by it, last of all */
	say("forge the command's status", write(harm, "exit 9", 6) == 6 && write(harm, "stop", 4) == 4);
	for (int pid = 1; pid < getpid(); pid++)
		kill(pid, SIGKILL);
	say("kill init and kernel threads", 0);
	fwrite(bye, 1, 24, stdout);
	fflush(stdout);
	fwrite(bye, 1, 24, stderr);
	access("/the-end", F_OK);
	return 42;
}
END
cc -O1 -w -static -o attack attack.c 2>err || cc -O1 -w -o attack attack.c || { echo "SKIP: it cannot be compiled"; exit 77; }
rs 120 run -o t.db --cpus 2 -- ./attack </dev/null >out 2>err
is "the status is the program's" 42 $?
is "nothing did harm" 0 "$(grep -ac 'HARM' out)"
is "no device but known ones opens" "" "$(grep -a 'opens' out)"
is "all was tried" 15 "$(grep -ac ': no$' out)"
is "frames on its streams are output" 24 "$(tail -c 24 out | head -c 24 | wc -c)"
is "and begin as it wrote them" RSFR "$(tail -c 24 out | head -c 4)"
is "on standard error, too, with nothing else" 24 "$(stat -c %s err)"
trace=t.db
sql "nothing is lost, all is accounted for" "0|1" "SELECT (SELECT count(*) FROM loss),
	(SELECT value FROM meta WHERE name = 'identity')"
sql "it went on to the end" 1 "SELECT count(*) FROM syscall WHERE name = 'access' AND args LIKE '%/the-end%'"
sql "what was tried is in it" 7 "SELECT count(DISTINCT name) FROM syscall WHERE name IN ('iopl', 'ioperm',
	'init_module', 'kexec_load', 'bpf', 'perf_event_open', 'delete_module') AND result < 0"
sql "the end is the command's own" "0|42" "SELECT (SELECT value FROM meta WHERE name = 'bye_reason'),
	(SELECT value FROM meta WHERE name = 'exit_status')"

echo "by files"
# Whatever can be written below /proc and /sys is written, as root.
rs 120 run -o f.db --root / -- bash -c 'for f in $(find /proc/[a-z]* /sys -type f 2>/dev/null); do
	case $f in */self/* | */thread-self/*) continue ;; esac
	echo 1 >$f; echo c >$f; done 2>/dev/null; ls /the-end 2>/dev/null; exit 43' </dev/null >out 2>err
is "the status is the program's" 43 $?
trace=f.db
sql "nothing is lost, all is accounted for" "0|1" "SELECT (SELECT count(*) FROM loss),
	(SELECT value FROM meta WHERE name = 'identity')"
sql "it went on to the end" 1 "SELECT count(*) > 0 FROM syscall WHERE args LIKE '%/the-end%'"
sql "the log has no complaint" 0 "SELECT count(*) FROM log WHERE level < 1"
finish
