/* The trace as bytes: records in blocks, blocks in frames.  Everything is
 * little-endian.  Read in this order: record word, struct trace_block, struct
 * trace_frame, then the payloads.  Guest and host both include this file; a
 * change of any layout here or in a .def changes RINGSCOPE_SCHEMA_HASH, which
 * the build computes and HELLO carries. */
#ifndef SCHEMAS_TRACE_H
#define SCHEMAS_TRACE_H

#include <stdint.h>

#define TRACE_VERSION 2u

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

/* The tail of fatal_state: registers, then words of the stack. */
#define FATAL_STATE_REGISTERS 15
#define FATAL_STATE_STACK     64

/* The tail of stack: these registers, between frames of the kernel and words of the stack. */
#define STACK_REGISTERS 8

/* --- A block: header, then records without gaps ---------------------------- */
#define TRACE_BLOCK_MAGIC 0x4b425352u /* "RSBK" */
#define TRACE_LOSS_CAUSES 5           /* numbers of group LOSS in enums.def */

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
	uint64_t emitted;                 /* stored or lost on this CPU so far, at closing */
	uint64_t lost[TRACE_LOSS_CAUSES]; /* of which lost, by cause */
};
_Static_assert(sizeof(struct trace_block) == 96, "block header layout");

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
	FRAME_STATE = 6, /* struct trace_state: something the host asked for is done */
	/* host to guest */
	FRAME_CREDIT = 16, /* uint64_t: as many more blocks may be sent */
	FRAME_FLUSH = 17,  /* no payload: close and send what there is */
	FRAME_PING = 18,   /* uint64_t host_ns: answer with a clock pair */
	FRAME_STOP = 19,   /* no payload: end the machine now */
	FRAME_RULE = 20,   /* struct trace_rule: one of a set, see there */
	FRAME_FREEZE = 21, /* no payload: send what a flight recorder has kept */
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
	uint32_t flags;         /* HELLO_* */
	uint32_t unused;
};
_Static_assert(sizeof(struct trace_hello) == 80, "hello layout");

/* Programs have a vDSO: clock_gettime, clock_getres, gettimeofday, time and getcpu are
 * answered in ring 3, so they cross nothing and make no record. */
#define HELLO_VDSO 1u

/* One CPU's exact counts.  For each event id: emitted = stored + lost + filtered. */
struct trace_stats {
	uint32_t cpu;
	uint32_t events;                               /* length of the arrays: EV_LIMIT */
	uint64_t user_ticks, kernel_ticks, idle_ticks; /* TSC, since the CPU came up */
	uint64_t wait_ticks; /* of kernel_ticks: waiting for room in the ring */
	uint64_t blocks;     /* closed on this CPU */
	uint64_t emitted[256];
	uint64_t filtered[256]; /* not wanted, by the rules of that time */
	uint64_t lost[TRACE_LOSS_CAUSES][256];
};

/* What the recorder is doing, sent when one of these changed. */
struct trace_state {
	uint32_t rules;    /* sets of rules that are in force on all CPUs so far */
	uint32_t triggers; /* triggers that fired so far */
	uint32_t freezes;  /* times that a flight recorder was frozen and sent so far */
	uint32_t frozen;   /* 1: it is being sent now */
};

/* --- Rules: what is recorded, and what triggers ------------------------------
 * A set of at most TRACE_RULES_MAX rules, sent one a frame in the order of index;
 * the frame whose index is count - 1 puts the set in force.  count 0: no rules.
 * A rule holds for a record when all the terms it has hold.  With KEEP rules, a
 * record is kept if one of them holds for it, else counted as filtered; kept
 * anyway are the records without which no other can be read (trace_kept_always).
 * When a TRIGGER rule holds, a trace_trigger record is made, and a flight recorder
 * is frozen.  Terms on calls, paths, results and latency hold for the records of
 * such a call only; a term on signals for signal_send. */
#define TRACE_RULES_MAX      16
#define TRACE_RULE_IDS       8
#define TRACE_RULE_NAMES     4
#define TRACE_RULE_NAME_SIZE 16  /* with its NUL, as a thread's name */
#define TRACE_RULE_PATH_SIZE 128 /* with its NUL */

enum trace_rule_action { RULE_KEEP = 1, RULE_TRIGGER = 2 };

enum trace_rule_term {
	RULE_EVENTS = 1 << 0,
	RULE_CALLS = 1 << 1,
	RULE_SIGNALS = 1 << 2,
	RULE_RESULT = 1 << 3,
	RULE_LATENCY = 1 << 4,
	RULE_PIDS = 1 << 5,
	RULE_TIDS = 1 << 6,
	RULE_PROGRAMS = 1 << 7,
	RULE_PATH = 1 << 8,
	RULE_CRASH = 1 << 9, /* a process dies of a signal that dumps core */
};

struct trace_rule {
	uint8_t index, count;
	uint8_t action;      /* enum trace_rule_action */
	uint8_t path_prefix; /* 1: path is the beginning of the name */
	uint16_t terms;      /* enum trace_rule_term, ored */
	uint16_t negated;    /* of RESULT, PIDS, TIDS, PROGRAMS, PATH: holds if it does not */
	uint64_t events[4];  /* bit an event id */
	uint64_t calls[8];   /* bit a system call */
	uint64_t signals;    /* bit signal - 1 */
	int64_t result_low, result_high;    /* both included */
	uint64_t latency_low, latency_high; /* ns, both included */
	uint32_t pids[TRACE_RULE_IDS];      /* 0: none */
	uint32_t tids[TRACE_RULE_IDS];
	char programs[TRACE_RULE_NAMES][TRACE_RULE_NAME_SIZE];
	char path[TRACE_RULE_PATH_SIZE]; /* as the program gives it */
};
_Static_assert(sizeof(struct trace_rule) == 400, "rule layout");

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

/* --- Core port: what a program leaves behind that dies of a signal ------------
 * Messages, one core at a time: CORE_BEGIN, then CORE_DATA (its bytes follow the
 * header) and CORE_SKIP (so many zero bytes) in the order of an ELF core file, then
 * CORE_END.  Nothing but the stream's end may cut it short. */
#define CORE_PORT_NAME "ringscope.core"
#define CORE_MAGIC     0x4f435352u /* "RSCO" */
#define CORE_DATA_MAX  32768u      /* bytes of a CORE_DATA */

enum core_kind { CORE_BEGIN = 1, CORE_DATA = 2, CORE_SKIP = 3, CORE_END = 4 };

struct core_message {
	uint32_t magic;
	uint32_t kind; /* enum core_kind */
	uint32_t pid;  /* of CORE_BEGIN, with the signal */
	uint32_t sig;
	uint64_t length; /* of CORE_DATA, CORE_SKIP; of CORE_END: bytes of memory left out */
};
_Static_assert(sizeof(struct core_message) == 24, "core message layout");

#endif
