/* The root of /proc and the files of the whole system: proc(5). */
#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/loadavg.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/procfs_tree.h"
#include "kernel/fs/system_name.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kasan.h"
#include "kernel/mm/mapped.h"
#include "kernel/mm/object.h"
#include "kernel/sched/thread.h"

#define USER_HZ    100 /* unit of times in /proc/stat */
#define SECOND_NS  1000000000ull
#define KIB_A_PAGE (PAGE_SIZE / 1024)
#define ROOT_MOST  48 /* entries of /proc that are no processes */

static const char *command_line = "";

void procfs_set_command_line(const char *line)
{
	command_line = line;
}

static int show_command_line(const struct proc_node *n, struct text *out)
{
	text_add(out, "%s\n", command_line);
	return 0;
}

static uint64_t slab_pages(void)
{
	uint64_t pages, used, sum = 0;
	const char *name;
	size_t size;

	for (unsigned i = 0; object_cache_info(i, &name, &size, &used, &pages); i++)
		sum += pages;
	return sum;
}

static int show_meminfo(const struct proc_node *n, struct text *out)
{
	unsigned long total = page_count_total() * KIB_A_PAGE;
	unsigned long left = page_count_free() * KIB_A_PAGE, slab = slab_pages() * KIB_A_PAGE;
	const struct {
		const char *name;
		unsigned long kib;
	} lines[] = {
		{ "MemTotal:", total },
		{ "MemFree:", left },
		{ "MemAvailable:", left },
		{ "Buffers:", 0 },
		{ "Cached:", 0 },
		{ "SwapCached:", 0 },
		{ "Active:", 0 },
		{ "Inactive:", 0 },
		{ "SwapTotal:", 0 },
		{ "SwapFree:", 0 },
		{ "Dirty:", 0 },
		{ "Writeback:", 0 },
		{ "AnonPages:", 0 },
		{ "Mapped:", 0 },
		{ "Shmem:", 0 },
		{ "KReclaimable:", 0 },
		{ "Slab:", slab },
		{ "SReclaimable:", 0 },
		{ "SUnreclaim:", slab },
		{ "CommitLimit:", total },
		{ "Committed_AS:", total - left },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		text_add(out, "%-15s %8lu kB\n", lines[i].name, lines[i].kib);
	return 0;
}

static unsigned long user_hz(uint64_t ticks)
{
	return clock_from_ticks(ticks) / (SECOND_NS / USER_HZ);
}

static void cpu_line(struct text *out, const struct cpu_times *t)
{
	text_add(out, " %lu 0 %lu %lu 0 0 0 0 0 0\n", user_hz(t->user), user_hz(t->kernel),
		 user_hz(t->idle));
}

/* Of all CPUs. */
static void times_sum(struct cpu_times *sum)
{
	struct cpu_times one;

	*sum = (struct cpu_times){ 0 };
	for (uint32_t i = 0; i < cpu_count; i++) {
		sched_cpu_times(i, &one);
		sum->user += one.user;
		sum->kernel += one.kernel;
		sum->idle += one.idle;
	}
}

static int show_stat(const struct proc_node *n, struct text *out)
{
	struct cpu_times times;
	struct proc_counts c;

	times_sum(&times);
	text_add(out, "cpu ");
	cpu_line(out, &times);
	for (uint32_t i = 0; i < cpu_count; i++) {
		sched_cpu_times(i, &times);
		text_add(out, "cpu%u", i);
		cpu_line(out, &times);
	}
	proc_hooks.counts(&c);
	text_add(out,
		 "intr 0\nctxt %lu\nbtime %lu\nprocesses %lu\nprocs_running %u\n"
		 "procs_blocked %u\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		 c.switches, (unsigned long)(clock_realtime_base() / SECOND_NS), c.forks, c.running,
		 c.blocked);
	return 0;
}

static int show_uptime(const struct proc_node *n, struct text *out)
{
	unsigned long now = clock_now() / (SECOND_NS / 100), idle;
	struct cpu_times times;

	times_sum(&times);
	idle = user_hz(times.idle);
	text_add(out, "%lu.%02lu %lu.%02lu\n", now / 100, now % 100, idle / 100, idle % 100);
	return 0;
}

static int show_loadavg(const struct proc_node *n, struct text *out)
{
	struct proc_counts c;

	for (unsigned i = 0; i < 3; i++) {
		unsigned whole, hundredths;

		loadavg_get(i, &whole, &hundredths);
		text_add(out, "%u.%02u ", whole, hundredths);
	}
	proc_hooks.counts(&c);
	text_add(out, "%u/%u %u\n", c.running, c.threads, c.last_pid);
	return 0;
}

static int show_version(const struct proc_node *n, struct text *out)
{
	struct new_utsname u;

	system_name_get(&u);
	text_add(out, "%s version %s (ringscope@ringscope) (gcc %s) %s\n", u.sysname, u.release,
		 __VERSION__, u.version);
	return 0;
}

static int show_filesystems(const struct proc_node *n, struct text *out)
{
	file_system_list(out);
	return 0;
}

static int show_slabinfo(const struct proc_node *n, struct text *out)
{
	uint64_t pages, used;
	const char *name;
	size_t size;

	text_add(out,
		 "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> "
		 "<objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> "
		 ": slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	for (unsigned i = 0; object_cache_info(i, &name, &size, &used, &pages); i++) {
		unsigned long fit = PAGE_SIZE / MAX(size, (size_t)1);

		text_add(out,
			 "%-17s %6lu %6lu %6lu %4lu %4d : tunables %4d %4d %4d : slabdata "
			 "%6lu %6lu %6d\n",
			 name, used, fit * pages, size, fit, 1, 0, 0, 0, pages, pages, 0);
	}
	return 0;
}

/* For the leak counts of tests: names that nobody uses are let go first.  Pages of
 * object caches and of spare areas come and go by chance; what is in the caches is
 * counted as objects. */
static int show_ringscope(const struct proc_node *n, struct text *out)
{
	struct proc_counts c;
	uint64_t used;

	dentry_shrink(UINT32_MAX);
	proc_hooks.counts(&c);
	used = page_count_total() - page_count_free() - object_pages() - mapped_pages_spare();
	text_add(out, "pages_used %lu\nobjects_used %lu\nthreads %u\n", used, object_count(),
		 c.threads);
	return 0;
}

int (*procfs_inject)(const char *name);

/* Bugs of the kernel's own, to see that they are found: with address checks, or where
 * the command line allows it. */
static int store_ringscope(const struct proc_node *n, const char *text)
{
	if (procfs_inject)
		return procfs_inject(text);
	if (!KERNEL_KASAN || strcmp(text, "bug") != 0)
		return -EINVAL;
	kasan_provoke();
	return 0;
}

static int target_self(const struct proc_node *n, char *to, size_t size)
{
	uint32_t pid = proc_hooks.self();

	return pid ? print_text(to, size, "%u", pid) : -ENOENT;
}

static int target_thread_self(const struct proc_node *n, char *to, size_t size)
{
	uint32_t pid = proc_hooks.self();

	return pid ? print_text(to, size, "%u/task/%u", pid, proc_hooks.self_thread()) : -ENOENT;
}

static int target_mounts(const struct proc_node *n, char *to, size_t size)
{
	return print_text(to, size, "self/mounts");
}

#define TARGET(name_, target_)                                                                     \
	{                                                                                          \
		.name = (name_), .mode = S_IFLNK | 0777, .target = (target_)                       \
	}

static int show_sysv(const struct proc_node *n, struct text *out)
{
	proc_hooks.sysv[n->entry->what](out);
	return 0;
}

#define SYSV(name_, kind_)                                                                         \
	{                                                                                          \
		.name = (name_), .mode = S_IFREG | 0444, .show = show_sysv, .what = (kind_)        \
	}

static const struct proc_entry sysv_entries[] = {
	SYSV("msg", SYSV_MESSAGES),
	SYSV("sem", SYSV_SEMAPHORES),
	SYSV("shm", SYSV_SEGMENTS),
};

static int target_net(const struct proc_node *n, char *to, size_t size)
{
	return print_text(to, size, "self/net");
}

/* Filled from root_fixed and proc_kernel_entries before /proc is mounted. */
static struct proc_entry root_entries[ROOT_MOST];

static const struct proc_entry root_fixed[] = {
	PROC_FILE("cmdline", 0444, show_command_line),
	PROC_FILE("cpuinfo", 0444, procfs_cpuinfo_show),
	PROC_FILE("filesystems", 0444, show_filesystems),
	PROC_FILE("loadavg", 0444, show_loadavg),
	PROC_FILE("meminfo", 0444, show_meminfo),
	TARGET("mounts", target_mounts),
	TARGET("net", target_net),
	{ .name = "ringscope",
	  .mode = S_IFREG | 0644,
	  .show = show_ringscope,
	  .store = store_ringscope },
	TARGET("self", target_self),
	PROC_FILE("slabinfo", 0400, show_slabinfo),
	PROC_FILE("stat", 0444, show_stat),
	{ .name = "sys",
	  .mode = S_IFDIR | 0555,
	  .children = proc_sys_entries,
	  .child_count = PROC_SYS_ENTRIES },
	{ .name = "sysvipc",
	  .mode = S_IFDIR | 0555,
	  .children = sysv_entries,
	  .child_count = ARRAY_SIZE(sysv_entries) },
	TARGET("thread-self", target_thread_self),
	PROC_FILE("uptime", 0444, show_uptime),
	PROC_FILE("version", 0444, show_version),
};

const struct proc_entry proc_root = {
	.mode = S_IFDIR | 0555,
	.children = root_entries,
	.child_count = ARRAY_SIZE(root_fixed) + PROC_KERNEL_ENTRIES,
	.dynamic = NAMES_PROCESSES,
};

void procfs_root_fill(void)
{
	_Static_assert(ARRAY_SIZE(root_fixed) + PROC_KERNEL_ENTRIES <= ROOT_MOST, "room");
	memcpy(root_entries, root_fixed, sizeof(root_fixed));
	memcpy(root_entries + ARRAY_SIZE(root_fixed), proc_kernel_entries,
	       sizeof(proc_kernel_entries));
}
