/* Leases on a file that all open, and notes on a directory that all change. */
#include "tests/stress/stress.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PROCESSES = 3, THREADS = 3, STEPS = 15 };

static atomic_long *inside; /* of all: between open(2) and close(2) */

struct taker {
	pthread_t thread;
	uint64_t seed;
	unsigned number;
};

static void told(int number)
{
	(void)number;
}

/* Who has a lease for writing that nobody asks back is alone with the file. */
static void alone_check(int fd)
{
	bool alone = *inside == 1;

	CHECK(alone || fcntl(fd, F_GETLEASE) != F_WRLCK);
}

/* Open it, take a lease where it is to be had, give it back or leave that to close(2).  A
 * thread that had no turn for as long as /proc/sys/fs/lease-break-time has none to give. */
static void lease_step(struct taker *t)
{
	static const int modes[] = { O_RDONLY, O_RDWR, O_WRONLY };
	int kind = random_from(&t->seed, 2) ? F_WRLCK : F_RDLCK;
	int wait = random_from(&t->seed, 3) ? O_NONBLOCK : 0;
	int fd = open("leased", modes[random_from(&t->seed, 3)] | wait);

	CHECK(fd >= 0 || (wait && errno == EWOULDBLOCK));
	if (fd < 0)
		return;
	++*inside;
	if (fcntl(fd, F_SETLEASE, kind) == 0) {
		if (kind == F_WRLCK)
			alone_check(fd);
		if (random_from(&t->seed, 2))
			sleep_ms(1);
		if (random_from(&t->seed, 2))
			CHECK(fcntl(fd, F_SETLEASE, F_UNLCK) == 0 || errno == EAGAIN);
	} else {
		CHECK(errno == EAGAIN);
	}
	--*inside;
	CHECK(close(fd) == 0);
}

/* Watch the directory while names come and go in it. */
static void note_step(struct taker *t)
{
	int kinds =
		DN_CREATE | DN_DELETE | DN_ATTRIB | (random_from(&t->seed, 2) ? DN_MULTISHOT : 0);
	int fd = open(".", O_RDONLY | O_DIRECTORY), made;
	char name[16];

	snprintf(name, sizeof(name), "%u", t->number);
	CHECK(fd >= 0 && fcntl(fd, F_NOTIFY, kinds) == 0);
	made = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(made >= 0 && close(made) == 0 && unlink(name) == 0);
	if (random_from(&t->seed, 2))
		CHECK(fcntl(fd, F_NOTIFY, 0) == 0);
	CHECK(close(fd) == 0);
}

static void *take(void *argument)
{
	for (int i = 0; i < STEPS; i++) {
		if (random_from(&((struct taker *)argument)->seed, 4))
			lease_step(argument);
		else
			note_step(argument);
	}
	return NULL;
}

/* Signals come for what other threads do, too; calls go on. */
static void takers_run(uint64_t seed, unsigned first)
{
	struct sigaction action = { .sa_handler = told, .sa_flags = SA_RESTART };
	struct taker t[THREADS];

	CHECK(sigaction(SIGIO, &action, NULL) == 0);
	for (unsigned i = 0; i < THREADS; i++) {
		t[i].number = first + i;
		t[i].seed = seed + 0x9e3779b97f4a7c15u * (t[i].number + 1);
		CHECK(pthread_create(&t[i].thread, NULL, take, &t[i]) == 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		CHECK(pthread_join(t[i].thread, NULL) == 0);
}

CASE(lease_taken_by_all)
{
	uint64_t seed = 1 + (uint64_t)random_below(UINT32_MAX);
	pid_t pids[PROCESSES];

	inside = shared_map(PAGE);
	file_put("leased", "");
	for (unsigned i = 0; i < PROCESSES; i++) {
		pids[i] = child();
		if (pids[i] == 0) {
			takers_run(seed, i * THREADS);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < PROCESSES; i++)
		CHECK(child_status(pids[i]) == 0);
	CHECK(*inside == 0 && unlink("leased") == 0 && munmap(inside, PAGE) == 0);
}
