/* timerfd: a timer that is read like a file. */
#ifndef KERNEL_FS_TIMER_FILE_H
#define KERNEL_FS_TIMER_FILE_H

#include "kernel/fs/file.h"

/* ns; value 0: it does not run. */
struct timer_file_setting {
	uint64_t value, interval;
};

/* flags: O_NONBLOCK.  -ENFILE. */
int timer_file_create(int clock, uint32_t flags, struct file **out);
/* Is f one? */
bool timer_file_is(const struct file *f);
int timer_file_clock(const struct file *f);
/* Run from deadline (clock_now ns; 0: stop) and then each interval; was: what was set
 * before, value being what was left. */
void timer_file_set(struct file *f, uint64_t deadline, uint64_t interval,
		    struct timer_file_setting *was);
void timer_file_get(struct file *f, struct timer_file_setting *out);

#endif
