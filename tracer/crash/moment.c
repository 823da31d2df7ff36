#include "tracer/crash/moment.h"

#include "tracer/payload.h"

#define LOOK_BACK 100000u

/* Where in ring 3 a fault or exception came from; 0: it is none. */
static uint64_t origin(const struct event *e)
{
	if (e->kind == EV_page_fault)
		return payload_address(payload_page_fault(e).rip);
	if (e->kind == EV_exception)
		return payload_address(payload_exception(e).rip);
	return 0;
}

uint64_t crash_moment(struct reader *r, const struct crash *c, uint64_t *instruction)
{
	uint64_t id = c->event, rip = 0, found = c->event;
	uint32_t tid = 0;
	struct event e;

	*instruction = 0;
	for (unsigned i = 0; !c->panic && i < LOOK_BACK && id >= 1; i++, id--) {
		if (!reader_event(r, id, &e, NULL))
			break;
		if (!rip && e.kind == EV_fatal_state && e.pid == c->pid) {
			rip = payload_fatal_state(&e).rip;
			tid = e.tid;
			found = id;
		} else if (rip && e.tid == tid && e.kind == EV_user_enter) {
			break; /* it came from no fault */
		} else if (rip && e.tid == tid && origin(&e)) {
			if (origin(&e) == rip) {
				*instruction = rip;
				found = id;
			}
			break;
		}
	}
	return found;
}
