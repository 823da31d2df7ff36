#include "tracer/salvage/vmcore.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/buffer.h"

#define PAGE         4096ull
#define SEGMENTS_MAX 60000u       /* e_phnum has 16 bits */
#define MEMORY_AT    (4ull << 20) /* of the file: behind headers and notes, which end before */
#define THREADS_MAX  16000u

struct core {
	const struct guest *g;
	int fd;
	Elf64_Phdr *segment;
	unsigned segments;
	struct buffer notes, commands, table;
	struct buffer hooks; /* struct guest_hook */
	unsigned threads;
};

static void segment_add(struct core *c, uint64_t virt, uint64_t phys, uint64_t size)
{
	if (c->segments == SEGMENTS_MAX)
		return;
	c->segment[c->segments++] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		.p_offset = MEMORY_AT + phys,
		.p_vaddr = virt,
		.p_paddr = phys,
		.p_filesz = size,
		.p_memsz = size,
		.p_align = PAGE,
	};
}

/* Where stacks lie: pages of the mapped area, joined where both addresses go on. */
static void mapped_add(struct core *c, uint64_t from, uint64_t to)
{
	uint64_t start = 0, at_phys = 0, size = 0, phys;

	for (uint64_t at = from & ~(PAGE - 1); at < to; at += PAGE) {
		const bool there = guest_physical(c->g, at, &phys);

		if (there && size && phys == at_phys + size) {
			size += PAGE;
			continue;
		}
		if (size)
			segment_add(c, start, at_phys, size);
		start = at;
		at_phys = phys;
		size = there ? PAGE : 0;
	}
	if (size)
		segment_add(c, start, at_phys, size);
}

static void note_add(struct core *c, unsigned type, const void *bytes, size_t size)
{
	static const char zero[4];
	const Elf64_Nhdr head = { .n_namesz = 5, .n_descsz = (Elf64_Word)size, .n_type = type };

	buffer_append(&c->notes, &head, sizeof(head));
	buffer_append(&c->notes, "CORE\0\0\0", 8);
	buffer_append(&c->notes, bytes, size);
	buffer_append(&c->notes, zero, (4 - size % 4) % 4);
}

/* One of gdb's threads; `what` is how people call it. */
static void thread_add(struct core *c, uint32_t number, const struct salvage_registers *r,
		       const char *what)
{
	struct elf_prstatus status = { 0 };
	/* struct user_regs_struct of sys/user.h. */
	const unsigned long long regs[] = {
		r->r15, r->r14, r->r13, r->r12, r->rbp,    r->rbx, r->r11,
		r->r10, r->r9,  r->r8,  r->rax, r->rcx,    r->rdx, r->rsi,
		r->rdi, r->rax, r->rip, r->cs,  r->rflags, r->rsp, r->ss,
	};

	status.pr_pid = (pid_t)number;
	memcpy(&status.pr_reg, regs, sizeof(regs));
	note_add(c, NT_PRSTATUS, &status, sizeof(status));
	c->threads++;
	buffer_printf(&c->table, "  echo %4u  %s\\n\n", c->threads, what);
}

static bool all_write(int fd, const void *bytes, size_t count, uint64_t at)
{
	const char *p = bytes;

	while (count) {
		const ssize_t put = pwrite(fd, p, count, (off_t)at);

		if (put <= 0)
			return false;
		p += put;
		at += (uint64_t)put;
		count -= (size_t)put;
	}
	return true;
}

/* Where the recorder of functions stands on a stack. */
static void hooks_add(struct core *c, const struct salvage_registers *r,
		      const struct guest_functions *functions)
{
	struct guest_hook hooks[GUEST_FRAMES];
	const unsigned count = guest_hooks(c->g, r, functions, hooks);

	buffer_append(&c->hooks, hooks, count * sizeof(hooks[0]));
}

/* gdb goes by what stands there: the callers again. */
static bool hooks_undo(struct core *c)
{
	struct guest_hook hook;
	uint64_t phys;

	for (size_t at = 0; at < c->hooks.length; at += sizeof(hook)) {
		memcpy(&hook, c->hooks.data + at, sizeof(hook));
		if (guest_physical(c->g, hook.place, &phys) && phys < ram_top(c->g->memory) &&
		    !all_write(c->fd, &hook.address, sizeof(hook.address), MEMORY_AT + phys))
			return false;
	}
	return true;
}

/* A name that is safe between quotes. */
static void name_clean(char *name)
{
	for (; *name; name++)
		if (*name < ' ' || *name > '~' || strchr("\"\\%", *name))
			*name = '?';
}

static void cpu_add(struct core *c, unsigned i, const char *registers)
{
	struct guest_cpu cpu;
	char what[64];

	guest_cpu(c->g, i, &cpu);
	if (cpu.source == SOURCE_NONE && !qemu_registers(registers, i, &cpu.state))
		memset(&cpu.state, 0, sizeof(cpu.state));
	snprintf(what, sizeof(what), "CPU %u, thread %u", i, cpu.tid);
	/* gdb wants numbers that differ: CPUs get those that no thread has. */
	thread_add(c, 1000000 + i, &cpu.state.registers, what);
	hooks_add(c, &cpu.state.registers, &cpu.functions);
	if (cpu.thread) {
		const uint64_t stack = guest_member(c->g, cpu.thread, SALVAGE_thread_stack);

		if (!cpu.tid) /* the idle thread, which is in no list */
			mapped_add(c, stack, stack + c->g->page.stack_size);
	}
	buffer_printf(&c->commands, "  if $arg0 == %u\n    thread %u\n    bt\n  end\n", i,
		      c->threads);
}

static void tasks_add(struct core *c, struct buffer *choose)
{
	struct guest_cursor cursor = { 0 };
	struct guest_thread t;
	char what[96];

	while (c->threads < THREADS_MAX && guest_thread_next(c->g, &cursor, &t)) {
		const uint64_t stack = guest_member(c->g, t.address, SALVAGE_thread_stack);

		mapped_add(c, stack, stack + c->g->page.stack_size);
		name_clean(t.name);
		snprintf(what, sizeof(what), "thread %u, %s", t.tid, t.name);
		if (t.running) {
			/* It is what its CPU is. */
			buffer_printf(choose, "  if $arg0 == %u\n    thread %u\n    bt\n  end\n",
				      t.tid, t.cpu + 1);
			continue;
		}
		thread_add(c, t.tid, &t.registers, what);
		hooks_add(c, &t.registers, &t.functions);
		buffer_printf(choose, "  if $arg0 == %u\n    thread %u\n    bt\n  end\n", t.tid,
			      c->threads);
	}
}

static bool is_zero(const uint8_t *bytes, size_t count)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

/* What is zero stays a hole. */
static bool memory_write(struct core *c)
{
	const struct ram *m = c->g->memory;
	uint8_t *bytes = malloc(1 << 20);
	uint64_t phys = 0, end;
	bool good = bytes != NULL;

	for (; good && ram_next(m, &phys, &end); phys = end)
		for (uint64_t at = phys; good && at < end; at += 1 << 20) {
			const size_t got =
				ram_read(m, at, bytes, end - at < 1 << 20 ? end - at : 1 << 20);

			for (size_t i = 0; good && i < got; i += PAGE) {
				const size_t n = got - i < PAGE ? got - i : PAGE;

				good = is_zero(bytes + i, n) ||
				       all_write(c->fd, bytes + i, n, MEMORY_AT + at + i);
			}
		}
	free(bytes);
	return good && ftruncate(c->fd, (off_t)(MEMORY_AT + ram_top(m))) == 0;
}

static bool headers_write(struct core *c)
{
	const uint64_t notes_at = sizeof(Elf64_Ehdr) + (c->segments + 1) * sizeof(Elf64_Phdr);
	const Elf64_Ehdr head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(head),
		.e_ehsize = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)(c->segments + 1),
	};
	const Elf64_Phdr note = {
		.p_type = PT_NOTE,
		.p_offset = notes_at,
		.p_filesz = c->notes.length,
		.p_align = 4,
	};

	if (notes_at + c->notes.length > MEMORY_AT) {
		errno = EFBIG;
		return false;
	}
	return all_write(c->fd, &head, sizeof(head), 0) &&
	       all_write(c->fd, &note, sizeof(note), sizeof(head)) &&
	       all_write(c->fd, c->segment, c->segments * sizeof(Elf64_Phdr),
			 sizeof(head) + sizeof(note)) &&
	       all_write(c->fd, c->notes.data, c->notes.length, notes_at);
}

static const char undone[] =
	"echo Return addresses are in their places, where the recorder of functions had its own.\\n\n";

static bool commands_write(const struct core *c, const struct buffer *choose, const char *path)
{
	char name[4096];
	FILE *f;
	bool good;

	if (snprintf(name, sizeof(name), "%s.gdb", path) >= (int)sizeof(name))
		return false;
	f = fopen(name, "w");
	if (!f)
		return false;
	fprintf(f,
		"# gdb kernel.elf VMCORE -x VMCORE.gdb\n"
		"set pagination off\n"
		"set confirm off\n"
		"%s"
		"define ps\n%send\ndocument ps\nList gdb's numbers of all CPUs and threads.\nend\n"
		"define cpu\n%send\ndocument cpu\nGo to CPU N, with its stack.\nend\n"
		"define task\n%send\ndocument task\nGo to thread TID, with its stack.\nend\n",
		c->hooks.length ? undone : "", buffer_text(&c->table), buffer_text(&c->commands),
		buffer_text(choose));
	good = !ferror(f);
	good = fclose(f) == 0 && good;
	if (!good)
		unlink(name);
	return good;
}

int vmcore_write(const char *path, const struct ram *m, const char *registers, struct error *why)
{
	struct guest *g = calloc(1, sizeof(*g));
	struct core c = { .g = g, .segment = calloc(SEGMENTS_MAX, sizeof(Elf64_Phdr)) };
	struct buffer choose = { 0 };
	struct stat st;
	int status = 2;

	if (g && c.segment)
		status = guest_find(g, m, why);
	else
		error_set(why, 2, "%s: out of memory", path);
	if (!status) {
		c.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (c.fd < 0)
			status = error_set(why, 2, "%s: %s", path, strerror(errno));
	}
	if (!status) {
		segment_add(&c, g->page.image_start, g->page.image_start - g->page.image_base,
			    g->page.image_end - g->page.image_start);
		for (unsigned i = 0; i < m->parts; i++)
			segment_add(&c, g->page.direct_base + m->part[i].phys, m->part[i].phys,
				    m->part[i].size);
		for (unsigned i = 0; i < g->cpus; i++)
			cpu_add(&c, i, registers);
		tasks_add(&c, &choose);
		if (!memory_write(&c) || !hooks_undo(&c) || !headers_write(&c) ||
		    !commands_write(&c, &choose, path))
			status = error_set(why, 2, "%s: %s", path, strerror(errno));
		if (fstat(c.fd, &st))
			st.st_mode = 0;
		if (close(c.fd) && !status)
			status = error_set(why, 2, "%s: %s", path, strerror(errno));
		if (status && S_ISREG(st.st_mode))
			unlink(path); /* without its headers it is none */
	}
	buffer_free(&c.notes);
	buffer_free(&c.hooks);
	buffer_free(&c.commands);
	buffer_free(&c.table);
	buffer_free(&choose);
	free(c.segment);
	free(g);
	return status;
}
