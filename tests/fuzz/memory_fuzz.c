/* A memory image of any bytes, salvaged as a guest's: found, its threads, stacks, locks and
 * rings gone through, a core for gdb and a recording made of it and read; or taken for an
 * ELF core itself.
 *
 * The input is a byte that says what is done, then what is changed in a sound machine
 * (machine.h); or, when that byte says so, the image alone. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/machine.h"
#include "tracer/block.h"
#include "tracer/reader.h"
#include "tracer/salvage/salvage.h"
#include "tracer/salvage/vmcore.h"
#include "tracer/salvage/watch.h"

enum how {
	HOW_ALONE = 1,      /* the image is the input */
	HOW_CORE = 2,       /* it is taken for an ELF core */
	HOW_VMCORE = 4,     /* one is written, and read */
	HOW_RECORDING = 8,  /* likewise a recording */
	HOW_UNSEALED = 16,  /* the page that describes the kernel is left as it was changed */
	HOW_TRUNCATED = 32, /* the image ends early */
};

static bool have(void *cookie, unsigned cpu, uint64_t sequence)
{
	(void)cookie, (void)cpu, (void)sequence;
	return false;
}

static int take(void *cookie, const struct recovery *r, const uint8_t *bytes)
{
	struct trace_block head;
	struct error why = { 0 };

	(void)cookie;
	/* What is salvaged is stored: it must be a block like any other. */
	if (block_check(bytes, r->head.bytes, &head, &why) || !block_adds_up(bytes, &head))
		abort();
	return 0;
}

static void guest_touch(const struct guest *g)
{
	const struct rings_taker taker = { have, take, NULL };
	struct guest_frame frames[GUEST_FRAMES];
	struct guest_cursor cursor = { 0 };
	static struct trace_stats stats;
	struct rings_outcome outcome;
	struct guest_lock locks[8];
	struct salvage_panic panic;
	struct guest_thread t;
	struct guest_cpu c;
	struct error why = { 0 };

	guest_panic(g, &panic);
	rings_salvage(g, &taker, &outcome, &why);
	guest_locks(g, locks, 8);
	for (unsigned i = 0; i < g->cpus; i++) {
		rings_stats(g, i, &stats);
		guest_cpu(g, i, &c);
		guest_stack(g, &c.state.registers, &c.functions, frames);
	}
	for (unsigned n = 0; n < 64 && guest_thread_next(g, &cursor, &t); n++)
		guest_stack(g, &t.registers, &t.functions, frames);
}

static void memory_touch(const struct ram *ram)
{
	static struct guest guest;
	struct error why = { 0 };

	if (guest_find(&guest, ram, &why) == 0)
		guest_touch(&guest);
}

/* A file as an ELF core of a guest, or as its memory. */
static void file_touch(const char *path)
{
	struct error why = { 0 };
	struct ram ram;

	if (ram_of_file(&ram, path, &why))
		return;
	memory_touch(&ram);
	ram_close(&ram);
}

static void vmcore_touch(const struct ram *ram, const char *registers)
{
	struct error why = { 0 };
	char path[96];

	snprintf(path, sizeof(path), "%s.core", fuzz_path());
	if (vmcore_write(path, ram, registers, &why) == 0)
		file_touch(path);
	fuzz_path_clear();
}

/* The memory that the recording keeps. */
static void kept_touch(void)
{
	struct error why = { 0 };
	struct reader *r;
	struct ram kept;

	if (reader_open(&r, fuzz_path(), &why))
		return;
	if (ram_of_trace(&kept, reader_database(r), &why) == 0) {
		memory_touch(&kept);
		ram_close(&kept);
	}
	reader_close(r);
}

static void recording_touch(const struct ram *ram, const char *registers)
{
	struct salvage_outcome outcome;
	struct error why = { 0 };

	fuzz_path_clear();
	if (salvage_file(fuzz_path(), false, NULL, ram, registers, &outcome, &why) == 0) {
		fuzz_read_trace(fuzz_path());
		kept_touch();
	}
	fuzz_path_clear();
}

/* Pages that were never written are holes, as in the file that QEMU shares. */
static void image_write(int fd, const void *bytes, size_t size)
{
	static const uint8_t zero[MACHINE_PAGE];
	const uint8_t *from = bytes;

	if (ftruncate(fd, 0) || ftruncate(fd, (off_t)size))
		abort();
	for (size_t at = 0; at < size; at += MACHINE_PAGE) {
		const size_t n = size - at < MACHINE_PAGE ? size - at : MACHINE_PAGE;

		if (memcmp(from + at, zero, n) && pwrite(fd, from + at, n, (off_t)at) != (ssize_t)n)
			abort();
	}
}

static size_t image_make(int fd, struct machine *m, struct fuzz_input *in, unsigned how)
{
	size_t size = sizeof(*m);

	if (how & HOW_ALONE) {
		image_write(fd, in->bytes, in->left);
		return in->left;
	}
	if (how & HOW_TRUNCATED)
		size = fuzz_number(in, 3) % size;
	machine_make(m, in, !(how & HOW_UNSEALED));
	image_write(fd, m, size);
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int fd = -1;
	static struct machine machine;
	static struct watch watch;
	struct fuzz_input in = { bytes, size };
	char path[32];
	struct ram ram;
	unsigned how;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	how = (unsigned)fuzz_number(&in, 1);
	ram_of_machine(&ram, fd, image_make(fd, &machine, &in, how));
	memory_touch(&ram);
	watch.found = false;
	watch_look(&watch, &ram, 1, 1);
	watch_look(&watch, &ram, 3, 1);
	if (watch_suspect(&watch, fd, 0))
		watch_acquitted(&watch, fd);
	if (how & HOW_CORE) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		file_touch(path);
	}
	if (how & HOW_VMCORE)
		vmcore_touch(&ram, machine.registers);
	if (how & HOW_RECORDING)
		recording_touch(&ram, machine.registers);
	return 0;
}
