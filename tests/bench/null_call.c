/* What the cheapest system call costs, in ticks of the TSC.  Under QEMU's
 * -icount shift=0 a tick is one instruction.
 *
 *   null_call [CALLS]       prints "null_call min M mean A", ticks a call
 *
 * min is over batches of 100 calls and so leaves timer interrupts out; mean is
 * over all.  As the first process of a Linux machine it ends the machine. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BATCH 100

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline void null_call(void)
{
	long result = SYS_getppid;

	__asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
}

/* Ticks of one batch, the loop's own three instructions a call included. */
static uint64_t batch(void)
{
	const uint64_t start = ticks();

	for (unsigned i = 0; i < BATCH; i++)
		null_call();
	return ticks() - start;
}

int main(int argc, char **argv)
{
	const long calls = argc > 1 ? strtol(argv[1], NULL, 10) : 20000;
	uint64_t least = UINT64_MAX;
	uint64_t start;
	long done = 0;

	batch();
	start = ticks();
	for (; done < calls; done += BATCH) {
		const uint64_t spent = batch();

		if (spent < least)
			least = spent;
	}
	printf("null_call min %.1f mean %.1f\n", (double)least / BATCH,
	       (double)(ticks() - start) / (double)(done ? done : 1));
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_AUTOBOOT);
	return 0;
}
