/* Part of strace_calls: what passes between processes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/trace/strace_calls.h"

void sockets(void)
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

void messages(void)
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

void talk(void)
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
