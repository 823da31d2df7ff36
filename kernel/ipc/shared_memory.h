/* System V shared memory.  A segment's contents are a page object; it lives until it is
 * removed and nobody has it mapped any more.  What counts as attached are regions: a
 * fork attaches the child's, an exit or exec detaches. */
#ifndef KERNEL_IPC_SHARED_MEMORY_H
#define KERNEL_IPC_SHARED_MEMORY_H

#include <asm/shmbuf.h>

#include "kernel/ipc/sysv.h"
#include "kernel/mm/space.h"

/* Of linux/shm.h, which includes the C library's unistd.h. */
#define SHM_HUGETLB   04000
#define SHM_NORESERVE 010000
#define SHM_RDONLY    010000
#define SHM_RND       020000
#define SHM_REMAP     040000
#define SHM_EXEC      0100000
#define SHM_LOCK      11
#define SHM_UNLOCK    12
#define SHM_STAT      13
#define SHM_INFO      14
#define SHM_STAT_ANY  15

struct shm_info {
	int used_ids;
	unsigned long shm_tot, shm_rss, shm_swp; /* pages */
	unsigned long swap_attempts, swap_successes;
};

/* Limits, as Linux sets them. */
#define SHM_SIZE_MAX     (UINT64_MAX - (1ull << 24)) /* SHMMAX */
#define SHM_PAGES_MAX    (UINT64_MAX - (1ull << 24)) /* SHMALL */
#define SHM_SEGMENTS_MAX 4096                        /* SHMMNI */

/* As shmget, shmat and shmdt answer. */
int shared_memory_get(int32_t key, uint64_t size, unsigned flags, const struct credentials *c);
int64_t shared_memory_attach(struct space *s, int id, uint64_t addr, unsigned flags,
			     const struct credentials *c);
int shared_memory_detach(struct space *s, uint64_t addr);
/* IPC_RMID, IPC_SET, SHM_LOCK, SHM_UNLOCK; SET takes uid, gid and mode of *perm. */
int shared_memory_control(int id, int command, const struct ipc64_perm *perm,
			  const struct credentials *c);
/* IPC_STAT (by identifier), SHM_STAT, SHM_STAT_ANY (by place): 0 or the identifier. */
int shared_memory_stat(int id, int command, const struct credentials *c, struct shmid64_ds *out);
/* IPC_INFO, SHM_INFO: the highest place in use. */
int shared_memory_info(struct shm_info *out);

#endif
