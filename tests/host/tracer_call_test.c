/* System calls as strace writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "schemas/events.h"
#include "schemas/syscalls.h"
#include "tracer/decode/call.h"
#include "tracer/decode/names.h"

#define A(...)                                                                                     \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define DATA(a, kind, text)                                                                        \
	{                                                                                          \
		.arg = (a), .what = DATA_##kind, .length = sizeof(text) - 1,                       \
		.total = sizeof(text) - 1, .bytes = (const uint8_t *)(text)                        \
	}

/* "openat(AT_FDCWD, ...) = 3" */
static void expect(struct call c, const struct call_data *data, unsigned count, const char *text)
{
	struct buffer b = { 0 };

	c.args = CALL_ARGS;
	c.data = data;
	c.data_count = count;
	call_name_print(&b, c.nr);
	buffer_char(&b, '(');
	call_args_print(&b, &c);
	buffer_string(&b, ") = ");
	call_result_print(&b, &c);
	assert_string_equal(buffer_text(&b), text);
	buffer_free(&b);
}

#define EXPECT(text, number, value, args, ...)                                                     \
	do {                                                                                       \
		const struct call_data data_[] = { __VA_ARGS__ };                                  \
		expect(                                                                            \
			(struct call){                                                             \
				.nr = NR_##number, .arg = args, .done = true, .result = (value) }, \
			data_, sizeof(data_) / sizeof(data_[0]), text);                            \
	} while (0)

static void files(void **state)
{
	(void)state;
	EXPECT("openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3", openat, 3,
	       A((uint64_t)-100, 0x1000, 0x80000, 0), DATA(1, PATH, "/etc/passwd\0"));
	EXPECT("openat(3, \"x\", O_WRONLY|O_CREAT|O_TRUNC, 0644) = -1 EACCES (Permission denied)",
	       openat, -13, A(3, 0x1000, 0x241, 0644), DATA(1, PATH, "x"));
	EXPECT("read(0, \"a\\n\\0\\33[31m\", 100) = 8", read, 8, A(0, 0x1000, 100),
	       DATA(1, BYTES_OUT, "a\n\0\33[31m"));
	EXPECT("pipe2([3, 4], O_CLOEXEC) = 0", pipe2, 0, A(0x1000, 0x80000),
	       DATA(0, INT_PAIR, "\3\0\0\0\4\0\0\0"));
	EXPECT("lseek(3, -1, SEEK_END) = 41", lseek, 41, A(3, UINT64_MAX, 2), DATA(9, PATH, ""));
	EXPECT("access(NULL, F_OK) = -1 EFAULT (Bad address)", access, -14, A(0, 0),
	       DATA(9, PATH, ""));
	EXPECT("fcntl(1, F_SETFD, FD_CLOEXEC) = 0", fcntl, 0, A(1, 2, 1), DATA(9, PATH, ""));
	EXPECT("ioctl(0, TCGETS, 0x7ffe) = 0", ioctl, 0, A(0, 0x5401, 0x7ffe), DATA(9, PATH, ""));
	EXPECT("utimensat(AT_FDCWD, \"f\", [{tv_sec=1700000000, tv_nsec=5} /* 2023-11-14T22:13:20.000000005+0000"
	       " */, {tv_sec=0, tv_nsec=0}], 0) = 0",
	       utimensat, 0, A((uint64_t)-100, 0x1000, 0x2000, 0), DATA(1, PATH, "f"),
	       DATA(2, STRUCT_IN,
		    "\0\xf1\x53\x65\0\0\0\0\5\0\0\0\0\0\0\0"
		    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	EXPECT("utimensat(AT_FDCWD, \"f\", [UTIME_NOW, UTIME_OMIT], AT_SYMLINK_NOFOLLOW) = 0",
	       utimensat, 0, A((uint64_t)-100, 0x1000, 0x2000, 0x100), DATA(1, PATH, "f"),
	       DATA(2, STRUCT_IN,
		    "\0\0\0\0\0\0\0\0\xff\xff\xff\x3f\0\0\0\0"
		    "\0\0\0\0\0\0\0\0\xfe\xff\xff\x3f\0\0\0\0"));
}

static void memory(void **state)
{
	(void)state;
	EXPECT("mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) ="
	       " 0x7f0000000000",
	       mmap, 0x7f0000000000, A(0, 8192, 3, 0x22, UINT64_MAX, 0), DATA(9, PATH, ""));
	EXPECT("mprotect(0x1000, 4096, PROT_NONE) = 0", mprotect, 0, A(0x1000, 4096, 0),
	       DATA(9, PATH, ""));
	EXPECT("brk(NULL) = 0x555000", brk, 0x555000, A(0), DATA(9, PATH, ""));
}

static void processes(void **state)
{
	(void)state;
	EXPECT("execve(\"/bin/sh\", [\"sh\", \"-c\", \"\"], 0x30) = 0", execve, 0,
	       A(0x10, 0x20, 0x30), DATA(0, PATH, "/bin/sh\0"), DATA(1, STRINGS, "sh\0-c\0\0"));
	EXPECT("wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], WNOHANG, NULL) = 7", wait4, 7,
	       A(UINT64_MAX, 0x10, 1, 0), DATA(1, WAIT_STATUS, "\0\3\0\0"));
	EXPECT("wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], 0, NULL)"
	       " = 7",
	       wait4, 7, A(UINT64_MAX, 0x10, 0, 0), DATA(1, WAIT_STATUS, "\x8b\0\0\0"));
	EXPECT("clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x10) ="
	       " 5",
	       clone, 5, A(0x1200011, 0, 0, 0x10, 0), DATA(9, PATH, ""));
	EXPECT("clone3({flags=CLONE_PARENT_SETTID, parent_tid=0x10, exit_signal=SIGCHLD, stack=NULL,"
	       " stack_size=0} => {parent_tid=[7]}, 64) = 7",
	       clone3, 7, A(0x1000, 64),
	       DATA(0, STRUCT_IN,
		    "\0\0\x10\0\0\0\0\0"
		    "\5\0\0\0\0\0\0\0\6\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\x11\0\0\0\0\0\0\0"
		    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0"));
	EXPECT("clone3({flags=CLONE_PARENT_SETTID, parent_tid=0x10, exit_signal=0, stack=NULL,"
	       " stack_size=0}, 64) = -1 EAGAIN (Resource temporarily unavailable)",
	       clone3, -11, A(0x1000, 64),
	       DATA(0, STRUCT_IN,
		    "\0\0\x10\0\0\0\0\0"
		    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	EXPECT("kill(5, SIGTERM) = 0", kill, 0, A(5, 15), DATA(9, PATH, ""));
	EXPECT("rt_sigaction(SIGINT, {sa_handler=SIG_IGN, sa_mask=[HUP], sa_flags=SA_RESTART},"
	       " NULL, 8) = 0",
	       rt_sigaction, 0, A(2, 0x10, 0, 8),
	       DATA(1, SIGACTION,
		    "\1\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"));
	EXPECT("futex(0x10, FUTEX_WAIT_PRIVATE, 2, NULL) = ? ERESTARTSYS (To"
	       " be restarted if SA_RESTART is set)",
	       futex, -512, A(0x10, 128, 2, 0, 0, 0), DATA(9, PATH, ""));
}

/* Calls whose arguments depend on one of them. */
static void forms(void **state)
{
	(void)state;
	EXPECT("futex(0x10, FUTEX_WAKE_PRIVATE, 1) = 1", futex, 1, A(0x10, 129, 1, 7, 7, 7),
	       DATA(9, PATH, ""));
	EXPECT("futex(0x10, FUTEX_WAIT_BITSET_PRIVATE, 1, NULL, FUTEX_BITSET_MATCH_ANY) = 0", futex,
	       0, A(0x10, 137, 1, 0, 7, 0xffffffff), DATA(9, PATH, ""));
	EXPECT("futex(0x10, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, 0x20, 3) = 0", futex, 0,
	       A(0x10, 132, 1, 2, 0x20, 3), DATA(9, PATH, ""));
	EXPECT("prctl(PR_SET_NAME, \"me\") = 0", prctl, 0, A(15, 0x10, 7, 7, 7),
	       DATA(1, STRING, "me"));
	EXPECT("prctl(PR_GET_DUMPABLE) = 1 (SUID_DUMP_USER)", prctl, 1, A(3, 7, 7, 7, 7),
	       DATA(9, PATH, ""));
	EXPECT("prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) = 1", prctl, 1, A(23, 21, 7, 7, 7),
	       DATA(9, PATH, ""));
	EXPECT("openat(AT_FDCWD, \"x\", O_RDONLY) = 3", openat, 3, A((uint64_t)-100, 0x10, 0, 7),
	       DATA(1, PATH, "x"));
	EXPECT("mknod(\"p\", S_IFIFO|0600) = 0", mknod, 0, A(0x10, 010600, 7), DATA(0, PATH, "p"));
	EXPECT("mknod(\"n\", S_IFCHR|S_ISVTX|000, makedev(0x1, 0x3)) = 0", mknod, 0,
	       A(0x10, 021000, 0x103), DATA(0, PATH, "n"));
}

static void counts_and_sets(void **state)
{
	(void)state;
	EXPECT("execve(\"/x\", [\"x\"], 0x30 /* 2 vars */) = -1 ENOENT (No such file or directory)",
	       execve, -2, A(0x10, 0x20, 0x30), DATA(0, PATH, "/x"), DATA(1, STRINGS, "x\0"),
	       DATA(2, COUNT, "\2\0\0\0"));
	EXPECT("getdents64(3, 0x10 /* 0 entries */, 1024) = 0", getdents64, 0, A(3, 0x10, 1024),
	       DATA(1, COUNT, "\0\0\0\0"));
	EXPECT("getgroups(0, []) = 0", getgroups, 0, A(0, 0x10), DATA(9, PATH, ""));
	EXPECT("read(3, \"\", 10) = 0", read, 0, A(3, 0x10, 10), DATA(9, PATH, ""));
	EXPECT("flistxattr(3, 0x10, 0) = 0", flistxattr, 0, A(3, 0x10, 0), DATA(9, PATH, ""));
	EXPECT("sched_getaffinity(0, 8, [0 2]) = 8", sched_getaffinity, 8, A(0, 8, 0x10),
	       DATA(2, STRUCT_OUT, "\5\0\0\0\0\0\0\0"));
	EXPECT("rt_sigreturn({mask=[INT]}) = -1 EINTR (Interrupted system call)", rt_sigreturn, -4,
	       A(0), DATA(0, SIGSET, "\2\0\0\0\0\0\0\0"));
	EXPECT("ioprio_get(IOPRIO_WHO_PROCESS, 0) = 16388 (IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4))",
	       ioprio_get, 16388, A(1, 0), DATA(9, PATH, ""));
	EXPECT("rt_sigtimedwait([INT], {si_signo=SIGINT, si_code=SI_USER, si_pid=7, si_uid=0}, NULL, 8)"
	       " = 2 (SIGINT)",
	       rt_sigtimedwait, 2, A(0x10, 0x20, 0, 8), DATA(0, SIGSET, "\2\0\0\0\0\0\0\0"),
	       DATA(1, STRUCT_OUT,
		    "\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	EXPECT("clock_gettime(0x4d /* CLOCK_??? */, 0x10) = -1 EINVAL (Invalid argument)",
	       clock_gettime, -22, A(77, 0x10), DATA(9, PATH, ""));
	EXPECT("msgsnd(0, {mtype=1, mtext=\"hello\"}, 5, 0) = 0", msgsnd, 0, A(0, 0x10, 5, 0),
	       DATA(1, STRUCT_IN, "\1\0\0\0\0\0\0\0"), DATA(1, BYTES_IN, "hello"));
}

static void what_is_not_known_yet_is_not_shown(void **state)
{
	const struct call_data data[] = { DATA(1, BYTES_OUT, "secret") };
	struct call c = { .nr = NR_read, .arg = A(0, 0x1000, 6) };

	(void)state;
	expect(c, data, 1, "read(0, 0x1000, 6) = ?");
	c.nr = 600;
	expect(c, data, 1, "syscall_600(0, \"secret\", 6, 0, 0, 0) = ?");
}

static void cut_strings_say_so(void **state)
{
	const struct call_data data[] = { { .arg = 1,
					    .what = DATA_BYTES_IN,
					    .length = 3,
					    .total = 900,
					    .bytes = (const uint8_t *)"abc" } };

	(void)state;
	expect((struct call){ .nr = NR_write, .arg = A(1, 2, 900), .done = true, .result = 900 },
	       data, 1, "write(1, \"abc\"..., 900) = 900");
}

static void signal_sets(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	sigset_print(&b, 0);
	sigset_print(&b, 1 | 1ull << 16);
	sigset_print(&b, UINT64_MAX);
	assert_string_equal(buffer_text(&b), "[][HUP CHLD]~[]");
	buffer_free(&b);
}

/* Any numbers at all print, and as plain text. */
static void no_call_is_too_strange(void **state)
{
	static uint8_t bytes[256];
	struct buffer b = { 0 };

	(void)state;
	srand(3);
	for (int round = 0; round < 200000; round++) {
		struct call_data data = { .arg = (uint8_t)(rand() % 7),
					  .what = (uint8_t)(rand() % 20),
					  .length = (uint16_t)(rand() % 257),
					  .total = (uint32_t)rand(),
					  .bytes = bytes };
		struct call c = { .nr = (unsigned)rand() % 512,
				  .args = (unsigned)rand() % 7,
				  .data = &data,
				  .data_count = 1,
				  .done = true };

		for (unsigned i = 0; i < CALL_ARGS; i++)
			c.arg[i] = (uint64_t)rand() << (rand() % 33) ^ (uint64_t)rand();
		bytes[rand() % 256] = (uint8_t)rand();
		c.result = (int64_t)(((uint64_t)rand() << 33) ^ (uint64_t)rand()) >> (rand() % 60);
		buffer_clear(&b);
		call_name_print(&b, c.nr);
		call_args_print(&b, &c);
		call_result_print(&b, &c);
		for (size_t i = 0; i < b.length; i++)
			assert_true(b.data[i] >= 0x20 && b.data[i] < 0x7f);
	}
	buffer_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(memory),
		cmocka_unit_test(processes),
		cmocka_unit_test(forms),
		cmocka_unit_test(counts_and_sets),
		cmocka_unit_test(what_is_not_known_yet_is_not_shown),
		cmocka_unit_test(cut_strings_say_so),
		cmocka_unit_test(signal_sets),
		cmocka_unit_test(no_call_is_too_strange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
