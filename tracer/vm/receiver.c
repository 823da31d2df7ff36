#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tracer/block.h"
#include "tracer/vm/cores.h"
#include "tracer/vm/receiver_parts.h"
#include "tracer/wire.h"

/* Blocks that the guest may send before the first of them is stored. */
#define CREDITS_FIRST 256u
/* Between two clock pairs, and between the first ones: a short recording has some, too. */
#define PING_MS       1000
#define PING_FIRST_MS 100
#define PINGS_FIRST   5
/* What comes within so long is stored together: what is in no file yet is no older. */
#define TOGETHER_MS 20
/* Of less than this, the next is awaited resting. */
#define QUIET_BYTES (128u << 10)
/* A guest at full speed makes as much in a millisecond, at most.  Then, too, the reader rests
 * for a moment after a little came: a wake-up for each piece costs more than it. */
#define RING_BYTES_A_MS (100u << 10)
#define READ_LITTLE     (32u << 10)
#define REST_MS         1

void receiver_account(struct receiver *r)
{
	struct timespec spent = { 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	pthread_mutex_lock(&r->lock);
	r->state.cpu_ns += (uint64_t)spent.tv_sec * 1000000000u + (uint64_t)spent.tv_nsec;
	pthread_mutex_unlock(&r->lock);
}

void receiver_changed(struct receiver *r)
{
	const uint64_t one = 1;

	if (write(r->event, &one, sizeof(one)) < 0)
		return; /* the counter is at its end: it is readable already */
}

/* The first frame: is this a kernel that we understand? */
static int hello_check(struct receiver *r, const struct frame *f, struct error *why)
{
	struct trace_hello hello;

	if (f->length != sizeof(hello))
		return error_set(why, 125, "the trace is broken: HELLO has %u bytes", f->length);
	memcpy(&hello, f->payload, sizeof(hello));
	if (hello.schema != RINGSCOPE_SCHEMA_HASH)
		return error_set(why, 125,
				 "the kernel was built with schema %016llx, this program with"
				 " %016llx; build both anew",
				 (unsigned long long)hello.schema,
				 (unsigned long long)RINGSCOPE_SCHEMA_HASH);
	if (hello.cpus == 0 || hello.cpus > TRACE_CPUS_MAX || hello.tsc_hz < 1000000 ||
	    hello.block_bytes < sizeof(struct trace_block) || hello.block_bytes > TRACE_BLOCK_MAX)
		return error_set(why, 125, "the trace is broken: HELLO makes no sense");
	pthread_mutex_lock(&r->lock);
	r->state.hello = true;
	r->state.hello_frame = hello;
	pthread_mutex_unlock(&r->lock);
	if (r->rules.count)
		receiver_rules(r, &r->rules);
	receiver_credit(r, CREDITS_FIRST);
	receiver_ping(r);
	return 0;
}

/* Is this a frame that may come now, of the right size? */
static int frame_check(struct receiver *r, const struct frame *f, struct error *why)
{
	struct trace_block block;
	struct trace_stats stats;

	if (!r->state.hello && f->kind != FRAME_HELLO)
		return error_set(why, 125, "the trace is broken: it does not begin with HELLO");
	switch (f->kind) {
	case FRAME_HELLO:
		if (r->state.hello)
			return error_set(why, 125, "the trace is broken: a second HELLO");
		return hello_check(r, f, why);
	case FRAME_BLOCK:
		if (block_check(f->payload, f->length, &block, why) ||
		    block.cpu >= r->state.hello_frame.cpus || block.bytes != f->length ||
		    !block_adds_up(f->payload, &block))
			return error_set(why, 125, "the trace is broken: a block makes no sense");
		return 0;
	case FRAME_STATS:
		memcpy(&stats.cpu, f->payload, f->length < 8 ? 0 : 8);
		if (f->length != sizeof(stats) || stats.cpu >= r->state.hello_frame.cpus)
			return error_set(why, 125, "the trace is broken: STATS make no sense");
		return 0;
	case FRAME_BYE:
		if (f->length != sizeof(struct trace_bye))
			return error_set(why, 125, "the trace is broken: BYE has %u bytes",
					 f->length);
		pthread_mutex_lock(&r->lock);
		r->state.bye = true;
		memcpy(&r->state.bye_frame, f->payload, sizeof(r->state.bye_frame));
		pthread_mutex_unlock(&r->lock);
		return 0;
	case FRAME_STATE:
		if (f->length != sizeof(r->state.guest))
			return error_set(why, 125, "the trace is broken: STATE has %u bytes",
					 f->length);
		return 0;
	case FRAME_CLOCK:
		if (f->length != sizeof(struct trace_clock))
			return error_set(why, 125, "the trace is broken: CLOCK has %u bytes",
					 f->length);
		pthread_mutex_lock(&r->lock);
		r->state.answered_ns = clock_now_ns();
		pthread_mutex_unlock(&r->lock);
		return 0;
	default:
		return error_set(why, 125, "the trace is broken: frame of unknown kind %u",
				 f->kind);
	}
}

/* All frames that are complete.  False: the stream is broken. */
static bool frames_take(struct receiver *r, struct wire *wire, struct error *why)
{
	uint64_t blocks = 0;
	struct frame f;
	int more;

	while ((more = wire_next(wire, &f, why)) > 0) {
		if (r->again && !r->state.hello && f.kind != FRAME_HELLO)
			continue;
		if (frame_check(r, &f, why))
			return false;
		if (!queue_append(&r->queue, f.kind, f.payload, f.length)) {
			error_set(why, 125, "cannot receive the trace: out of memory");
			return false;
		}
		blocks += f.kind == FRAME_BLOCK;
		if (f.kind != FRAME_BLOCK && f.kind != FRAME_CLOCK) /* somebody waits for it */
			queue_show(&r->queue);
		if (f.kind == FRAME_HELLO || f.kind == FRAME_BYE)
			receiver_changed(r);
	}
	pthread_mutex_lock(&r->lock);
	r->taken += blocks;
	pthread_mutex_unlock(&r->lock);
	return more == 0;
}

/* What the reading thread knows of its stream. */
struct stream {
	struct wire wire;
	uint64_t pinged, pings; /* when it last did; how often */
	uint64_t since;         /* when what is not shown yet began to come; 0: all is shown */
	uint64_t bytes;         /* that came since then */
	size_t last;            /* bytes of the last read */
	bool quiet;             /* so little came together before that */
};

static int ping_ms(const struct stream *s)
{
	return s->pings < PINGS_FIRST ? PING_FIRST_MS : PING_MS;
}

static void ping_when_due(struct receiver *r, struct stream *s)
{
	const uint64_t now = clock_now_ns();

	if (now - s->pinged <= (uint64_t)ping_ms(s) * 1000000)
		return;
	s->pinged = now;
	if (r->state.hello && !r->state.bye) {
		receiver_ping(r);
		s->pings++;
	}
}

/* Milliseconds until what came is shown; 0: it is time.  A guest at full speed does not fill its
 * ring meanwhile. */
static int together_left(const struct receiver *r, const struct stream *s)
{
	const struct trace_hello *h = &r->state.hello_frame;
	const uint64_t ring = (uint64_t)h->block_bytes * h->blocks_per_cpu / RING_BYTES_A_MS;
	const uint64_t together = ring < TOGETHER_MS ? ring : TOGETHER_MS;
	const uint64_t passed = (clock_now_ns() - s->since) / 1000000;

	return passed < together ? (int)(together - passed) : 0;
}

/* Not before HELLO, and not while the answer to a ping comes: the pair is as exact as it is
 * fast. */
static bool stream_may_rest(struct receiver *r, const struct stream *s)
{
	bool may;

	pthread_mutex_lock(&r->lock);
	may = r->state.hello && !r->state.bye && r->state.answered_ns > s->pinged;
	pthread_mutex_unlock(&r->lock);
	return may;
}

/* Let more come, which is then read at once: a wake-up costs more than to read and store a
 * small block.  Only the other side's end is seen meanwhile. */
static void stream_rest(struct receiver *r, const struct stream *s)
{
	struct pollfd end = { .fd = r->socket, .events = POLLRDHUP };
	int rest = s->quiet ? together_left(r, s) : 0;

	if (rest < REST_MS && s->last < READ_LITTLE)
		rest = REST_MS;
	if (rest > 0 && stream_may_rest(r, s))
		poll(&end, 1, rest);
}

/* False: it ended, or is broken. */
static bool stream_take(struct receiver *r, struct stream *s, struct error *why)
{
	size_t room;
	void *to = wire_room(&s->wire, &room);
	ssize_t got;

	if (!to) {
		error_set(why, 125, "cannot receive the trace: out of memory");
		return false;
	}
	got = recv(r->socket, to, room, 0);
	if (got < 0 && errno == EINTR)
		return true;
	if (got <= 0)
		return false;
	s->last = (size_t)got;
	s->bytes += (uint64_t)got;
	wire_filled(&s->wire, (size_t)got);
	return frames_take(r, &s->wire, why);
}

/* Read until the socket ends; clock pairs now and then. */
static void stream_read(struct receiver *r, struct stream *s, struct error *why)
{
	struct pollfd ready = { .fd = r->socket, .events = POLLIN };

	s->pinged = clock_now_ns();
	for (;;) {
		ping_when_due(r, s);
		if (poll(&ready, 1, s->since ? together_left(r, s) : ping_ms(s)) > 0) {
			if (!s->since)
				s->since = clock_now_ns();
			stream_rest(r, s);
			if (!stream_take(r, s, why))
				return;
		}
		if (s->since && together_left(r, s) == 0) {
			queue_show(&r->queue);
			s->quiet = s->bytes < QUIET_BYTES;
			s->since = s->bytes = 0;
		}
	}
}

static bool core_take(void *cookie, const void *item, uint32_t length)
{
	struct receiver *r = cookie;
	const bool good = queue_append(&r->queue, QUEUED_CORE, item, length);

	queue_show(&r->queue);
	return good;
}

static void *core_main(void *cookie)
{
	struct receiver *r = cookie;
	struct error why = { 0 };

	if (r->cores >= 0 && cores_read(r->cores, r->again, core_take, r, &why)) {
		pthread_mutex_lock(&r->lock);
		if (!r->state.broken.status)
			r->state.broken = why;
		pthread_mutex_unlock(&r->lock);
		receiver_changed(r);
	}
	receiver_account(r);
	return NULL;
}

static void *reader_main(void *cookie)
{
	struct receiver *r = cookie;
	struct error why = { 0 };
	struct stream s = { .quiet = false };

	if (wire_init(&s.wire, &why) == 0) {
		stream_read(r, &s, &why);
		wire_free(&s.wire);
	}
	queue_show(&r->queue);
	pthread_mutex_lock(&r->lock);
	if (why.status && !r->state.broken.status)
		r->state.broken = why;
	r->state.closed = true;
	pthread_mutex_unlock(&r->lock);
	receiver_changed(r);
	/* Whoever learns of it ends QEMU, and with it the core files. */
	pthread_join(r->core_reader, NULL);
	queue_end(&r->queue);
	receiver_account(r);
	return NULL;
}

int receiver_start(struct receiver **out, int socket, int cores, struct store *store,
		   const struct rules *rules, bool again, struct error *why)
{
	struct receiver *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (!r)
		return error_set(why, 125, "cannot receive the trace: out of memory");
	r->socket = socket;
	r->cores = cores;
	r->store = store;
	r->rules = *rules;
	r->again = again;
	r->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&r->lock, NULL);
	queue_init(&r->queue);
	if (r->event < 0 || pthread_create(&r->core_reader, NULL, core_main, r))
		goto no_cores;
	if (pthread_create(&r->reader, NULL, reader_main, r))
		goto no_reader;
	if (pthread_create(&r->writer, NULL, receiver_store, r))
		goto no_writer;
	*out = r;
	return 0;
no_writer:
	shutdown(socket, SHUT_RDWR);
	shutdown(cores, SHUT_RDWR);
	pthread_join(r->reader, NULL); /* it joins the reader of cores */
	goto no_cores;
no_reader:
	shutdown(cores, SHUT_RDWR);
	pthread_join(r->core_reader, NULL);
no_cores:
	error_set(why, 125, "cannot receive the trace: %s", strerror(errno));
	if (r->event >= 0)
		close(r->event);
	queue_free(&r->queue);
	free(r);
	return 125;
}

int receiver_fd(const struct receiver *r)
{
	return r->event;
}

void receiver_look(struct receiver *r, struct receiver_state *out)
{
	uint64_t count;

	if (read(r->event, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	receiver_state(r, out); /* after it: what changes from here on is an event again */
}

void receiver_state(struct receiver *r, struct receiver_state *out)
{
	pthread_mutex_lock(&r->lock);
	*out = r->state;
	pthread_mutex_unlock(&r->lock);
}

void receiver_answered(struct receiver *r)
{
	pthread_mutex_lock(&r->lock);
	if (r->state.answered_ns)
		r->state.answered_ns = clock_now_ns();
	pthread_mutex_unlock(&r->lock);
}

void receiver_settle(struct receiver *r, unsigned timeout_ms)
{
	const uint64_t end = clock_now_ns() + timeout_ms * 1000000ull;
	unsigned quiet = 0;
	int waiting;

	/* Twice, since what is between socket and queue is in neither. */
	while (quiet < 3 && clock_now_ns() < end) {
		usleep(2000);
		waiting = 0;
		ioctl(r->socket, FIONREAD, &waiting);
		pthread_mutex_lock(&r->lock);
		quiet = waiting == 0 && r->stored == r->taken ? quiet + 1 : 0;
		pthread_mutex_unlock(&r->lock);
	}
}

void receiver_finish(struct receiver *r, struct receiver_state *out)
{
	pthread_join(r->reader, NULL);
	pthread_join(r->writer, NULL);
	receiver_state(r, out);
	close(r->event);
	queue_free(&r->queue);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
