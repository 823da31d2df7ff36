/* The frame parser and the walk over a block's records, on any bytes.
 *
 * The first byte says how: raw bytes in pieces of its size, or, with its high bit,
 * frames with a right CRC around the bytes, which random bytes would never have. */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "tracer/block.h"
#include "tracer/schema.h"
#include "tracer/wire.h"

static void block_touch(const void *bytes, size_t count)
{
	struct block_cursor cursor;
	struct trace_block header;
	struct error why = { 0 };
	struct record record;
	uint64_t sum = 0;

	if (block_check(bytes, count, &header, &why))
		return;
	block_adds_up(bytes, &header);
	block_walk(&cursor, bytes, &header);
	while (block_next(&cursor, &record)) {
		event_fits(record.id, record.words);
		for (unsigned i = 0; i < record.words * 8; i++)
			sum += record.payload[i];
	}
	if (sum == UINT64_MAX)
		abort(); /* never: it keeps the reads from being optimized away */
}

static bool feed(struct wire *w, const void *bytes, size_t count)
{
	struct error why = { 0 };
	struct frame f;
	size_t room;
	void *to = wire_room(w, &room);
	int more;

	if (!to)
		return false;
	if (count > room)
		abort(); /* the parser must give room for a piece of any size used here */
	memcpy(to, bytes, count);
	wire_filled(w, count);
	while ((more = wire_next(w, &f, &why)) > 0)
		if (f.kind == FRAME_BLOCK)
			block_touch(f.payload, f.length);
	return more == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz_input in = { bytes, size };
	const unsigned how = (unsigned)fuzz_number(&in, 1);
	struct error why = { 0 };
	struct wire w;
	bool sound = true;

	if (wire_init(&w, &why))
		return 0;
	while (in.left && sound) {
		size_t count = how & 0x80 ? fuzz_number(&in, 2) : (how & 0x7f) + 1;
		const unsigned kind = how & 0x80 ? (unsigned)fuzz_number(&in, 1) % 24 : 0;
		const uint8_t *piece = fuzz_bytes(&in, &count);

		if (how & 0x80) {
			const struct trace_frame head = wire_header(kind, piece, (uint32_t)count);

			sound = feed(&w, &head, sizeof(head));
		}
		sound = sound && feed(&w, piece, count);
	}
	wire_free(&w);
	return 0;
}
