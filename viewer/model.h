/* The traced machine at one event: its CPUs, its threads and what was counted.
 *
 * A model is rebuilt only by applying events in order from an empty model or from a
 * state of the machine that the file keeps (model_base.c), so it depends on the events
 * alone and not on how the cursor came there.  Events are hostile: a model takes any of them in
 * any order, bounds what it keeps, and never fails but for memory. */
#ifndef VIEWER_MODEL_H
#define VIEWER_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/state.h"

#define MODEL_CPUS    64
#define MODEL_ACTORS  512 /* threads alive at once; more are not shown */
#define ACTOR_CAUSES  6   /* nested reasons for being in the kernel */
#define ACTOR_CHANGES 48  /* latest changes of state that are kept */
#define CALL_NONE     0xffffu
#define MODEL_HISTORY 256 /* events that a replay goes over at least */

enum actor_state {
#define STATE(name, letter, word) ACTOR_##name,
#include "viewer/states.def"
	ACTOR_STATES
};

/* Why a thread is in the kernel; the newest is on top of actor.causes. */
enum cause { CAUSE_CALL, CAUSE_FAULT, CAUSE_EXCEPTION, CAUSE_IRQ, CAUSE_WORK };

/* A thread.  Idle threads are no actors: they are what a CPU does without one. */
struct actor {
	uint32_t tid, pid;
	uint8_t state; /* enum actor_state */
	uint8_t depth; /* of causes; 0 means its place is ring 3 */
	uint8_t causes[ACTOR_CAUSES];
	bool kernel; /* a thread of the kernel, never in ring 3 */
	bool exiting;
	uint8_t wait;      /* group WAIT, while it sleeps */
	uint16_t cpu;      /* where it ran last */
	uint16_t call;     /* number of the open call, or CALL_NONE */
	uint64_t call_id;  /* event that began the open call */
	uint64_t fault_id; /* event that began the open or latest fault */
	uint64_t active;   /* latest event about it */
	int64_t since;     /* ns, when the state began */
	uint32_t calls, faults, switches;
	int32_t status; /* wait status once a zombie */
	uint8_t change_count, change_next;
	uint64_t changes[ACTOR_CHANGES]; /* event id << 8 | state, a ring */
};

struct cpu {
	bool seen;
	uint32_t tid; /* 0: idle */
	uint8_t irqs; /* interrupts open over the idle thread */
};

/* Counts since the trace began. */
struct counts {
	uint64_t down, up;
	uint64_t calls, errors, absent;
	uint64_t faults, zero, file, copied, stack, bad, shootdowns;
	uint64_t switches, wakeups, migrations, preempted;
	uint64_t created, ended, execs, signals;
	uint64_t irqs, timer, irqs_user, ipis, exceptions;
	uint64_t ring_waits;
};

struct model {
	uint64_t id;  /* event applied last, 0 none */
	int64_t time; /* of it, ns */
	struct cpu cpus[MODEL_CPUS];
	struct counts counts;
	struct actor *actors; /* by tid, ascending */
	uint32_t actor_count, actor_room;
};

void model_clear(struct model *m);
void model_free(struct model *m);
/* Make it the model after s->event; false without memory, and it is then cleared. */
bool model_from_state(struct model *m, const struct state *s);
/* Take in the event after m->id. */
void model_apply(struct model *m, const struct event *e);

/* The thread of that number, NULL if it is idle, dead or unknown. */
struct actor *model_actor(const struct model *m, uint32_t tid);
/* True if tid runs on a CPU now. */
bool model_running(const struct model *m, const struct actor *a);
/* How many actors (not of the kernel) are in a state. */
uint32_t model_in_state(const struct model *m, enum actor_state state);
/* State an actor had after event id, ACTOR_STATES if that is not kept. */
enum actor_state actor_state_at(const struct actor *a, uint64_t id);

char state_letter(enum actor_state state);
const char *state_word(enum actor_state state);

#endif
