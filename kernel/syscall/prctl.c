/* Properties of a process or thread that have no call of their own. */
#include <linux/errno.h>
#include <linux/prctl.h>
#include <asm/prctl.h>

#include "kernel/arch/x86_64/paging.h"
#include "kernel/mm/user.h"
#include "kernel/proc/task.h"
#include "kernel/syscall/capability.h"
#include "kernel/syscall/memory_description.h"
#include "kernel/syscall/table.h"
#include "kernel/trace/trace.h"

#define TRACER_ANY UINT64_MAX

static int name_set(uint64_t from)
{
	struct thread *t = current();
	char name[THREAD_NAME_SIZE] = "";
	int64_t length = user_string(name, from, sizeof(name));

	if (length == -EFAULT)
		return -EFAULT;
	name[sizeof(name) - 1] = '\0'; /* longer ones are cut */
	trace_data(1, DATA_STRING, name, strlen(name));
	memcpy(t->name, name, sizeof(name));
	rules_forget(&t->trace);
	TRACE_TAIL(thread_name, t->name, strlen(t->name), .tid = t->tid);
	return 0;
}

static int death_signal_set(uint64_t sig)
{
	if (sig > SIGNAL_MAX)
		return -EINVAL;
	current_process()->parent_death_signal = sig;
	return 0;
}

static int no_new_privileges_set(uint64_t value, uint64_t rest)
{
	if (value != 1 || rest)
		return -EINVAL;
	current_process()->no_new_privileges = true;
	return 0;
}

/* Nobody is kept from tracing another process of the user's: nothing to remember. */
static int tracer_set(uint64_t pid)
{
	struct process *p = pid && pid != TRACER_ANY ? process_find((uint32_t)pid) : NULL;

	if (pid && pid != TRACER_ANY && !p)
		return -EINVAL;
	if (p)
		process_put(p);
	return 0;
}

/* No CPU here is known to be affected. */
static int64_t speculation(uint64_t which, uint64_t rest, bool set)
{
	if (rest)
		return -EINVAL;
	if (which > PR_SPEC_L1D_FLUSH)
		return -ENODEV;
	return set ? -ENXIO : PR_SPEC_NOT_AFFECTED;
}

static int64_t slack_set(uint64_t ns)
{
	struct task *k = current_task();

	k->timer_slack = (int64_t)ns <= 0 ? k->timer_slack_usual : ns;
	return 0;
}

static int huge_pages_set(uint64_t off, uint64_t rest)
{
	if (rest)
		return -EINVAL;
	current_process()->no_huge_pages = off;
	return 0;
}

/* What only says that something is as it always is; *known: it was one of these. */
static int64_t standing(int option, uint64_t arg2, uint64_t rest, bool *known)
{
	const int enabled = PR_TSC_ENABLE;

	*known = true;
	switch (option) {
	case PR_GET_SECCOMP:
	case PR_GET_TIMING:
	case PR_TASK_PERF_EVENTS_DISABLE:
	case PR_TASK_PERF_EVENTS_ENABLE:
		return 0;
	case PR_SET_TIMING:
		return arg2 == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_GET_TSC:
		return user_copy_out(arg2, &enabled, sizeof(enabled));
	case PR_SET_TSC:
		return arg2 == PR_TSC_ENABLE ? 0 : -EINVAL;
	case PR_SET_PTRACER:
		return tracer_set(arg2);
	}
	*known = false;
	return -EINVAL;
}

/* What to do with memory that the machine finds broken: remembered, as it never does. */
static int machine_check_set(uint64_t what, uint64_t policy, uint64_t rest)
{
	if (rest || (what == PR_MCE_KILL_CLEAR ? policy != 0 : policy > PR_MCE_KILL_DEFAULT) ||
	    what > PR_MCE_KILL_SET)
		return -EINVAL;
	current_task()->machine_check = what == PR_MCE_KILL_CLEAR ? PR_MCE_KILL_DEFAULT : policy;
	return 0;
}

int64_t sys_prctl(uint64_t option, uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
	struct process *p = current_process();
	bool known;
	int64_t result = standing((int)option, arg2, arg3 | arg4 | arg5, &known);
	int value;

	if (!known)
		result = capability_option((int)option, arg2, arg3, arg4 | arg5, &known);
	if (known)
		return result;
	switch ((int)option) {
	case PR_SET_NAME:
		return name_set(arg2);
	case PR_GET_NAME:
		return user_copy_out(arg2, current()->name, THREAD_NAME_SIZE);
	case PR_SET_PDEATHSIG:
		return death_signal_set(arg2);
	case PR_GET_PDEATHSIG:
		value = p->parent_death_signal;
		return user_copy_out(arg2, &value, sizeof(value));
	case PR_GET_DUMPABLE:
		return p->dumpable;
	case PR_SET_DUMPABLE:
		if (arg2 > 1)
			return -EINVAL;
		p->dumpable = arg2;
		return 0;
	case PR_SET_NO_NEW_PRIVS:
		return no_new_privileges_set(arg2, arg3 | arg4 | arg5);
	case PR_GET_NO_NEW_PRIVS:
		return arg2 | arg3 | arg4 | arg5 ? -EINVAL : p->no_new_privileges;
	case PR_SET_CHILD_SUBREAPER:
		p->child_subreaper = arg2;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		value = p->child_subreaper;
		return user_copy_out(arg2, &value, sizeof(value));
	case PR_GET_TIMERSLACK:
		return (int64_t)current_task()->timer_slack;
	case PR_SET_TIMERSLACK:
		return slack_set(arg2);
	case PR_SET_THP_DISABLE:
		return huge_pages_set(arg2, arg3 | arg4 | arg5);
	case PR_GET_THP_DISABLE:
		return arg2 | arg3 | arg4 | arg5 ? -EINVAL : p->no_huge_pages;
	case PR_GET_TID_ADDRESS:
		return user_copy_out(arg2, &current_task()->clear_child_tid, sizeof(uint64_t));
	case PR_SET_MM:
		return memory_description_set(arg2, arg3, arg4, arg5);
	case PR_MCE_KILL:
		return machine_check_set(arg2, arg3, arg4 | arg5);
	case PR_MCE_KILL_GET:
		return arg2 | arg3 | arg4 | arg5 ? -EINVAL : current_task()->machine_check;
	case PR_GET_SPECULATION_CTRL:
		return speculation(arg2, arg3 | arg4 | arg5, false);
	case PR_SET_SPECULATION_CTRL:
		return speculation(arg2, arg4 | arg5, true);
	default:
		return -EINVAL;
	}
}

int64_t sys_arch_prctl(uint64_t code, uint64_t addr)
{
	struct thread *t = current();

	switch ((int)code) {
	case ARCH_SET_FS:
		if (addr >= USER_END)
			return -EPERM;
		t->fs_base = addr;
		msr_write(MSR_FS_BASE, addr);
		return 0;
	case ARCH_SET_GS:
		if (addr >= USER_END)
			return -EPERM;
		t->gs_base = addr;
		msr_write(MSR_KERNEL_GS_BASE, addr); /* SWAPGS makes it the program's */
		return 0;
	case ARCH_GET_FS:
		return user_copy_out(addr, &t->fs_base, sizeof(t->fs_base));
	case ARCH_GET_GS:
		return user_copy_out(addr, &t->gs_base, sizeof(t->gs_base));
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID: /* no CPU here can be told to fault */
		return -ENODEV;
	default:
		return -EINVAL;
	}
}
