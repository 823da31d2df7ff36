/* The stories of a program that died and of a machine that stopped, out of a recording whose
 * core, registers, stacks, locks and kept inputs hold any bytes.
 *
 * The records of the death are sound but for its registers and its stack; the core is laid
 * over one that is: pieces of (offset, length, bytes), as its parts of the file are.  The
 * program is mapped from a file of the host, so that its frames are walked. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <unistd.h>
#include <zstd.h>

#include "schemas/answers.h"
#include "schemas/salvage.h"
#include "tests/fuzz/fuzz.h"
#include "tests/host/synthetic.h"
#include "tracer/crash/core.h"
#include "tracer/crash/moment.h"
#include "tracer/salvage/ram.h"
#include "tracer/store/inputs.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"
#include "tracer/symbols/symbol.h"
#include "tracer/vm/answers.h"

#define PROGRAM    "/bin/sh"
#define PROCESS    5u
#define CODE       0x400000ull
#define STACK      0x7ffffff00000ull
#define STACK_SIZE 4096u
#define CORE_SIZE  8192u
#define ROWS_MAX   16u
#define TEXT       200u

struct sound_core {
	Elf64_Ehdr head;
	Elf64_Phdr note, stack;
	Elf64_Nhdr note_head;
	char name[8];
	struct elf_prstatus status;
};

static uint8_t core[CORE_SIZE];

static void core_make(struct fuzz_input *in)
{
	const struct sound_core sound = {
		.head = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				       EV_CURRENT },
			  .e_type = ET_CORE,
			  .e_machine = EM_X86_64,
			  .e_version = EV_CURRENT,
			  .e_ehsize = sizeof(Elf64_Ehdr),
			  .e_phoff = offsetof(struct sound_core, note),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 2 },
		.note = { .p_type = PT_NOTE,
			  .p_offset = offsetof(struct sound_core, note_head),
			  .p_filesz = sizeof(sound) - offsetof(struct sound_core, note_head) },
		.stack = { .p_type = PT_LOAD,
			   .p_vaddr = STACK,
			   .p_offset = STACK_SIZE,
			   .p_filesz = STACK_SIZE },
		.note_head = { 5, sizeof(struct elf_prstatus), NT_PRSTATUS },
		.name = "CORE",
		.status.pr_pid = PROCESS + 1,
	};

	memset(core, 0, sizeof(core));
	memcpy(core, &sound, sizeof(sound));
	for (unsigned pieces = (unsigned)fuzz_number(in, 1) % ROWS_MAX; pieces; pieces--) {
		const size_t at = fuzz_number(in, 2) % sizeof(core);
		size_t count = fuzz_number(in, 1);
		const uint8_t *bytes;

		if (count > sizeof(core) - at)
			count = sizeof(core) - at;
		bytes = fuzz_bytes(in, &count);
		memcpy(core + at, bytes, count);
	}
}

static void core_store(struct store *store, struct fuzz_input *in)
{
	static uint8_t packed[ZSTD_COMPRESSBOUND(CORE_SIZE)];
	const unsigned how = (unsigned)fuzz_number(in, 1);
	struct error why = { 0 };
	size_t size;

	core_make(in);
	size = ZSTD_compress(packed, sizeof(packed), core, sizeof(core), 1);
	store_core_begin(store, PROCESS, 11, &why);
	store_core_data(store, how & 1 ? fuzz_number(in, 6) : 0,
			how & 2 ? fuzz_number(in, 2) : sizeof(core), packed, size, &why);
	store_core_end(store, how & 4 ? fuzz_number(in, 6) : sizeof(core), 0, &why);
}

/* A program that dies of a wild pointer. */
static void death_emit(struct synthetic *s, struct fuzz_input *in)
{
	const unsigned count = (unsigned)fuzz_number(in, 1) % 96;
	uint64_t words[96] = { 0 };
	uint64_t rip = CODE + fuzz_number(in, 4), rsp = STACK + fuzz_number(in, 2);

	SYNTHETIC_TAIL(s, 0, thread_create, "sh", 2, .tid = PROCESS, .pid = PROCESS, .parent = 1);
	SYNTHETIC_EMIT(s, 0, context_switch, .next = PROCESS);
	SYNTHETIC_TAIL(s, 0, exec, PROGRAM, sizeof(PROGRAM) - 1, .entry = CODE);
	SYNTHETIC_TAIL(s, 0, map, PROGRAM, sizeof(PROGRAM) - 1, .start = CODE, .length = 1u << 20,
		       .prot = PROT_READ | PROT_EXEC, .flags = MAP_PRIVATE);
	SYNTHETIC_EMIT(s, 0, map, .start = STACK, .length = 1u << 16,
		       .prot = PROT_READ | PROT_WRITE, .flags = MAP_PRIVATE | MAP_ANONYMOUS);
	SYNTHETIC_EMIT(s, 0, page_fault, .addr = fuzz_number(in, 8), .rip = rip,
		       .error = fuzz_number(in, 1));
	SYNTHETIC_EMIT(s, 0, signal_send, .target = PROCESS, .sig = 11, .code = 1);
	SYNTHETIC_EMIT(s, 0, page_fault_end, .cause = fuzz_number(in, 1));
	SYNTHETIC_EMIT(s, 0, signal_deliver, .sig = 11);
	for (unsigned i = 0; i < count; i++)
		words[i] = fuzz_number(in, 1) & 1 ? CODE + fuzz_number(in, 3) : fuzz_number(in, 8);
	SYNTHETIC_TAIL(s, 0, fatal_state, words, count * 8, .rip = rip, .rsp = rsp, .sig = 11,
		       .stack = fuzz_number(in, 1));
	SYNTHETIC_EMIT(s, 0, process_exit, .pid = PROCESS, .status = 11 | 0x80);
}

static void text_take(struct fuzz_input *in, char text[TEXT])
{
	size_t count = fuzz_number(in, 1) % TEXT;
	const uint8_t *bytes = fuzz_bytes(in, &count);

	memcpy(text, bytes, count);
	text[count] = '\0';
}

/* What a machine that stopped would have left in the file, with any words in it. */
static void machine_store(sqlite3 *db, struct fuzz_input *in)
{
	static const char *const kinds[] = { "at", "return", "struck", "user" };
	struct salvage_registers registers;
	sqlite3_stmt *cpu = sql_prepare(
		db, "INSERT OR REPLACE INTO stopped_cpu VALUES (?, ?, ?, 0, 0, ?)", NULL);
	sqlite3_stmt *thread = sql_prepare(
		db, "INSERT OR REPLACE INTO stopped_thread VALUES (?, ?, ?, ?, ?, 0, NULL)", NULL);
	sqlite3_stmt *frame = sql_prepare(
		db, "INSERT OR REPLACE INTO stopped_frame VALUES (?, ?, ?, ?, ?)", NULL);
	sqlite3_stmt *lock =
		sql_prepare(db, "INSERT OR REPLACE INTO held_lock VALUES (?, ?, ?, ?)", NULL);
	char text[TEXT], state[TEXT];

	text_take(in, text);
	meta_set_text(db, "stopped", text);
	meta_set_integer(db, "panic_cpu", (int8_t)fuzz_number(in, 1));
	for (unsigned rows = (unsigned)fuzz_number(in, 1) % ROWS_MAX; rows; rows--) {
		const int64_t number = (int8_t)fuzz_number(in, 1);
		size_t size = fuzz_number(in, 1) & 1 ? sizeof(registers) : 3;
		const uint8_t *bytes = fuzz_bytes(in, &size);

		text_take(in, text);
		text_take(in, state);
		sql_row(cpu, "iitb", number, number, number & 1 ? "kernel" : text, bytes, size);
		sql_row(thread, "iitti", number, number, text, state, number);
		sql_row(frame, "iiiit", number, number, number, (int64_t)fuzz_number(in, 8),
			kinds[(uint64_t)number % 4]);
		sql_row(lock, "itii", number, text, number, number);
	}
	sqlite3_finalize(cpu);
	sqlite3_finalize(thread);
	sqlite3_finalize(frame);
	sqlite3_finalize(lock);
}

/* Answers about the program's file that the recording carries. */
static void symbols_fill(sqlite3 *db, struct fuzz_input *in)
{
	sqlite3_stmt *s = sql_prepare(
		db, "INSERT OR REPLACE INTO symbol VALUES (?, ?, ?, ?, ?, ?, ?, ?)", NULL);
	char text[TEXT];

	for (unsigned rows = (unsigned)fuzz_number(in, 1) % ROWS_MAX; rows; rows--) {
		const int64_t question = (int64_t)fuzz_number(in, 1) % 9;
		const int64_t address = (int64_t)fuzz_number(in, 3);
		const int64_t number = (int64_t)fuzz_number(in, 4);

		text_take(in, text);
		sql_row(s, "tiiititi", PROGRAM, question, address, number & 1, text, number, text,
			number);
	}
	sqlite3_finalize(s);
}

/* Answers of file servers, as a guest may have left them, kept and taken out again; memory
 * as a recording may have it. */
static void inputs_touch(sqlite3 *db, struct fuzz_input *in)
{
	struct answers_head head = { .mode = fuzz_number(in, 1) };
	size_t count = sizeof(head);
	const uint8_t *bytes = fuzz_bytes(in, &count);
	struct error why = { 0 };
	sqlite3_stmt *s;
	struct ram ram;
	int fd = memfd_create("answers", MFD_CLOEXEC), kept;

	memcpy(&head, bytes, count);
	if (head.mode & 1)
		memcpy(head.magic, ANSWERS_MAGIC, sizeof(head.magic));
	if (fd < 0 || ftruncate(fd, 1 << 16) || pwrite(fd, &head, sizeof(head), 4096) < 0)
		abort();
	if (answers_store(db, fd, 4096, 1, &why) == 0) {
		kept = input_load(db, "file tree", &why);
		if (kept >= 0)
			close(kept);
	}
	close(fd);
	count = fuzz_number(in, 1);
	bytes = fuzz_bytes(in, &count);
	s = sql_prepare(db, "INSERT INTO memory VALUES (?, ?)", NULL);
	sql_row(s, "ib", (int64_t)fuzz_number(in, 8), bytes, count);
	sqlite3_finalize(s);
	if (ram_of_trace(&ram, db, &why) == 0)
		ram_close(&ram);
}

static void crash_touch(struct reader *r)
{
	struct core_file found;
	struct error why = { 0 };
	char name[96];

	fuzz_stories(r);
	snprintf(name, sizeof(name), "%s.core", fuzz_path());
	if (core_find(&found, reader_database(r), -1, &why) > 0 && found.bytes < 1 << 24)
		core_write(reader_database(r), &found, name, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct synthetic s;
	struct fuzz_input in = { bytes, size };
	const unsigned what = (unsigned)fuzz_number(&in, 1);
	struct error why = { 0 };
	struct reader *r;

	fuzz_path_clear();
	if (!synthetic_open(&s, fuzz_path(), 2))
		abort(); /* nothing of the input is in it yet */
	if (!(what & 1)) {
		death_emit(&s, &in);
		core_store(s.store, &in);
	}
	if (what & 2)
		machine_store(store_database(s.store), &in);
	if (what & 4)
		inputs_touch(store_database(s.store), &in);
	if (what & 16)
		symbols_fill(store_database(s.store), &in);
	synthetic_close(&s, what & 8, 139);
	if (reader_open(&r, fuzz_path(), &why) == 0) {
		crash_touch(r);
		reader_close(r);
	}
	fuzz_path_clear();
	return 0;
}
