/* What /proc tells of processes: the hooks of fs/procfs.h. */
#ifndef KERNEL_PROC_PROCFS_H
#define KERNEL_PROC_PROCFS_H

#include "kernel/fs/text.h"
#include "kernel/proc/process.h"

/* Make the hooks known. */
void procfs_init(void);

/* The files' texts; t is a thread of p, or NULL when it is gone (zombies).  A
 * reference to p is held; what needs memory finds none after the exit.  0 or -errno. */
int proc_stat_text(struct process *p, struct thread *t, uint32_t tid, struct text *out);
int proc_status_text(struct process *p, struct thread *t, uint32_t tid, struct text *out);
int proc_statm_text(struct process *p, struct text *out);
int proc_maps_text(struct process *p, struct text *out);
int proc_limits_text(struct process *p, struct text *out);
int proc_auxv_text(struct process *p, struct text *out);
/* The auxiliary vector of a program in this memory: how many pairs, AT_NULL's too. */
#define PROC_AUXV_PAIRS 64
unsigned proc_auxv_read(struct space *space, uint64_t pairs[2 * PROC_AUXV_PAIRS]);
/* whole: all regions in one. */
int proc_smaps_text(struct process *p, bool whole, struct text *out);
int proc_io_text(struct process *p, struct text *out);
int proc_oom_score_text(struct process *p, struct text *out);
int proc_children_text(struct process *p, struct text *out);
/* One line of maps. */
void proc_maps_line(const struct region_info *r, struct text *out);
/* A write to oom_score_adj: -EINVAL, -EACCES. */
int proc_oom_adjust_set(struct process *p, const char *text);
/* Bytes [start, end) of the process's memory. */
int proc_memory_text(struct process *p, bool environment, struct text *out);

/* The process's memory with a reference; NULL: none any more. */
struct space *process_space(struct process *p);
/* R, S, D, T, Z as ps shows it. */
char thread_state_letter(const struct process *p, const struct thread *t);

#endif
