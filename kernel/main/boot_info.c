#include "kernel/main/boot_info.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"

/* Xen's public/arch-x86/hvm/start_info.h. */
#define START_MAGIC 0x336ec578
#define MEMORY_RAM  1
#define LOW_END     0x100000ull /* firmware's and the AP trampoline's */

struct start_info {
	uint32_t magic, version, flags, module_count;
	uint64_t modules, command_line, rsdp, memory_map;
	uint32_t memory_entries, reserved;
};

struct start_module {
	uint64_t address, size, command_line, reserved;
};

struct start_memory {
	uint64_t address, size;
	uint32_t type, reserved;
};

extern char image_end[];

static const void *at(uint64_t phys)
{
	return phys_to_virt((phys_t){ phys });
}

static void add_range(struct boot_info *b, uint64_t start, uint64_t end)
{
	start = ALIGN_UP(MAX(start, LOW_END), PAGE_SIZE);
	end = ALIGN_DOWN(end, PAGE_SIZE);
	if (start < end && b->ram_count < RANGES_MAX)
		b->ram[b->ram_count++] = (struct memory_range){ { start }, end - start };
}

/* Cut [start, end) out of all ranges. */
static void cut_range(struct boot_info *b, uint64_t start, uint64_t end)
{
	unsigned n = b->ram_count;

	for (unsigned i = 0; i < n; i++) {
		uint64_t first = b->ram[i].start.raw, last = first + b->ram[i].size;

		if (start >= last || end <= first)
			continue;
		b->ram[i].size = 0;
		add_range(b, first, start);
		add_range(b, end, last);
	}
}

static void drop_empty_ranges(struct boot_info *b)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < b->ram_count; i++) {
		if (b->ram[i].size)
			b->ram[kept++] = b->ram[i];
	}
	b->ram_count = kept;
}

static void read_memory(struct boot_info *b, const struct start_info *s)
{
	const struct start_memory *m = at(s->memory_map);

	for (uint32_t i = 0; i < s->memory_entries; i++) {
		if (m[i].type != MEMORY_RAM)
			continue;
		add_range(b, m[i].address, m[i].address + m[i].size);
		b->ram_end = MAX(b->ram_end, m[i].address + m[i].size);
	}
	cut_range(b, 0, (uint64_t)image_end - KERNEL_BASE);
	if (b->initrd_size)
		cut_range(b, ALIGN_DOWN(b->initrd.raw, PAGE_SIZE), b->initrd.raw + b->initrd_size);
	drop_empty_ranges(b);
}

void boot_info_read(struct boot_info *b, uint64_t phys)
{
	const struct start_info *s = at(phys);

	if (s->magic != START_MAGIC || s->version < 1)
		panic("not started by PVH with a memory map");
	string_copy(b->command_line, sizeof(b->command_line),
		    s->command_line ? at(s->command_line) : "");
	if (s->module_count) {
		const struct start_module *m = at(s->modules);

		b->initrd.raw = m->address;
		b->initrd_size = m->size;
	}
	read_memory(b, s);
}

struct memory_range boot_info_split(struct boot_info *b, uint64_t at)
{
	uint64_t end = b->ram_end;

	if (b->initrd_size && b->initrd.raw >= at)
		end = MIN(end, ALIGN_DOWN(b->initrd.raw, PAGE_SIZE));
	cut_range(b, at, b->ram_end);
	drop_empty_ranges(b);
	return (struct memory_range){ { at }, at < end ? end - at : 0 };
}

bool boot_option(const struct boot_info *b, const char *key, char *to, size_t size)
{
	size_t length = strlen(key);

	for (const char *p = b->command_line; *p;) {
		const char *end = p;

		while (*end && *end != ' ')
			end++;
		if (!strncmp(p, key, length) && p[length] == '=') {
			size_t n = MIN((size_t)(end - p - length - 1), size - 1);

			memcpy(to, p + length + 1, n);
			to[n] = 0;
			return true;
		}
		p = *end ? end + 1 : end;
	}
	return false;
}
