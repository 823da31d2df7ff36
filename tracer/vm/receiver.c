#include "tracer/vm/receiver.h"

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
#include "tracer/vm/queue.h"
#include "tracer/wire.h"

/* Blocks that the guest may send before the first of them is stored. */
#define CREDITS_FIRST 256u
/* As many are granted at a time: each message wakes QEMU and interrupts the guest. */
#define CREDITS_MORE 32u
/* Between two clock pairs, and between the first ones: a short recording has some, too. */
#define PING_MS       1000
#define PING_FIRST_MS 100
#define PINGS_FIRST   5
/* After a little came, the reader rests: what comes meanwhile is read at once with it.  A
 * guest at full speed fills the socket in 10 ms. */
#define READ_LITTLE (32u << 10)
#define REST_US     1000

struct receiver {
	int socket, cores, event;
	struct store *store;
	pthread_t reader, core_reader, writer;
	struct queue queue;
	struct rules rules;                   /* for HELLO */
	bool again;                           /* it is not the guest's first HELLO */
	bool state_told;                      /* the guest has told its STATE */
	uint64_t blocks_taken, blocks_stored; /* [lock] came; done with */
	uint64_t owed;                        /* blocks stored that the guest has no credit for */
	pthread_mutex_t lock;                 /* state, sending */
	struct receiver_state state;
};

/* The calling thread is done. */
static void cpu_account(struct receiver *r)
{
	struct timespec spent = { 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	pthread_mutex_lock(&r->lock);
	r->state.cpu_ns += (uint64_t)spent.tv_sec * 1000000000u + (uint64_t)spent.tv_nsec;
	pthread_mutex_unlock(&r->lock);
}

static void changed(struct receiver *r)
{
	const uint64_t one = 1;

	if (write(r->event, &one, sizeof(one)) < 0)
		return; /* the counter is at its end: it is readable already */
}

/* Send a frame whole.  The guest reads only now and then, but never so rarely
 * that frames of a few bytes fill the socket; if they do the guest is gone. */
static void frame_send(struct receiver *r, unsigned kind, const void *payload, uint32_t length)
{
	const struct trace_frame head = wire_header(kind, payload, length);
	uint8_t bytes[sizeof(head) + sizeof(struct trace_rule)];

	if (length > sizeof(bytes) - sizeof(head))
		return;
	memcpy(bytes, &head, sizeof(head));
	if (length)
		memcpy(bytes + sizeof(head), payload, length);
	pthread_mutex_lock(&r->lock);
	if (send(r->socket, bytes, sizeof(head) + length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
	    errno != EPIPE && errno != ECONNRESET && !r->state.broken.status)
		error_set(&r->state.broken, 125, "the guest no longer reads the trace port: %s",
			  strerror(errno));
	pthread_mutex_unlock(&r->lock);
}

static void credit_send(struct receiver *r, uint64_t blocks)
{
	frame_send(r, FRAME_CREDIT, &blocks, sizeof(blocks));
}

static void ping_send(struct receiver *r)
{
	const uint64_t now = clock_now_ns();

	frame_send(r, FRAME_PING, &now, sizeof(now));
}

void receiver_stop_guest(struct receiver *r)
{
	frame_send(r, FRAME_STOP, NULL, 0);
}

void receiver_flush(struct receiver *r)
{
	frame_send(r, FRAME_FLUSH, NULL, 0);
}

void receiver_freeze(struct receiver *r)
{
	frame_send(r, FRAME_FREEZE, NULL, 0);
}

void receiver_rules(struct receiver *r, const struct rules *rules)
{
	static const struct trace_rule none = { 0 };
	struct rules numbered = *rules;

	rules_number(&numbered);
	for (unsigned i = 0; i < numbered.count; i++)
		frame_send(r, FRAME_RULE, &numbered.rule[i], sizeof(numbered.rule[i]));
	if (numbered.count == 0)
		frame_send(r, FRAME_RULE, &none, sizeof(none));
	pthread_mutex_lock(&r->lock);
	r->state.sets++;
	pthread_mutex_unlock(&r->lock);
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
	credit_send(r, CREDITS_FIRST);
	ping_send(r);
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
	struct frame f;
	int more;

	while ((more = wire_next(wire, &f, why)) > 0) {
		if (r->again && !r->state.hello && f.kind != FRAME_HELLO)
			continue;
		if (frame_check(r, &f, why))
			return false;
		pthread_mutex_lock(&r->lock);
		r->blocks_taken += f.kind == FRAME_BLOCK;
		pthread_mutex_unlock(&r->lock);
		if (!queue_append(&r->queue, f.kind, f.payload, f.length,
				  f.kind != FRAME_BLOCK && f.kind != FRAME_CLOCK)) {
			error_set(why, 125, "cannot receive the trace: out of memory");
			return false;
		}
		if (f.kind == FRAME_HELLO || f.kind == FRAME_BYE)
			changed(r);
	}
	return more == 0;
}

/* Not before HELLO, and not while the answer to a ping comes: the pair is as exact as it is
 * fast. */
static bool reader_may_rest(struct receiver *r, uint64_t pinged)
{
	bool may;

	pthread_mutex_lock(&r->lock);
	may = r->state.hello && !r->state.bye && r->state.answered_ns > pinged;
	pthread_mutex_unlock(&r->lock);
	return may;
}

/* Read until the socket ends; clock pairs now and then. */
static void stream_read(struct receiver *r, struct wire *wire, struct error *why)
{
	struct pollfd ready = { .fd = r->socket, .events = POLLIN };
	uint64_t pinged = clock_now_ns(), pings = 0;
	bool little = false;
	size_t room;
	void *to;
	ssize_t got;

	for (;;) {
		const int between = pings < PINGS_FIRST ? PING_FIRST_MS : PING_MS;

		if (clock_now_ns() - pinged > (uint64_t)between * 1000000) {
			pinged = clock_now_ns();
			if (r->state.hello && !r->state.bye) {
				ping_send(r);
				pings++;
			}
		}
		if (poll(&ready, 1, between) <= 0)
			continue;
		to = wire_room(wire, &room);
		if (!to) {
			error_set(why, 125, "cannot receive the trace: out of memory");
			return;
		}
		if (little && reader_may_rest(r, pinged))
			usleep(REST_US);
		got = recv(r->socket, to, room, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return;
		little = (size_t)got < READ_LITTLE;
		wire_filled(wire, (size_t)got);
		if (!frames_take(r, wire, why))
			return;
	}
}

static bool core_take(void *cookie, const void *item, uint32_t length)
{
	struct receiver *r = cookie;

	return queue_append(&r->queue, QUEUED_CORE, item, length, false);
}

static void *core_main(void *cookie)
{
	struct receiver *r = cookie;
	struct error why = { 0 };

	if (r->cores < 0 || !cores_read(r->cores, r->again, core_take, r, &why))
		return NULL;
	pthread_mutex_lock(&r->lock);
	if (!r->state.broken.status)
		r->state.broken = why;
	pthread_mutex_unlock(&r->lock);
	changed(r);
	return NULL;
}

static void *reader_main(void *cookie)
{
	struct receiver *r = cookie;
	struct error why = { 0 };
	struct wire wire;

	if (wire_init(&wire, &why) == 0) {
		stream_read(r, &wire, &why);
		wire_free(&wire);
	}
	pthread_mutex_lock(&r->lock);
	if (why.status && !r->state.broken.status)
		r->state.broken = why;
	r->state.closed = true;
	pthread_mutex_unlock(&r->lock);
	changed(r);
	/* Whoever learns of it ends QEMU, and with it the core files. */
	pthread_join(r->core_reader, NULL);
	queue_end(&r->queue);
	cpu_account(r);
	return NULL;
}

static int core_store(struct receiver *r, const struct queued *queued, struct error *why)
{
	struct core_item item;

	memcpy(&item, queued->bytes, sizeof(item));
	if (item.kind == CORE_BEGIN)
		return store_core_begin(r->store, item.pid, item.sig, why);
	if (item.kind == CORE_END)
		return store_core_end(r->store, item.offset, item.omitted, why);
	return store_core_data(r->store, item.offset, item.bytes, queued->bytes + sizeof(item),
			       queued->length - sizeof(item), why);
}

static int item_store(struct receiver *r, const struct queued *item, struct error *why)
{
	struct trace_block block;
	struct trace_hello hello;
	struct trace_clock clock;
	struct trace_bye bye;
	struct trace_stats *stats;
	int status;

	switch (item->kind) {
	case QUEUED_CORE:
		return core_store(r, item, why);
	case FRAME_HELLO:
		memcpy(&hello, item->bytes, sizeof(hello));
		return store_hello(r->store, &hello, why);
	case FRAME_BLOCK:
		memcpy(&block, item->bytes, sizeof(block));
		return store_block(r->store, &block, item->bytes, why);
	case FRAME_CLOCK:
		memcpy(&clock, item->bytes, sizeof(clock));
		return store_clock(r->store, &clock, item->received_ns, why);
	case FRAME_STATS:
		stats = malloc(sizeof(*stats));
		if (!stats)
			return error_set(why, 2, "cannot store the trace: out of memory");
		memcpy(stats, item->bytes, sizeof(*stats));
		status = store_stats(r->store, stats, why);
		free(stats);
		return status;
	default:
		memcpy(&bye, item->bytes, sizeof(bye));
		return store_bye(r->store, &bye, why);
	}
}

/* What the guest says is done: what it sent before is stored. */
static void state_take(struct receiver *r, const struct trace_state *guest)
{
	pthread_mutex_lock(&r->lock);
	r->state.guest = *guest;
	if (r->again && !r->state_told) /* sets that the tracer before us sent */
		r->state.sets += guest->rules;
	r->state_told = true;
	pthread_mutex_unlock(&r->lock);
	changed(r);
}

/* Store a batch in one transaction, then let the guest send as many blocks more.
 * After a failure the guest still gets its credits: what it sends is dropped, and
 * it can run to its end. */
static void batch_store(struct receiver *r, struct queued *items, struct error *why)
{
	uint64_t blocks = 0, bytes = 0;
	struct trace_state guest;
	bool told = false;

	while (items) {
		struct queued *item = items;

		if (item->kind == FRAME_STATE) {
			memcpy(&guest, item->bytes, sizeof(guest));
			told = true;
		} else if (!why->status) {
			item_store(r, item, why);
		}
		blocks += item->kind == FRAME_BLOCK;
		bytes += item->kind == FRAME_BLOCK ? item->length : 0;
		items = item->next;
		free(item);
	}
	if (!why->status)
		store_commit(r->store, why);
	pthread_mutex_lock(&r->lock);
	r->blocks_stored += blocks;
	r->state.blocks += why->status ? 0 : blocks;
	r->state.bytes += why->status ? 0 : bytes;
	pthread_mutex_unlock(&r->lock);
	r->owed += blocks;
	if (r->owed >= CREDITS_MORE) {
		credit_send(r, r->owed);
		r->owed = 0;
	}
	if (told)
		state_take(r, &guest);
}

static void *writer_main(void *cookie)
{
	struct receiver *r = cookie;
	struct error why = { 0 };
	struct queued *items;

	while ((items = queue_take(&r->queue))) {
		const bool failed_before = why.status != 0;

		batch_store(r, items, &why);
		if (why.status && !failed_before) {
			pthread_mutex_lock(&r->lock);
			r->state.store = why;
			pthread_mutex_unlock(&r->lock);
			changed(r);
		}
	}
	cpu_account(r);
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
	if (pthread_create(&r->writer, NULL, writer_main, r))
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
		quiet = waiting == 0 && r->blocks_stored == r->blocks_taken ? quiet + 1 : 0;
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
