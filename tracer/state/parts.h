/* What the files of state/ share; nothing outside includes this. */
#ifndef TRACER_STATE_PARTS_H
#define TRACER_STATE_PARTS_H

#include "tracer/payload.h"
#include "tracer/state.h"

/* Find, or insert an empty one in its place.  NULL: no memory. */
struct state_thread *thread_need(struct state *s, uint32_t tid);
struct state_process *process_need(struct state *s, uint32_t pid);
void thread_remove(struct state *s, struct state_thread *t);
void process_remove(struct state *s, struct state_process *p);

/* Text of at most bytes bytes or up to a NUL, its end kept if it is too long. */
void state_text(char *to, size_t size, const void *text, size_t bytes);

/* The thread's run state from now on. */
void run_set(struct state *s, struct state_thread *t, enum run_state run);
void thread_gone(struct state *s, struct state_thread *t);

/* Count an event. */
void sums_take(struct state_sums *sums, const struct event *e);

/* The events of life.c.  False: no memory. */
bool thread_made(struct state *s, const struct event *e);
bool executed(struct state *s, struct state_thread *t, const struct event *e);
void named(struct state *s, const struct event *e);
void process_ended(struct state *s, const struct event *e);
void collected(struct state *s, const struct event *e);
bool mapping_event(struct state *s, struct state_thread *t, const struct event *e);

/* New tables for p: shared with from, copies of from's, or empty ones.  The ones that p
 * had lose a user. */
bool files_give(struct state *s, struct state_process *p, uint32_t from, bool share);
bool space_give(struct state *s, struct state_process *p, uint32_t from, bool share);
void files_release(struct state *s, uint32_t id);
void space_release(struct state *s, uint32_t id);
/* A new empty space with one user; its id, 0 no memory. */
uint32_t space_new(struct state *s);

/* The call of thread t ended well: what it did to the open files. */
bool files_call(struct state *s, struct state_thread *t, uint64_t event, int64_t result);
/* A new program: descriptors marked so are closed. */
void files_exec(struct state *s, uint32_t id);

bool space_map(struct state *s, uint32_t id, const struct state_region *r);
bool space_unmap(struct state *s, uint32_t id, uint64_t start, uint64_t length);
bool space_protect(struct state *s, uint32_t id, uint64_t start, uint64_t length, uint32_t prot);
void space_fault(struct state *s, uint32_t id, uint64_t addr, unsigned cause);

#endif
