/* The load: an exponential average of the threads that run or want to, over 1, 5
 * and 15 minutes, as Linux reckons it: fixed point with 11 bits, every 5 s. */
#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/loadavg.h"
#include "kernel/fs/procfs_tree.h"
#include "kernel/sched/timer.h"

#define PERIOD_NS 5000000000ull
#define ONE       2048u

/* e^(-5s / 1, 5, 15 min), times ONE. */
static const uint32_t decay[3] = { 1884, 2014, 2037 };
static uint32_t average[3]; /* [a] */
static struct timer timer;

static void sample(struct timer *t)
{
	uint32_t active = sched_running() * ONE;

	for (unsigned i = 0; i < 3; i++) {
		uint32_t sum = average[i] * decay[i] + active * (ONE - decay[i]);

		if (active >= average[i])
			sum += ONE - 1;
		__atomic_store_n(&average[i], sum / ONE, __ATOMIC_RELAXED);
	}
	timer_start(t, t->deadline + PERIOD_NS);
}

void loadavg_start(void)
{
	timer_init(&timer, sample);
	timer_start(&timer, clock_now() + PERIOD_NS);
}

void loadavg_get(unsigned which, unsigned *whole, unsigned *hundredths)
{
	/* Rounded as Linux rounds. */
	uint32_t value = __atomic_load_n(&average[which], __ATOMIC_RELAXED) + ONE / 200;

	*whole = value / ONE;
	*hundredths = value % ONE * 100 / ONE;
}
