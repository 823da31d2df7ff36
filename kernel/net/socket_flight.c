/* Sockets in flight: passed in messages that nobody has received.
 *
 * A socket that only such messages refer to, which wait at sockets of the same kind,
 * is out of everyone's reach: without a collector each such ring would stay for good.
 * The collector looks at sockets whose files have no other references than messages
 * (candidates), takes off what candidates hold of each other, and what still has a
 * reference is in reach with all that waits there.  The rest loses its messages.
 *
 * Locks: flight, then socket_links, then one socket's mutex. */
#include "kernel/lib/list.h"
#include "kernel/net/socket_state.h"

static struct list in_flight = LIST_INIT(in_flight); /* [flight] by flight_link */
static unsigned total;                               /* [flight], [a] to read: messages' */
static bool collecting;                              /* [flight] */
static struct mutex flight = {
	.waiters = { SPINLOCK_INIT(RANK_WAIT, "wait queue"), LIST_INIT(flight.waiters.waiters) },
};

unsigned socket_flight_count(void)
{
	return __atomic_load_n(&total, __ATOMIC_RELAXED);
}

void socket_flight_begin(struct file **files, unsigned count)
{
	mutex_lock(&flight);
	for (unsigned k = 0; k < count; k++) {
		struct socket *s = socket_of(files[k]);

		total++;
		if (s && !s->flights++)
			list_append(&in_flight, &s->flight_link);
	}
	mutex_unlock(&flight);
}

void socket_flight_end(struct file **files, unsigned count)
{
	mutex_lock(&flight);
	for (unsigned k = 0; k < count; k++) {
		struct socket *s = socket_of(files[k]);

		total--;
		if (s && !--s->flights)
			list_remove(&s->flight_link);
	}
	mutex_unlock(&flight);
}

/* Call visit for each candidate in the messages at s.  Holds: flight. */
static void queue_visit(struct socket *s, void (*visit)(struct socket *passed, struct list *list),
			struct list *list)
{
	struct parcel *p;

	mutex_lock(&s->mutex);
	list_for_each_entry(p, &s->messages, link) {
		for (unsigned k = 0; k < p->file_count; k++) {
			struct socket *passed = socket_of(p->files[k]);

			if (passed && passed->candidate)
				visit(passed, list);
		}
	}
	mutex_unlock(&s->mutex);
}

/* The same, with those who wait to be accepted.  Holds: flight. */
static void messages_visit(struct socket *s,
			   void (*visit)(struct socket *passed, struct list *list),
			   struct list *list)
{
	struct socket *waiting;

	queue_visit(s, visit, list);
	mutex_lock(&socket_links);
	list_for_each_entry(waiting, &s->waiting, waiting_link)
		queue_visit(waiting, visit, list);
	mutex_unlock(&socket_links);
}

static void reference_off(struct socket *passed, struct list *unused)
{
	passed->outside--;
}

/* passed can be received by somebody: so can all that waits at it. */
static void reach(struct socket *passed, struct list *reached)
{
	passed->candidate = false;
	list_append(reached, &passed->reach_link);
}

/* Candidates that nobody can reach keep their mark.  Holds: flight. */
static void candidates_find(void)
{
	struct list reached = LIST_INIT(reached);
	struct socket *s;

	list_for_each_entry(s, &in_flight, flight_link) {
		s->outside = s->flights;
		s->candidate = ref_count(&s->file->refs) == s->flights;
	}
	list_for_each_entry(s, &in_flight, flight_link) {
		if (s->candidate)
			messages_visit(s, reference_off, NULL);
	}
	list_for_each_entry(s, &in_flight, flight_link) {
		if (s->candidate && s->outside > 0)
			reach(s, &reached);
	}
	while (!list_empty(&reached)) {
		s = list_first(&reached, struct socket, reach_link);
		list_remove(&s->reach_link);
		messages_visit(s, reach, &reached);
	}
}

static void queue_take(struct socket *s, struct list *out)
{
	struct parcel *p, *next;

	mutex_lock(&s->mutex);
	list_for_each_entry_safe(p, next, &s->messages, link) {
		if (p->file_count) {
			list_remove(&p->link);
			list_append(out, &p->link);
			s->queued--;
		}
	}
	mutex_unlock(&s->mutex);
}

/* What nobody can receive.  Holds: flight. */
static void garbage_take(struct list *out)
{
	struct socket *s, *waiting;

	list_for_each_entry(s, &in_flight, flight_link) {
		if (!s->candidate)
			continue;
		s->candidate = false;
		queue_take(s, out);
		mutex_lock(&socket_links);
		list_for_each_entry(waiting, &s->waiting, waiting_link)
			queue_take(waiting, out);
		mutex_unlock(&socket_links);
	}
}

void socket_flight_collect(void)
{
	struct list garbage = LIST_INIT(garbage);
	struct parcel *p, *next;

	if (!socket_flight_count())
		return;
	mutex_lock(&flight);
	if (collecting) { /* freeing closes sockets, which comes here */
		mutex_unlock(&flight);
		return;
	}
	collecting = true;
	candidates_find();
	garbage_take(&garbage);
	mutex_unlock(&flight);
	list_for_each_entry_safe(p, next, &garbage, link) {
		list_remove(&p->link);
		parcel_free(p);
	}
	mutex_lock(&flight);
	collecting = false;
	mutex_unlock(&flight);
}
