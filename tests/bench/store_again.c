/* store_again TRACE OUT.db: the blocks of a recording, received and stored once more as fast as
 * they are taken, so that nothing is counted but what each costs.  Prints how many records
 * they have and the CPU time of receiving and storing them, ns. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schemas/trace.h"
#include "tracer/store/blocks.h"
#include "tracer/store/meta.h"
#include "tracer/store/open.h"
#include "tracer/store/sql.h"
#include "tracer/vm/receiver.h"
#include "tracer/wire.h"

static bool bytes_send(int socket, const void *bytes, size_t size)
{
	const char *at = bytes;
	ssize_t sent;

	for (; size > 0; at += sent, size -= (size_t)sent) {
		sent = send(socket, at, size, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
	}
	return true;
}

static bool frame_send(int socket, unsigned kind, const void *payload, uint32_t length)
{
	const struct trace_frame head = wire_header(kind, payload, length);
	char told[4096];

	/* What the host says is of no interest, but it must not wait. */
	while (recv(socket, told, sizeof(told), MSG_DONTWAIT) > 0)
		;
	return bytes_send(socket, &head, sizeof(head)) && bytes_send(socket, payload, length);
}

static bool hello_send(int socket, sqlite3 *db)
{
	const struct trace_hello hello = {
		.schema = RINGSCOPE_SCHEMA_HASH,
		.tsc_hz = (uint64_t)meta_integer(db, "tsc_hz", 0),
		.boot_tsc = (uint64_t)meta_integer(db, "boot_tsc", 0),
		.cpus = (uint32_t)meta_integer(db, "cpus", 1),
		.block_bytes = (uint32_t)meta_integer(db, "block_bytes", 0),
		.blocks_per_cpu = (uint32_t)meta_integer(db, "blocks_per_cpu", 0),
	};

	return frame_send(socket, FRAME_HELLO, &hello, sizeof(hello));
}

/* Send each block; how many records they have, or -1. */
static long long blocks_send(int socket, sqlite3 *db)
{
	sqlite3_stmt *rows = sql_prepare(db, "SELECT data FROM block ORDER BY id", NULL);
	struct unpacker u = { 0 };
	struct trace_block header;
	long long records = 0;
	const void *block;
	size_t size;

	while (records >= 0 && rows && sqlite3_step(rows) == SQLITE_ROW) {
		block = block_unpack(&u, sqlite3_column_blob(rows, 0),
				     (size_t)sqlite3_column_bytes(rows, 0), &size);
		if (!block || !frame_send(socket, FRAME_BLOCK, block, (uint32_t)size)) {
			records = -1;
			break;
		}
		memcpy(&header, block, sizeof(header));
		records += header.records;
	}
	sqlite3_finalize(rows);
	unpacker_free(&u);
	return records;
}

int main(int argc, char **argv)
{
	static const struct rules none;
	const struct trace_bye bye = { 0 };
	struct receiver_state state = { 0 };
	struct receiver *receiver;
	struct error why = { 0 };
	struct store *store;
	long long records;
	int ends[2];
	sqlite3 *db;

	if (argc != 3) {
		fprintf(stderr, "usage: store_again TRACE OUT.db\n");
		return 2;
	}
	if (trace_open_index(&db, argv[1], NULL, &why) ||
	    store_create(&store, argv[2], false, &why) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, ends) ||
	    receiver_start(&receiver, ends[1], -1, store, &none, false, &why)) {
		fprintf(stderr, "store_again: %s\n", why.text);
		return 2;
	}
	records = hello_send(ends[0], db) ? blocks_send(ends[0], db) : -1;
	frame_send(ends[0], FRAME_BYE, &bye, sizeof(bye));
	shutdown(ends[0], SHUT_WR);
	receiver_finish(receiver, &state);
	sqlite3_close_v2(db);
	if (state.broken.status)
		fprintf(stderr, "store_again: %s\n", state.broken.text);
	printf("%lld %llu\n", records, (unsigned long long)state.cpu_ns);
	return store_close(store, &why) || state.broken.status || state.store.status ||
	       records <= 0;
}
