/* The machine as a whole: its name, its load, its log, its end. */
#include <linux/errno.h>
#include <linux/reboot.h>
#include <linux/sysinfo.h>
#include <linux/utsname.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/debug/log.h"
#include "kernel/fs/control.h"
#include "kernel/fs/system_name.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/page.h"
#include "kernel/mm/user.h"
#include "kernel/proc/tree.h"
#include "kernel/syscall/personality.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_time.h"
#include "kernel/trace/trace.h"

#define LOG_CHUNK 1024

int64_t sys_uname(uint64_t buf)
{
	struct new_utsname copy;

	system_name_get(&copy);
	personality_names(&copy);
	trace_data(0, DATA_UTSNAME, &copy, sizeof(copy));
	return user_copy_out(buf, &copy, sizeof(copy));
}

static int name_change(void (*set)(const char *), uint64_t from, uint64_t length)
{
	char text[__NEW_UTS_LEN + 1] = "";

	if (!caller_can(CAP_SYS_ADMIN))
		return -EPERM;
	if ((int)length < 0 || (int)length > __NEW_UTS_LEN)
		return -EINVAL;
	if (user_copy_in(text, from, (int)length))
		return -EFAULT;
	set(text);
	return 0;
}

int64_t sys_sethostname(uint64_t name, uint64_t length)
{
	return name_change(system_name_set_host, name, length);
}

int64_t sys_setdomainname(uint64_t name, uint64_t length)
{
	return name_change(system_name_set_domain, name, length);
}

int64_t sys_sysinfo(uint64_t info)
{
	struct sysinfo s = {
		.uptime = clock_now() / SECOND_NS,
		.totalram = page_count_total(),
		.freeram = page_count_free(),
		.mem_unit = PAGE_SIZE,
	};
	struct process *p;

	tree_lock();
	tree_for_each(p) s.procs += p->thread_count;
	tree_unlock();
	return user_copy_out(info, &s, sizeof(s));
}

int64_t sys_reboot(uint64_t magic, uint64_t magic2, uint64_t cmd, uint64_t arg)
{
	static const uint32_t seconds[] = { LINUX_REBOOT_MAGIC2, LINUX_REBOOT_MAGIC2A,
					    LINUX_REBOOT_MAGIC2B, LINUX_REBOOT_MAGIC2C };
	bool known = false;

	if (!caller_can(CAP_SYS_BOOT))
		return -EPERM;
	for (unsigned i = 0; i < ARRAY_SIZE(seconds); i++)
		known |= (uint32_t)magic2 == seconds[i];
	if ((uint32_t)magic != LINUX_REBOOT_MAGIC1 || !known)
		return -EINVAL;
	switch ((uint32_t)cmd) {
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		machine_end(MAX(control_exit_status(), 0)); /* none was told: all is well */
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0; /* there is no such key */
	default:
		return -EINVAL;
	}
}

/* The log's bytes from *from on to a program, at most n of them. */
static int64_t log_copy(uint64_t *from, uint64_t to, uint64_t n)
{
	char *chunk = kmalloc(LOG_CHUNK);
	uint64_t done = 0;
	size_t got = 1;

	if (!chunk)
		return -ENOMEM;
	while (done < n && got) {
		got = log_read(from, chunk, MIN(n - done, LOG_CHUNK));
		if (user_copy_out(to + done, chunk, got)) {
			kfree(chunk);
			return -EFAULT;
		}
		done += got;
	}
	kfree(chunk);
	return done;
}

/* Bytes in the log from `from` on; *end is where it ends. */
static uint64_t log_measure(uint64_t from, uint64_t *end)
{
	char chunk[256];
	uint64_t total = 0;
	size_t got;

	*end = from;
	while ((got = log_read(end, chunk, sizeof(chunk))))
		total += got;
	return total;
}

/* syslog(2): 2 reads on, 3 and 4 show the last lines, 5 forgets them, 9 and 10 ask
 * for sizes; the console's level (6 to 8) has no meaning here. */
int64_t sys_syslog(uint64_t type, uint64_t buf, uint64_t length)
{
	static uint64_t read_from, cleared;
	uint64_t total, from, end;
	int64_t result = 0;

	if (!caller_can(CAP_SYSLOG) && !caller_can(CAP_SYS_ADMIN) && type != 3 && type != 10)
		return -EPERM;
	switch ((int)type) {
	case 2:
		return buf && (int)length >= 0 ? log_copy(&read_from, buf, (int)length) : -EINVAL;
	case 3:
	case 4:
		if (!buf || (int)length < 0)
			return -EINVAL;
		from = cleared;
		total = log_measure(from, &end);
		if (total > length)
			from = end - length;
		result = log_copy(&from, buf, length);
		if ((int)type == 4)
			cleared = end;
		return result;
	case 5:
		log_measure(cleared, &cleared);
		return 0;
	case 0:
	case 1:
	case 6:
	case 7:
	case 8:
		return 0;
	case 9:
		return log_measure(read_from, &end);
	case 10:
		return log_measure(0, &end);
	default:
		return -EINVAL;
	}
}
