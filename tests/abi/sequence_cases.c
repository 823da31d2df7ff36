/* Restartable sequences (rseq) and membarrier. */
#include "tests/abi/case.h"

#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIGNATURE 0x53053053
#define LENGTH    32 /* struct rseq of Linux 6.1 */

static _Alignas(32) volatile char memory[64];
static volatile struct rseq *const area = (volatile struct rseq *)memory;

static long register_area(unsigned length, int flags, unsigned signature)
{
	return syscall(SYS_rseq, area, length, flags, signature);
}

CASE(rseq_registration)
{
	FAILS(register_area(LENGTH, 2, SIGNATURE), EINVAL);
	FAILS(register_area(16, 0, SIGNATURE), EINVAL);
	FAILS(syscall(SYS_rseq, memory + 8, LENGTH, 0, SIGNATURE), EINVAL);
	FAILS(register_area(LENGTH, RSEQ_FLAG_UNREGISTER, SIGNATURE), EINVAL);
	area->cpu_id = (unsigned)RSEQ_CPU_ID_UNINITIALIZED;
	GIVES(register_area(LENGTH, 0, SIGNATURE), 0);
	CHECK(area->cpu_id < CPU_SETSIZE && area->cpu_id_start == area->cpu_id);
	FAILS(register_area(LENGTH, 0, SIGNATURE), EBUSY);
	FAILS(register_area(LENGTH, 0, 1), EPERM);
	FAILS(syscall(SYS_rseq, memory + 32, LENGTH, 0, SIGNATURE), EINVAL);
	FAILS(register_area(LENGTH, RSEQ_FLAG_UNREGISTER, 1), EPERM);
	GIVES(register_area(LENGTH, RSEQ_FLAG_UNREGISTER, SIGNATURE), 0);
	GIVES(area->cpu_id, (unsigned)RSEQ_CPU_ID_UNINITIALIZED);
	GIVES(area->cpu_id_start, 0);
}

CASE(rseq_tells_cpu)
{
	cpu_set_t all, one;

	CHECK(sched_getaffinity(0, sizeof(all), &all) == 0);
	GIVES(register_area(LENGTH, 0, SIGNATURE), 0);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < CPU_SETSIZE; i++) {
			if (!CPU_ISSET(i, &all))
				continue;
			CPU_ZERO(&one);
			CPU_SET(i, &one);
			CHECK(sched_setaffinity(0, sizeof(one), &one) == 0);
			CHECK(area->cpu_id == (unsigned)i);
		}
	}
	say("the area follows the thread from CPU to CPU");
}

/* A sequence without end: 1 when it was aborted. */
static int spin_in_sequence(void)
{
	int aborted = 0;

	asm volatile("	.pushsection .data.rel, \"aw\"\n"
		     "	.balign 32\n"
		     "3:	.long 0, 0\n"
		     "	.quad 1f, 2f - 1f, 4f\n"
		     "	.popsection\n"
		     "	leaq 3b(%%rip), %%rax\n"
		     "	movq %%rax, %[sequence]\n"
		     "1:	pause\n"
		     "	jmp 1b\n"
		     "2:	jmp 5f\n"
		     "	.long 0x53053053\n"
		     "4:	movl $1, %[aborted]\n"
		     "5:\n"
		     : [aborted] "+r"(aborted), [sequence] "=m"(area->rseq_cs)
		     :
		     : "rax", "memory", "cc");
	return aborted;
}

static volatile int alarms;

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

CASE(rseq_aborted_by_signal)
{
	const struct itimerval soon = { { 0, 5000 }, { 0, 5000 } }, never = { 0 };

	CHECK(signal(SIGALRM, on_alarm) != SIG_ERR);
	GIVES(register_area(LENGTH, 0, SIGNATURE), 0);
	GIVES(setitimer(ITIMER_REAL, &soon, NULL), 0);
	do /* preemption may end one, and a signal come before the first: more will */
		CHECK(spin_in_sequence() == 1);
	while (!alarms);
	GIVES(setitimer(ITIMER_REAL, &never, NULL), 0);
	GIVES(area->rseq_cs, 0);
}

static _Atomic int stop;

static void *body_spin(void *argument)
{
	while (!atomic_load(&stop))
		;
	return argument;
}

CASE(rseq_aborted_by_preemption)
{
	cpu_set_t one;
	pthread_t thread;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	CHECK(sched_setaffinity(0, sizeof(one), &one) == 0);
	GIVES(register_area(LENGTH, 0, SIGNATURE), 0);
	CHECK(pthread_create(&thread, NULL, body_spin, NULL) == 0);
	GIVES(spin_in_sequence(), 1);
	atomic_store(&stop, 1);
	CHECK(pthread_join(thread, NULL) == 0);
}

CASE(rseq_wrong_signature_kills)
{
	pid_t pid = child();

	if (pid == 0) {
		struct itimerval soon = { { 0, 0 }, { 0, 5000 } };

		CHECK(signal(SIGALRM, on_alarm) != SIG_ERR);
		CHECK(register_area(LENGTH, 0, 0x12345678) == 0);
		CHECK(setitimer(ITIMER_REAL, &soon, NULL) == 0);
		_exit(spin_in_sequence());
	}
	DIES(pid, SIGSEGV);
}

CASE(rseq_inherited_by_fork)
{
	pid_t pid;

	GIVES(register_area(LENGTH, 0, SIGNATURE), 0);
	pid = child();
	if (pid == 0)
		_exit(register_area(LENGTH, 0, SIGNATURE) == -1 && errno == EBUSY ? 4 : 1);
	EXITS(pid, 4);
}

static long membarrier(int command, unsigned flags)
{
	return syscall(SYS_membarrier, command, flags, 0);
}

CASE(membarrier_commands)
{
	const int all = 0x1ff; /* of Linux 6.1 */

	CHECK((membarrier(MEMBARRIER_CMD_QUERY, 0) & all) == all);
	FAILS(membarrier(MEMBARRIER_CMD_QUERY, 1), EINVAL);
	FAILS(membarrier(3, 0), EINVAL);
	GIVES(membarrier(MEMBARRIER_CMD_GLOBAL, 0), 0);
	FAILS(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0), EPERM);
	FAILS(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0), EPERM);
	FAILS(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0), EPERM);
	GIVES(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0), 0);
	GIVES(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0), 0);
	FAILS(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 1), EINVAL);
	GIVES(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0), 0);
	GIVES(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0), 0);
	GIVES(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0), 0);
	GIVES(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0), 0);
	GIVES(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU), 0);
	GIVES(membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0), 0);
	GIVES(membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0), 0);
}

/* Dekker's idea with the barrier on one side only: both never read 0. */
static volatile int left, right, rounds_done, seen_by_thread;

static void *body_dekker(void *argument)
{
	(void)argument;
	for (int round = 1; round <= 300; round++) {
		while (rounds_done != round - 1 && !atomic_load(&stop))
			sched_yield();
		left = round;
		atomic_signal_fence(memory_order_seq_cst);
		seen_by_thread = right;
		rounds_done = -round;
	}
	return NULL;
}

CASE(membarrier_orders_others)
{
	pthread_t thread;
	int both_missed = 0;

	GIVES(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0), 0);
	CHECK(pthread_create(&thread, NULL, body_dekker, NULL) == 0);
	for (int round = 1; round <= 300; round++) {
		int seen;

		right = round;
		CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0) == 0);
		seen = left;
		while (rounds_done != -round)
			sched_yield();
		both_missed += seen != round && seen_by_thread != round;
		rounds_done = round;
	}
	CHECK(pthread_join(thread, NULL) == 0);
	GIVES(both_missed, 0);
}
