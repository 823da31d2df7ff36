#include "kernel/proc/stack.h"

#include <linux/auxvec.h>
#include <linux/elf.h>
#include <linux/errno.h>
#include <asm/hwcap2.h>

#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/proc/signal_frame.h"

#define STACK_ROOM      (128 * 1024) /* mapped below what is used at first, as Linux does */
#define USER_HZ         100
#define PLATFORM        "x86_64"
#define RANDOM_BYTES    16
#define AUXILIARY_PAIRS 21

/* Writes words upwards from addr, by buffers. */
struct stack_writer {
	struct space *space;
	uint64_t addr;
	uint64_t words[64];
	unsigned count;
	bool failed;
};

static void stack_flush(struct stack_writer *w)
{
	size_t n = w->count * sizeof(w->words[0]);

	if (space_write(w->space, w->addr, w->words, n, true) != n)
		w->failed = true;
	w->addr += n;
	w->count = 0;
}

static void stack_word(struct stack_writer *w, uint64_t word)
{
	w->words[w->count++] = word;
	if (w->count == ARRAY_SIZE(w->words))
		stack_flush(w);
}

/* The strings at `at` on the new stack, and a pointer to each: argv, then envp. */
static void strings_write(struct stack_writer *w, const struct arguments *a, uint64_t at)
{
	uint64_t size = arguments_size(a), arguments = arguments_count(a);
	uint64_t left = arguments + a->environment_count;
	bool start = true;
	char chunk[256];

	for (uint64_t done = 0; done < size;) {
		size_t n = MIN(size - done, sizeof(chunk));

		arguments_read(a, done, chunk, n);
		if (space_write(w->space, at + done, chunk, n, true) != n)
			w->failed = true;
		for (size_t i = 0; i < n; i++) {
			if (start) {
				stack_word(w, at + done + i);
				if (--left == a->environment_count)
					stack_word(w, 0);
			}
			start = !chunk[i];
		}
		done += n;
	}
	stack_word(w, 0);
}

static void auxiliary_write(struct stack_writer *w, const struct program *g,
			    const struct start_facts *facts, uint64_t random, uint64_t platform,
			    uint64_t name)
{
	const struct credentials *c = &g->credentials;
	uint64_t hwcap2 = cr4_read() & CR4_FSGSBASE ? HWCAP2_FSGSBASE : 0;
	const uint64_t pairs[AUXILIARY_PAIRS][2] = {
		{ facts->vdso ? AT_SYSINFO_EHDR : AT_IGNORE, facts->vdso },
		{ AT_MINSIGSTKSZ, signal_frame_size() },
		{ AT_HWCAP, cpuid(1, 0).d },
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_CLKTCK, USER_HZ },
		{ AT_PHDR, facts->headers },
		{ AT_PHENT, sizeof(Elf64_Phdr) },
		{ AT_PHNUM, facts->header_count },
		{ AT_BASE, facts->base },
		{ AT_FLAGS, 0 },
		{ AT_ENTRY, facts->entry },
		{ AT_UID, c->uid },
		{ AT_EUID, c->euid },
		{ AT_GID, c->gid },
		{ AT_EGID, c->egid },
		{ AT_SECURE, g->secure },
		{ AT_RANDOM, random },
		{ AT_HWCAP2, hwcap2 },
		{ AT_EXECFN, name },
		{ AT_PLATFORM, platform },
		{ AT_NULL, 0 },
	};

	for (unsigned i = 0; i < AUXILIARY_PAIRS; i++) {
		stack_word(w, pairs[i][0]);
		stack_word(w, pairs[i][1]);
	}
}

/* From the top: a null word, the program's name, environment and argv strings,
 * platform, random bytes; then, 16-byte aligned, argc, pointers, auxv. */
int stack_build(struct program *g, const char *name, const struct arguments *a,
		const struct start_facts *facts, uint64_t limit, bool exec)
{
	uint64_t name_at = STACK_TOP - 8 - (strlen(name) + 1);
	uint64_t strings = name_at - arguments_size(a);
	uint64_t platform = ALIGN_DOWN(strings - sizeof(PLATFORM), 16);
	uint64_t random = platform - RANDOM_BYTES;
	uint64_t words =
		1 + arguments_count(a) + 1 + a->environment_count + 1 + 2 * AUXILIARY_PAIRS;
	struct stack_writer w = { .space = g->space };
	struct space_marks *marks = space_marks(g->space);
	uint8_t bytes[RANDOM_BYTES];
	uint64_t used;
	int error;

	w.addr = g->stack = ALIGN_DOWN(random - words * 8, 16);
	used = ALIGN_UP(STACK_TOP - g->stack, PAGE_SIZE);
	limit = ALIGN_DOWN(MIN(limit, STACK_GAP / 2), PAGE_SIZE);
	error = space_map_stack(g->space, STACK_TOP, MIN(used + STACK_ROOM, MAX(limit, used)),
				MAX(limit, used), exec);
	if (error)
		return error;
	random_bytes(bytes, sizeof(bytes));
	if (space_write(g->space, name_at, name, strlen(name) + 1, true) != strlen(name) + 1 ||
	    space_write(g->space, platform, PLATFORM, sizeof(PLATFORM), true) != sizeof(PLATFORM) ||
	    space_write(g->space, random, bytes, sizeof(bytes), true) != sizeof(bytes))
		return -ENOMEM;
	stack_word(&w, arguments_count(a));
	strings_write(&w, a, strings);
	auxiliary_write(&w, g, facts, random, platform, name_at);
	stack_flush(&w);
	marks->stack_start = marks->start = g->stack;
	marks->args_start = strings;
	marks->args_end = marks->env_start =
		strings + arguments_size(a) - (a->length - a->environment);
	marks->env_end = name_at;
	return w.failed ? -ENOMEM : 0;
}
