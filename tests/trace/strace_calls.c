/* One call after another, the same on Linux and in the guest: strace_test.sh compares
 * what strace and `ringscope strace` make of them, between two chdir
 * that fail.  Results are not looked at: the traces show them. */
#include <errno.h>
#include <fcntl.h>
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
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
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
	DO(syscall(SYS_getrandom, page, 0, 1));
	DO(chdir("/none"));
	DO(syscall(SYS_futex, &limit, 129, 1, NULL, NULL, 0));
}

int main(void)
{
	DO(chdir("/begin"));
	files();
	sockets();
	times();
	process();
	DO(chdir("/end"));
	return 0;
}
