/* The receiver, with a guest that is a socket: what came is in the file soon, also when nothing
 * follows; the guest's end is seen at once; many blocks in pieces of any size are all there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "schemas/events.h"
#include "tracer/store/sql.h"
#include "tracer/vm/queue.h"
#include "tracer/vm/receiver.h"
#include "tracer/wire.h"

#define TSC_HZ 1000000000u

static const char path[] = "tracer_receiver_test.db";

struct guest {
	int socket, other;
	size_t piece; /* bytes of a send; 0: whole frames */
	struct store *store;
	struct receiver *receiver;
};

static void part_send(struct guest *g, const void *bytes, size_t size)
{
	const size_t piece = g->piece ? g->piece : size;

	for (size_t at = 0; at < size; at += piece) {
		const size_t now = size - at < piece ? size - at : piece;

		assert_int_equal(send(g->socket, (const char *)bytes + at, now, MSG_NOSIGNAL), now);
	}
}

static void frame_send(struct guest *g, unsigned kind, const void *payload, uint32_t length)
{
	const struct trace_frame head = wire_header(kind, payload, length);
	char told[4096];

	while (recv(g->socket, told, sizeof(told), MSG_DONTWAIT) > 0)
		;
	part_send(g, &head, sizeof(head));
	part_send(g, payload, length);
}

static void block_send(struct guest *g, uint64_t sequence, uint32_t records)
{
	const uint32_t size = (uint32_t)sizeof(struct trace_block) + records * 8;
	uint8_t *bytes = calloc(1, size);
	const struct trace_block header = {
		.magic = TRACE_BLOCK_MAGIC,
		.version = TRACE_VERSION,
		.sequence = sequence,
		.first_time = sequence * 1000,
		.last_time = sequence * 1000 + 999,
		.bytes = size,
		.records = records,
	};

	assert_non_null(bytes);
	memcpy(bytes, &header, sizeof(header));
	for (uint32_t i = 0; i < records; i++) {
		const uint64_t word = (header.first_time + i % 999) << TRACE_TIME_SHIFT | 1u << 10 |
				      EV_syscall_return;

		memcpy(bytes + sizeof(header) + (size_t)i * 8, &word, 8);
	}
	frame_send(g, FRAME_BLOCK, bytes, size);
	free(bytes);
}

static void guest_begin(struct guest *g, size_t piece)
{
	static const struct rules none;
	const struct trace_hello hello = {
		.schema = RINGSCOPE_SCHEMA_HASH,
		.tsc_hz = TSC_HZ,
		.cpus = 1,
		.block_bytes = 64 << 10,
		.blocks_per_cpu = 64,
	};
	const struct trace_clock clock = { 0 };
	struct error why = { 0 };
	int ends[2];

	unlink(path);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	*g = (struct guest){ .socket = ends[0], .other = ends[1], .piece = piece };
	assert_int_equal(store_create(&g->store, path, true, &why), 0);
	assert_int_equal(receiver_start(&g->receiver, ends[1], -1, g->store, &none, false, &why),
			 0);
	frame_send(g, FRAME_HELLO, &hello, sizeof(hello));
	frame_send(g, FRAME_CLOCK, &clock, sizeof(clock)); /* it rests only once it has that */
}

static void guest_end(struct guest *g, struct receiver_state *state)
{
	shutdown(g->socket, SHUT_WR);
	receiver_finish(g->receiver, state);
	close(g->socket);
	close(g->other);
	assert_int_equal(state->broken.status, 0);
	assert_int_equal(state->store.status, 0);
	assert_int_equal(store_close(g->store, NULL), 0);
}

/* Blocks that somebody else sees in the file, as soon as there are so many; at most 5 s. */
static int64_t blocks_seen(int64_t wanted)
{
	sqlite3 *db = NULL;
	int64_t seen = 0;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (unsigned i = 0; i < 5000 && seen < wanted; i++) {
		usleep(1000);
		seen = sql_integer(db, "SELECT count(*) FROM block", -1);
	}
	sqlite3_close(db);
	return seen;
}

static void stored_soon(void **unused)
{
	struct receiver_state state;
	struct guest g;

	(void)unused;
	guest_begin(&g, 0);
	for (uint64_t i = 0; i < 3; i++) {
		block_send(&g, i, 10);
		assert_int_equal(blocks_seen((int64_t)i + 1), i + 1);
	}
	/* Part of a frame is nothing yet, and is no reason to keep what was before it. */
	block_send(&g, 3, 10);
	part_send(&g, "RSFR", 4);
	assert_int_equal(blocks_seen(4), 4);
	guest_end(&g, &state);
	assert_int_equal(state.blocks, 4);
}

/* Far sooner than what comes together is awaited, again and again. */
static void end_seen(void **unused)
{
	struct receiver_state state;
	uint64_t least = UINT64_MAX;

	(void)unused;
	for (unsigned i = 0; i < 10; i++) {
		const struct trace_bye bye = { 0 };
		struct guest g;
		uint64_t begin;

		guest_begin(&g, 0);
		block_send(&g, 0, 10);
		assert_int_equal(blocks_seen(1), 1);
		usleep(40000); /* it is quiet */
		frame_send(&g, FRAME_BYE, &bye, sizeof(bye));
		begin = clock_now_ns();
		shutdown(g.socket, SHUT_WR);
		do
			receiver_state(g.receiver, &state);
		while (!state.closed);
		if (clock_now_ns() - begin < least)
			least = clock_now_ns() - begin;
		assert_true(state.bye);
		guest_end(&g, &state);
	}
	assert_true(least < 10 * 1000000);
}

static void all_there(void **unused)
{
	static const size_t pieces[] = { 0, 1, 4093, 65536 };

	(void)unused;
	for (unsigned i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		const uint64_t count = pieces[i] == 1 ? 20 : 400;
		struct receiver_state state;
		sqlite3 *db = NULL;
		struct guest g;

		guest_begin(&g, pieces[i]);
		for (uint64_t k = 0; k < count; k++)
			block_send(&g, k, (uint32_t)(k * 37 % 8000));
		guest_end(&g, &state);
		assert_int_equal(state.blocks, count);
		assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), 0);
		assert_int_equal(
			sql_integer(db, "SELECT count(*) FROM block WHERE id = sequence + 1", -1),
			count);
		sqlite3_close(db);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_soon),
		cmocka_unit_test(end_seen),
		cmocka_unit_test(all_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
