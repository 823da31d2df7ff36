/* /proc: names and files are made here, what they tell of processes is handed
 * down by proc/ as a struct of functions.
 *
 * A process is named by its pid, a thread by its tid; where a function takes
 * both, tid is a thread of pid and equals pid for /proc/PID itself.  A process
 * that is gone answers -ESRCH. */
#ifndef KERNEL_FS_PROCFS_H
#define KERNEL_FS_PROCFS_H

#include "kernel/fs/file.h"
#include "kernel/fs/text.h"

/* Files with text of their own process; formats exactly as proc(5). */
enum proc_text {
	PROC_STAT,
	PROC_STATUS,
	PROC_STATM,
	PROC_CMDLINE,
	PROC_ENVIRON,
	PROC_AUXV,
	PROC_COMM,
	PROC_MAPS,
	PROC_LIMITS,
	PROC_WCHAN,
	PROC_SMAPS,
	PROC_SMAPS_ROLLUP,
	PROC_IO,
	PROC_OOM_SCORE,
	PROC_OOM_ADJUST,
	PROC_PERSONALITY,
	PROC_CHILDREN,
};

enum proc_link { PROC_EXE, PROC_CWD, PROC_ROOT };

enum proc_sysv { SYSV_MESSAGES, SYSV_SEMAPHORES, SYSV_SEGMENTS, SYSV_KINDS };

struct proc_counts {
	uint64_t forks;    /* since boot */
	uint64_t switches; /* context switches since boot */
	uint32_t running, blocked, threads, last_pid;
};

struct proc_hooks {
	/* The caller's; 0 in a kernel thread. */
	uint32_t (*self)(void);
	uint32_t (*self_thread)(void);
	/* The smallest pid > pid (zombies too), or 0; likewise the threads of pid. */
	uint32_t (*next_process)(uint32_t pid);
	uint32_t (*next_thread)(uint32_t pid, uint32_t tid);
	/* The process that has the thread, or is id itself; 0: nobody. */
	uint32_t (*process_of)(uint32_t id);
	/* 0 and who owns the files in /proc/PID, or -ESRCH. */
	int (*owner)(uint32_t pid, uint32_t tid, uint32_t *uid, uint32_t *gid);
	/* Render; 0 or -errno.  May sleep. */
	int (*text)(uint32_t pid, uint32_t tid, enum proc_text what, struct text *out);
	/* May the caller look into pid (environ, fd, exe, ...)?  As ptrace's read access. */
	bool (*may_look)(uint32_t pid);
	/* The process's memory with a reference; NULL: none any more. */
	struct space *(*memory)(uint32_t pid);
	/* The place with a reference; -ENOENT where there is none (zombies). */
	int (*link)(uint32_t pid, uint32_t tid, enum proc_link what, struct path *out);
	/* The descriptor table with a reference, or NULL. */
	struct fd_table *(*files)(uint32_t pid, uint32_t tid);
	/* Rename a thread of the caller's process (a write to comm). */
	int (*set_comm)(uint32_t pid, uint32_t tid, const char *name);
	/* A write to oom_score_adj. */
	int (*set_oom_adjust)(uint32_t pid, const char *text);
	void (*counts)(struct proc_counts *out);
	/* The System V objects of ipc/, as proc(5) shows them. */
	void (*sysv[SYSV_KINDS])(struct text *out);
};

/* Set by proc/ before init starts; members are never NULL then. */
extern struct proc_hooks proc_hooks;

/* Lines of /proc/net/unix: set by net/; NULL: none. */
extern void (*procfs_sockets_show)(struct text *out);

/* Break the kernel in a way of that name: set by main/ when the command line allows it.
 * 0 or -EINVAL. */
extern int (*procfs_inject)(const char *name);

/* Register the type "sysfs". */
void sysfs_init_type(void);
/* Register the type "proc". */
void procfs_init_type(void);
/* What /proc/cmdline shows; kept by reference. */
void procfs_set_command_line(const char *line);

#endif
