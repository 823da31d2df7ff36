/* Sending signals: who may, and to whom. */
#include <linux/errno.h>

#include "kernel/mm/user.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/tree.h"
#include "kernel/syscall/signal_send.h"
#include "kernel/syscall/table.h"

/* kill(2): same user, or user 0; SIGCONT within the session. */
static bool may_signal(const struct process *to, int sig)
{
	const struct process *p = current_process();
	const struct credentials *c = &p->credentials, *its = &to->credentials;

	if (p == to || credentials_have(c, CAP_KILL))
		return true;
	if (c->euid == its->uid || c->euid == its->suid || c->uid == its->uid ||
	    c->uid == its->suid)
		return true;
	return sig == SIGCONT && p->session == to->session;
}

static siginfo_t user_info(int sig, int code)
{
	siginfo_t info = { .si_signo = sig, .si_code = code };

	info.si_pid = current_process()->pid;
	info.si_uid = current_process()->credentials.uid;
	return info;
}

/* sig 0 only asks. */
static int send_checked(struct process *to, int sig, const siginfo_t *info)
{
	if (!may_signal(to, sig))
		return -EPERM;
	return sig ? signal_process(to, sig, info) : 0;
}

/* Everybody, or a group; 0 if one got it. */
static int send_many(uint32_t group, int sig, const siginfo_t *info)
{
	struct process *self = current_process(), *p;
	int result = -ESRCH;

	tree_lock();
	tree_for_each(p)
	{
		int error;

		if (group ? p->group != group : p == init_process || p == self)
			continue;
		error = send_checked(p, sig, info);
		if (!error || (result && error != -EPERM) || result == -ESRCH)
			result = error;
	}
	tree_unlock();
	return result;
}

static int send_one(uint32_t pid, int sig, const siginfo_t *info)
{
	struct process *p = process_find(pid);
	int error;

	if (!p)
		return -ESRCH;
	error = send_checked(p, sig, info);
	process_put(p);
	return error;
}

int64_t sys_kill(uint64_t pid, uint64_t sig)
{
	siginfo_t info = user_info((int)sig, SI_USER);
	int32_t to = pid;

	if ((int)sig < 0 || (int)sig > SIGNAL_MAX)
		return -EINVAL;
	if (to > 0)
		return send_one(to, sig, &info);
	if (to == INT32_MIN)
		return -ESRCH;
	if (to == -1)
		return send_many(0, sig, &info);
	return send_many(to ? (uint32_t)-to : current_process()->group, sig, &info);
}

/* tgid 0: whatever process the thread is in. */
static int send_thread(int32_t tgid, int32_t tid, int sig, const siginfo_t *info)
{
	struct thread *t;
	int error = -ESRCH;

	if (tid <= 0 || tgid < 0 || sig < 0 || sig > SIGNAL_MAX)
		return -EINVAL;
	t = thread_find(tid);
	if (!t)
		return -ESRCH;
	if (!tgid || t->process->pid == (uint32_t)tgid) {
		error = may_signal(t->process, sig) ? 0 : -EPERM;
		if (!error && sig)
			error = signal_thread(t, sig, info);
	}
	thread_put(t);
	return error;
}

int64_t sys_tkill(uint64_t tid, uint64_t sig)
{
	siginfo_t info = user_info((int)sig, SI_TKILL);

	return send_thread(0, tid, sig, &info);
}

int64_t sys_tgkill(uint64_t tgid, uint64_t tid, uint64_t sig)
{
	siginfo_t info = user_info((int)sig, SI_TKILL);

	return (int)tgid > 0 ? send_thread(tgid, tid, sig, &info) : -EINVAL;
}

/* A siginfo of the program's making: it may not look like the kernel's to others. */
static int queue_info(uint64_t from, int32_t pid, int sig, siginfo_t *info)
{
	if (user_copy_in(info, from, sizeof(*info)))
		return -EFAULT;
	if (sig < 0 || sig > SIGNAL_MAX)
		return -EINVAL;
	info->si_signo = sig;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    current_process()->pid != (uint32_t)pid)
		return -EPERM;
	return 0;
}

int64_t sys_rt_sigqueueinfo(uint64_t pid, uint64_t sig, uint64_t info_addr)
{
	siginfo_t info;
	int error = queue_info(info_addr, pid, sig, &info);

	return error ? error : send_one(pid, sig, &info);
}

int64_t sys_rt_tgsigqueueinfo(uint64_t tgid, uint64_t tid, uint64_t sig, uint64_t info_addr)
{
	siginfo_t info;
	int error = (int)tgid > 0 ? queue_info(info_addr, tgid, sig, &info) : -EINVAL;

	return error ? error : send_thread(tgid, tid, sig, &info);
}

int64_t send_by_file(struct process *p, int sig, uint64_t info_addr)
{
	siginfo_t info = user_info(sig, SI_USER);
	bool collected;

	if (sig < 0 || sig > SIGNAL_MAX)
		return -EINVAL;
	if (info_addr && user_copy_in(&info, info_addr, sizeof(info)))
		return -EFAULT;
	if (info.si_signo != sig)
		return -EINVAL;
	if (info_addr && p != current_process() && (info.si_code >= 0 || info.si_code == SI_TKILL))
		return -EPERM;
	tree_lock();
	collected = list_empty(&p->all);
	tree_unlock();
	return collected ? -ESRCH : send_checked(p, sig, &info);
}
