/* /sys, as far as programs need it: CPUs, the one memory node, huge pages.  The
 * tables are those of procfs_tree.h. */
#include <linux/errno.h>
#include <linux/magic.h>

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/procfs_tree.h"
#include "kernel/lib/print.h"
#include "kernel/mm/page.h"

#define KIB_A_PAGE (PAGE_SIZE / 1024)
#define NAME_BYTES 8

static int show_range(struct text *out, uint32_t count)
{
	text_add(out, count == 1 ? "0\n" : "0-%u\n", count - 1);
	return 0;
}

static int show_cpus(const struct proc_node *n, struct text *out)
{
	return show_range(out, cpu_count);
}

static int show_empty_line(const struct proc_node *n, struct text *out)
{
	text_add(out, "\n");
	return 0;
}

static int show_number(const struct proc_node *n, struct text *out)
{
	text_add(out, "%u\n", n->entry->what);
	return 0;
}

/* Groups of 32 CPUs, the highest first. */
static void mask_add(struct text *out, uint64_t mask)
{
	if (cpu_count > 32)
		text_add(out, "%08lx,", mask >> 32);
	text_add(out, cpu_count > 32 ? "%08lx\n" : "%lx\n", mask & UINT32_MAX);
}

static uint64_t all_cpus(void)
{
	return UINT64_MAX >> (64 - cpu_count);
}

static int show_all_mask(const struct proc_node *n, struct text *out)
{
	mask_add(out, all_cpus());
	return 0;
}

static int show_own_mask(const struct proc_node *n, struct text *out)
{
	mask_add(out, 1ull << n->fd);
	return 0;
}

static int show_own(const struct proc_node *n, struct text *out)
{
	text_add(out, "%d\n", n->fd);
	return 0;
}

static int show_node_memory(const struct proc_node *n, struct text *out)
{
	uint64_t total = page_count_total() * KIB_A_PAGE, left = page_count_free() * KIB_A_PAGE;

	text_add(out, "Node 0 MemTotal:       %8lu kB\nNode 0 MemFree:        %8lu kB\n", total,
		 left);
	text_add(out, "Node 0 MemUsed:        %8lu kB\n", total - left);
	return 0;
}

static int show_never(const struct proc_node *n, struct text *out)
{
	text_add(out, "always madvise [never]\n");
	return 0;
}

#define NUMBER(name_, number_)                                                                     \
	{                                                                                          \
		.name = (name_), .mode = S_IFREG | 0444, .show = show_number, .what = (number_)    \
	}
#define DIRECTORY(name_, table_)                                                                   \
	{                                                                                          \
		.name = (name_), .mode = S_IFDIR | 0755, .children = (table_),                     \
		.child_count = ARRAY_SIZE(table_)                                                  \
	}
#define EMPTY(name_)                                                                               \
	{                                                                                          \
		.name = (name_), .mode = S_IFDIR | 0755                                            \
	}

static const struct proc_entry topology_files[] = {
	PROC_FILE("core_cpus", 0444, show_own_mask),
	PROC_FILE("core_cpus_list", 0444, show_own),
	PROC_FILE("core_id", 0444, show_own),
	PROC_FILE("core_siblings", 0444, show_all_mask),
	PROC_FILE("core_siblings_list", 0444, show_cpus),
	NUMBER("die_id", 0),
	PROC_FILE("package_cpus", 0444, show_all_mask),
	PROC_FILE("package_cpus_list", 0444, show_cpus),
	NUMBER("physical_package_id", 0),
	PROC_FILE("thread_siblings", 0444, show_own_mask),
	PROC_FILE("thread_siblings_list", 0444, show_own),
};

static const struct proc_entry cpu_files[] = {
	NUMBER("online", 1),
	DIRECTORY("topology", topology_files),
};

/* The files first, then a folder for each CPU. */
#define CPU_FILES 6
static struct proc_entry cpu_entries[CPU_FILES + CPU_MAX] = {
	PROC_FILE("isolated", 0444, show_empty_line), NUMBER("kernel_max", CPU_MAX - 1),
	PROC_FILE("offline", 0444, show_empty_line),  PROC_FILE("online", 0444, show_cpus),
	PROC_FILE("possible", 0444, show_cpus),       PROC_FILE("present", 0444, show_cpus),
};

static const struct proc_entry node0_files[] = {
	PROC_FILE("cpulist", 0444, show_cpus),
	PROC_FILE("cpumap", 0444, show_all_mask),
	NUMBER("distance", 10),
	PROC_FILE("meminfo", 0444, show_node_memory),
};

static const struct proc_entry node_entries[] = {
	NUMBER("has_cpu", 0),
	NUMBER("has_memory", 0),
	NUMBER("has_normal_memory", 0),
	DIRECTORY("node0", node0_files),
	NUMBER("online", 0),
	NUMBER("possible", 0),
};

static struct proc_entry system_entries[] = {
	DIRECTORY("cpu", cpu_entries),
	DIRECTORY("node", node_entries),
};

static const struct proc_entry device_entries[] = { DIRECTORY("system", system_entries) };

static const struct proc_entry huge_files[] = {
	PROC_FILE("defrag", 0444, show_never),
	PROC_FILE("enabled", 0444, show_never),
	NUMBER("hpage_pmd_size", 2097152),
	PROC_FILE("shmem_enabled", 0444, show_never),
};

static const struct proc_entry memory_entries[] = {
	EMPTY("hugepages"),
	DIRECTORY("transparent_hugepage", huge_files),
};

static const struct proc_entry kernel_entries[] = { DIRECTORY("mm", memory_entries) };
static const struct proc_entry class_entries[] = { EMPTY("block"), EMPTY("net"), EMPTY("tty") };
static const struct proc_entry fs_entries[] = { EMPTY("cgroup") };
static const struct proc_entry bus_entries[] = { EMPTY("cpu"), EMPTY("pci") };

static const struct proc_entry root_entries[] = {
	EMPTY("block"),
	DIRECTORY("bus", bus_entries),
	DIRECTORY("class", class_entries),
	DIRECTORY("devices", device_entries),
	DIRECTORY("fs", fs_entries),
	DIRECTORY("kernel", kernel_entries),
	EMPTY("module"),
};

static const struct proc_entry sys_root = {
	.mode = S_IFDIR | 0555,
	.children = root_entries,
	.child_count = ARRAY_SIZE(root_entries),
};

/* All CPUs are known by then. */
static void cpus_name(void)
{
	static char names[CPU_MAX][NAME_BYTES];

	for (uint32_t i = 0; i < cpu_count; i++) {
		print_text(names[i], NAME_BYTES, "cpu%u", i);
		cpu_entries[CPU_FILES + i] = (struct proc_entry){
			.name = names[i],
			.mode = S_IFDIR | 0755,
			.children = cpu_files,
			.child_count = ARRAY_SIZE(cpu_files),
			.what = i,
			.numbers = true,
		};
	}
	system_entries[0].child_count = CPU_FILES + cpu_count;
}

static int sysfs_mount(const char *source, const char *options, struct super **out)
{
	cpus_name();
	return procfs_super("sysfs", SYSFS_MAGIC, &sys_root, out);
}

void sysfs_init_type(void)
{
	static struct file_system type = { .name = "sysfs", .mount = sysfs_mount };

	file_system_add(&type);
}
