/* Threads of a model: finding, making and removing them, and their states. */
#ifndef VIEWER_ACTOR_H
#define VIEWER_ACTOR_H

#include "viewer/model.h"

/* The actor of that number, made if it is new; NULL for 0, or without room. */
struct actor *actor_need(struct model *m, uint32_t tid, uint32_t pid);
void actor_remove(struct model *m, uint32_t tid);
void actor_set(struct model *m, struct actor *a, enum actor_state state);
/* Enter the kernel for cause: from ring 3 it is the only one, else one more. */
void actor_enter(struct model *m, struct actor *a, enum cause cause, bool from_user);
/* Leave what was entered last by way (group WAY). */
void actor_leave(struct model *m, struct actor *a, int64_t way);
/* Show the state that its place in user or kernel implies: it runs. */
void actor_run(struct model *m, struct actor *a);

#endif
