/* The storing thread: a batch is a transaction. */
#include <stdlib.h>
#include <string.h>

#include "tracer/vm/cores.h"
#include "tracer/vm/receiver_parts.h"

/* As many are granted at a time: each message wakes QEMU and interrupts the guest. */
#define CREDITS_MORE 32u

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
	receiver_changed(r);
}

/* Store a batch in one transaction, then let the guest send as many blocks more.
 * After a failure the guest still gets its credits: what it sends is dropped, and
 * it can run to its end. */
static void batch_store(struct receiver *r, struct batch *batch, struct error *why)
{
	uint64_t blocks = 0, bytes = 0;
	const struct queued *item;
	struct trace_state guest;
	bool told = false;

	while ((item = batch_next(batch))) {
		if (item->kind == FRAME_STATE) {
			memcpy(&guest, item->bytes, sizeof(guest));
			told = true;
		} else if (!why->status) {
			item_store(r, item, why);
		}
		blocks += item->kind == FRAME_BLOCK;
		bytes += item->kind == FRAME_BLOCK ? item->length : 0;
	}
	if (!why->status)
		store_commit(r->store, why);
	pthread_mutex_lock(&r->lock);
	r->stored += blocks;
	r->state.blocks += why->status ? 0 : blocks;
	r->state.bytes += why->status ? 0 : bytes;
	pthread_mutex_unlock(&r->lock);
	r->owed += blocks;
	if (r->owed >= CREDITS_MORE) {
		receiver_credit(r, r->owed);
		r->owed = 0;
	}
	if (told)
		state_take(r, &guest);
}

void *receiver_store(void *cookie)
{
	struct receiver *r = cookie;
	struct batch batch = { 0 };
	struct error why = { 0 };

	while (queue_take(&r->queue, &batch)) {
		const bool failed_before = why.status != 0;

		batch_store(r, &batch, &why);
		if (why.status && !failed_before) {
			pthread_mutex_lock(&r->lock);
			r->state.store = why;
			pthread_mutex_unlock(&r->lock);
			receiver_changed(r);
		}
	}
	batch_free(&batch);
	receiver_account(r);
	return NULL;
}
