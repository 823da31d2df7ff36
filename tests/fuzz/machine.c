#include "tests/fuzz/machine.h"

#include <stdio.h>

#include "tracer/crc.h"
#include "tracer/schema.h"

#define BASE    0xffffffff80000000ull /* virtual - physical: of the kernel's image */
#define DIRECT  0xffff888000000000ull
#define MAPPED  0xffffc90000000000ull
#define PRESENT 3ull
#define BOOT    5000000000ull

#define VIRT(m, member) (BASE + (uint64_t)((const uint8_t *)&(m)->member - (const uint8_t *)(m)))
#define STACK(n)        (MAPPED + (n)*MACHINE_PAGE)
#define STACK_TOP(n)    (STACK(n) + MACHINE_PAGE)
#define TEXT(m, n)      VIRT(m, text[n])

/* Return addresses that mean something. */
enum { TEXT_TRAP_USER = 1, TEXT_TRAP_KERNEL, TEXT_PARANOID, TEXT_CALL, TEXT_BEGIN, TEXT_HOOK };
#define TEXT_FUNCTION 32u /* from here on plain ones */

static const struct salvage_field fields[SALVAGE_FIELDS] = {
#define FIELD(structure, member)                                                                   \
	[SALVAGE_##structure##_##member] = { offsetof(struct structure, member),                   \
					     sizeof(((struct structure *)0)->member) },
#define SIZE(structure) [SALVAGE_size_##structure] = { 0, sizeof(struct structure) },
#include "schemas/layout.def"
};

static void elf_make(struct machine *m)
{
	m->elf.head = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phoff = offsetof(struct machine, elf.part),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	};
	m->elf.part[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_filesz = sizeof(*m) };
	m->elf.part[1] =
		(Elf64_Phdr){ .p_type = PT_LOAD, .p_paddr = 1ull << 32, .p_filesz = MACHINE_PAGE };
}

static void page_make(struct machine *m)
{
	m->page = (struct salvage_page){
		.root = offsetof(struct machine, table),
		.image_base = BASE,
		.image_start = BASE,
		.image_end = BASE + sizeof(*m),
		.text_start = TEXT(m, 0),
		.text_end = TEXT(m, 512),
		.direct_base = DIRECT,
		.mapped_base = MAPPED,
		.mapped_end = MAPPED + (1ull << 40),
		.stack_size = MACHINE_PAGE,
		.cpus = VIRT(m, cpus),
		.cpu_count = VIRT(m, cpu_count),
		.cpu_states = VIRT(m, state),
		.panic = VIRT(m, panic),
		.processes = VIRT(m, processes),
		.suspect = VIRT(m, suspect),
		.trap_user = TEXT(m, TEXT_TRAP_USER),
		.trap_kernel = TEXT(m, TEXT_TRAP_KERNEL),
		.trap_paranoid = TEXT(m, TEXT_PARANOID),
		.system_call = TEXT(m, TEXT_CALL),
		.thread_begin = TEXT(m, TEXT_BEGIN),
		.function_returns = { TEXT(m, TEXT_HOOK) },
		.hello = { .schema = RINGSCOPE_SCHEMA_HASH,
			   .tsc_hz = 1000000000,
			   .boot_tsc = BOOT,
			   .realtime_ns = 1700000000000000000,
			   .cpus = MACHINE_CPUS,
			   .block_bytes = MACHINE_PAGE,
			   .blocks_per_cpu = MACHINE_BLOCKS },
	};
	memcpy(m->page.field, fields, sizeof(fields));
}

static void page_seal(struct machine *m)
{
	m->page.version = SALVAGE_VERSION;
	m->page.size = sizeof(m->page);
	m->page.fields = SALVAGE_FIELDS;
	memcpy(m->page.magic, SALVAGE_MAGIC, sizeof(m->page.magic));
	m->page.checksum = 0;
	m->page.checksum = crc32c(0, &m->page, sizeof(m->page));
}

static void tables_make(struct machine *m)
{
	for (unsigned level = 0; level < 3; level++)
		m->table[level][MAPPED >> (39 - 9 * level) & 511] =
			offsetof(struct machine, table[level + 1]) | PRESENT;
	for (unsigned i = 0; i < MACHINE_THREADS; i++)
		m->table[3][i] = offsetof(struct machine, stack[i]) | PRESENT;
}

static void word_put(struct machine *m, unsigned stack, unsigned below_top, uint64_t word)
{
	memcpy(m->stack[stack] + MACHINE_PAGE - below_top, &word, sizeof(word));
}

/* A call by its frame pointer, `below_top` bytes below the stack's top. */
static void frame_put(struct machine *m, unsigned stack, unsigned below_top, unsigned caller,
		      uint64_t back)
{
	word_put(m, stack, below_top, caller ? STACK_TOP(stack) - caller : 0);
	word_put(m, stack, below_top - 8, back);
}

static void registers_put(struct machine *m, unsigned stack, unsigned below_top,
			  struct salvage_registers r)
{
	memcpy(m->stack[stack] + MACHINE_PAGE - below_top, &r, sizeof(r));
}

/* From the top down: the program's registers, what handles its call, a fault in that, a
 * function that is recorded, and what switched away. */
static void stack_make(struct machine *m, unsigned n)
{
	const unsigned user = sizeof(struct salvage_registers), call = user + 16,
		       fault = call + 64 + sizeof(struct salvage_registers), handler = fault + 16,
		       inner = handler + 32, switched = inner + 56;

	registers_put(m, n, user, (struct salvage_registers){ .rip = 0x401000, .cs = 0x33 });
	frame_put(m, n, call, 0, TEXT(m, TEXT_CALL));
	registers_put(m, n, fault,
		      (struct salvage_registers){
			      .rip = TEXT(m, TEXT_FUNCTION), .cs = 8, .rbp = STACK_TOP(n) - call });
	frame_put(m, n, handler, call, TEXT(m, TEXT_TRAP_KERNEL));
	frame_put(m, n, inner, handler, TEXT(m, n == 1 ? TEXT_HOOK : TEXT_FUNCTION + 1));
	word_put(m, n, switched - 40, STACK_TOP(n) - inner);
	word_put(m, n, switched - 48, TEXT(m, TEXT_FUNCTION + 2));
	m->thread[n].stack_pointer = STACK_TOP(n) - switched;
	m->thread[n].stack = STACK(n);
	m->thread[n].frame = STACK_TOP(n) - user;
}

static void threads_make(struct machine *m)
{
	m->processes.next = VIRT(m, process[0].all);
	for (unsigned p = 0; p < MACHINE_PROCESSES; p++) {
		m->process[p] = (struct process){
			.pid = p + 1,
			.all.next = p ? VIRT(m, processes) : VIRT(m, process[1].all),
			.threads.next = VIRT(m, thread[2 * p].process_link),
		};
	}
	for (unsigned t = 0; t < MACHINE_THREADS; t++) {
		const unsigned p = t / 2 % MACHINE_PROCESSES;

		m->thread[t] = (struct thread){ .name = "sh", .state = 3, .wait_reason = 1 };
		stack_make(m, t);
		if (t >= 2 * MACHINE_PROCESSES)
			continue; /* idle threads are in no list */
		m->thread[t].tid = t + 1;
		m->thread[t].process = VIRT(m, process[p]);
		m->thread[t].process_link.next =
			t % 2 ? VIRT(m, process[p].threads) : VIRT(m, thread[t + 1].process_link);
	}
	m->thread[1].trace.functions = VIRT(m, function_frame);
	m->thread[1].trace.functions_top = VIRT(m, function_frame[2]);
	m->function_frame[0] = TEXT(m, TEXT_FUNCTION + 3);
}

static void cpus_make(struct machine *m)
{
	m->cpu_count = MACHINE_CPUS;
	for (unsigned i = 0; i < MACHINE_CPUS; i++) {
		m->cpus[i] = VIRT(m, cpu[i]);
		m->cpu[i].id = i;
		m->cpu[i].online = 1;
		m->cpu[i].mark = 7;
		m->cpu[i].ring = VIRT(m, ring[i]);
	}
	m->cpu[0].thread = VIRT(m, thread[0]);
	m->cpu[1].thread = VIRT(m, thread[5]);
	m->state[0] = (struct salvage_cpu){
		.valid = 1,
		.registers = { .rip = TEXT(m, TEXT_FUNCTION + 4),
			       .cs = 8,
			       .vector = 14,
			       .rsp = m->thread[0].stack_pointer,
			       .rbp = m->thread[0].stack_pointer + 56 },
	};
	m->panic = (struct salvage_panic){ .owner = 1, .text = "page fault", .again = "twice" };
	m->lock[0] = (struct spinlock){ 1, 3, VIRT(m, cpu[0]), VIRT(m, name) };
	snprintf(m->name, sizeof(m->name), "space");
	snprintf(m->registers, sizeof(m->registers),
		 "CPU#1\nRAX=0000000000000001 RBP=0000000000000000\n"
		 "RIP=ffffffff80000000 RFL=00000002\nCS =0008\nCR2=0\n");
}

/* Two blocks that are full, one that is being filled, one that is free. */
static void rings_make(struct machine *m)
{
	for (unsigned cpu = 0; cpu < MACHINE_CPUS; cpu++) {
		struct ring *r = &m->ring[cpu];

		r->block_mask = MACHINE_PAGE - 1;
		r->ring_mask = MACHINE_BLOCKS * MACHINE_PAGE - 1;
		r->slots = VIRT(m, slot[cpu]);
		for (unsigned i = 0; i < 3; i++) {
			const struct trace_block head = {
				.magic = TRACE_BLOCK_MAGIC,
				.version = TRACE_VERSION,
				.cpu = (uint16_t)cpu,
				.sequence = i,
				.first_time = BOOT + 1000 * i,
				.last_time = BOOT + 1000 * i + 999,
				.bytes = sizeof(head),
			};

			memcpy(m->block[cpu][i], &head, sizeof(head));
			m->slot[cpu][i].block = VIRT(m, block[cpu][i]);
			m->slot[cpu][i].closed = i < 2 ? sizeof(head) : 0;
		}
		r->head = 2 * MACHINE_PAGE + sizeof(struct trace_block);
	}
}

/* Where the input may change something: structures, so that it hits members. */
static uint8_t *place_of(struct machine *m, uint64_t number, size_t *size)
{
#define PLACE(member)                                                                              \
	{                                                                                          \
		(uint8_t *)&m->member, sizeof(m->member)                                           \
	}
	const struct {
		uint8_t *at;
		size_t size;
	} places[] = {
		PLACE(elf),         PLACE(page),        PLACE(state[0]),    PLACE(panic),
		PLACE(processes),   PLACE(cpu[0]),      PLACE(cpu[1]),      PLACE(thread[0]),
		PLACE(thread[1]),   PLACE(thread[2]),   PLACE(process[0]),  PLACE(process[1]),
		PLACE(ring[0]),     PLACE(ring[1]),     PLACE(slot[0]),     PLACE(slot[1]),
		PLACE(lock),        PLACE(name),        PLACE(registers),   PLACE(function_frame),
		PLACE(stack[0]),    PLACE(stack[1]),    PLACE(table[0]),    PLACE(table[3]),
		PLACE(block[0][0]), PLACE(block[0][1]), PLACE(block[0][2]), PLACE(block[1][0]),
		PLACE(block[1][2]), PLACE(cpus),        PLACE(cpu_count),   PLACE(text),
	};
#undef PLACE
	const size_t count = sizeof(places) / sizeof(places[0]);

	*size = places[number % count].size;
	return places[number % count].at;
}

/* One more record in the block at place, if it is one with room: whole, or only reserved,
 * or only counted. */
static void record_add(struct machine *m, struct fuzz_input *in)
{
	const unsigned cpu = (unsigned)fuzz_number(in, 1) % MACHINE_CPUS;
	const unsigned n = (unsigned)fuzz_number(in, 1) % MACHINE_BLOCKS;
	const unsigned how = (unsigned)fuzz_number(in, 1);
	const unsigned id = (unsigned)fuzz_number(in, 1);
	unsigned words = (unsigned)fuzz_number(in, 1) % 64 + 1;
	const uint64_t later = fuzz_number(in, 1);
	struct ring_slot *slot = &m->slot[cpu][n];
	uint8_t *block = m->block[cpu][n];
	struct trace_block head;
	uint32_t at = slot->closed ? slot->closed : (uint32_t)(m->ring[cpu].head % MACHINE_PAGE);
	const uint8_t *payload;
	size_t count;
	uint64_t word;

	if (how & 1 && event_info(id)) /* as long as it must be at least */
		words = event_info(id)->words + 1;
	if (at < sizeof(head) || at % 8 || at + words * 8 > MACHINE_PAGE)
		return;
	memcpy(&head, block, sizeof(head));
	word = trace_word(id, words, head.first_time + later);
	count = (words - 1) * 8;
	payload = fuzz_bytes(in, &count);
	if (!(how & 2)) { /* else the CPU stopped before it wrote it */
		memcpy(block + at, &word, sizeof(word));
		memcpy(block + at + 8, payload, count);
	}
	if (!(how & 4)) { /* else before it counted it */
		head.bytes += words * 8;
		head.records++;
	}
	memcpy(block, &head, sizeof(head));
	if (slot->closed)
		slot->closed += words * 8;
	else
		m->ring[cpu].head += words * 8;
}

static void bytes_change(struct machine *m, struct fuzz_input *in)
{
	size_t size, count;
	uint8_t *to = place_of(m, fuzz_number(in, 1), &size);
	const size_t at = fuzz_number(in, 2) % size;
	const uint8_t *bytes;

	count = fuzz_number(in, 1);
	if (count > size - at)
		count = size - at;
	bytes = fuzz_bytes(in, &count);
	memcpy(to + at, bytes, count);
}

/* A pointer to any place, with some bytes added. */
static void pointer_change(struct machine *m, struct fuzz_input *in)
{
	static const uint64_t bases[] = { BASE, DIRECT, 0,
					  MAPPED - offsetof(struct machine, stack) };
	size_t size, target_size;
	uint8_t *to = place_of(m, fuzz_number(in, 1), &size);
	const size_t at = fuzz_number(in, 2) % size & ~(size_t)7;
	const uint8_t *target = place_of(m, fuzz_number(in, 1), &target_size);
	const uint64_t base = bases[fuzz_number(in, 1) % 4];
	const uint64_t value = base + (uint64_t)(target - (uint8_t *)m) + fuzz_number(in, 2);

	if (size - at >= sizeof(value))
		memcpy(to + at, &value, sizeof(value));
}

void machine_make(struct machine *m, struct fuzz_input *in, bool sealed)
{
	memset(m, 0, sizeof(*m));
	elf_make(m);
	page_make(m);
	page_seal(m);
	tables_make(m);
	threads_make(m);
	cpus_make(m);
	rings_make(m);
	while (in->left) {
		switch (fuzz_number(in, 1) % 3) {
		case 0:
			record_add(m, in);
			break;
		case 1:
			bytes_change(m, in);
			break;
		default:
			pointer_change(m, in);
			break;
		}
	}
	m->registers[MACHINE_TEXT - 1] = '\0';
	if (sealed)
		page_seal(m);
}
