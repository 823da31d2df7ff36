/* One call after another, here and in strace_*.c, the same on Linux and in the guest:
 * strace_test.sh compares what strace and `ringscope strace` make of them, between two
 * chdir that fail.  Results are not looked at: the traces show them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/trace/strace_calls.h"

static void times(void)
{
	struct itimerval timer = { { 5, 0 }, { 10, 0 } };
	struct itimerspec when = { { 0, 0 }, { 100, 5 } };
	struct timespec pause = { 0, 1000 };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	DO(timerfd_settime(fd, 0, &when, NULL));
	DO(setitimer(ITIMER_REAL, &timer, NULL));
	timer = (struct itimerval){ 0 };
	DO(setitimer(ITIMER_REAL, &timer, NULL));
	DO(syscall(SYS_nanosleep, &pause, NULL));
	DO(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, NULL));
	DO(close(fd));
}

static void process(void)
{
	struct rlimit limit = { 1024, 1 << 20 };
	struct sched_param param;
	sigset_t set;
	void *page;

	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	DO(mprotect(page, 4096, PROT_READ));
	DO(madvise(page, 4096, MADV_DONTNEED));
	DO(munmap(page, 8192));
	DO(setrlimit(RLIMIT_CORE, &limit));
	DO(getrlimit(RLIMIT_CORE, &limit));
	DO(syscall(SYS_sched_getparam, 0, &param));
	DO(sched_yield());
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	DO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8));
	DO(syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &set, 8));
	DO(kill(0, 0));
	DO(kill(32000, SIGTERM));
	DO(waitid(P_ALL, 0, NULL, WNOHANG | WEXITED));
	DO(syscall(SYS_wait4, -1, NULL, WNOHANG, NULL));
	DO(syscall(SYS_getrandom, &set, 0, 1));
	DO(umask(0));
	DO(chdir("/none"));
	DO(syscall(SYS_futex, &limit, 129, 1, NULL, NULL, 0));
}

static void handler(int sig)
{
	(void)sig;
}

static void signals(void)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART };
	sigset_t set;
	struct timespec now = { 0 };
	siginfo_t info;

	sigemptyset(&act.sa_mask);
	sigaddset(&act.sa_mask, SIGUSR2);
	DO(sigaction(SIGUSR1, &act, NULL));
	DO(raise(SIGUSR1));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGHUP);
	DO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8));
	DO(syscall(SYS_kill, getpid(), SIGHUP));
	DO(syscall(SYS_rt_sigpending, &set, 8));
	DO(syscall(SYS_rt_sigtimedwait, &set, &info, &now, 8));
	DO(syscall(SYS_rt_sigtimedwait, &set, &info, &now, 8));
}

static void schedule(void)
{
	unsigned char set[128] = { 1 };
	struct {
		unsigned size, policy;
		unsigned long flags;
		int nice;
		unsigned priority;
		unsigned long runtime, deadline, period;
		unsigned low, high;
	} attr = { .size = 48 };
	unsigned cpu, node;

	DO(syscall(SYS_sched_setaffinity, 0, 8, set));
	DO(syscall(SYS_sched_getaffinity, 0, 8, set));
	DO(syscall(SYS_sched_getaffinity, 0, 3, set));
	DO(syscall(SYS_sched_setattr, 0, &attr, 0));
	DO(syscall(SYS_sched_getscheduler, 0));
	DO(syscall(SYS_sched_get_priority_max, 1));
	DO(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	DO(syscall(SYS_setpriority, PRIO_PROCESS, 0, 1));
	DO(syscall(SYS_ioprio_get, 1, 0));
	DO(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 4));
	DO(syscall(SYS_ioprio_get, 1, 0));
	DO(syscall(SYS_getcpu, &cpu, &node, NULL));
}

static void properties(void)
{
	char name[16];
	int value;
	gid_t groups[3] = { 1, 2, 3 };
	uid_t a, b, c;

	DO(prctl(PR_SET_NAME, "renamed"));
	DO(prctl(PR_GET_NAME, name));
	DO(prctl(PR_SET_PDEATHSIG, SIGHUP));
	DO(prctl(PR_GET_PDEATHSIG, &value));
	DO(prctl(PR_SET_DUMPABLE, 1));
	DO(prctl(PR_GET_DUMPABLE));
	DO(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	DO(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	DO(prctl(PR_SET_CHILD_SUBREAPER, 1));
	DO(prctl(PR_GET_CHILD_SUBREAPER, &value));
	DO(prctl(PR_SET_TIMERSLACK, 50000));
	DO(prctl(PR_GET_TIMERSLACK));
	DO(prctl(PR_CAPBSET_READ, 21));
	DO(prctl(PR_GET_KEEPCAPS));
	DO(prctl(PR_GET_SECUREBITS));
	DO(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 21, 0, 0));
	DO(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	DO(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	DO(prctl(PR_GET_SECCOMP));
	DO(syscall(SYS_setgroups, 3, groups));
	DO(syscall(SYS_getgroups, 3, groups));
	DO(syscall(SYS_getgroups, 0, NULL));
	DO(syscall(SYS_getgroups, 1, groups));
	DO(syscall(SYS_setgroups, 0, NULL));
	DO(syscall(SYS_getgroups, 0, groups));
	DO(syscall(SYS_getresuid, &a, &b, &c));
	DO(syscall(SYS_getrusage, RUSAGE_SELF, NULL));
}

static void timers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR2,
				  .sigev_value = { .sival_int = 5 } };
	struct itimerspec when = { { 0, 0 }, { 100, 5 } };
	int id;

	DO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id));
	DO(syscall(SYS_timer_settime, id, 0, &when, NULL));
	DO(syscall(SYS_timer_getoverrun, id));
	DO(syscall(SYS_timer_delete, id));
	event.sigev_notify = SIGEV_NONE;
	DO(syscall(SYS_timer_create, CLOCK_REALTIME, &event, &id));
	DO(syscall(SYS_timer_delete, id));
	DO(syscall(SYS_timer_create, CLOCK_REALTIME, NULL, &id));
	DO(syscall(SYS_timer_delete, id));
	DO(syscall(SYS_timer_create, 77, &event, &id));
	DO(syscall(SYS_getitimer, ITIMER_REAL, &when));
}

static void memory(void)
{
	char *page =
		mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	DO(mremap(page, 8192, 4096, 0));
	DO(msync(page, 4096, MS_SYNC));
	DO(mlock(page, 4096));
	DO(munlock(page, 4096));
	DO(syscall(SYS_mincore, page, 4096, page));
	DO(mprotect(page, 4096, PROT_READ | PROT_EXEC));
	DO(munmap(page, 4096));
	DO(syscall(SYS_futex, page, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 1));
	DO(syscall(SYS_futex, page, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL,
		   FUTEX_BITSET_MATCH_ANY));
	DO(syscall(SYS_futex, page, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	DO(syscall(SYS_futex, page, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	DO(syscall(SYS_futex, page, FUTEX_REQUEUE_PRIVATE, 1, 2, page, 0));
	DO(syscall(SYS_futex, page, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, page, 3));
	DO(syscall(SYS_get_robust_list, 0, NULL, NULL));
}

static void programs(void)
{
	char *const argv[] = { (char *)"none", (char *)"first argument", NULL };
	char *const envp[] = { (char *)"A=1", (char *)"B=2", NULL };

	DO(execve("/none/none", argv, envp));
	DO(execve("/etc/passwd", argv, envp));
	DO(execve("/none/none", NULL, NULL));
	DO(syscall(SYS_execveat, AT_FDCWD, "/none/none", argv, envp, AT_SYMLINK_NOFOLLOW));
	DO(syscall(SYS_unshare, 0));
	DO(syscall(SYS_setpgid, 32000, 0));
	DO(syscall(SYS_tgkill, 32000, 32000, SIGTERM));
	DO(syscall(SYS_tkill, 32000, SIGTERM));
	DO(syscall(SYS_prlimit64, 0, RLIMIT_STACK, NULL, NULL));
	DO(syscall(SYS_pidfd_open, 32000, 0));
	DO(syscall(SYS_setns, 99, 0));
	DO(syscall(SYS_sysinfo, NULL));
	DO(syscall(SYS_sethostname, "x", -1));
}

/* What belongs to calls that fail, and descriptors that stand for processes. */
static void failures(void)
{
	struct sockaddr_un name;
	socklen_t size = 77;
	int s = socket(AF_UNIX, SOCK_STREAM, 0), fd = -1, status;
	uint64_t args[8] = { CLONE_PIDFD, (uint64_t)(uintptr_t)&fd };
	pid_t child;

	DO(getpeername(s, (struct sockaddr *)&name, &size));
	DO(getsockname(99, (struct sockaddr *)&name, &size));
	DO(accept(s, (struct sockaddr *)&name, &size));
	DO(accept4(99, (struct sockaddr *)&name, &size, SOCK_CLOEXEC));
	DO(accept4(s, NULL, NULL, 0));
	DO(close(s));
	DO(link("none/a", "other/b"));
	DO(syscall(SYS_linkat, AT_FDCWD, "none/a", 99, "b", 0));
	DO(syscall(SYS_linkat, AT_FDCWD, "a", AT_FDCWD, "b", AT_SYMLINK_NOFOLLOW));
	DO(rename("none/a", "other/b"));
	DO(syscall(SYS_renameat2, 99, "a", AT_FDCWD, "other/b", 0));
	DO(symlink("text", "none/b"));
	DO(symlinkat("text", 99, "b"));
	DO(link(NULL, "b"));
	DO(symlink(NULL, "b"));
	DO(mount("from", "none/a", "tmpfs", MS_NOSUID, "size=1m"));
	DO(mount("from", "/", "nothing", MS_RDONLY | MS_NOEXEC, "mode=755"));
	DO(mount("none/b", "/", NULL, MS_BIND, NULL));
	DO(umount2("none", MNT_FORCE | 0x100));
	DO(syscall(SYS_pivot_root, "none/a", "none/b"));
	DO(syscall(SYS_pidfd_open, getpid(), 0));
	child = syscall(SYS_clone3, args, sizeof(args));
	if (child == 0)
		_exit(0);
	DO(syscall(SYS_wait4, child, &status, __WALL, NULL));
	DO(close(fd));
	child = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &fd, NULL, 0);
	if (child == 0)
		_exit(0);
	DO(syscall(SYS_wait4, child, &status, 0, NULL));
	DO(close(fd));
}

int main(void)
{
	DO(chdir("/begin"));
	files();
	sockets();
	times();
	process();
	signals();
	schedule();
	properties();
	timers();
	directories();
	memory();
	messages();
	programs();
	talk();
	failures();
	DO(chdir("/end"));
	return 0;
}
