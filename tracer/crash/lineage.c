#include "tracer/crash/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/syscalls.h"
#include "tracer/payload.h"

struct search {
	struct lineage *found;
	uint32_t pid;
	uint64_t addr;
	bool executing; /* within the execve that made this space, seen from its end */
	bool done;
};

static bool covers(uint64_t start, uint64_t length, uint64_t addr)
{
	return addr >= start && addr - start < length;
}

static void map_take(struct search *s, const struct event *e)
{
	const struct ev_map m = payload_map(e);
	struct lineage *l = s->found;

	if (!covers(m.start, m.length, s->addr))
		return;
	l->map.event = e->id;
	l->map.pid = s->pid;
	l->map.start = m.start;
	l->map.length = m.length;
	l->map.offset = m.offset;
	l->map.prot = m.prot;
	l->map.flags = m.flags;
	payload_text(l->map.path, sizeof(l->map.path), e, sizeof(m));
	s->done = true;
}

static void memory_take(struct search *s, const struct event *e)
{
	const struct ev_unmap u = payload_unmap(e);
	const struct ev_protect p = payload_protect(e);
	struct lineage *l = s->found;

	if (e->kind == EV_map) {
		map_take(s, e);
	} else if (e->kind == EV_unmap && !l->unmap.event && covers(u.start, u.length, s->addr)) {
		l->unmap.event = e->id;
		l->unmap.pid = s->pid;
		l->unmap.start = u.start;
		l->unmap.length = u.length;
	} else if (e->kind == EV_protect && !l->protect.event &&
		   covers(p.start, p.length, s->addr)) {
		l->protect.event = e->id;
		l->protect.pid = s->pid;
		l->protect.prot = (uint32_t)p.prot;
	}
}

static bool is_execve(const struct event *e)
{
	const unsigned nr = payload_syscall_enter(e).nr;

	return e->kind == EV_syscall_enter && (nr == NR_execve || nr == NR_execveat);
}

static void event_take(struct search *s, const struct event *e)
{
	const struct ev_thread_create c = payload_thread_create(e);

	if (e->kind == EV_thread_create && c.pid == s->pid && c.tid == s->pid && !c.kernel) {
		if (e->pid == s->pid || s->executing)
			s->done = true;
		s->pid = e->pid;
		return;
	}
	if (e->pid != s->pid)
		return;
	if (e->kind == EV_exec)
		s->executing = true;
	else if (s->executing && is_execve(e))
		s->done = true;
	else if (e->kind == EV_map || e->kind == EV_unmap || e->kind == EV_protect)
		memory_take(s, e);
}

void lineage_find(struct lineage *l, struct reader *r, uint64_t id, uint32_t pid, uint64_t addr)
{
	lineage_look(l, r, id, pid, addr, UINT64_MAX);
}

void lineage_look(struct lineage *l, struct reader *r, uint64_t id, uint32_t pid, uint64_t addr,
		  uint64_t most)
{
	struct search s = { .found = l, .pid = pid, .addr = addr };
	struct event *e = malloc(sizeof(*e));

	memset(l, 0, sizeof(*l));
	while (e && id > 1 && most-- && !s.done && reader_event(r, --id, e, NULL))
		event_take(&s, e);
	free(e);
}
