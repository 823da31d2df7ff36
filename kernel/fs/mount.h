/* Mounts: which file system is seen where. */
#ifndef KERNEL_FS_MOUNT_H
#define KERNEL_FS_MOUNT_H

#include "kernel/fs/path.h"
#include "kernel/fs/text.h"
#include "kernel/lib/list.h"

/* Locks: [n] names lock (dentry.h)   [a] atomic, last put under [n]   [I] at birth */
struct mount {
	struct ref refs;      /* [a] the tree's own and users' */
	struct super *super;  /* [I] reference */
	struct dentry *root;  /* [I] reference: what is seen */
	struct mount *parent; /* [n] with `at`: where it is seen; NULL: the root of all, */
	struct dentry *at;    /* [n] or taken out of the tree */
	struct list link;     /* [n] all mounts, oldest first */
	unsigned long flags;  /* [a] MS_* */
	uint32_t id;          /* [I] */
	char source[64];      /* [I] */
};
void mount_get(struct mount *m); /* NULL is fine */
void mount_put(struct mount *m); /* NULL is fine; may sleep */

/* From the place p step onto what is mounted there.  Holds: names lock; neither
 * takes nor drops references. */
void mount_cross(struct path *p);

/* A type that mount(2) knows by name. */
struct file_system {
	const char *name;
	bool device; /* needs a block device (/proc/filesystems says nodev otherwise) */
	/* *out gets one reference.  source: a device, or what it will be called; options:
	 * what mount -o gave, or "". */
	int (*mount)(const char *source, const char *options, struct super **out);
	struct file_system *next; /* mount.c */
};
void file_system_add(struct file_system *type);
/* The type of that number, from 0; NULL: there are fewer. */
const struct file_system *file_system_at(unsigned index);
/* Lines of /proc/filesystems. */
void file_system_list(struct text *out);
/* -ENODEV: no such type. */
int file_system_mount(const char *type, const char *source, const char *options,
		      struct super **out);

/* All of fs/: the types, and the root of all as an empty tmpfs. */
void mount_init(void);
/* After the initramfs is unpacked: /dev and /proc are mounted, /tmp is there. */
void mount_standard(void);
/* The root of all, with references. */
void mount_root(struct path *out);
/* Once at boot. */
void mount_set_root(struct super *s);
/* At boot, while nobody is anywhere in the tree yet: s becomes the root of all. */
void mount_replace_root(struct super *s, const char *source, unsigned long flags);
/* See s at `at` (a directory); takes its own reference to s. */
int mount_add(const struct path *at, struct super *s, const char *source, unsigned long flags);
/* See the tree at `from` also at `at` (MS_BIND). */
int mount_bind(const struct path *from, const struct path *at);
/* `at` must be the root of a mount: -EINVAL; -EBUSY unless detach. */
int mount_remove(const struct path *at, bool detach);
/* MS_RDONLY, MS_NOSUID, ... of p's mount. */
unsigned long mount_flags(const struct path *p);
int mount_set_flags(const struct path *p, unsigned long flags);
/* -EROFS if names or contents at p may not change. */
int mount_writable(const struct path *p);

/* The oldest mount with an id above, with a reference; NULL at the end. */
struct mount *mount_next(uint32_t id);
/* Text of /proc/mounts and /proc/PID/mountinfo as seen from root. */
void mount_list(struct text *out, const struct path *root);
void mount_list_info(struct text *out, const struct path *root);

#endif
