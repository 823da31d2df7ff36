/* adjtimex, clock_adjtime: how the clock runs.  It can be asked, not corrected: QEMU's
 * is as right as the host's. */
#include <linux/errno.h>
#include <linux/timex.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/mm/user.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"

/* What Linux says before anybody has set them: kernel/time/ntp.c. */
#define ERROR_MOST    16000000 /* us */
#define TOLERANCE     32768000 /* ppm << 16 */
#define TICK_US       10000
#define TIME_CONSTANT 2

static int64_t adjust(uint64_t addr)
{
	uint64_t now = clock_realtime_base() + clock_now();
	struct __kernel_timex t;

	if (user_copy_in(&t, addr, sizeof(t)))
		return -EFAULT;
	if (t.modes && t.modes != ADJ_OFFSET_SS_READ)
		return caller_can(CAP_SYS_TIME) ? -EINVAL : -EPERM;
	t = (struct __kernel_timex){
		.modes = t.modes,
		.maxerror = ERROR_MOST,
		.esterror = ERROR_MOST,
		.status = STA_UNSYNC,
		.constant = TIME_CONSTANT,
		.precision = 1,
		.tolerance = TOLERANCE,
		.time = { (long long)(now / SECOND_NS), (long long)(now % SECOND_NS / 1000) },
		.tick = TICK_US,
	};
	return user_copy_out(addr, &t, sizeof(t)) ? -EFAULT : TIME_ERROR;
}

int64_t sys_adjtimex(uint64_t buf)
{
	return adjust(buf);
}

int64_t sys_clock_adjtime(uint64_t clock, uint64_t tx)
{
	switch ((int)clock) {
	case CLOCK_REALTIME:
		return adjust(tx);
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
	case CLOCK_TAI:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}
