/* System calls: enter, data, result, and the crossings that they are. */
#include <stdlib.h>
#include <string.h>

#include "tracer/decode/names.h"
#include "tracer/tables/builder.h"

/* What was known of the arguments at the entry, if that is less than now. */
static const char *args_before(struct builder *b, struct call *c)
{
	const bool done = c->done;

	if (!c->data_count)
		return NULL;
	buffer_clear(&b->before);
	c->done = false;
	call_args_print(&b->before, c);
	c->done = done;
	if (strcmp(buffer_text(&b->args), buffer_text(&b->before)) == 0)
		return NULL;
	return buffer_text(&b->before);
}

static void words_tell(struct builder *b, uint64_t id, const char *text)
{
	if (indexer_text(b->index, id, text, NULL) && !b->failed)
		b->failed = sqlite3_errcode(b->db);
}

/* The name of the call into b->words, which is what event id reads. */
static void call_words(struct builder *b, uint64_t id, uint32_t nr)
{
	buffer_clear(&b->words);
	call_name_print(&b->words, nr);
	words_tell(b, id, buffer_text(&b->words));
}

/* The row of the thread's call; exit 0: it never ended.  way: how the kernel was left. */
static void call_row(struct builder *b, struct thread *t, uint64_t exit, int64_t exit_time, int way)
{
	struct open_call *o = &t->call;
	struct call *c = &o->call;
	const int error = c->done ? call_error(c->result) : 0;
	int64_t arg[CALL_ARGS];
	const char *before;

	for (unsigned i = 0; i < CALL_ARGS; i++)
		arg[i] = i < c->args ? (int64_t)c->arg[i] : SQL_NULL;
	buffer_clear(&b->args);
	buffer_clear(&b->result);
	call_args_print(&b->args, c);
	call_result_print(&b->result, c);
	before = args_before(b, c);
	words_tell(b, o->id, before ? before : buffer_text(&b->args));
	call_words(b, o->id, c->nr);
	if (exit)
		call_words(b, exit, c->nr);
	ROW(b, syscall, "iiiiitiiittiiiiiiittiiiiii", I(o->id), I(t->tid), I(t->pid), I(o->cpu),
	    I(c->nr), buffer_text(&b->words), o->time, exit ? exit_time : SQL_NULL,
	    exit ? exit_time - o->time : SQL_NULL, buffer_text(&b->args), before, arg[0], arg[1],
	    arg[2], arg[3], arg[4], arg[5], c->done ? c->result : SQL_NULL,
	    error ? error_name(error) : NULL, buffer_text(&b->result), I(o->rip), I(o->id),
	    exit ? I(exit) : SQL_NULL, I(o->absent), exit ? I(b->now->e.cpu) : SQL_NULL,
	    exit ? I(way) : SQL_NULL);
	o->open = false;
}

void calls_abandon(struct builder *b, struct thread *t)
{
	if (t->call.open)
		call_row(b, t, 0, 0, 0);
}

/* Arguments begin after `fixed` words. */
static void call_begin(struct builder *b, uint64_t rip, uint32_t nr, unsigned fixed, int64_t time)
{
	struct thread *t = b->thread;
	struct open_call *o = &t->call;
	unsigned args = b->now->e.words - fixed;

	calls_abandon(b, t);
	if (args > CALL_ARGS)
		args = CALL_ARGS;
	o->open = true;
	o->id = b->now->e.id;
	o->time = time;
	o->cpu = b->now->e.cpu;
	o->rip = payload_address(rip);
	o->absent = false;
	o->call = (struct call){ .nr = nr, .args = args };
	recorded_begin(&o->recorded, &o->call);
	memcpy(o->call.arg, b->now->e.payload + fixed, args * 8);
	t->syscalls++;
	t->entered = "syscall";
	t->user_rip = o->rip;
}

static void call_begin_now(struct builder *b)
{
	const struct ev_syscall_enter enter = PAYLOAD(b, syscall_enter);

	call_begin(b, enter.rip, enter.nr, sizeof(enter) / 8, b->now->e.time);
}

/* It began some ticks before this event. */
static void call_begin_late(struct builder *b)
{
	const struct ev_syscall_late late = PAYLOAD(b, syscall_late);
	const int64_t ago = timeline_ticks_ns(b->timeline, late.ticks);

	call_begin(b, late.rip, late.nr, sizeof(late) / 8,
		   ago < b->now->e.time ? b->now->e.time - ago : 0);
}

static void call_data_add(struct builder *b)
{
	struct open_call *o = &b->thread->call;

	if (o->open)
		recorded_add(&o->recorded, &o->call, b->now->e.payload, b->now->e.words);
}

static void call_result(struct builder *b, int64_t result, int way)
{
	struct open_call *o = &b->thread->call;

	if (!o->open)
		return;
	o->call.done = true;
	o->call.result = result;
	call_row(b, b->thread, b->now->e.id, b->now->e.time, way);
}

static void user_entered(struct builder *b)
{
	const struct ev_user_enter enter = PAYLOAD(b, user_enter);
	struct thread *t = b->thread;

	/* A call whose result was not recorded, as that of a successful execve. */
	if (t->call.open) {
		call_row(b, t, b->now->e.id, b->now->e.time, WAY_WORK);
	}
	traps_abandon(b, t);
	crossing_row(b, t->entered, enter.way == WAY_SYSRET ? "sysret" : "iret",
		     payload_address(enter.rip));
}

void calls_event(struct builder *b)
{
	switch (b->now->e.kind) {
	case EV_syscall_enter:
		call_begin_now(b);
		break;
	case EV_syscall_late:
		call_begin_late(b);
		break;
	case EV_syscall_data:
		call_data_add(b);
		break;
	case EV_syscall_absent:
		b->thread->call.absent = true;
		call_words(b, b->now->e.id, (uint32_t)PAYLOAD(b, syscall_absent).nr);
		break;
	case EV_syscall_return:
		if (!b->thread->call.open)
			crossing_row(b, "syscall", "sysret", b->thread->user_rip);
		call_result(b, (int64_t)PAYLOAD(b, syscall_return).result, WAY_SYSRET);
		break;
	case EV_syscall_result:
		call_result(b, (int64_t)PAYLOAD(b, syscall_result).result, WAY_WORK);
		break;
	case EV_user_enter:
		user_entered(b);
		break;
	}
}
