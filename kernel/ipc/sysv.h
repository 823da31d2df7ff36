/* System V objects: segments of shared memory, sets of semaphores, queues of messages.
 * What they have in common: a key, an identifier, an owner with permissions, and that
 * they live until somebody removes them.
 *
 * Each kind has one table with one spin lock, which guards its objects as well; nothing
 * sleeps under it.  It may be taken under a space's lock.
 *
 * An identifier is the number of the place in the table and above that a sequence
 * number, so that an old one does not name the place's next object. */
#ifndef KERNEL_IPC_SYSV_H
#define KERNEL_IPC_SYSV_H

#include <linux/ipc.h>
#include <asm/ipcbuf.h>

#include "kernel/fs/credentials.h"
#include "kernel/fs/text.h"
#include "kernel/mm/index.h"
#include "kernel/sync/spinlock.h"

#define SYSV_PLACE_BITS 15 /* as Linux splits identifiers */

/* The start of each kind's struct.  Locks: [t] the table's   [I] at birth */
struct sysv_object {
	int id;              /* [I] */
	int32_t key;         /* [t] */
	uint32_t uid, gid;   /* [t] owner */
	uint32_t cuid, cgid; /* [I] creator */
	uint32_t mode;       /* [t] permissions and what the kind adds */
	bool removed;        /* [t] out of the table */
};

struct sysv_table {
	struct spinlock lock;
	struct index objects; /* [lock] by place */
	unsigned count;       /* [lock] */
	unsigned limit;       /* [I] */
	uint32_t sequence;    /* [lock] */
};

#define SYSV_TABLE(name, limit_)                                                                   \
	{                                                                                          \
		.lock = SPINLOCK_INIT(RANK_SYSV, name), .limit = (limit_)                          \
	}

/* All below hold table->lock, but sysv_get and sysv_pid. */

/* The object with this identifier: -EINVAL, or -EIDRM for one that was removed. */
int sysv_find(struct sysv_table *t, int id, struct sysv_object **out);
/* The object that a STAT command asks about, by identifier if that is IPC_STAT, else by its
 * place; c, if not NULL, must be permitted to read it.  -EINVAL, -EIDRM, -EACCES. */
int sysv_find_stat(struct sysv_table *t, int id, int command, const struct credentials *c,
		   struct sysv_object **out);
/* The highest place in use; 0 when there is none. */
int sysv_last_place(const struct sysv_table *t);
void sysv_remove(struct sysv_table *t, struct sysv_object *o);
/* May c do what the low nine bits of wanted say?  0 or -EACCES. */
int sysv_permission(const struct sysv_object *o, const struct credentials *c, unsigned wanted);
/* c owns or made o, or has CAP_SYS_ADMIN: 0 or -EPERM. */
int sysv_owned(const struct sysv_object *o, const struct credentials *c);
/* Between an object and what STAT and SET pass. */
void sysv_tell(const struct sysv_object *o, struct ipc64_perm *out);
void sysv_set(struct sysv_object *o, const struct ipc64_perm *from);

/* What shmget, semget and msgget have in common: find the object of the key or make one
 * as the flags say, check permissions; its identifier, or -errno.  Takes: t->lock. */
struct sysv_request {
	int32_t key;
	unsigned flags; /* IPC_CREAT, IPC_EXCL and a mode */
	const struct credentials *credentials;
	uint64_t size;
	/* A new object of that size, or -errno in *error; called without the lock. */
	struct sysv_object *(*create)(const struct sysv_request *r, int *error);
	/* Does an existing one serve?  0 or -errno. */
	int (*serves)(const struct sysv_object *o, uint64_t size);
	/* What create made is not wanted. */
	void (*discard)(struct sysv_object *o);
};
int sysv_get(struct sysv_table *t, const struct sysv_request *r);

/* The caller's process; 0 in a kernel thread. */
uint32_t sysv_pid(void);
/* Seconds since the epoch. */
int64_t sysv_now(void);

/* The tables' texts in /proc/sysvipc. */
void sysv_shm_text(struct text *out);
void sysv_sem_text(struct text *out);
void sysv_msg_text(struct text *out);

#endif
