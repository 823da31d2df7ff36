/* Texts of /proc/PID: formats of proc(5), fields that have no meaning here are 0. */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/resource.h>

#include "kernel/mm/object.h"
#include "kernel/proc/procfs.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/tree.h"

#define CLOCK_TICK_NS 10000000ul   /* USER_HZ is 100 */
#define MEMORY_MAX    (2ull << 20) /* of command line or environment shown */

static uint64_t ticks(uint64_t ns)
{
	return ns / CLOCK_TICK_NS;
}

/* Signal sets of a thread (its process's when t is NULL), consistent. */
struct signal_sets {
	uint64_t pending, shared, blocked, ignored, caught;
	uint32_t queued, threads;
};

static void sets_read(struct process *p, struct thread *t, struct signal_sets *out)
{
	struct signals *s = p->signals;
	uint64_t flags = spin_lock_irq(&s->lock);

	*out = (struct signal_sets){ .shared = s->pending.set,
				     .queued = s->queued,
				     .threads = p->thread_count };
	if (t) {
		out->pending = thread_task(t)->pending.set;
		out->blocked = thread_task(t)->blocked;
	}
	for (int sig = 1; sig <= SIGNAL_MAX; sig++) {
		__sighandler_t handler = s->action[sig - 1].sa_handler;

		if (handler == SIG_IGN)
			out->ignored |= signal_bit(sig);
		else if (handler != SIG_DFL)
			out->caught |= signal_bit(sig);
	}
	spin_unlock_irq(&s->lock, flags);
}

static void usage_read(struct process *p, struct space_usage *usage, struct space_marks *marks,
		       uint64_t *stack)
{
	struct region_info r;
	struct space *space = process_space(p);

	*usage = (struct space_usage){ 0 };
	*marks = (struct space_marks){ 0 };
	*stack = 0;
	if (!space)
		return;
	space_usage(space, usage);
	*marks = *space_marks(space);
	if (space_region(space, marks->stack_start, &r) && r.stack)
		*stack = r.end - r.start;
	space_put(space);
}

/* The controlling terminal and its foreground group, as stat shows them. */
static void terminal_read(const struct process *p, int *device, int *foreground)
{
	tree_lock();
	*device = p->tty ? (int)tty_device(p->tty) : 0;
	*foreground = p->tty ? (int)tty_foreground(p->tty) : -1;
	tree_unlock();
}

int proc_stat_text(struct process *p, struct thread *t, uint32_t tid, struct text *out)
{
	bool whole = tid == p->pid;
	struct space_usage usage;
	struct space_marks marks;
	struct signal_sets sets;
	uint64_t user, kernel, stack;
	int device, foreground;

	terminal_read(p, &device, &foreground);
	usage_read(p, &usage, &marks, &stack);
	sets_read(p, t, &sets);
	process_times(p, &user, &kernel);
	if (!whole && t) {
		thread_times(t, &user, &kernel);
	}
	text_add(out, "%u (%s) %c %u %u %u %d %d %u ", tid, t ? t->name : "",
		 thread_state_letter(p, t), p->parent ? p->parent->pid : 0, p->group, p->session,
		 device, foreground, 0u);
	text_add(out, "%lu 0 %lu 0 ", p->min_faults, p->max_faults);
	text_add(out, "%lu %lu %lu %lu ", ticks(user), ticks(kernel), ticks(p->children_user_ns),
		 ticks(p->children_kernel_ns));
	text_add(out, "%d %d %u 0 %lu ", 20 + (t ? t->nice : 0), t ? t->nice : 0, sets.threads,
		 ticks(p->start_ns));
	text_add(out, "%lu %lu %lu ", usage.size << PAGE_SHIFT, usage.resident,
		 p->limits[RLIMIT_RSS].soft);
	text_add(out, "%lu %lu %lu 0 0 ", marks.code_start, marks.code_end, marks.stack_start);
	text_add(out, "%lu %lu %lu %lu 0 0 0 ", sets.pending & 0x7fffffff,
		 sets.blocked & 0x7fffffff, sets.ignored & 0x7fffffff, sets.caught & 0x7fffffff);
	text_add(out, "%d %u 0 0 0 0 0 ", p->exit_signal, t ? t->cpu : 0);
	text_add(out, "%lu %lu %lu %lu %lu %lu %lu %d\n", marks.data_start, marks.data_end,
		 marks.heap_start, marks.args_start, marks.args_end, marks.env_start, marks.env_end,
		 p->zombie ? p->wait_status : 0);
	return 0;
}

static void status_ids(struct process *p, struct text *out)
{
	const struct credentials *c = &p->credentials;

	text_add(out, "Uid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid, c->fsuid);
	text_add(out, "Gid:\t%u\t%u\t%u\t%u\n", c->gid, c->egid, c->sgid, c->fsgid);
	if (p->files)
		text_add(out, "FDSize:\t%u\n", fd_table_size(p->files));
	text_add(out, "Groups:\t");
	for (uint32_t i = 0; i < c->group_count; i++)
		text_add(out, "%u ", c->groups[i]);
	text_add(out, "\nNStgid:\t%u\n", p->pid);
}

static void status_memory(struct process *p, struct text *out)
{
	struct space_usage usage;
	struct space_marks marks;
	uint64_t stack;

	usage_read(p, &usage, &marks, &stack);
	if (!usage.size)
		return;
	text_add(out, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t%8lu kB\nVmPin:\t%8u kB\n",
		 usage.size * 4, usage.size * 4, usage.pinned * 4, 0u);
	text_add(out, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\nRssAnon:\t%8lu kB\nRssFile:\t%8lu kB\n",
		 usage.resident * 4, usage.resident * 4, (usage.resident - usage.shared) * 4,
		 usage.shared * 4);
	text_add(out, "RssShmem:\t%8u kB\nVmData:\t%8lu kB\nVmStk:\t%8lu kB\nVmExe:\t%8lu kB\n", 0u,
		 usage.data * 4, stack >> 10, (marks.code_end - marks.code_start) >> 10);
	text_add(out, "VmLib:\t%8u kB\nVmPTE:\t%8u kB\nVmSwap:\t%8u kB\n", 0u, 0u, 0u);
}

int proc_status_text(struct process *p, struct thread *t, uint32_t tid, struct text *out)
{
	static const char *const states[] = {
		['R'] = "R (running)", ['S'] = "S (sleeping)", ['D'] = "D (disk sleep)",
		['T'] = "T (stopped)", ['Z'] = "Z (zombie)",   ['X'] = "X (dead)",
	};
	const struct credentials *c = &p->credentials;
	struct signal_sets sets;

	sets_read(p, t, &sets);
	text_add(out, "Name:\t%s\nUmask:\t%04o\nState:\t%s\n", t ? t->name : "",
		 p->fs ? p->fs->umask : 0, states[(unsigned char)thread_state_letter(p, t)]);
	text_add(out, "Tgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\nTracerPid:\t0\n", p->pid, tid,
		 p->parent ? p->parent->pid : 0);
	status_ids(p, out);
	status_memory(p, out);
	text_add(out, "Threads:\t%u\nSigQ:\t%u/%lu\n", sets.threads, sets.queued,
		 p->limits[RLIMIT_SIGPENDING].soft);
	text_add(out, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n", sets.pending,
		 sets.shared, sets.blocked);
	text_add(out, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", sets.ignored, sets.caught);
	text_add(out, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n", c->inheritable,
		 c->permitted, c->effective);
	text_add(out, "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", c->bounding, c->ambient);
	text_add(out, "NoNewPrivs:\t%u\nSeccomp:\t0\nSeccomp_filters:\t0\n", p->no_new_privileges);
	text_add(out, "Cpus_allowed:\t%lx\n",
		 t ? t->affinity & (UINT64_MAX >> (64 - cpu_count)) : 0);
	text_add(out, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		 t ? t->switches_voluntary : 0, t ? t->switches_forced : 0);
	return 0;
}

int proc_statm_text(struct process *p, struct text *out)
{
	struct space_usage usage;
	struct space_marks marks;
	uint64_t stack;

	usage_read(p, &usage, &marks, &stack);
	text_add(out, "%lu %lu %lu %lu 0 %lu 0\n", usage.size, usage.resident, usage.shared,
		 (marks.code_end - marks.code_start) >> PAGE_SHIFT, usage.data + usage.stack);
	return 0;
}

void proc_maps_line(const struct region_info *r, struct text *out)
{
	size_t start = out->length;

	text_add(out, "%08lx-%08lx %c%c%c%c %08lx 00:00 0 ", r->start, r->end,
		 r->prot & PROT_READ ? 'r' : '-', r->prot & PROT_WRITE ? 'w' : '-',
		 r->prot & PROT_EXEC ? 'x' : '-', r->shared ? 's' : 'p', r->offset);
	if (r->path[0] || r->stack || r->heap) {
		while (!out->failed && out->length - start < 73) /* the column of names */
			text_add(out, " ");
		if (r->path[0])
			text_escaped(out, r->path, "\n");
		else
			text_add(out, r->stack ? "[stack]" : "[heap]");
	}
	text_add(out, "\n");
}

int proc_maps_text(struct process *p, struct text *out)
{
	struct space *space = process_space(p);
	struct region_info r;

	if (!space)
		return 0;
	for (uint64_t at = 0; space_region(space, at, &r) && !out->failed; at = r.end)
		proc_maps_line(&r, out);
	space_put(space);
	return 0;
}

int proc_limits_text(struct process *p, struct text *out)
{
	static const struct {
		const char *name, *unit;
	} rows[RESOURCE_LIMITS] = {
		{ "Max cpu time", "seconds" },     { "Max file size", "bytes" },
		{ "Max data size", "bytes" },      { "Max stack size", "bytes" },
		{ "Max core file size", "bytes" }, { "Max resident set", "bytes" },
		{ "Max processes", "processes" },  { "Max open files", "files" },
		{ "Max locked memory", "bytes" },  { "Max address space", "bytes" },
		{ "Max file locks", "locks" },     { "Max pending signals", "signals" },
		{ "Max msgqueue size", "bytes" },  { "Max nice priority", "" },
		{ "Max realtime priority", "" },   { "Max realtime timeout", "us" },
	};

	text_add(
		out,
		"Limit                     Soft Limit           Hard Limit           Units     \n");
	for (int i = 0; i < RESOURCE_LIMITS; i++) {
		const uint64_t values[2] = { p->limits[i].soft, p->limits[i].hard };

		text_add(out, "%-25s ", rows[i].name);
		for (int j = 0; j < 2; j++) {
			if (values[j] == RLIM64_INFINITY)
				text_add(out, "%-20s ", "unlimited");
			else
				text_add(out, "%-20lu ", values[j]);
		}
		text_add(out, "%-10s\n", rows[i].unit);
	}
	return 0;
}

/* As Linux, of anonymous memory only: no file is waited for. */
int proc_memory_text(struct process *p, bool environment, struct text *out)
{
	struct space *space = process_space(p);
	struct space_marks marks;
	struct region_info r;
	char chunk[256];
	uint64_t at, end;

	if (!space)
		return 0;
	marks = *space_marks(space);
	at = environment ? marks.env_start : marks.args_start;
	end = environment ? marks.env_end : marks.args_end;
	end = MIN(end, at + MEMORY_MAX);
	while (at < end && !out->failed) {
		size_t n = MIN(end - at, sizeof(chunk));

		if (!space_region(space, at, &r) || r.start > at || !r.anonymous)
			break;
		n = space_read(space, at, chunk, MIN(n, r.end - at), true);
		if (!n)
			break;
		text_bytes(out, chunk, n);
		at += n;
	}
	space_put(space);
	return 0;
}
