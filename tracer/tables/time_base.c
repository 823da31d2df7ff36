#include "tracer/tables/time_base.h"

#include "tracer/store/meta.h"

int time_base_load(struct time_base *base, sqlite3 *db, struct error *why)
{
	base->boot_tsc = (uint64_t)meta_integer(db, "boot_tsc", 0);
	base->tsc_hz = (uint64_t)meta_integer(db, "tsc_hz", 0);
	if (base->tsc_hz < 1000 || base->tsc_hz > 1000000000000ull)
		return error_set(why, 3,
				 "the recording was cut off before the kernel told its clock");
	return 0;
}

int64_t time_base_ns(const struct time_base *base, uint64_t tsc)
{
	const uint64_t second = 1000000000, ticks = tsc - base->boot_tsc;
	uint64_t seconds, rest;

	if (tsc < base->boot_tsc)
		return 0;
	seconds = ticks / base->tsc_hz;
	rest = ticks % base->tsc_hz;
	if (seconds >= INT64_MAX / second)
		return INT64_MAX;
	/* The product fits in 64 bits for any clock that there is; 128 are slow. */
	if (base->tsc_hz < UINT64_MAX / second)
		return (int64_t)(seconds * second + rest * second / base->tsc_hz);
	return (int64_t)(seconds * second +
			 (uint64_t)((unsigned __int128)rest * second / base->tsc_hz));
}
