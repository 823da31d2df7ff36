/* The vDSO: a small shared object that the kernel maps into every program, so that
 * asking for the time or the CPU needs no crossing.
 *
 * It has the names, versions and habits of Linux's (vdso(7)): a clock it does not
 * know is the kernel's matter, a bad pointer is the program's own fault.  The clock's
 * data is on the page in front of it; where the kernel changes it meanwhile, the
 * reading is repeated. */
#include <linux/time.h>

#include "schemas/clock.h"

#define SECOND_NS 1000000000ull

/* linux/unistd.h's numbers, of the two calls that may be left to the kernel. */
#define NR_CLOCK_GETTIME 228
#define NR_CLOCK_GETRES  229

extern const volatile struct clock_page clock_page __attribute__((visibility("hidden")));

int __vdso_clock_gettime(int clock, struct timespec *to);
int __vdso_clock_getres(int clock, struct timespec *to);
int __vdso_gettimeofday(struct timeval *to, struct timezone *zone);
long __vdso_time(long *to);
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);

static long kernel_call(long number, long a, void *b)
{
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(a), "S"(b)
		     : "rcx", "r11", "memory");
	return result;
}

/* Not before what the program did earlier: SDM vol. 2, RDTSC. */
static uint64_t tsc_read(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* CLOCK_MONOTONIC, plus what makes it CLOCK_REALTIME if that is asked for. */
static uint64_t clock_ns(int realtime)
{
	uint32_t sequence;
	uint64_t ns;

	do {
		sequence = __atomic_load_n(&clock_page.sequence, __ATOMIC_ACQUIRE);
		ns = clock_ticks_ns(tsc_read() - clock_page.origin_tsc, clock_page.ns_per_tick_32);
		if (realtime)
			ns += clock_page.realtime_base;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (sequence & 1 || sequence != clock_page.sequence);
	return ns;
}

static int timespec_set(struct timespec *to, uint64_t ns)
{
	to->tv_sec = (long)(ns / SECOND_NS);
	to->tv_nsec = (long)(ns % SECOND_NS);
	return 0;
}

int __vdso_clock_gettime(int clock, struct timespec *to)
{
	uint64_t ns;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
		return timespec_set(to, clock_ns(1));
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
		return timespec_set(to, clock_ns(0));
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		ns = clock_ns(clock == CLOCK_REALTIME_COARSE);
		return timespec_set(to, ns - ns % CLOCK_COARSE_NS);
	default:
		return (int)kernel_call(NR_CLOCK_GETTIME, clock, to);
	}
}

int __vdso_clock_getres(int clock, struct timespec *to)
{
	uint64_t ns = 1;

	switch (clock) {
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		ns = CLOCK_COARSE_NS;
		break;
	case CLOCK_REALTIME:
	case CLOCK_TAI:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
		break;
	default:
		return (int)kernel_call(NR_CLOCK_GETRES, clock, to);
	}
	return to ? timespec_set(to, ns) : 0;
}

int __vdso_gettimeofday(struct timeval *to, struct timezone *zone)
{
	uint64_t ns;

	if (to) {
		ns = clock_ns(1);
		to->tv_sec = (long)(ns / SECOND_NS);
		to->tv_usec = (long)(ns % SECOND_NS / 1000);
	}
	if (zone)
		*zone = (struct timezone){ 0 };
	return 0;
}

long __vdso_time(long *to)
{
	long seconds = (long)(clock_ns(1) / SECOND_NS);

	if (to)
		*to = seconds;
	return seconds;
}

long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	unsigned number;

	(void)unused;
	asm volatile("lsl %1, %0" : "=r"(number) : "r"(SEL_CPU_NUMBER) : "cc");
	if (cpu)
		*cpu = number & ((1u << CPU_NUMBER_BITS) - 1);
	if (node)
		*node = number >> CPU_NUMBER_BITS;
	return 0;
}

/* Linux's vDSO has the bare names, too. */
#define BARE(name)                                                                                 \
	extern __typeof__(__vdso_##name) name __attribute__((weak, alias("__vdso_" #name)))
BARE(clock_gettime);
BARE(clock_getres);
BARE(gettimeofday);
BARE(time);
BARE(getcpu);
