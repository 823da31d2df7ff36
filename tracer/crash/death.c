/* The story of a program that died of a signal. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "schemas/syscalls.h"
#include "schemas/trace.h"
#include "tracer/payload.h"
#include "tracer/crash/teller.h"
#include "tracer/decode/names.h"

#define LOOK_AROUND 1000000u /* events */
#define RUNS_LOOKED 16u
#define RUNS_TOLD   3u

/* si_code: asm-generic/siginfo.h. */
#define CODE_USER   0
#define CODE_KERNEL 0x80
#define CODE_TIMER  (-2)

static bool is_delivery(const struct teller *t, const struct event *e)
{
	const struct ev_signal_deliver d = payload_signal_deliver(e);

	return e->kind == EV_signal_deliver && e->pid == t->c->pid && !d.handler &&
	       d.sig == t->s->signal;
}

static bool is_sending(const struct teller *t, const struct event *e)
{
	const struct ev_signal_send s = payload_signal_send(e);

	return e->kind == EV_signal_send && s.sig == t->s->signal &&
	       (s.target == t->s->tid || s.target == t->c->pid);
}

static bool is_fault_end(const struct teller *t, const struct event *e)
{
	return e->kind == EV_page_fault_end && e->tid == t->s->tid;
}

static bool is_fatal_state(const struct teller *t, const struct event *e)
{
	return e->kind == EV_fatal_state && e->tid == t->s->tid;
}

static bool is_reaping(const struct teller *t, const struct event *e)
{
	return e->kind == EV_reap && payload_reap(e).pid == t->c->pid;
}

/* The fault or exception of ring 3 that the signal was sent in. */
static void fault_find(struct teller *t, const struct state *s)
{
	const struct state_thread *x = state_thread_find(s, t->send.tid);
	const struct state_trap *trap;
	struct event end;

	if (!x || x->tid != t->s->tid || !x->trap_count)
		return;
	trap = &x->trap[x->trap_count - 1];
	if ((trap->kind != EV_page_fault && trap->kind != EV_exception) || !trap->user ||
	    !reader_event(t->r, trap->id, &t->fault, NULL))
		return;
	if (trap->kind == EV_page_fault &&
	    event_search(t, t->send.id, 1, LOOK_AROUND, is_fault_end, &end)) {
		t->cause = payload_page_fault_end(&end).cause;
		t->end = end.id;
	}
}

static void evidence_find(struct teller *t)
{
	const struct state_process *p;

	if (event_search(t, t->c->event, -1, LOOK_AROUND, is_delivery, &t->deliver))
		t->s->tid = t->deliver.tid;
	else
		t->s->tid = t->c->pid;
	t->moment = t->deliver.id ? t->deliver.id : t->c->event - 1;
	if (event_search(t, t->moment, -1, LOOK_AROUND, is_sending, &t->send) &&
	    reader_state(t->r, t->send.id, &t->before, NULL))
		fault_find(t, &t->before);
	if (t->fault.id)
		t->moment = t->send.id;
	else
		reader_state(t->r, t->moment, &t->before, NULL);
	p = state_process_find(&t->before, t->c->pid);
	t->space = p ? state_space_find(&t->before, p->space) : NULL;
	if (t->deliver.id)
		event_search(t, t->deliver.id, 1, 4096, is_fatal_state, &t->registers);
	if (t->registers.id) {
		const struct ev_fatal_state f = payload_fatal_state(&t->registers);

		t->rip = f.rip;
		t->rsp = f.rsp;
	}
	if (t->fault.kind == EV_page_fault)
		t->rip = payload_address(payload_page_fault(&t->fault).rip);
	else if (t->fault.kind == EV_exception)
		t->rip = payload_address(payload_exception(&t->fault).rip);
}

static void what_tell(struct teller *t)
{
	const struct state_process *p = state_process_find(&t->before, t->c->pid);
	struct buffer signal = { 0 };
	char who[80];

	signal_print(&signal, t->s->signal);
	teller_thread(t, t->s->tid, t->moment, who, sizeof(who));
	story_tell(t->s, STORY_WHAT, t->c->event, "%s, process %u, died of %s",
		   p && p->path[0] ? p->path : who, t->c->pid, buffer_text(&signal));
	if (t->deliver.id)
		story_tell(t->s, STORY_WHAT, t->deliver.id,
			   "its thread %s took the signal on CPU %u", who, t->deliver.cpu);
	buffer_free(&signal);
}

static void where_tell(struct teller *t)
{
	const uint64_t event = t->fault.id ? t->fault.id : t->registers.id;
	char text[PLACE_TEXT];
	struct symbol symbol;

	if (!event)
		return;
	teller_place(t, t->rip, false, text, &symbol);
	memcpy(t->s->symbol, symbol.name, sizeof(t->s->symbol));
	if (symbol.name[0] && build_at(t, t->rip) == BUILD_UNSURE)
		story_deduce(t->s, STORY_WHERE, event, "%s", text);
	else
		story_tell(t->s, STORY_WHERE, event, "%s", text);
	instruction_tell(t, t->rip, &symbol);
}

/* SIGPIPE and SIGXFSZ come as from the process itself, from what it did in a call. */
static bool sends_signals(uint32_t nr)
{
	switch (nr) {
	case NR_kill:
	case NR_tkill:
	case NR_tgkill:
	case NR_rt_sigqueueinfo:
	case NR_rt_tgsigqueueinfo:
	case NR_pidfd_send_signal:
		return true;
	default:
		return false;
	}
}

/* Somebody's call, or the kernel, and not the program's own fault. */
static void sender_tell(struct teller *t)
{
	const struct state_thread *by;
	struct state then = { 0 };
	char who[80], text[TELL_TEXT];
	int code;

	if (t->fault.id || !t->send.id)
		return;
	code = (int16_t)payload_signal_send(&t->send).code;
	teller_thread(t, t->send.tid, t->send.id, who, sizeof(who));
	if (!reader_state(t->r, t->send.id, &then, NULL))
		return;
	by = state_thread_find(&then, t->send.tid);
	if (code == CODE_KERNEL || code == CODE_TIMER || !by || !by->call.open ||
	    (t->send.pid == t->c->pid && !sends_signals(by->call.nr))) {
		snprintf(t->s->cause, sizeof(t->s->cause), "kernel");
		text[0] = '\0';
		if (code != CODE_TIMER && by && by->call.open && t->send.tid == t->s->tid)
			teller_event(t, by->call.id, t->moment, text);
		story_tell(t->s, STORY_SENDER, t->send.id, "the kernel sent it%s%s",
			   code == CODE_TIMER ? ": a timer ran out"
			   : text[0]          ? ", in "
					      : "",
			   text);
	} else {
		const bool own = t->send.pid == t->c->pid;

		snprintf(t->s->cause, sizeof(t->s->cause), "%s",
			 !own                      ? "another process"
			 : t->s->signal == SIGABRT ? "abort"
						   : "itself");
		teller_event(t, by->call.id, t->moment, text);
		story_tell(t->s, STORY_SENDER, t->send.id, "%s (process %u)%s sent it by %s", who,
			   t->send.pid, own ? ", the program itself," : "", text);
	}
	state_free(&then);
}

/* What the parent learned. */
static void after_tell(struct teller *t)
{
	const struct state_thread *parent;
	struct state then = { 0 };
	char who[80], text[TELL_TEXT];
	struct event e;

	if (!event_search(t, t->c->event, 1, LOOK_AROUND, is_reaping, &e)) {
		story_tell(t->s, STORY_AFTER, 0, "nobody asked for its status in this recording");
		return;
	}
	teller_thread(t, e.tid, e.id, who, sizeof(who));
	if (!reader_state(t->r, e.id, &then, NULL))
		return;
	parent = state_thread_find(&then, e.tid);
	if (parent && parent->call.open) {
		teller_event(t, parent->call.id, UINT64_MAX, text);
		story_tell(t->s, STORY_AFTER, e.id, "%s learned of it: %s", who, text);
	} else {
		story_tell(t->s, STORY_AFTER, e.id, "%s collected it", who);
	}
	state_free(&then);
}

static void earlier_tell(struct teller *t)
{
	const struct state_process *p = state_process_find(&t->before, t->c->pid);
	unsigned looked = 0, told = 0;
	struct state then = { 0 };

	if (!p || !p->path[0])
		return;
	for (unsigned i = t->all->runs; i && looked < RUNS_LOOKED && told < RUNS_TOLD; i--) {
		const struct crash_run *run = &t->all->run[i - 1];
		const struct state_process *other;

		if (run->event > t->c->event)
			continue;
		looked++;
		if (!reader_state(t->r, run->event - 1, &then, NULL))
			break;
		other = state_process_find(&then, run->pid);
		if (!other || strcmp(other->path, p->path) != 0)
			continue;
		told++;
		story_tell(t->s, STORY_EARLIER, run->event, "process %u ended with status %d",
			   run->pid, WEXITSTATUS((int)run->status));
	}
	state_free(&then);
}

void death_tell(struct teller *t)
{
	t->s->signal = WTERMSIG((int)t->c->status);
	evidence_find(t);
	stack_open(t);
	what_tell(t);
	where_tell(t);
	why_tell(t);
	sender_tell(t);
	if (!t->fault.id && t->send.id && t->send.tid)
		chain_tell(t, t->send.tid, t->send.id);
	else
		chain_tell(t, t->s->tid, t->moment);
	stack_tell(t);
	builds_tell(t);
	crossings_tell(t);
	after_tell(t);
	earlier_tell(t);
}
