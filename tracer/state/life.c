/* Threads and processes made, executing, ended, collected; what they map. */
#include <sched.h>
#include <sys/syscall.h>

#include "tracer/state/parts.h"

/* The first process has no parent: a thread of the kernel has mapped its program, and the
 * mappings went under that thread's number. */
static void first_space_take(struct state *s, struct state_process *p, uint32_t maker)
{
	const struct state_thread *t = state_thread_find(s, maker);
	struct state_process *boot =
		t && t->kernel ? (struct state_process *)state_process_find(s, t->pid) : NULL;
	const struct state_space *space = boot ? state_space_find(s, boot->space) : NULL;

	if (!space || boot == p)
		return;
	if (space->count)
		memcpy(p->path, space->region[0].path, sizeof(p->path));
	space_release(s, p->space);
	p->space = boot->space;
	boot->space = 0;
	process_remove(s, boot);
}

static bool process_made(struct state *s, const struct ev_thread_create *c, uint32_t runs)
{
	const struct state_thread *maker = state_thread_find(s, c->parent);
	const uint32_t parent = maker ? maker->pid : 0;
	const struct state_process *from;
	struct state_process *p = process_need(s, c->pid);
	uint32_t files = 0, space = 0;

	if (!p)
		return false;
	from = parent == c->pid ? NULL : state_process_find(s, parent);
	p->parent = parent;
	p->ended = false;
	if (from) {
		files = from->files;
		space = from->space;
		memcpy(p->path, from->path, sizeof(p->path));
	}
	if (!files_give(s, p, files, c->flags & CLONE_FILES) ||
	    !space_give(s, p, space, c->flags & CLONE_VM))
		return false;
	if (!c->parent)
		first_space_take(s, p, runs);
	return true;
}

bool thread_made(struct state *s, const struct event *e)
{
	const struct ev_thread_create c = payload_thread_create(e);
	const unsigned fixed = sizeof(c) / 8;
	struct state_thread *t = (struct state_thread *)state_thread_find(s, c.tid);

	if (t)
		thread_gone(s, t); /* the end of the former bearer of the number is missing */
	if (!c.tid)
		return true;
	if (!c.kernel && c.pid == c.tid && !process_made(s, &c, e->tid))
		return false;
	t = thread_need(s, c.tid);
	if (!t)
		return false;
	t->pid = c.pid;
	t->parent = c.parent;
	t->kernel = c.kernel != 0;
	t->cpu = e->cpu;
	t->wait = WAIT_NEW;
	state_text(t->name, sizeof(t->name), e->payload + fixed, (e->words - fixed) * 8);
	run_set(s, t, RUN_READY);
	return true;
}

bool executed(struct state *s, struct state_thread *t, const struct event *e)
{
	const unsigned fixed = sizeof(struct ev_exec) / 8;
	struct state_process *p = process_need(s, t->pid);
	char name[STATE_PATH];
	const char *slash;

	if (!p)
		return false;
	state_text(p->path, sizeof(p->path), e->payload + fixed, (e->words - fixed) * 8);
	slash = strrchr(p->path, '/');
	memcpy(name, p->path, sizeof(name));
	state_text(t->name, sizeof(t->name), slash ? slash + 1 : name, sizeof(name) - 1);
	if (t->call.space) {
		space_release(s, p->space);
		p->space = t->call.space;
		t->call.space = 0;
	}
	/* Descriptors shared with others are not shared any more. */
	if (!files_give(s, p, p->files, false))
		return false;
	files_exec(s, p->files);
	return true;
}

void named(struct state *s, const struct event *e)
{
	const struct ev_thread_name n = payload_thread_name(e);
	const unsigned fixed = sizeof(n) / 8;
	struct state_thread *t = (struct state_thread *)state_thread_find(s, n.tid);

	if (t)
		state_text(t->name, sizeof(t->name), e->payload + fixed, (e->words - fixed) * 8);
}

void process_ended(struct state *s, const struct event *e)
{
	const struct ev_process_exit x = payload_process_exit(e);
	struct state_process *p = (struct state_process *)state_process_find(s, x.pid);

	if (!p)
		return;
	p->ended = true;
	p->status = x.status;
	files_release(s, p->files);
	p->files = 0;
	space_release(s, p->space);
	p->space = 0;
}

void collected(struct state *s, const struct event *e)
{
	const struct ev_reap r = payload_reap(e);
	struct state_process *p = (struct state_process *)state_process_find(s, r.pid);
	struct state_thread *t = (struct state_thread *)state_thread_find(s, r.pid);

	if (t && t->run == RUN_ZOMBIE)
		thread_gone(s, t);
	if (p)
		process_remove(s, p);
}

/* Of a thread of the kernel, which makes the first process's. */
static uint32_t first_space(struct state *s, const struct state_thread *t)
{
	struct state_process *p = process_need(s, t->pid);

	if (p && !p->space)
		p->space = space_new(s);
	return p ? p->space : 0;
}

/* Where mappings of the thread at hand go: execve fills a space that is not in use. */
static uint32_t space_of(struct state *s, struct state_thread *t, bool mapping)
{
	const struct state_process *p = state_process_find(s, t->pid);
	const bool exec = t->call.open && (t->call.nr == SYS_execve || t->call.nr == SYS_execveat);

	if (t->kernel && mapping)
		return first_space(s, t);
	if (!exec)
		return p ? p->space : 0;
	if (!t->call.space && mapping)
		t->call.space = space_new(s);
	return t->call.space ? t->call.space : p ? p->space : 0;
}

bool mapping_event(struct state *s, struct state_thread *t, const struct event *e)
{
	const struct ev_map m = payload_map(e);
	const struct ev_unmap u = payload_unmap(e);
	const struct ev_protect p = payload_protect(e);
	const unsigned fixed = sizeof(m) / 8;
	struct state_region r = { .start = m.start, .length = m.length, .offset = m.offset };

	switch (e->kind) {
	case EV_map:
		r.prot = m.prot;
		r.flags = m.flags;
		state_text(r.path, sizeof(r.path), e->payload + fixed, (e->words - fixed) * 8);
		return space_map(s, space_of(s, t, true), &r);
	case EV_unmap:
		return space_unmap(s, space_of(s, t, false), u.start, u.length);
	default:
		return space_protect(s, space_of(s, t, false), p.start, p.length, (uint32_t)p.prot);
	}
}
