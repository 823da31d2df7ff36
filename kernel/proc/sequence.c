#include "kernel/proc/sequence.h"

#include <linux/errno.h>
#include <linux/rseq.h>

#include "kernel/mm/user.h"
#include "kernel/proc/signal.h"

/* What is registered at first; Linux takes no other length before 6.3. */
struct area {
	uint32_t cpu_start, cpu;
	uint64_t sequence;
	uint32_t flags, unused[3];
} __attribute__((aligned(32)));
_Static_assert(sizeof(struct area) == 32, "struct rseq of Linux 6.1");

int sequence_register(uint64_t area, uint32_t length, uint32_t signature)
{
	struct task *k = current_task();
	struct thread *t = current();

	if (t->sequences) {
		if (k->sequence_area != area || length != sizeof(struct area))
			return -EINVAL;
		return k->sequence_signature == signature ? -EBUSY : -EPERM;
	}
	if (area % _Alignof(struct area) || length != sizeof(struct area))
		return -EINVAL;
	if (!area || !user_range(area, length))
		return -EFAULT;
	k->sequence_area = area;
	k->sequence_signature = signature;
	t->sequences = t->resumed = true;
	return 0;
}

int sequence_unregister(uint64_t area, uint32_t length, uint32_t signature)
{
	const uint32_t none[2] = { 0, (uint32_t)RSEQ_CPU_ID_UNINITIALIZED };
	struct task *k = current_task();

	if (!current()->sequences || k->sequence_area != area || length != sizeof(struct area))
		return -EINVAL;
	if (k->sequence_signature != signature)
		return -EPERM;
	if (user_copy_out(area + offsetof(struct area, cpu_start), none, sizeof(none)))
		return -EFAULT;
	sequence_forget(current());
	return 0;
}

/* The sequence the area names, checked: 1, 0 for none, -EINVAL, -EFAULT. */
static int sequence_find(const struct area *a, struct rseq_cs *cs)
{
	uint32_t signature;

	if (!a->sequence)
		return 0;
	if (!user_range(a->sequence, sizeof(*cs)) || user_copy_in(cs, a->sequence, sizeof(*cs)))
		return -EFAULT;
	if (cs->start_ip >= USER_END || cs->abort_ip >= USER_END || cs->version ||
	    cs->post_commit_offset > USER_END - cs->start_ip ||
	    cs->abort_ip - cs->start_ip < cs->post_commit_offset || cs->flags || a->flags)
		return -EINVAL;
	if (user_copy_in(&signature, cs->abort_ip - sizeof(signature), sizeof(signature)))
		return -EFAULT;
	return signature == current_task()->sequence_signature ? 1 : -EINVAL;
}

/* If f is amidst a sequence, have it go on at the abort address; in any case the area
 * names none afterwards.  0 or -errno. */
static int sequence_abort(struct frame *f)
{
	uint64_t area = current_task()->sequence_area, none = 0;
	struct rseq_cs cs;
	struct area a;
	int found;

	if (user_copy_in(&a, area, sizeof(a)))
		return -EFAULT;
	found = sequence_find(&a, &cs);
	if (found <= 0)
		return found;
	if (f->rip - cs.start_ip < cs.post_commit_offset)
		f->rip = cs.abort_ip;
	return user_copy_out(area + offsetof(struct area, sequence), &none, sizeof(none));
}

/* The CPU may change again before this thread is in ring 3: then it is resumed anew. */
static int cpu_tell(void)
{
	uint32_t cpu[2];

	current()->sequence_cpu = cpu[0] = cpu[1] = this_cpu()->id;
	return user_copy_out(current_task()->sequence_area + offsetof(struct area, cpu_start), cpu,
			     sizeof(cpu));
}

static void die(void)
{
	sequence_forget(current());
	signal_fault(SIGSEGV, SI_KERNEL, 0, VECTOR_PROTECTION, 0);
}

void sequence_resume(struct frame *f)
{
	current()->resumed = false;
	if (current()->sequences && (sequence_abort(f) || cpu_tell()))
		die();
}

void sequence_interrupt(struct frame *f)
{
	if (current()->sequences && sequence_abort(f))
		die();
}

void sequence_forget(struct thread *t)
{
	t->sequences = t->resumed = false;
	thread_task(t)->sequence_area = 0;
}

void sequence_inherit(struct thread *t, const struct thread *from)
{
	t->sequences = t->resumed = from->sequences;
	thread_task(t)->sequence_area = thread_task(from)->sequence_area;
	thread_task(t)->sequence_signature = thread_task(from)->sequence_signature;
}
