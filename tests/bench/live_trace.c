/* live_trace OUT.db RATE SECONDS: a recording that goes on, without a guest: two CPUs make
 * RATE events a second as the clock goes, and what they made is stored every few ms, as
 * blocks of a guest are.  An event's time is that of the clock when it was made; says what
 * the clock was at time 0, ns of CLOCK_MONOTONIC. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "schemas/syscalls.h"
#include "tests/host/synthetic.h"
#include "tracer/tables/live.h"

#define CPUS     2u
#define STORE_MS 10 /* how long a block stays open, and how often what is there is stored */

static int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Calls up to now, evenly. */
static void calls_make(struct synthetic *s, uint64_t rate, int64_t begin)
{
	const uint64_t due = (uint64_t)(clock_ns() - begin) / 1000 * rate / 1000000;
	const uint64_t first = s->records;

	while (s->records < due) {
		const uint64_t at = SYNTHETIC_BOOT + s->records * 1000000 / rate * 1000;

		s->tsc = at > s->tsc ? at : s->tsc;
		SYNTHETIC_EMIT(s, s->records / 2 % CPUS, syscall_enter, .rip = 0x401234,
			       .nr = NR_getppid);
		SYNTHETIC_EMIT(s, (s->records - 1) / 2 % CPUS, syscall_return, .result = 1);
	}
	if (s->records != first)
		for (unsigned cpu = 0; cpu < CPUS; cpu++)
			synthetic_flush(s, cpu);
}

static void threads_begin(struct synthetic *s)
{
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		SYNTHETIC_EMIT(s, cpu, context_switch, .prev = 0, .next = 10 + cpu,
			       .reason = SWITCH_IDLE, .space = 1);
}

int main(int argc, char **argv)
{
	static struct synthetic s;
	struct error why = { 0 };
	struct live *live;
	int64_t begin, end;

	if (argc != 4 || atoll(argv[2]) <= 0 || atoll(argv[3]) <= 0) {
		fprintf(stderr, "usage: live_trace OUT.db RATE SECONDS\n");
		return 2;
	}
	if (!synthetic_open(&s, argv[1], CPUS) || store_commit(s.store, &why) ||
	    live_start(&live, argv[1], s.store, true, &why)) {
		fprintf(stderr, "live_trace: %s\n", why.text);
		return 2;
	}
	begin = clock_ns();
	end = begin + atoll(argv[3]) * 1000000000;
	s.tsc = SYNTHETIC_BOOT;
	threads_begin(&s);
	printf("%lld\n", (long long)begin);
	fflush(stdout);
	while (clock_ns() < end) {
		calls_make(&s, (uint64_t)atoll(argv[2]), begin);
		store_commit(s.store, &why);
		usleep(STORE_MS * 1000);
	}
	live_drop(live);
	return store_close(s.store, &why) ? 2 : 0;
}
