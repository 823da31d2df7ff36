/* poll, select and their forms with a signal mask. */
#include <linux/errno.h>
#include <linux/personality.h>
#include <linux/poll.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/fs/poll.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/user.h"
#include "kernel/proc/task.h"
#include "kernel/syscall/personality.h"
#include "kernel/syscall/table.h"
#include "kernel/syscall/user_path.h"
#include "kernel/syscall/user_time.h"
#include "kernel/trace/trace.h"

#define MILLISECOND_NS 1000000ull
#define FOREVER        0ull /* a deadline that never comes */
#define AT_ONCE        1ull /* one that has come */

/* One file that poll looks at; held for the whole call. */
struct watched {
	struct file_use use;
	unsigned events, ready;
};

/* Look at all; how many are ready. */
static int look(struct watched *w, size_t count, struct poll *poll)
{
	int ready = 0;

	for (size_t i = 0; i < count; i++) {
		if (!w[i].use.file)
			continue;
		/* Once one is ready nobody will sleep. */
		w[i].ready = file_poll(w[i].use.file, ready ? NULL : poll) &
			     (w[i].events | POLLERR | POLLHUP | POLLNVAL);
		ready += w[i].ready != 0;
	}
	return ready;
}

/* Wait until one is ready: how many are, 0 at the deadline, -EINTR, -ENOMEM. */
static int watch(struct watched *w, size_t count, uint64_t deadline)
{
	struct poll *poll;
	int ready = look(w, count, NULL), error = 0;

	if (ready || deadline == AT_ONCE)
		return ready;
	poll = poll_create();
	if (!poll)
		return -ENOMEM;
	ready = look(w, count, poll);
	while (!ready && !error) {
		error = poll_sleep(poll, deadline);
		ready = look(w, count, NULL);
	}
	poll_free(poll);
	return ready ? ready : error == -ETIMEDOUT ? 0 : error;
}

static void unwatch(struct watched *w, size_t count)
{
	for (size_t i = 0; i < count; i++)
		file_use_end(w[i].use);
	kfree(w);
}

/* --- poll ------------------------------------------------------------------------ */

/* Results into fds; how many have one. */
static int results_set(const struct watched *w, struct pollfd *fds, size_t count)
{
	int found = 0;

	for (size_t i = 0; i < count; i++) {
		if (fds[i].fd >= 0 && !w[i].use.file)
			fds[i].revents = POLLNVAL;
		else
			fds[i].revents = (short)w[i].ready;
		found += fds[i].revents != 0;
	}
	return found;
}

static int64_t poll_fds(struct pollfd *fds, size_t count, uint64_t deadline)
{
	struct watched *w = kmalloc((count ? count : 1) * sizeof(w[0]));
	bool bad = false;
	int result;

	if (!w)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (fds[i].fd < 0)
			continue;
		w[i].use = caller_file_use((uint64_t)fds[i].fd);
		w[i].events = (unsigned short)fds[i].events;
		bad |= !w[i].use.file;
	}
	result = watch(w, count, bad ? AT_ONCE : deadline);
	if (result >= 0)
		result = results_set(w, fds, count);
	unwatch(w, count);
	return result;
}

static int64_t poll_user(uint64_t addr, uint64_t count, uint64_t deadline)
{
	size_t bytes = count * sizeof(struct pollfd);
	struct pollfd *fds;
	int64_t result;

	if (count > caller_fd_limit())
		return -EINVAL;
	fds = kmalloc(bytes ? bytes : 1);
	if (!fds)
		return -ENOMEM;
	result = user_copy_in(fds, addr, bytes);
	if (!result)
		result = poll_fds(fds, count, deadline);
	if (result >= 0) {
		if (user_copy_out(addr, fds, bytes))
			result = -EFAULT;
		trace_data(0, DATA_POLLFDS, fds, bytes);
	}
	kfree(fds);
	return result;
}

static int64_t poll_restart(const struct restart *r)
{
	int64_t result = poll_user(r->addr, r->value, r->deadline);

	return result == -EINTR ? -ERESTART_RESTARTBLOCK : result;
}

int64_t sys_poll(uint64_t fds, uint64_t count, uint64_t timeout_ms)
{
	int timeout = (int)timeout_ms;
	uint64_t deadline = timeout < 0    ? FOREVER
			    : timeout == 0 ? AT_ONCE
					   : deadline_after((uint64_t)timeout * MILLISECOND_NS);
	int64_t result = poll_user(fds, (uint32_t)count, deadline);

	if (result != -EINTR)
		return result;
	current_task()->restart = (struct restart){
		.run = poll_restart, .addr = fds, .value = (uint32_t)count, .deadline = deadline
	};
	return -ERESTART_RESTARTBLOCK;
}

/* What a timespec or timeval of the program means; addr 0: forever. */
static int deadline_in(uint64_t addr, unsigned arg, bool microseconds, uint64_t *deadline)
{
	uint64_t ns = 0;
	int error;

	*deadline = FOREVER;
	if (!addr)
		return 0;
	error = microseconds ? user_timeval_in(addr, &ns) : user_timespec_in(addr, arg, &ns);
	if (!error)
		*deadline = ns ? deadline_after(ns) : AT_ONCE;
	return error;
}

/* The time that is left, as Linux writes it back.  A fault is no error. */
static void left_out(uint64_t addr, unsigned arg, bool microseconds, uint64_t deadline)
{
	uint64_t now = clock_now(), left = deadline > now ? deadline - now : 0;

	if (!addr || deadline == FOREVER || personality_has(STICKY_TIMEOUTS))
		return;
	if (microseconds)
		user_timeval_out(addr, left);
	else
		user_timespec_out(addr, arg, left);
}

/* Wait with the signal mask at addr (0: the caller's own). */
static int mask_begin(uint64_t addr, uint64_t size, unsigned arg)
{
	uint64_t mask;

	if (!addr)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (user_copy_in(&mask, addr, sizeof(mask)))
		return -EFAULT;
	trace_data(arg, DATA_SIGSET, &mask, sizeof(mask));
	signal_mask_temporary(mask);
	return 0;
}

int64_t sys_ppoll(uint64_t fds, uint64_t count, uint64_t timeout, uint64_t sigmask,
		  uint64_t sigsetsize)
{
	uint64_t deadline;
	int64_t result = deadline_in(timeout, 2, false, &deadline);

	if (!result)
		result = mask_begin(sigmask, sigsetsize, 3);
	if (result)
		return result;
	result = poll_user(fds, (uint32_t)count, deadline);
	signal_mask_restore_unless(result == -EINTR);
	left_out(timeout, 2, false, deadline);
	return result == -EINTR ? -ERESTARTNOHAND : result;
}

/* --- select ---------------------------------------------------------------------- */

enum { SET_READ, SET_WRITE, SET_EXCEPT, SETS };

/* What makes a descriptor ready in each set, as Linux. */
static const unsigned set_events[SETS] = {
	[SET_READ] = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
	[SET_WRITE] = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR,
	[SET_EXCEPT] = POLLPRI,
};

#define SETS_SMALL 256 /* descriptors whose sets need no memory of their own */

struct selection {
	uint64_t addrs[SETS];  /* of the program's sets; 0: none */
	uint64_t *asked[SETS]; /* `words` words each; bits from count on are ignored */
	uint64_t *found[SETS];
	size_t count, words;
	struct file **held; /* while it waits: files whose queues it is on */
	size_t held_count;
};

/* Where the sets lie: in memory, those asked for and those found. */
static void sets_place(struct selection *s, uint64_t *memory)
{
	for (unsigned k = 0; k < SETS; k++) {
		s->asked[k] = memory + k * s->words;
		s->found[k] = memory + (SETS + k) * s->words;
	}
}

static int sets_in(struct selection *s)
{
	for (unsigned k = 0; k < SETS; k++) {
		if (s->addrs[k] && user_copy_in(s->asked[k], s->addrs[k], s->words * 8))
			return -EFAULT;
	}
	return 0;
}

static int sets_out(const struct selection *s)
{
	for (unsigned k = 0; k < SETS; k++) {
		if (s->addrs[k] && user_copy_out(s->addrs[k], s->found[k], s->words * 8))
			return -EFAULT;
	}
	return 0;
}

/* Look at descriptor n, waiting for it if poll is not NULL: POLL* bits, or -EBADF.  One
 * that is closed during the wait is never ready. */
static inline int descriptor_look(struct selection *s, size_t n, struct poll *poll)
{
	const struct file_use u = caller_file_use(n);
	unsigned ready;

	if (!u.file)
		return s->held ? 0 : -EBADF;
	ready = file_poll(u.file, poll);
	if (poll && u.counted)
		s->held[s->held_count++] = u.file;
	else
		file_use_end(u);
	return (int)ready;
}

static int bits_count(uint64_t bits)
{
	bits -= bits >> 1 & 0x5555555555555555;
	bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
	return (int)(((bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56);
}

/* Look at the descriptors of word i of the sets that are in `left`; how many bits are set
 * as found, or -EBADF.  Once one is ready nobody will sleep. */
static int word_look(struct selection *s, size_t i, uint64_t left, struct poll *poll)
{
	const uint64_t asked[SETS] = { s->asked[SET_READ][i], s->asked[SET_WRITE][i],
				       s->asked[SET_EXCEPT][i] };
	uint64_t found[SETS] = { 0 };
	int all = 0;

	for (; left; left &= left - 1) {
		int ready = descriptor_look(s, i * 64 + (size_t)__builtin_ctzll(left), poll);
		uint64_t bit;

		if (ready < 0)
			return ready;
		if (!ready)
			continue;
		bit = left & -left;
#pragma GCC unroll 3
		for (unsigned k = 0; k < SETS; k++) {
			if ((unsigned)ready & set_events[k])
				found[k] |= asked[k] & bit;
		}
		if (found[SET_READ] | found[SET_WRITE] | found[SET_EXCEPT])
			poll = NULL;
	}
#pragma GCC unroll 3
	for (unsigned k = 0; k < SETS; k++) {
		s->found[k][i] |= found[k];
		all += bits_count(found[k]);
	}
	return all;
}

/* Look at all; as word_look. */
static int sets_look(struct selection *s, struct poll *poll)
{
	int all = 0;

	for (size_t i = 0; i < s->words; i++) {
		uint64_t left =
			s->asked[SET_READ][i] | s->asked[SET_WRITE][i] | s->asked[SET_EXCEPT][i];
		int found;

		if (s->count - i * 64 < 64)
			left &= (1ull << (s->count % 64)) - 1;
		found = word_look(s, i, left, all ? NULL : poll);
		if (found < 0)
			return found;
		all += found;
	}
	return all;
}

/* None is ready: wait until one is.  As sets_look; 0: the deadline has come. */
static int sets_wait(struct selection *s, uint64_t deadline)
{
	struct poll *poll = poll_create();
	int found, error = 0;

	s->held = kmalloc((s->count + 1) * sizeof(s->held[0]));
	found = poll && s->held ? sets_look(s, poll) : -ENOMEM;
	while (!found && !error) {
		error = poll_sleep(poll, deadline);
		found = sets_look(s, NULL);
	}
	if (poll)
		poll_free(poll);
	for (size_t i = 0; i < s->held_count; i++)
		file_put(s->held[i]);
	kfree(s->held);
	return found ? found : error == -ETIMEDOUT ? 0 : error;
}

static int64_t select_sets(struct selection *s, uint64_t deadline)
{
	int64_t result = sets_in(s);

	if (!result)
		result = sets_look(s, NULL);
	if (!result && deadline != AT_ONCE)
		result = sets_wait(s, deadline);
	if (result >= 0 && sets_out(s))
		result = -EFAULT;
	return result;
}

static int64_t select_user(struct selection *s, uint64_t nfds, uint64_t deadline)
{
	uint64_t small[2 * SETS * SETS_SMALL / 64], *memory = small;
	int64_t result;

	if ((int)nfds < 0)
		return -EINVAL;
	s->count = MIN((unsigned)nfds, fd_table_size(current_process()->files));
	s->words = (s->count + 63) / 64;
	if (s->count > SETS_SMALL)
		memory = kmalloc(2 * SETS * s->words * 8);
	else
		memset(small, 0, 2 * SETS * s->words * 8);
	if (!memory)
		return -ENOMEM;
	sets_place(s, memory);
	result = select_sets(s, deadline);
	if (memory != small)
		kfree(memory);
	return result;
}

int64_t sys_select(uint64_t nfds, uint64_t readfds, uint64_t writefds, uint64_t exceptfds,
		   uint64_t timeout)
{
	struct selection s = { .addrs = { readfds, writefds, exceptfds } };
	uint64_t deadline;
	int64_t result = deadline_in(timeout, 4, true, &deadline);

	if (result)
		return result;
	result = select_user(&s, nfds, deadline);
	left_out(timeout, 4, true, deadline);
	return result == -EINTR ? -ERESTARTNOHAND : result;
}

int64_t sys_pselect6(uint64_t nfds, uint64_t readfds, uint64_t writefds, uint64_t exceptfds,
		     uint64_t timeout, uint64_t sigmask)
{
	struct selection s = { .addrs = { readfds, writefds, exceptfds } };
	uint64_t deadline, mask[2] = { 0 }; /* address and size */
	int64_t result = deadline_in(timeout, 4, false, &deadline);

	if (!result && sigmask && user_copy_in(mask, sigmask, sizeof(mask)))
		result = -EFAULT;
	if (!result)
		result = mask_begin(mask[0], mask[1], 5);
	if (result)
		return result;
	result = select_user(&s, nfds, deadline);
	signal_mask_restore_unless(result == -EINTR);
	left_out(timeout, 4, false, deadline);
	return result == -EINTR ? -ERESTARTNOHAND : result;
}
