/* Parents and children: who is told of a change, who collects it (wait4, waitid),
 * and who inherits orphans. */
#include <linux/errno.h>
#include <linux/wait.h>

#include "kernel/proc/signal_queue.h"
#include "kernel/proc/tree.h"
#include "kernel/sched/timer.h"
#include "kernel/trace/trace.h"

#define CLOCK_TICK_NS (1000000000ull / 100) /* of USER_HZ, which Linux fixes at 100 */

bool tree_notify(struct process *p, int code, int status)
{
	struct process *parent = p->parent;
	bool ended = code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED;
	int sig = ended ? p->exit_signal : SIGCHLD;
	struct sigaction a = { .sa_handler = SIG_DFL };
	siginfo_t info = { .si_signo = sig, .si_code = code };
	uint64_t user, kernel, flags;
	bool unwanted = false;

	if (!parent)
		return false;
	flags = spin_lock_irq(&parent->signals->lock);
	a = parent->signals->action[SIGCHLD - 1];
	spin_unlock_irq(&parent->signals->lock, flags);
	if (ended && sig == SIGCHLD)
		unwanted = a.sa_handler == SIG_IGN || a.sa_flags & SA_NOCLDWAIT;
	if (!ended && a.sa_flags & SA_NOCLDSTOP)
		sig = 0;
	if (sig) {
		process_times(p, &user, &kernel);
		info.si_pid = p->pid;
		info.si_uid = p->credentials.uid;
		info.si_status = status;
		info.si_utime = user / CLOCK_TICK_NS;
		info.si_stime = kernel / CLOCK_TICK_NS;
		signal_process(parent, sig, &info);
	}
	wait_wake_all(&parent->child_wait);
	return unwanted;
}

/* Who takes over the children of p: the nearest ancestor that asked for orphans, or
 * init.  Holds: tree lock. */
static struct process *reaper_of(const struct process *p)
{
	struct process *a;

	for (a = p->parent; a; a = a->parent) {
		if (a->child_subreaper && !a->zombie)
			return a;
	}
	return init_process;
}

void tree_reparent(struct process *p)
{
	struct process *to = reaper_of(p), *child, *next;

	list_for_each_entry_safe(child, next, &p->children, sibling) {
		list_remove(&child->sibling);
		list_append(&to->children, &child->sibling);
		child->parent = to;
		child->exit_signal = SIGCHLD;
		if (child->parent_death_signal)
			signal_process(child, child->parent_death_signal, NULL);
		if (child->zombie) {
			int sig = child->wait_status & 0x7f;

			if (tree_notify(child, process_end_code(child->wait_status),
					sig ? sig : child->wait_status >> 8))
				tree_remove(child);
		} else if (child->group != p->group && child->session == p->session) {
			group_check_orphaned(child->group, NULL);
		}
	}
}

static bool child_eligible(const struct process *child, const struct wait_request *r)
{
	bool clone = child->exit_signal != SIGCHLD;

	if (r->type == P_PID && child->pid != r->id)
		return false;
	if (r->type == P_PGID && child->group != r->id)
		return false;
	if (r->type == P_PIDFD && child != r->process)
		return false;
	return r->options & (int)__WALL || clone == !!(r->options & (int)__WCLONE);
}

static void result_fill(struct process *child, struct wait_result *out, int code, int value)
{
	out->pid = child->pid;
	out->uid = child->credentials.uid;
	out->code = code;
	out->value = value;
	process_times(child, &out->user_ns, &out->kernel_ns);
	out->user_ns += child->children_user_ns;
	out->kernel_ns += child->children_kernel_ns;
	out->min_faults = child->min_faults;
	out->max_faults = child->max_faults;
	out->voluntary = child->dead_voluntary;
	out->forced = child->dead_forced;
}

/* A zombie: report it, and bury it unless WNOWAIT. */
static void child_collect(struct process *child, const struct wait_request *r,
			  struct wait_result *out)
{
	struct process *p = child->parent;
	int sig = child->wait_status & 0x7f;

	result_fill(child, out, process_end_code(child->wait_status),
		    sig ? sig : child->wait_status >> 8 & 0xff);
	out->status = child->wait_status;
	if (r->options & WNOWAIT)
		return;
	p->children_user_ns += out->user_ns;
	p->children_kernel_ns += out->kernel_ns;
	TRACE(reap, .pid = child->pid, .parent = p->pid);
	tree_remove(child);
}

/* A stop or continuation that was not reported yet. */
static bool child_report(struct process *child, const struct wait_request *r,
			 struct wait_result *out)
{
	struct signals *s = child->signals;
	uint64_t flags = spin_lock_irq(&s->lock);
	int code = 0, sig = 0;

	if (r->options & WUNTRACED && s->stop_report) {
		code = CLD_STOPPED;
		sig = s->stop_report;
		if (!(r->options & WNOWAIT))
			s->stop_report = 0;
	} else if (r->options & WCONTINUED && s->continue_report) {
		code = CLD_CONTINUED;
		sig = SIGCONT;
		if (!(r->options & WNOWAIT))
			s->continue_report = false;
	}
	spin_unlock_irq(&s->lock, flags);
	if (!code)
		return false;
	result_fill(child, out, code, sig);
	out->status = code == CLD_STOPPED ? sig << 8 | 0x7f : 0xffff;
	return true;
}

/* 1: *out filled; 0: children, but no news; -ECHILD. */
static int children_scan(const struct wait_request *r, struct wait_result *out)
{
	struct process *p = current_process(), *child;
	int result = -ECHILD;

	tree_lock();
	list_for_each_entry(child, &p->children, sibling) {
		if (!child_eligible(child, r))
			continue;
		result = 0;
		if (child->zombie && r->options & WEXITED) {
			child_collect(child, r, out);
			result = 1;
			break;
		}
		if (!child->zombie && child_report(child, r, out)) {
			result = 1;
			break;
		}
	}
	tree_unlock();
	return result;
}

int process_wait(const struct wait_request *r, struct wait_result *out)
{
	struct process *p = current_process();
	struct wait w;
	int result;

	*out = (struct wait_result){ 0 };
	result = children_scan(r, out);
	if (result || r->options & WNOHANG)
		return result;
	wait_begin(&w, &p->child_wait, WAIT_CHILD);
	while (!(result = children_scan(r, out))) {
		if (wait_sleep(&w)) {
			result = -ERESTARTSYS;
			break;
		}
	}
	wait_end(&w);
	return result;
}
