/* Messages between processes: round trips, switches, bandwidth, futexes. */
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/row.h"

#define ROUNDS   2000
#define HOPS     200
#define RING_MAX 16
#define WORK_MAX (64u << 10)
#define CHUNK    (64u << 10)
#define STREAM   (4u << 20)

/* Two ends a process each: what goes into one's out comes from the other's in. */
struct link {
	int in, out;
};

static void token_pass(int out, int in)
{
	char token = 1;

	must(write(out, &token, 1) == 1, "write");
	must(read(in, &token, 1) == 1, "read");
}

static void round_trip(void *argument)
{
	const struct link *l = argument;

	token_pass(l->out, l->in);
}

static void end_child(pid_t child)
{
	must(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child, "end of a child");
}

static void link_measure(struct link ours, struct link theirs)
{
	const pid_t child = fork();
	char token;

	must(child >= 0, "fork");
	while (child == 0)
		if (read(theirs.in, &token, 1) != 1 || write(theirs.out, &token, 1) != 1)
			_exit(1);
	row_loop(round_trip, &ours, ROUNDS, 1);
	end_child(child);
}

static void row_pipe(void)
{
	int there[2], back[2];

	must(pipe(there) == 0 && pipe(back) == 0, "pipe");
	link_measure((struct link){ back[0], there[1] }, (struct link){ there[0], back[1] });
	close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

static void row_unix(void)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
	link_measure((struct link){ ends[0], ends[0] }, (struct link){ ends[1], ends[1] });
	close(ends[0]), close(ends[1]);
}

/* lmbench's lat_ctx: a token goes round a ring of processes that each look at an
 * array of their own; what the same costs in one process is taken away. */
static struct {
	unsigned members;
	size_t work;
	int pipes[RING_MAX][2];
} ring;

static long work_array[WORK_MAX / sizeof(long)];

static void work(void)
{
	long sum = 0;

	for (size_t i = 0; i < ring.work / sizeof(long); i++)
		sum += ((volatile long *)work_array)[i];
	(void)sum;
}

static void ring_alone(void *argument)
{
	(void)argument;
	for (unsigned i = 0; i < ring.members; i++) {
		token_pass(ring.pipes[i][1], ring.pipes[i][0]);
		work();
	}
}

static void ring_round(void *argument)
{
	(void)argument;
	token_pass(ring.pipes[0][1], ring.pipes[ring.members - 1][0]);
	work();
}

/* Member i gets from pipe i - 1 and gives to pipe i; we are member 0. */
static pid_t ring_member(unsigned i)
{
	const pid_t child = fork();
	char token;

	must(child >= 0, "fork");
	while (child == 0) {
		if (read(ring.pipes[i - 1][0], &token, 1) != 1)
			_exit(1);
		work();
		if (write(ring.pipes[i][1], &token, 1) != 1)
			_exit(1);
	}
	return child;
}

static void ring_measure(unsigned members, size_t bytes)
{
	pid_t children[RING_MAX];
	double alone;

	ring.members = members;
	ring.work = bytes;
	for (size_t i = 0; i < sizeof(work_array) / sizeof(work_array[0]); i++)
		work_array[i] = 1;
	for (unsigned i = 0; i < members; i++)
		must(pipe(ring.pipes[i]) == 0, "pipe");
	row_loop(ring_alone, NULL, HOPS, members);
	alone = row_take();
	for (unsigned i = 1; i < members; i++)
		children[i] = ring_member(i);
	ring_round(NULL);
	row_loop(ring_round, NULL, HOPS, members);
	row_less(alone);
	for (unsigned i = 1; i < members; i++)
		end_child(children[i]);
	for (unsigned i = 0; i < members; i++)
		close(ring.pipes[i][0]), close(ring.pipes[i][1]);
}

static void row_switch_small(void)
{
	ring_measure(2, 0);
}

static void row_switch_large(void)
{
	ring_measure(16, WORK_MAX);
}

static long futex(uint32_t *word, int operation, uint32_t value)
{
	return syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

static void wake_nobody(void *argument)
{
	must(futex(argument, FUTEX_WAKE, 1) == 0, "futex wake");
}

static void row_futex_none(void)
{
	uint32_t word = 0;

	row_loop(wake_nobody, &word, ROUNDS, 1);
}

/* Say that it is the other's turn, and wait for ours. */
static void turn(uint32_t *word, uint32_t mine)
{
	__atomic_store_n(word, !mine, __ATOMIC_SEQ_CST);
	must(futex(word, FUTEX_WAKE, 1) >= 0, "futex wake");
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) != mine)
		must(futex(word, FUTEX_WAIT, !mine) == 0 || errno == EAGAIN, "futex wait");
}

static void futex_round(void *argument)
{
	turn(argument, 0);
}

static void row_futex(void)
{
	uint32_t *word =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	must(word != MAP_FAILED, "mmap");
	child = fork();
	must(child >= 0, "fork");
	while (child == 0) {
		while (__atomic_load_n(word, __ATOMIC_SEQ_CST) != 1)
			futex(word, FUTEX_WAIT, 0);
		__atomic_store_n(word, 0, __ATOMIC_SEQ_CST);
		futex(word, FUTEX_WAKE, 1);
	}
	row_loop(futex_round, word, ROUNDS, 1);
	end_child(child);
	munmap(word, 4096);
}

static char chunk[CHUNK];

static void stream_read(void *argument)
{
	for (size_t left = STREAM; left;) {
		const ssize_t n = read(*(int *)argument, chunk, CHUNK < left ? CHUNK : left);

		must(n > 0, "read");
		left -= (size_t)n;
	}
}

static void stream_measure(int in, int out)
{
	const pid_t child = fork();

	must(child >= 0, "fork");
	while (child == 0)
		if (write(out, chunk, CHUNK) < 0)
			_exit(1);
	row_loop(stream_read, &in, 10, STREAM >> 10);
	end_child(child);
}

static void row_pipe_stream(void)
{
	int ends[2];

	must(pipe(ends) == 0, "pipe");
	stream_measure(ends[0], ends[1]);
	close(ends[0]), close(ends[1]);
}

static void row_unix_stream(void)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
	stream_measure(ends[0], ends[1]);
	close(ends[0]), close(ends[1]);
}

const struct row message_rows[] = {
	{ "pipe round trip", row_pipe },
	{ "AF_UNIX round trip", row_unix },
	{ "context switch 2p/0K", row_switch_small },
	{ "context switch 16p/64K", row_switch_large },
	{ "futex wake, nobody waits", row_futex_none },
	{ "futex round trip", row_futex },
	{ "pipe stream, per KiB", row_pipe_stream },
	{ "AF_UNIX stream, per KiB", row_unix_stream },
	{ NULL, NULL },
};
