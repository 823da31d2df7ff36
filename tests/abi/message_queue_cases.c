/* System V message queues. */
#include "tests/abi/case.h"

#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

struct text {
	long type;
	char bytes[64];
};

static int queue_make(void)
{
	int id = msgget(IPC_PRIVATE, 0600);

	CHECK(id >= 0);
	return id;
}

static void put(int id, long type, const char *words)
{
	struct text t = { .type = type };

	memcpy(t.bytes, words, strlen(words) + 1);
	CHECK(msgsnd(id, &t, strlen(words) + 1, 0) == 0);
}

static void get(int id, long type, int flags)
{
	struct text t;
	long n = msgrcv(id, &t, sizeof(t.bytes), type, flags | IPC_NOWAIT);

	if (n < 0)
		say("type %ld: %s", type, error_name(errno));
	else
		say("type %ld: %ld, %ld bytes, %s", type, t.type, n, t.bytes);
}

CASE(msg_order)
{
	int id = queue_make();
	struct msqid_ds d;

	put(id, 3, "three");
	put(id, 1, "one");
	put(id, 2, "two");
	put(id, 1, "one again");
	GIVES(msgctl(id, IPC_STAT, &d), 0);
	GIVES(d.msg_qnum, 4);
	GIVES(d.msg_lspid == getpid(), 1);
	get(id, 2, 0);
	get(id, 2, 0);
	get(id, -2, 0);
	get(id, 3, MSG_EXCEPT);
	get(id, 0, 0);
	get(id, 0, 0);
	GIVES(msgctl(id, IPC_RMID, NULL), 0);
}

CASE(msg_errors)
{
	struct text t = { .type = 1, .bytes = "0123456789" };
	int id = queue_make();

	FAILS(msgget(0x52000000 + getpid(), 0600), ENOENT);
	FAILS(msgsnd(id, &t, 8193, 0), EINVAL);
	t.type = 0;
	FAILS(msgsnd(id, &t, 10, 0), EINVAL);
	t.type = 1;
	FAILS(syscall(SYS_msgsnd, id, 8, 10, 0), EFAULT);
	GIVES(msgsnd(id, &t, 10, 0), 0);
	FAILS(msgrcv(id, &t, 5, 0, 0), E2BIG);
	GIVES(msgrcv(id, &t, 5, 0, MSG_NOERROR), 5);
	FAILS(msgrcv(id, &t, 5, 0, IPC_NOWAIT), ENOMSG);
	FAILS(msgrcv(-1, &t, 5, 0, 0), EINVAL);
	FAILS(msgctl(id, 99, NULL), EINVAL);
	GIVES(msgctl(id, IPC_RMID, NULL), 0);
	FAILS(msgsnd(id, &t, 10, 0), EINVAL);
}

CASE(msg_full)
{
	struct {
		long type;
		char bytes[4096];
	} big = { .type = 1 };
	int id = queue_make();
	struct msqid_ds d;
	pid_t pid;

	for (int i = 0; i < 4; i++)
		CHECK(msgsnd(id, &big, sizeof(big.bytes), IPC_NOWAIT) == 0);
	FAILS(msgsnd(id, &big, 1, IPC_NOWAIT), EAGAIN);
	GIVES(msgctl(id, IPC_STAT, &d), 0);
	GIVES(d.msg_qbytes, 16384);
	pid = child();
	if (pid == 0)
		_exit(msgsnd(id, &big, 1, 0) == 0 ? 3 : errno);
	until_asleep(pid);
	GIVES(msgrcv(id, &big, sizeof(big.bytes), 0, 0), 4096);
	EXITS(pid, 3);
	pid = child();
	if (pid == 0)
		_exit(msgrcv(id, &big, sizeof(big.bytes), 77, 0) < 0 ? errno : 0);
	until_asleep(pid);
	GIVES(msgctl(id, IPC_RMID, NULL), 0);
	EXITS(pid, EIDRM);
}
