/* A memory image of any bytes, salvaged as a guest's: found, its threads, stacks, locks and
 * rings gone through, a core for gdb written; or taken for an ELF core itself.
 *
 * The input is laid over an image in which a page that describes the kernel is sound, or
 * nothing would ever be looked at: pieces of (offset, length, bytes).  With an odd first
 * byte the image is the input alone. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tracer/block.h"
#include "tracer/crc.h"
#include "tracer/salvage/rings.h"
#include "tracer/salvage/vmcore.h"
#include "tracer/salvage/watch.h"

#define IMAGE_BYTES (1u << 20)
#define PAGE_AT     0x10000u
#define BASE        0xffffffff80000000ull

static uint8_t image[IMAGE_BYTES];

/* Offsets are the input's, sizes are right: the kernel's own are checked by its compiler. */
static void page_make(struct fuzz_input *in)
{
	struct salvage_page p = {
		.version = SALVAGE_VERSION,
		.size = sizeof(p),
		.fields = SALVAGE_FIELDS,
		.root = fuzz_number(in, 2),
		.image_base = BASE,
		.image_start = BASE,
		.image_end = BASE + IMAGE_BYTES,
		.text_start = BASE,
		.text_end = BASE + IMAGE_BYTES,
		.direct_base = 0xffff888000000000ull,
		.mapped_base = 0xffffc90000000000ull,
		.mapped_end = 0xffffca0000000000ull,
		.stack_size = fuzz_number(in, 3),
		.cpus = BASE + fuzz_number(in, 2),
		.cpu_count = BASE + fuzz_number(in, 2),
		.cpu_states = BASE + fuzz_number(in, 2),
		.panic = BASE + fuzz_number(in, 2),
		.processes = BASE + fuzz_number(in, 2),
		.suspect = BASE + fuzz_number(in, 2),
		.trap_kernel = BASE + fuzz_number(in, 2),
		.function_returns = { BASE + fuzz_number(in, 2) },
	};

	p.hello.block_bytes = 4096;
	p.hello.cpus = (uint32_t)fuzz_number(in, 1);
	for (unsigned i = 0; i < SALVAGE_FIELDS; i++)
		p.field[i] = (struct salvage_field){ (uint32_t)fuzz_number(in, 2),
						     (uint32_t)fuzz_number(in, 1) };
	memcpy(p.magic, SALVAGE_MAGIC, sizeof(p.magic));
	p.checksum = crc32c(0, &p, sizeof(p));
	memcpy(image + PAGE_AT, &p, sizeof(p));
}

static void image_make(struct fuzz_input *in, bool alone)
{
	memset(image, 0, sizeof(image));
	if (!alone)
		page_make(in);
	while (in->left) {
		const size_t at = alone ? 0 : fuzz_number(in, 3) % IMAGE_BYTES;
		size_t count = alone ? in->left : fuzz_number(in, 2);
		const uint8_t *bytes;

		if (count > IMAGE_BYTES - at)
			count = IMAGE_BYTES - at;
		bytes = fuzz_bytes(in, &count);
		memcpy(image + at, bytes, count);
		if (!count)
			break;
	}
}

static bool have(void *cookie, unsigned cpu, uint64_t sequence)
{
	return false;
}

static int take(void *cookie, const struct recovery *r, const uint8_t *bytes)
{
	struct trace_block head;
	struct error why = { 0 };

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

/* The image as an ELF core of a guest. */
static void core_touch(int fd, struct guest *guest)
{
	struct error why = { 0 };
	char path[32];
	struct ram ram;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ram_of_file(&ram, path, &why))
		return;
	if (guest_find(guest, &ram, &why) == 0)
		guest_touch(guest);
	ram_close(&ram);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int fd = -1;
	static struct guest guest;
	static struct watch watch;
	struct fuzz_input in = { bytes, size };
	struct error why = { 0 };
	char path[96];
	struct ram ram;
	unsigned how;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	how = (unsigned)fuzz_number(&in, 1);
	image_make(&in, how & 1);
	if (fd < 0 || pwrite(fd, image, sizeof(image), 0) != (ssize_t)sizeof(image))
		abort();
	ram_of_machine(&ram, fd, sizeof(image));
	if (guest_find(&guest, &ram, &why) == 0)
		guest_touch(&guest);
	watch.found = false;
	watch_look(&watch, &ram, 1, 1);
	if (how & 2)
		core_touch(fd, &guest);
	if (how & 4) {
		snprintf(path, sizeof(path), "%s.core", fuzz_path());
		vmcore_write(path, &ram, NULL, &why);
		fuzz_path_clear();
	}
	return 0;
}
