/* /proc/sys: settings, most of them to be read only. */
#include <linux/errno.h>
#include <linux/sem.h>
#include <linux/utsname.h>

#include "kernel/fs/core_name.h"
#include "kernel/fs/descriptors.h"
#include "kernel/fs/inotify.h"
#include "kernel/fs/procfs_tree.h"
#include "kernel/fs/pty.h"
#include "kernel/fs/system_name.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

static int show_ostype(const struct proc_node *n, struct text *out)
{
	struct new_utsname u;

	system_name_get(&u);
	text_add(out, "%s\n", u.sysname);
	return 0;
}

static int show_osrelease(const struct proc_node *n, struct text *out)
{
	struct new_utsname u;

	system_name_get(&u);
	text_add(out, "%s\n", u.release);
	return 0;
}

static int show_version(const struct proc_node *n, struct text *out)
{
	struct new_utsname u;

	system_name_get(&u);
	text_add(out, "%s\n", u.version);
	return 0;
}

static int show_hostname(const struct proc_node *n, struct text *out)
{
	struct new_utsname u;

	system_name_get(&u);
	text_add(out, "%s\n", u.nodename);
	return 0;
}

static int show_domainname(const struct proc_node *n, struct text *out)
{
	struct new_utsname u;

	system_name_get(&u);
	text_add(out, "%s\n", u.domainname);
	return 0;
}

static int store_hostname(const struct proc_node *n, const char *text)
{
	if (strlen(text) > __NEW_UTS_LEN)
		return -EINVAL;
	system_name_set_host(text);
	return 0;
}

static int store_domainname(const struct proc_node *n, const char *text)
{
	if (strlen(text) > __NEW_UTS_LEN)
		return -EINVAL;
	system_name_set_domain(text);
	return 0;
}

static int show_core_pattern(const struct proc_node *n, struct text *out)
{
	char pattern[CORE_PATTERN_SIZE];

	core_pattern_get(pattern);
	text_add(out, "%s\n", pattern);
	return 0;
}

static int store_core_pattern(const struct proc_node *n, const char *text)
{
	return core_pattern_set(text);
}

static int show_core_uses_pid(const struct proc_node *n, struct text *out)
{
	text_add(out, "%u\n", core_uses_pid());
	return 0;
}

static int store_core_uses_pid(const struct proc_node *n, const char *text)
{
	if (strcmp(text, "0") && strcmp(text, "1"))
		return -EINVAL;
	core_uses_pid_set(*text == '1');
	return 0;
}

/* entry->what is the number. */
static int show_number(const struct proc_node *n, struct text *out)
{
	text_add(out, "%u\n", n->entry->what);
	return 0;
}

static int show_setting(const struct proc_node *n, struct text *out)
{
	text_add(out, "%u\n", setting_get(n->entry->setting));
	return 0;
}

static int store_setting(const struct proc_node *n, const char *text)
{
	return setting_set(n->entry->setting, text);
}

/* RFC 9562, version 4. */
static void uuid_add(struct text *out, const uint8_t random[16])
{
	uint8_t u[16];

	memcpy(u, random, sizeof(u));
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
	for (unsigned i = 0; i < sizeof(u); i++)
		text_add(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u[i]);
	text_add(out, "\n");
}

static int show_uuid(const struct proc_node *n, struct text *out)
{
	uint8_t random[16];

	random_bytes(random, sizeof(random));
	uuid_add(out, random);
	return 0;
}

static int show_boot_id(const struct proc_node *n, struct text *out)
{
	static uint8_t id[16];
	static struct spinlock lock = SPINLOCK_INIT(RANK_INODE, "boot id");
	static bool made;

	spin_lock(&lock);
	if (!made)
		random_bytes(id, sizeof(id));
	made = true;
	spin_unlock(&lock);
	uuid_add(out, id);
	return 0;
}

static int show_thread_limit(const struct proc_node *n, struct text *out)
{
	text_add(out, "%u\n", thread_limit());
	return 0;
}

static int show_sem(const struct proc_node *n, struct text *out)
{
	text_add(out, "%u\t%u\t%u\t%u\n", SEMMSL, SEMMNS, SEMOPM, SEMMNI);
	return 0;
}

/* shmall and shmmax: as good as no limit. */
static int show_segment_limit(const struct proc_node *n, struct text *out)
{
	text_add(out, "%lu\n", UINT64_MAX - (1ul << 24));
	return 0;
}
#define FILES_MOST (1u << 20)

#define NUMBER(name_, number_)                                                                     \
	{                                                                                          \
		.name = (name_), .mode = S_IFREG | 0444, .show = show_number, .what = (number_)    \
	}
#define SETTING(name_, setting_)                                                                   \
	{                                                                                          \
		.name = (name_), .mode = S_IFREG | 0644, .show = show_setting,                     \
		.store = store_setting, .setting = &(setting_)                                     \
	}
#define DIRECTORY(name_, table_)                                                                   \
	{                                                                                          \
		.name = (name_), .mode = S_IFDIR | 0555, .children = (table_),                     \
		.child_count = ARRAY_SIZE(table_)                                                  \
	}

static int show_pty_count(const struct proc_node *n, struct text *out)
{
	text_add(out, "%u\n", pty_count());
	return 0;
}

static int show_file_count(const struct proc_node *n, struct text *out)
{
	uint64_t used = 0, pages;
	const char *name;
	size_t size;

	for (unsigned i = 0; object_cache_info(i, &name, &size, &used, &pages); i++) {
		if (strcmp(name, "file") == 0)
			break;
	}
	text_add(out, "%lu\t0\t%u\n", used, FILES_MOST);
	return 0;
}

static const struct proc_entry pty_files[] = {
	NUMBER("max", PTY_MOST),
	PROC_FILE("nr", 0444, show_pty_count),
	NUMBER("reserve", 1024),
};

static const struct proc_entry random_files[] = {
	PROC_FILE("boot_id", 0444, show_boot_id),
	NUMBER("entropy_avail", 256),
	NUMBER("poolsize", 256),
	PROC_FILE("uuid", 0444, show_uuid),
};

static const struct proc_entry kernel_files[] = {
	NUMBER("cap_last_cap", 40),
	{ .name = "core_pattern",
	  .mode = S_IFREG | 0644,
	  .show = show_core_pattern,
	  .store = store_core_pattern },
	{ .name = "core_uses_pid",
	  .mode = S_IFREG | 0644,
	  .show = show_core_uses_pid,
	  .store = store_core_uses_pid },
	{ .name = "domainname",
	  .mode = S_IFREG | 0644,
	  .show = show_domainname,
	  .store = store_domainname },
	{ .name = "hostname",
	  .mode = S_IFREG | 0644,
	  .show = show_hostname,
	  .store = store_hostname },
	NUMBER("msgmax", 8192),
	NUMBER("msgmnb", 16384),
	NUMBER("msgmni", 32000),
	NUMBER("ngroups_max", 65536),
	PROC_FILE("osrelease", 0444, show_osrelease),
	PROC_FILE("ostype", 0444, show_ostype),
	NUMBER("pid_max", 32768),
	DIRECTORY("pty", pty_files),
	DIRECTORY("random", random_files),
	PROC_FILE("sem", 0444, show_sem),
	PROC_FILE("shmall", 0444, show_segment_limit),
	PROC_FILE("shmmax", 0444, show_segment_limit),
	NUMBER("shmmni", 4096),
	PROC_FILE("threads-max", 0444, show_thread_limit),
	PROC_FILE("version", 0444, show_version),
};

static const struct proc_entry inotify_files[] = {
	NUMBER("max_queued_events", INOTIFY_EVENTS_MAX),
	NUMBER("max_user_instances", INOTIFY_INSTANCES_MAX),
	NUMBER("max_user_watches", INOTIFY_WATCHES_MAX),
};

static const struct proc_entry mqueue_files[] = {
	SETTING("msg_default", setting_queue_messages_usual),
	SETTING("msg_max", setting_queue_messages),
	SETTING("msgsize_default", setting_queue_length_usual),
	SETTING("msgsize_max", setting_queue_length),
	SETTING("queues_max", setting_queues),
};

static const struct proc_entry fs_files[] = {
	SETTING("dir-notify-enable", setting_directory_notes),
	NUMBER("file-max", FILES_MOST),
	PROC_FILE("file-nr", 0444, show_file_count),
	DIRECTORY("inotify", inotify_files),
	SETTING("lease-break-time", setting_lease_seconds),
	SETTING("leases-enable", setting_leases),
	DIRECTORY("mqueue", mqueue_files),
	NUMBER("nr_open", FD_MAX),
	NUMBER("pipe-max-size", 1u << 20),
};

static const struct proc_entry vm_files[] = {
	NUMBER("max_map_count", 65530),
	NUMBER("overcommit_memory", 0),
	NUMBER("overcommit_ratio", 50),
};

const struct proc_entry proc_sys_entries[PROC_SYS_ENTRIES] = {
	DIRECTORY("fs", fs_files),
	DIRECTORY("kernel", kernel_files),
	DIRECTORY("vm", vm_files),
};
