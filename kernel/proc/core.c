#include "kernel/proc/core.h"

#include <linux/elf.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/proc/core_parts.h"
#include "kernel/trace/trace.h"

static uint64_t host_limit; /* [I] */

/* One core after the other: the port has one stream. */
static struct mutex turn = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"), LIST_INIT(turn.waiters.waiters) },
};

void core_limit_set(uint64_t bytes)
{
	host_limit = bytes;
}

/* --- Stopping the others --------------------------------------------------------- */

static bool dumping(const struct signals *s)
{
	return __atomic_load_n(&s->dumping, __ATOMIC_ACQUIRE);
}

void core_wait(void)
{
	struct signals *s = current_process()->signals;
	struct wait w;

	if (!dumping(s))
		return;
	wait_begin_uninterruptible(&w, &s->exec_wait, WAIT_SIGNAL);
	__atomic_add_fetch(&s->dump_waiting, 1, __ATOMIC_ACQ_REL);
	wait_wake_all(&s->exec_wait);
	while (dumping(s))
		wait_sleep(&w);
	wait_end(&w);
}

/* Have all others end, but for those that core_wait keeps; false if the process is ending
 * already. */
static bool others_stop(struct process *p, int sig)
{
	struct signals *s = p->signals;
	uint64_t flags = spin_lock_irq(&s->lock);
	const bool first = !p->exiting && !s->exec_thread;
	struct thread *t;
	struct wait w;

	if (first) {
		p->exiting = true;
		p->exit_status = sig;
		s->dump_waiting = 0;
		__atomic_store_n(&s->dumping, true, __ATOMIC_RELEASE);
		list_for_each_entry(t, &p->threads, process_link) {
			if (t == current())
				continue;
			thread_kill(t);
			thread_resume(t);
		}
	}
	spin_unlock_irq(&s->lock, flags);
	if (!first)
		return false;
	wait_begin_uninterruptible(&w, &s->exec_wait, WAIT_SIGNAL);
	while (__atomic_load_n(&s->dump_waiting, __ATOMIC_ACQUIRE) + 1 <
	       __atomic_load_n(&p->thread_count, __ATOMIC_ACQUIRE))
		wait_sleep(&w);
	wait_end(&w);
	return true;
}

static void others_release(struct process *p, int status)
{
	struct signals *s = p->signals;
	uint64_t flags = spin_lock_irq(&s->lock);

	p->exit_status = status;
	__atomic_store_n(&s->dumping, false, __ATOMIC_RELEASE);
	spin_unlock_irq(&s->lock, flags);
	wait_wake_all(&s->exec_wait);
}

/* The threads of p, which wait; this one first.  False without memory. */
static bool threads_gather(struct core *c)
{
	struct process *p = c->process;
	const uint32_t room = p->thread_count;
	struct thread *t;
	uint64_t flags;

	c->threads = kmalloc(room * sizeof(struct thread *));
	if (!c->threads)
		return false;
	flags = spin_lock_irq(&p->signals->lock);
	c->threads[c->thread_count++] = current();
	list_for_each_entry(t, &p->threads, process_link)
		if (t != current() && !thread_task(t)->ended && c->thread_count < room)
			c->threads[c->thread_count++] = t;
	spin_unlock_irq(&p->signals->lock, flags);
	return true;
}

/* --- The file ------------------------------------------------------------------------ */

static uint32_t segment_flags(const struct core_segment *g)
{
	return (g->prot & 1 ? PF_R : 0u) | (g->prot & 2 ? PF_W : 0u) | (g->prot & 4 ? PF_X : 0u);
}

static void headers_put(const struct core *c, struct core_output *o, size_t notes, uint64_t data)
{
	const uint64_t first = sizeof(Elf64_Ehdr) + (1 + c->segment_count) * sizeof(Elf64_Phdr);
	const Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)(1 + c->segment_count),
	};
	const Elf64_Phdr note = { .p_type = PT_NOTE, .p_offset = first, .p_filesz = notes };

	core_put(o, &head, sizeof(head));
	core_put(o, &note, sizeof(note));
	for (uint32_t i = 0; i < c->segment_count; i++) {
		const struct core_segment *g = &c->segments[i];
		const Elf64_Phdr p = {
			.p_type = PT_LOAD,
			.p_flags = segment_flags(g),
			.p_offset = data,
			.p_vaddr = g->start,
			.p_filesz = g->kept ? g->end - g->start : 0,
			.p_memsz = g->end - g->start,
			.p_align = PAGE_SIZE,
		};

		core_put(o, &p, sizeof(p));
		data += p.p_filesz;
	}
}

static void core_write(struct core *c, struct core_output *o)
{
	struct core_bytes notes;
	uint64_t used, data;

	core_notes_make(c, &notes);
	used = sizeof(Elf64_Ehdr) + (1 + c->segment_count) * sizeof(Elf64_Phdr) + notes.length;
	data = ALIGN_UP(used, PAGE_SIZE);
	headers_put(c, o, notes.length, data);
	core_put(o, notes.data, notes.length);
	core_skip(o, data - used);
	core_segments_put(c, o);
	kfree(notes.data);
}

/* True: a file was written. */
static bool dump(struct core *c, int sig)
{
	struct core_output o;
	bool file = false;

	if (!threads_gather(c) || !core_segments_find(c, host_limit ? host_limit : UINT64_MAX))
		return false;
	mutex_lock(&turn);
	if (core_output_open(&o, c->process, host_limit, sig)) {
		core_write(c, &o);
		TRACE(core_dump, .pid = c->process->pid, .threads = c->thread_count,
		      .kept = c->kept, .left = c->left);
		file = core_output_close(&o, c->left);
	}
	mutex_unlock(&turn);
	return file;
}

int core_dump(const struct frame *f, int sig, const siginfo_t *info)
{
	struct process *p = current_process();
	struct core *c = kmalloc(sizeof(*c));
	int status = sig;

	if (!c || !others_stop(p, sig)) {
		kfree(c);
		return sig;
	}
	c->process = p;
	c->space = p->space;
	c->info = info;
	c->frame = *f;
	if (dump(c, sig))
		status |= 0x80; /* WCOREDUMP */
	others_release(p, status);
	kfree(c->threads);
	kfree(c->segments);
	kfree(c);
	return status;
}
