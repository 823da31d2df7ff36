/* The system's names. */
#include "kernel/fs/system_name.h"

#include "kernel/lib/list.h"
#include "kernel/lib/string.h"
#include "kernel/sched/wait.h"

/* Programs ask for features by this number; it is the Linux whose calls these are. */
#define RELEASE "6.1.0-ringscope"

static struct new_utsname names = {
	.sysname = "Linux",
	.nodename = "ringscope",
	.release = RELEASE,
	.version = "#1 SMP Ringscope",
	.machine = "x86_64",
	.domainname = "(none)",
};
static struct mutex lock = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"), LIST_INIT(lock.waiters.waiters) },
};

void system_name_get(struct new_utsname *out)
{
	mutex_lock(&lock);
	*out = names;
	mutex_unlock(&lock);
}

static void set(char *name, const char *text)
{
	mutex_lock(&lock);
	string_copy(name, __NEW_UTS_LEN + 1, text);
	mutex_unlock(&lock);
}

void system_name_set_host(const char *text)
{
	set(names.nodename, text);
}

void system_name_set_domain(const char *text)
{
	set(names.domainname, text);
}
