#include "kernel/sched/turns.h"

#define SHORTEST 8 /* powers of two, ns */
#define LONGEST  22

bool turns_on;

/* Never that of random.h: what programs take of it is none of the scheduler's choices. */
static uint64_t state;

void turns_init(uint64_t seed)
{
	turns_on = true;
	state = seed * 2 + 1;
}

/* xorshift64* of Vigna (ACM Transactions on Mathematical Software 42, 2016). */
static uint32_t next(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * 0x2545f4914f6cdd1dull >> 32);
}

uint64_t turns_length(void)
{
	uint64_t power = 1ull << (SHORTEST + turns_choose(LONGEST - SHORTEST));

	return power + (power * next() >> 32);
}

uint32_t turns_choose(uint32_t count)
{
	return (uint32_t)((uint64_t)next() * count >> 32);
}
