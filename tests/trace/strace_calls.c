/* One call after another, the same on Linux and in the guest: strace_test.sh compares
 * what strace and `ringscope strace` make of them, between two chdir
 * that fail.  Results are not looked at: the traces show them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define DO(call)                                                                                   \
	do {                                                                                       \
		if ((long)(call) == -1)                                                            \
			errno = 0;                                                                 \
	} while (0)

static void files(void)
{
	struct iovec parts[2] = { { (void *)"one ", 4 }, { (void *)"two", 3 } };
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	char text[64];
	struct stat st;
	int fd;

	DO(mkdir("d", 0755));
	DO(mkdir("d", 0755));
	fd = open("d/f", O_RDWR | O_CREAT | O_TRUNC, 0640);
	DO(write(fd, "hello\n", 6));
	DO(write(fd, "a text that is longer than the thirty-two bytes shown", 53));
	DO(writev(fd, parts, 2));
	DO(pwrite(fd, "J", 1, 0));
	DO(lseek(fd, 0, SEEK_SET));
	DO(read(fd, text, 6));
	DO(pread(fd, text, 10, 6));
	parts[0].iov_base = text;
	parts[1].iov_base = text + 8;
	DO(readv(fd, parts, 2));
	DO(fcntl(fd, F_GETFL));
	DO(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
	DO(fcntl(fd, F_SETFD, FD_CLOEXEC));
	DO(fcntl(fd, F_SETLK, &lock));
	DO(flock(fd, LOCK_EX | LOCK_NB));
	DO(ftruncate(fd, 100));
	DO(fchmod(fd, 0600));
	DO(syscall(SYS_fstat, fd, &st));
	DO(syscall(SYS_newfstatat, AT_FDCWD, "d", &st, AT_SYMLINK_NOFOLLOW));
	DO(syscall(SYS_newfstatat, AT_FDCWD, "d/none", &st, 0));
	DO(symlink("f", "d/l"));
	DO(readlink("d/l", text, sizeof(text)));
	DO(link("d/f", "d/g"));
	DO(rename("d/g", "d/h"));
	DO(access("d/h", R_OK | W_OK));
	DO(faccessat(AT_FDCWD, "d/none", F_OK, 0));
	DO(chmod("d/h", 0400));
	DO(umask(022));
	DO(dup(fd));
	DO(dup2(fd, 20));
	DO(dup3(fd, 21, O_CLOEXEC));
	DO(close(20));
	DO(close(21));
	DO(close(fd));
	DO(close(fd));
	DO(open("d/none", O_RDONLY | O_CLOEXEC));
	DO(unlink("d/l"));
	DO(unlinkat(AT_FDCWD, "d/f", 0));
	DO(unlink("d/h"));
	DO(rmdir("d"));
}

static void sockets(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "sock" };
	const socklen_t length = offsetof(struct sockaddr_un, sun_path) + 5;
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data = { .u64 = 7 } };
	struct pollfd polls[2];
	struct timespec short_time = { 0, 1000000 };
	int pair[2], pipes[2], on = 1, s, e;
	char text[16];
	fd_set set;

	DO(pipe2(pipes, O_CLOEXEC));
	DO(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	DO(send(pair[0], "hello", 5, MSG_NOSIGNAL));
	DO(recv(pair[1], text, sizeof(text), 0));
	DO(recv(pair[1], text, sizeof(text), MSG_DONTWAIT));
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	DO(bind(s, (struct sockaddr *)&name, length));
	DO(listen(s, 5));
	DO(connect(pair[0], (struct sockaddr *)&name, length));
	DO(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	DO(shutdown(pair[0], SHUT_WR));
	e = epoll_create1(EPOLL_CLOEXEC);
	DO(epoll_ctl(e, EPOLL_CTL_ADD, pipes[0], &event));
	DO(write(pipes[1], "x", 1));
	DO(epoll_wait(e, &event, 1, 0));
	polls[0] = (struct pollfd){ pipes[0], POLLIN, 0 };
	polls[1] = (struct pollfd){ 99, POLLIN | POLLOUT, 0 };
	DO(ioctl(pipes[0], FIONREAD, &on));
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	DO(syscall(SYS_pselect6, pipes[0] + 1, NULL, &set, NULL, &short_time, NULL));
	DO(poll(&polls[1], 1, 0));
	DO(eventfd(3, EFD_NONBLOCK));
	DO(unlink("sock"));
}

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

static void directories(void)
{
	const struct timespec moments[2] = { { 1700000000, 123456789 }, { 0, UTIME_OMIT } };
	char text[1024];
	int fd;

	DO(mkdir("e", 0755));
	DO(mknod("e/p", S_IFIFO | 0600, 0));
	DO(mknod("e/q", S_IFREG | 0600, 0));
	DO(mkdir("e/sticky", 0755));
	DO(chmod("e/sticky", 01777));
	DO(syscall(SYS_newfstatat, AT_FDCWD, "e/sticky", text, 0));
	fd = open("e", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DO(syscall(SYS_getdents64, fd, text, sizeof(text)));
	DO(syscall(SYS_getdents64, fd, text, sizeof(text)));
	DO(close(fd));
	fd = open("e/q", O_RDWR);
	DO(read(fd, text, 10));
	DO(pread(fd, text, 10, 5));
	DO(fallocate(fd, 0, 0, 100));
	DO(syscall(SYS_fadvise64, fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	DO(fsync(fd));
	DO(fdatasync(fd));
	DO(sync_file_range(fd, 0, 10, SYNC_FILE_RANGE_WRITE));
	DO(setxattr("e/q", "user.name", "value", 5, XATTR_CREATE));
	DO(getxattr("e/q", "user.name", text, sizeof(text)));
	DO(getxattr("e/q", "user.none", text, sizeof(text)));
	DO(listxattr("e/q", text, sizeof(text)));
	DO(removexattr("e/q", "user.name"));
	DO(syscall(SYS_statx, AT_FDCWD, "e/none", AT_SYMLINK_NOFOLLOW, 0x7ff, text));
	DO(syscall(SYS_utimensat, AT_FDCWD, "e/q", NULL, 0));
	DO(utimensat(AT_FDCWD, "e/q", moments, 0));
	DO(syscall(SYS_utimes, "e/q", &(struct timeval[2]){ { 1700000000, 5 }, { 3, 0 } }));
	DO(syscall(SYS_copy_file_range, fd, NULL, fd, NULL, 0, 0));
	DO(syscall(SYS_sendfile, 1, fd, NULL, 0));
	DO(syscall(SYS_renameat2, AT_FDCWD, "e/none", AT_FDCWD, "e/x", 1));
	DO(syscall(SYS_fchownat, AT_FDCWD, "e/q", 0, -1, AT_SYMLINK_NOFOLLOW));
	DO(syscall(SYS_fchmodat, AT_FDCWD, "e/q", 0644));
	DO(syscall(SYS_close_range, 50, 60, 0));
	DO(close(fd));
	DO(unlink("e/p"));
	DO(unlink("e/q"));
	DO(rmdir("e/sticky"));
	DO(rmdir("e"));
	DO(syscall(SYS_getcwd, text, 1));
	DO(syscall(SYS_truncate, "none", 5));
	DO(syscall(SYS_statfs, "none", text));
	fd = inotify_init1(IN_CLOEXEC);
	DO(inotify_add_watch(fd, "/", IN_CREATE | IN_DELETE));
	DO(close(fd));
	DO(syscall(SYS_memfd_create, "name", MFD_CLOEXEC));
	DO(syscall(SYS_umount2, "/none", MNT_DETACH));
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

static void messages(void)
{
	struct {
		long type;
		char text[8];
	} m = { 1, "hello" };
	struct sembuf ops[2] = { { 0, 1, 0 }, { 1, -1, IPC_NOWAIT } };
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 };
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600), q;

	DO(syscall(SYS_msgsnd, id, &m, 5, 0));
	DO(syscall(SYS_msgrcv, id, &m, 5, 0, IPC_NOWAIT));
	DO(syscall(SYS_msgrcv, id, &m, 8, 0, IPC_NOWAIT));
	DO(syscall(SYS_msgctl, id, IPC_RMID, NULL));
	id = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
	DO(syscall(SYS_semop, id, ops, 2));
	DO(syscall(SYS_semctl, id, 0, GETVAL, 0));
	DO(syscall(SYS_semctl, id, 0, IPC_RMID, 0));
	id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	DO(shmdt(shmat(id, NULL, SHM_RDONLY)));
	DO(syscall(SYS_shmctl, id, IPC_RMID, NULL));
	q = syscall(SYS_mq_open, "strace-test", O_RDWR | O_CREAT, 0600, &attr);
	DO(syscall(SYS_mq_timedsend, q, "abc", 3, 1, NULL));
	DO(syscall(SYS_mq_getsetattr, q, NULL, &attr));
	DO(syscall(SYS_mq_unlink, "strace-test"));
	DO(close(q));
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

static void talk(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct msghdr m = { 0 };
	struct iovec part = { (void *)"abc", 3 };
	int pair[2], value;
	socklen_t length = sizeof(value), size = sizeof(name);
	char text[8];

	DO(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	m.msg_iov = &part;
	m.msg_iovlen = 1;
	DO(sendmsg(pair[0], &m, MSG_NOSIGNAL));
	part = (struct iovec){ text, 3 };
	DO(recvmsg(pair[1], &m, 0));
	DO(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &value, &length));
	DO(getsockopt(pair[0], SOL_SOCKET, SO_ERROR, &value, &length));
	DO(getsockname(pair[0], (struct sockaddr *)&name, &size));
	DO(getpeername(pair[0], (struct sockaddr *)&name, &size));
	DO(accept4(pair[0], NULL, NULL, SOCK_CLOEXEC));
	DO(sendto(pair[0], "x", 1, 0, NULL, 0));
	DO(close(pair[1]));
	DO(recvfrom(pair[0], text, 8, 0, NULL, NULL));
	DO(send(pair[0], "x", 1, MSG_NOSIGNAL));
	DO(ioctl(0, 0x5413, text));
	DO(ioctl(pair[0], FIONBIO, &value));
	DO(close(pair[0]));
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
