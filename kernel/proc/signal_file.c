/* Who polls such a file waits on a queue of the process that polled; the file keeps
 * that process for as long as it is open, since epoll leaves its watch there. */
#include "kernel/proc/signal_file.h"

#include <linux/errno.h>
#include <linux/signalfd.h>

#include "kernel/fs/anonymous.h"
#include "kernel/mm/object.h"
#include "kernel/proc/signal_queue.h"
#include "kernel/proc/timers.h"

struct poller {
	struct poller *next;
	struct process *process; /* reference */
};

struct signal_file {
	struct spinlock lock;
	uint64_t set;           /* [a] SIGKILL and SIGSTOP are never in it */
	struct poller *pollers; /* [lock] */
};

static struct signal_file *state(const struct file *f)
{
	return f->data;
}

static uint64_t set_of(const struct file *f)
{
	return __atomic_load_n(&state(f)->set, __ATOMIC_RELAXED);
}

/* What of a siginfo is meaningful depends on where it comes from: signalfd(2). */
static void info_convert(const siginfo_t *info, struct signalfd_siginfo *out)
{
	*out = (struct signalfd_siginfo){
		.ssi_signo = info->si_signo,
		.ssi_errno = info->si_errno,
		.ssi_code = info->si_code,
	};
	if (info->si_code == SI_TIMER) {
		out->ssi_tid = info->si_tid;
		out->ssi_overrun = info->si_overrun;
		out->ssi_ptr = (uint64_t)info->si_ptr;
		out->ssi_int = info->si_int;
	} else if (info->si_code > 0 && signal_bit(info->si_signo) & SIGNALS_FAULT) {
		out->ssi_addr = (uint64_t)info->si_addr;
	} else if (info->si_code > 0 && info->si_signo == SIGCHLD) {
		out->ssi_pid = info->si_pid;
		out->ssi_uid = info->si_uid;
		out->ssi_status = info->si_status;
		out->ssi_utime = info->si_utime;
		out->ssi_stime = info->si_stime;
	} else if (info->si_code > 0 && info->si_signo == SIGPOLL) {
		out->ssi_band = info->si_band;
		out->ssi_fd = info->si_fd;
	} else {
		out->ssi_pid = info->si_pid;
		out->ssi_uid = info->si_uid;
		if (info->si_code < 0) {
			out->ssi_ptr = (uint64_t)info->si_ptr;
			out->ssi_int = info->si_int;
		}
	}
}

static int take(uint64_t set, siginfo_t *info)
{
	struct signals *s = current_process()->signals;
	uint64_t flags = spin_lock_irq(&s->lock);
	int sig = signal_take(set, info);

	signal_update(current());
	spin_unlock_irq(&s->lock, flags);
	posix_timers_rearm();
	return sig;
}

/* Take a signal of f's set: its number, -EAGAIN, -ERESTARTSYS. */
static int take_wait(struct file *f, bool wait, siginfo_t *info)
{
	struct signals *s = current_process()->signals;
	int sig = take(set_of(f), info), error = 0;
	struct wait w;

	if (sig || !wait)
		return sig ? sig : -EAGAIN;
	wait_begin(&w, &s->file_wait, WAIT_SIGNAL);
	while (!(sig = take(set_of(f), info)) && !error)
		error = wait_sleep(&w);
	wait_end(&w);
	return sig ? sig : -ERESTARTSYS;
}

static int64_t signal_read(struct file *f, const struct buffer *b, uint64_t *position)
{
	struct signalfd_siginfo out;
	bool wait = !(f->flags & O_NONBLOCK);
	size_t done = 0;
	siginfo_t info;
	int sig;

	if (b->length < sizeof(out))
		return -EINVAL;
	while (b->length - done >= sizeof(out)) {
		sig = take_wait(f, wait && !done, &info);
		if (sig < 0)
			return done ? (int64_t)done : sig;
		info_convert(&info, &out);
		if (buffer_put(b, done, &out, sizeof(out)))
			return done ? (int64_t)done : -EFAULT;
		done += sizeof(out);
	}
	return (int64_t)done;
}

/* The current process is known to f; false without memory. */
static bool poller_add(struct signal_file *s)
{
	struct poller *new = kmalloc(sizeof(*new)), *p;

	spin_lock(&s->lock);
	for (p = s->pollers; p && p->process != current_process(); p = p->next)
		;
	if (!p && new) {
		process_get(current_process());
		*new = (struct poller){ .next = s->pollers, .process = current_process() };
		s->pollers = p = new;
		new = NULL;
	}
	spin_unlock(&s->lock);
	kfree(new);
	return p;
}

static unsigned signal_poll(struct file *f, struct poll *poll)
{
	struct signals *s = current_process()->signals;

	if (poll && poller_add(state(f)))
		poll_add(poll, &s->file_wait);
	return signal_waiting(current()) & set_of(f) ? POLLIN : 0;
}

static void signal_release(struct file *f)
{
	struct poller *p = state(f)->pollers, *next;

	for (; p; p = next) {
		next = p->next;
		process_put(p->process);
		kfree(p);
	}
	kfree(f->data);
}

static const struct file_ops signal_ops = {
	.read = signal_read,
	.poll = signal_poll,
	.release = signal_release,
};

bool signal_file_is(const struct file *f)
{
	return f->ops == &signal_ops;
}

void signal_file_set(struct file *f, uint64_t set)
{
	__atomic_store_n(&state(f)->set, set & ~SIGNALS_UNBLOCKABLE, __ATOMIC_RELAXED);
	wait_wake_all(&current_process()->signals->file_wait);
}

int signal_file_create(uint64_t set, uint32_t flags, struct file **out)
{
	struct signal_file *s = kmalloc(sizeof(*s));
	struct inode *i = s ? anonymous_inode(0600) : NULL;

	if (!i) {
		kfree(s);
		return -ENFILE;
	}
	spin_init(&s->lock, RANK_INODE, "signalfd");
	s->set = set & ~SIGNALS_UNBLOCKABLE;
	*out = file_create(i, "anon_inode:[signalfd]", &signal_ops, O_RDWR | flags, s);
	if (!*out)
		kfree(s);
	return *out ? 0 : -ENFILE;
}
