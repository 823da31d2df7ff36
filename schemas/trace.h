/* The trace as bytes: records in blocks, blocks in frames.  Everything is
 * little-endian.  Read in this order: record word, struct trace_block, struct
 * trace_frame, then the payloads.  Guest and host both include this file; a
 * change of any layout here or in a .def changes RINGSCOPE_SCHEMA_HASH, which
 * the build computes and HELLO carries. */
#ifndef SCHEMAS_TRACE_H
#define SCHEMAS_TRACE_H

#include <stdint.h>

#define TRACE_VERSION 1u

/* --- A record: one header word, then payload words -------------------------
 *   bits  0..9   event id; 0 is padding up to the end of the block
 *   bits 10..17  size of the whole record in 8-byte words, header included
 *   bits 18..63  low 46 bits of the time stamp (TSC ticks)
 * The block's first_time gives the missing high bits; a block is closed long
 * before 2^46 ticks pass. */
#define TRACE_ID_BITS    10
#define TRACE_SIZE_BITS  8
#define TRACE_TIME_SHIFT (TRACE_ID_BITS + TRACE_SIZE_BITS)
#define TRACE_TIME_BITS  (64 - TRACE_TIME_SHIFT)
#define TRACE_WORDS_MAX  ((1u << TRACE_SIZE_BITS) - 1)

static inline uint64_t trace_word(unsigned id, unsigned words, uint64_t time)
{
	return time << TRACE_TIME_SHIFT | (uint64_t)words << TRACE_ID_BITS | id;
}

static inline unsigned trace_word_id(uint64_t word)
{
	return word & ((1u << TRACE_ID_BITS) - 1);
}

static inline unsigned trace_word_size(uint64_t word)
{
	return word >> TRACE_ID_BITS & TRACE_WORDS_MAX;
}

/* Full time stamp of a record, given the first time stamp of its block. */
static inline uint64_t trace_word_time(uint64_t word, uint64_t first)
{
	const uint64_t mask = (1ull << TRACE_TIME_BITS) - 1;

	return first + (((word >> TRACE_TIME_SHIFT) - first) & mask);
}

/* --- A block: header, then records without gaps ---------------------------- */
#define TRACE_BLOCK_MAGIC 0x4b425352u /* "RSBK" */
#define TRACE_LOSS_CAUSES 4           /* numbers of group LOSS in enums.def */

struct trace_block {
	uint32_t magic;
	uint16_t version;
	uint16_t cpu;
	uint64_t sequence;   /* of this CPU, from 0, +1 a block */
	uint64_t first_time; /* TSC when the block was opened; no record is older */
	uint64_t last_time;  /* TSC when it was closed; no record is younger */
	uint32_t bytes;      /* header and records; the rest of the block is void */
	uint32_t records;
	uint32_t tid; /* thread running on the CPU when the block was opened */
	uint32_t unused;
	uint64_t emitted;                 /* records attempted on this CPU so far, at closing */
	uint64_t lost[TRACE_LOSS_CAUSES]; /* of which lost so far, by cause */
};
_Static_assert(sizeof(struct trace_block) == 88, "block header layout");

/* --- A frame on the wire (virtio-serial port "ringscope.trace.0") ----------- */
#define TRACE_FRAME_MAGIC 0x52465352u /* "RSFR" */
#define TRACE_PORT_NAME   "ringscope.trace.0"

struct trace_frame {
	uint32_t magic;
	uint16_t version;
	uint16_t kind;   /* enum trace_frame_kind */
	uint32_t length; /* of the payload that follows, bytes */
	uint32_t crc;    /* CRC-32C of the 12 bytes above and trace_frame_covered bytes */
};
_Static_assert(sizeof(struct trace_frame) == 16, "frame header layout");

enum trace_frame_kind {
	/* guest to host */
	FRAME_HELLO = 1, /* struct trace_hello; first on the wire */
	FRAME_BLOCK = 2, /* struct trace_block and its records, `bytes` long */
	FRAME_STATS = 3, /* struct trace_stats a CPU; exact counts, at the end or on request */
	FRAME_BYE = 4,   /* struct trace_bye; last on the wire */
	FRAME_CLOCK = 5, /* struct trace_clock: answer to FRAME_PING */
	/* host to guest */
	FRAME_CREDIT = 16, /* uint64_t: as many more blocks may be sent */
	FRAME_FLUSH = 17,  /* no payload: close and send what there is */
	FRAME_PING = 18,   /* uint64_t host_ns: answer with a clock pair */
	FRAME_STOP = 19,   /* no payload: end the machine now */
};

/* How much of a frame's payload the CRC covers: all of it, but of a BLOCK only the
 * header.  QEMU computes crc32 bit by bit, 0.5 ms a 64 KiB block, which is more than
 * writing its records costs; they are checked by their sizes, which must add up to
 * what the header says. */
static inline uint32_t trace_frame_covered(const struct trace_frame *f)
{
	const uint32_t head = sizeof(struct trace_block);

	return f->kind == FRAME_BLOCK && f->length > head ? head : f->length;
}

struct trace_hello {
	uint64_t schema;      /* RINGSCOPE_SCHEMA_HASH */
	uint64_t tsc_hz;      /* measured at boot */
	uint64_t boot_tsc;    /* TSC at the kernel's first C line */
	uint64_t realtime_ns; /* CLOCK_REALTIME at boot_tsc */
	uint32_t cpus;
	uint32_t block_bytes;
	uint32_t blocks_per_cpu;
	uint32_t mode;          /* group MODE of enums.def */
	uint8_t build_id[20];   /* GNU build id of the kernel */
	uint32_t tsc_error_ppm; /* stated bound of tsc_hz */
};
_Static_assert(sizeof(struct trace_hello) == 72, "hello layout");

/* One CPU's exact counts.  For each event id: emitted = stored + lost. */
struct trace_stats {
	uint32_t cpu;
	uint32_t events;                               /* length of the arrays: EV_LIMIT */
	uint64_t user_ticks, kernel_ticks, idle_ticks; /* TSC, since the CPU came up */
	uint64_t wait_ticks; /* of kernel_ticks: waiting for room in the ring */
	uint64_t blocks;     /* closed on this CPU */
	uint64_t emitted[256];
	uint64_t lost[TRACE_LOSS_CAUSES][256];
};

struct trace_bye {
	uint32_t reason; /* 0 command ended, 1 panic, 2 asked by the host */
	uint32_t status; /* exit status of the command, 128+n for signal n */
};

struct trace_clock {
	uint64_t host_ns; /* as in FRAME_PING */
	uint64_t tsc;     /* when it was answered */
};

/* --- Standard input port: how the host sends bytes and events ---------------
 * The program's output ports are plain bytes.  Its input port carries messages
 * with this header, because the end of input and a window's size are not bytes. */
#define INPUT_PORT_NAME  "ringscope.stdin"
#define OUTPUT_PORT_NAME "ringscope.stdout"
#define ERROR_PORT_NAME  "ringscope.stderr"
#define LOG_PORT_NAME    "ringscope.log"

enum input_kind {
	INPUT_DATA = 1,   /* length bytes of standard input */
	INPUT_END = 2,    /* no payload: end of file */
	INPUT_WINDOW = 3, /* uint16_t rows, columns */
};

struct input_message {
	uint32_t kind;
	uint32_t length;
};

#endif
