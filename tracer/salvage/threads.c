/* CPUs, threads and their stacks in the guest's memory. */
#include <string.h>

#include "tracer/salvage/guest.h"

#define THREADS_MAX    65536u /* a list that goes in circles ends */
#define STATE_RUNNING  2u     /* enum thread_state */
#define VECTOR_CALL    0x101u /* FRAME_CALL: panic's caller */
#define FUNCTION_FRAME 16u    /* bytes of struct function_frame: where to, and what */
#define FUNCTIONS_MAX  16384u /* FUNCTION_FRAMES_SIZE */

/* next: 0 where none is recorded. */
static struct guest_functions functions_of(const struct guest *g, uint64_t thread, uint64_t next)
{
	const uint64_t trace = guest_address(g, thread, SALVAGE_thread_trace);
	const uint64_t base = guest_member(g, trace, SALVAGE_trace_thread_functions);

	return (struct guest_functions){ base, next - base <= FUNCTIONS_MAX ? next : base };
}

void guest_cpu(const struct guest *g, unsigned cpu, struct guest_cpu *out)
{
	const uint64_t base = cpu < g->cpus ? g->cpu[cpu] : 0;
	const uint64_t state = g->page.cpu_states + cpu * sizeof(out->state);

	*out = (struct guest_cpu){ .thread = guest_member(g, base, SALVAGE_cpu_thread) };
	out->tid = (uint32_t)guest_member(g, out->thread, SALVAGE_thread_tid);
	out->in_user = guest_member(g, base, SALVAGE_cpu_in_user);
	if (guest_read(g, state, &out->state, sizeof(out->state)) && out->state.valid == 1)
		out->source = SOURCE_KERNEL;
	else
		out->state = (struct salvage_cpu){ 0 };
	out->functions = functions_of(g, out->thread,
				      out->source == SOURCE_KERNEL
					      ? out->state.functions
					      : guest_member(g, base, SALVAGE_cpu_functions));
}

static uint64_t word_at(const struct guest *g, uint64_t virt)
{
	uint64_t word = 0;

	return guest_read(g, virt, &word, sizeof(word)) ? word : 0;
}

/* As context_switch left them: r15 r14 r13 r12 rbx rbp, the return address. */
static void switched_registers(const struct guest *g, uint64_t sp, struct salvage_registers *r)
{
	*r = (struct salvage_registers){
		.r15 = word_at(g, sp),
		.r14 = word_at(g, sp + 8),
		.r13 = word_at(g, sp + 16),
		.r12 = word_at(g, sp + 24),
		.rbx = word_at(g, sp + 32),
		.rbp = word_at(g, sp + 40),
		.rip = word_at(g, sp + 48),
		.rsp = sp + 56,
		.cs = 8,
		.vector = VECTOR_CALL,
	};
}

static void thread_read(const struct guest *g, uint64_t thread, uint64_t process,
			struct guest_thread *out)
{
	*out = (struct guest_thread){
		.address = thread,
		.tid = (uint32_t)guest_member(g, thread, SALVAGE_thread_tid),
		.pid = (uint32_t)guest_member(g, process, SALVAGE_process_pid),
		.cpu = (uint32_t)guest_member(g, thread, SALVAGE_thread_cpu),
		.state = (unsigned)guest_member(g, thread, SALVAGE_thread_state),
		.wait = (unsigned)guest_member(g, thread, SALVAGE_thread_wait_reason),
	};
	guest_bytes(g, thread, SALVAGE_thread_name, out->name, 16);
	for (unsigned i = 0; i < g->cpus; i++)
		if (guest_member(g, g->cpu[i], SALVAGE_cpu_thread) == thread) {
			out->running = true;
			out->cpu = i;
		}
	if (out->running)
		return;
	switched_registers(g, guest_member(g, thread, SALVAGE_thread_stack_pointer),
			   &out->registers);
	out->functions =
		functions_of(g, thread,
			     guest_member(g, guest_address(g, thread, SALVAGE_thread_trace),
					  SALVAGE_trace_thread_functions_top));
}

/* Behind a link of a list: the entry, 0 at the list's head or where it breaks off. */
static uint64_t list_next(const struct guest *g, uint64_t link, uint64_t head, uint32_t offset)
{
	const uint64_t next = word_at(g, link);

	return next && next != head ? next - offset : 0;
}

bool guest_thread_next(const struct guest *g, struct guest_cursor *c, struct guest_thread *out)
{
	const uint32_t all = g->page.field[SALVAGE_process_all].offset;
	const uint32_t link = g->page.field[SALVAGE_thread_process_link].offset;

	while (c->seen++ < THREADS_MAX) {
		if (c->process) {
			const uint64_t head = guest_address(g, c->process, SALVAGE_process_threads);

			c->thread = list_next(g, c->thread ? c->thread + link : head, head, link);
			if (c->thread) {
				thread_read(g, c->thread, c->process, out);
				return true;
			}
		}
		c->process = list_next(g, c->process ? c->process + all : g->page.processes,
				       g->page.processes, all);
		if (!c->process)
			return false;
		c->thread = 0;
	}
	return false;
}

struct walk {
	const struct guest *g;
	struct guest_functions functions;
	struct guest_frame *frames;
	unsigned count;
	struct guest_hook *hooks; /* NULL: nobody asks for them */
	unsigned hook_count;
	uint64_t fp;
};

static void frame_add(struct walk *w, uint64_t address, enum frame_kind kind)
{
	if (w->count < GUEST_FRAMES)
		w->frames[w->count++] = (struct guest_frame){ address, kind };
}

static bool is_hook(const struct guest *g, uint64_t address)
{
	for (unsigned i = 0; i < SALVAGE_HOOKS; i++)
		if (address == g->page.function_returns[i])
			return true;
	return false;
}

/* What stands on the stack; while functions are recorded, what stood there.  One that ended
 * in a jump to another shares its place. */
static uint64_t return_address(struct walk *w, uint64_t at)
{
	struct guest_functions *f = &w->functions;
	const uint64_t stands = word_at(w->g, at);
	uint64_t back = stands;

	while (is_hook(w->g, back) && f->next - f->base >= FUNCTION_FRAME) {
		f->next -= FUNCTION_FRAME;
		back = word_at(w->g, f->next);
	}
	if (back != stands && w->hooks && w->hook_count < GUEST_FRAMES)
		w->hooks[w->hook_count++] = (struct guest_hook){ at, back };
	return back;
}

/* A return address into entry.S: what it came from lies above.  False: the end. */
static bool trap_follow(struct walk *w, uint64_t back)
{
	const struct salvage_page *p = &w->g->page;
	struct salvage_registers r;

	if (back != p->trap_user && back != p->trap_kernel && back != p->trap_paranoid &&
	    back != p->system_call)
		return true;
	if (!guest_read(w->g, w->fp + 16, &r, sizeof(r)))
		return false;
	if ((r.cs & 3) == 3) {
		frame_add(w, r.rip, FRAME_USER);
		return false;
	}
	frame_add(w, r.rip, FRAME_STRUCK);
	w->fp = r.rbp;
	return true;
}

static void stack_walk(struct walk *w, const struct salvage_registers *r)
{
	const struct guest *g = w->g;
	uint64_t back, before;

	w->fp = r->rbp;
	if ((r->cs & 3) == 3) {
		frame_add(w, r->rip, FRAME_USER);
		return;
	}
	frame_add(w, r->rip, r->vector == VECTOR_CALL ? FRAME_RETURN : FRAME_AT);
	/* A jump to nowhere leaves the caller on top of the stack. */
	back = word_at(g, r->rsp);
	if (!guest_is_text(g, r->rip) && guest_is_text(g, back))
		frame_add(w, back, FRAME_RETURN);
	for (unsigned i = 0; i < GUEST_FRAMES && w->fp && w->fp % 8 == 0; i++) {
		before = w->fp;
		back = return_address(w, w->fp + 8);
		if (!guest_is_text(g, back))
			break;
		frame_add(w, back, FRAME_RETURN);
		if (!trap_follow(w, back))
			break;
		if (w->fp == before)
			w->fp = word_at(g, w->fp);
	}
}

unsigned guest_stack(const struct guest *g, const struct salvage_registers *r,
		     const struct guest_functions *functions,
		     struct guest_frame frames[GUEST_FRAMES])
{
	struct walk w = { .g = g, .functions = *functions, .frames = frames };

	stack_walk(&w, r);
	return w.count;
}

unsigned guest_hooks(const struct guest *g, const struct salvage_registers *r,
		     const struct guest_functions *functions, struct guest_hook hooks[GUEST_FRAMES])
{
	struct guest_frame frames[GUEST_FRAMES];
	struct walk w = { .g = g, .functions = *functions, .frames = frames, .hooks = hooks };

	stack_walk(&w, r);
	return w.hook_count;
}
