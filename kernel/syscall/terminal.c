/* The call on the caller's terminal. */
#include <linux/errno.h>

#include "kernel/fs/tty.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"

int64_t sys_vhangup(void)
{
	struct tty *t;

	if (!caller_can(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	t = tty_hooks.controlling();
	if (t)
		tty_hangup(t, false);
	tty_put(t);
	return 0;
}
