/* Files of /proc about the machine that many programs look at and few need. */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/fs/device.h"
#include "kernel/fs/procfs_tree.h"
#include "kernel/mm/object.h"
#include "kernel/mm/page.h"
#include "schemas/trace.h"

void (*procfs_sockets_show)(struct text *out);

/* Events of that kind on a CPU; the highest bit is the trace's own mark. */
static uint64_t count_of(const struct cpu *c, unsigned event)
{
	return c->trace_attempts[event] & INT64_MAX;
}

static int show_vmstat(const struct proc_node *n, struct text *out)
{
	static const char *const none[] = {
		"nr_dirty", "nr_writeback", "nr_unstable", "pgpgin",  "pgpgout",
		"pswpin",   "pswpout",      "pgalloc_dma", "pgsteal", "oom_kill",
	};
	uint64_t faults = 0;

	for (uint32_t i = 0; i < cpu_count; i++)
		faults += count_of(cpus[i], EV_page_fault);
	text_add(out, "nr_free_pages %lu\nnr_slab_unreclaimable %lu\npgfault %lu\n",
		 page_count_free(), object_pages(), faults);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		text_add(out, "%s 0\n", none[i]);
	return 0;
}

static int show_interrupts(const struct proc_node *n, struct text *out)
{
	text_add(out, "     ");
	for (uint32_t i = 0; i < cpu_count; i++)
		text_add(out, "      CPU%-2u", i);
	text_add(out, "\nIRQ: ");
	for (uint32_t i = 0; i < cpu_count; i++)
		text_add(out, "%10lu ", count_of(cpus[i], EV_interrupt));
	text_add(out, "  All interrupts\nERR:          0\nMIS:          0\n");
	return 0;
}

static int show_devices(const struct proc_node *n, struct text *out)
{
	static const char *const names[256] = {
		[1] = "mem", [5] = "/dev/tty", [10] = "misc", [136] = "pts", [240] = "ringscope",
	};
	bool shown[256] = { false };
	const struct device *d = NULL;

	text_add(out, "Character devices:\n");
	while ((d = device_next(d))) {
		uint32_t major = device_major(d->number);

		if (major >= ARRAY_SIZE(shown) || shown[major])
			continue;
		shown[major] = true;
		text_add(out, "%3u %s\n", major, names[major] ? names[major] : d->name);
	}
	text_add(out, "\nBlock devices:\n");
	return 0;
}

static int show_swaps(const struct proc_node *n, struct text *out)
{
	text_add(out, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

static int show_partitions(const struct proc_node *n, struct text *out)
{
	text_add(out, "major minor  #blocks  name\n\n");
	return 0;
}

static int show_nothing(const struct proc_node *n, struct text *out)
{
	return 0;
}

static int show_misc(const struct proc_node *n, struct text *out)
{
	const struct device *d = NULL;

	while ((d = device_next(d))) {
		if (device_major(d->number) == 10 && d->name)
			text_add(out, "%3u %s\n", device_minor(d->number), d->name);
	}
	return 0;
}

/* How ps names terminals by number. */
static int show_tty_drivers(const struct proc_node *n, struct text *out)
{
	text_add(out, "/dev/tty             /dev/tty        5       0 system:/dev/tty\n"
		      "/dev/console         /dev/console    5       1 system:console\n"
		      "/dev/ptmx            /dev/ptmx       5       2 system\n"
		      "pty_slave            /dev/pts      136 0-1048575 pty:slave\n"
		      "pty_master           /dev/ptm      128 0-1048575 pty:master\n");
	return 0;
}

static int show_unix(const struct proc_node *n, struct text *out)
{
	text_add(out, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	if (procfs_sockets_show)
		procfs_sockets_show(out);
	return 0;
}

static int show_net_dev(const struct proc_node *n, struct text *out)
{
	text_add(out,
		 "Inter-|   Receive                                                |  Transmit\n"
		 " face |bytes    packets errs drop fifo frame compressed multicast|bytes    "
		 "packets errs drop fifo colls carrier compressed\n");
	return 0;
}

static int show_net_sockets(const struct proc_node *n, struct text *out)
{
	text_add(out, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
		      "   uid  timeout inode\n");
	return 0;
}

static int show_route(const struct proc_node *n, struct text *out)
{
	text_add(out, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\t"
		      "Window\tIRTT\n");
	return 0;
}

const struct proc_entry proc_net_entries[PROC_NET_ENTRIES] = {
	PROC_FILE("dev", 0444, show_net_dev),     PROC_FILE("route", 0444, show_route),
	PROC_FILE("tcp", 0444, show_net_sockets), PROC_FILE("tcp6", 0444, show_net_sockets),
	PROC_FILE("udp", 0444, show_net_sockets), PROC_FILE("udp6", 0444, show_net_sockets),
	PROC_FILE("unix", 0444, show_unix),
};

static const struct proc_entry tty_entries[] = {
	PROC_FILE("drivers", 0444, show_tty_drivers),
};

const struct proc_entry proc_kernel_entries[PROC_KERNEL_ENTRIES] = {
	PROC_FILE("devices", 0444, show_devices),
	PROC_FILE("diskstats", 0444, show_nothing),
	PROC_FILE("interrupts", 0444, show_interrupts),
	PROC_FILE("misc", 0444, show_misc),
	PROC_FILE("modules", 0444, show_nothing),
	PROC_FILE("partitions", 0444, show_partitions),
	PROC_FILE("swaps", 0444, show_swaps),
	{ .name = "tty",
	  .mode = S_IFDIR | 0555,
	  .children = tty_entries,
	  .child_count = ARRAY_SIZE(tty_entries) },
	PROC_FILE("vmstat", 0444, show_vmstat),
};
