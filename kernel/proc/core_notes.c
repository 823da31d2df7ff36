/* The notes of a core file: registers and state of each thread, the process, the signal,
 * the auxiliary vector, which files are mapped where.  Layouts are those of Linux on
 * x86-64 (struct elf_prstatus and elf_prpsinfo of its UAPI, and uapi/linux/elf.h). */
#include <linux/auxvec.h>
#include <linux/elf.h>

#include "kernel/arch/x86_64/fpu.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/proc/core_parts.h"
#include "kernel/proc/procfs.h"
#include "kernel/proc/tree.h"

#define REGISTERS   27 /* of user_regs_struct */
#define LEGACY_SIZE 512
#define XCR0_AT     464 /* where debuggers look for XCR0 in an XSAVE area */

struct time_pair {
	int64_t seconds, microseconds;
};

struct status_note { /* struct elf_prstatus */
	int32_t sig, code, error;
	int16_t current_sig;
	uint64_t pending, held;
	int32_t pid, parent, group, session;
	struct time_pair user, kernel, children_user, children_kernel;
	uint64_t registers[REGISTERS];
	int32_t float_valid;
};
_Static_assert(sizeof(struct status_note) == 336, "struct elf_prstatus");

struct process_note { /* struct elf_prpsinfo */
	char state, letter, zombie;
	int8_t nice;
	uint64_t flags;
	uint32_t uid, gid;
	int32_t pid, parent, group, session;
	char program[16], arguments[80];
};
_Static_assert(sizeof(struct process_note) == 136, "struct elf_prpsinfo");

static void *bytes_room(struct core_bytes *b, size_t n)
{
	char *grown;

	if (b->failed)
		return NULL;
	if (b->length + n > b->room) {
		b->room = MAX(b->room * 2, b->length + n + PAGE_SIZE);
		grown = kmalloc(b->room);
		if (!grown) {
			b->failed = true;
			return NULL;
		}
		memcpy(grown, b->data, b->length);
		kfree(b->data);
		b->data = grown;
	}
	b->length += n;
	return b->data + b->length - n;
}

static void bytes_add(struct core_bytes *b, const void *from, size_t n)
{
	void *to = bytes_room(b, n);

	if (to)
		memcpy(to, from, n);
}

/* The header of a note; its n bytes are to follow. */
static void note_begin(struct core_bytes *b, const char *name, uint32_t type, size_t n)
{
	const Elf64_Nhdr head = { (Elf64_Word)strlen(name) + 1, (Elf64_Word)n, type };
	char padded[8] = "";

	string_copy(padded, sizeof(padded), name);
	bytes_add(b, &head, sizeof(head));
	bytes_add(b, padded, sizeof(padded));
}

/* Notes are whole words. */
static void note_end(struct core_bytes *b)
{
	bytes_room(b, ALIGN_UP(b->length, 4) - b->length);
}

static void note_add(struct core_bytes *b, const char *name, uint32_t type, const void *from,
		     size_t n)
{
	note_begin(b, name, type, n);
	bytes_add(b, from, n);
	note_end(b);
}

static struct time_pair time_pair(uint64_t ns)
{
	return (struct time_pair){ (int64_t)(ns / 1000000000), (int64_t)(ns % 1000000000 / 1000) };
}

/* In the order of struct user_regs_struct. */
static void registers_fill(uint64_t out[REGISTERS], const struct thread *t, const struct frame *f)
{
	const uint64_t call = f->vector == FRAME_SYSCALL ? f->error : UINT64_MAX;
	const uint64_t all[REGISTERS] = {
		f->r15, f->r14, f->r13,    f->r12, f->rbp, f->rbx,     f->r11,     f->r10,
		f->r9,  f->r8,  f->rax,    f->rcx, f->rdx, f->rsi,     f->rdi,     call,
		f->rip, f->cs,  f->rflags, f->rsp, f->ss,  t->fs_base, t->gs_base,
	};

	memcpy(out, all, sizeof(all));
}

static void status_add(struct core_bytes *b, const struct core *c, struct thread *t,
		       const struct frame *f)
{
	const struct process *p = c->process;
	uint64_t user, kernel;
	struct status_note s = {
		.sig = c->info->si_signo,
		.current_sig = (int16_t)c->info->si_signo,
		.pending = thread_task(t)->pending.set | p->signals->pending.set,
		.held = thread_task(t)->blocked,
		.pid = (int32_t)t->tid,
		.children_user = time_pair(p->children_user_ns),
		.children_kernel = time_pair(p->children_kernel_ns),
		.float_valid = 1,
	};

	tree_lock();
	s.parent = p->parent ? (int32_t)p->parent->pid : 0;
	s.group = (int32_t)p->group;
	s.session = (int32_t)p->session;
	tree_unlock();
	thread_times(t, &user, &kernel);
	s.user = time_pair(user);
	s.kernel = time_pair(kernel);
	registers_fill(s.registers, t, f);
	note_add(b, "CORE", NT_PRSTATUS, &s, sizeof(s));
}

static void float_add(struct core_bytes *b, const struct thread *t)
{
	const uint64_t mask = fpu_mask();
	char area[FPU_SIZE_MAX] __attribute__((aligned(64)));

	if (t == current())
		fpu_save(t->fpu);
	memcpy(area, t->fpu, fpu_size());
	note_add(b, "CORE", NT_PRFPREG, area, LEGACY_SIZE);
	if (fpu_size() == LEGACY_SIZE)
		return;
	memcpy(area + XCR0_AT, &mask, sizeof(mask));
	note_add(b, "LINUX", NT_X86_XSTATE, area, fpu_size());
}

static void process_add(struct core_bytes *b, const struct core *c)
{
	const struct process *p = c->process;
	const struct space_marks *m = space_marks(c->space);
	struct process_note n = {
		.letter = 'R',
		.nice = current()->nice,
		.uid = p->credentials.uid,
		.gid = p->credentials.gid,
		.pid = (int32_t)p->pid,
	};
	size_t length = MIN(m->args_end - m->args_start, sizeof(n.arguments) - 1);

	tree_lock();
	n.parent = p->parent ? (int32_t)p->parent->pid : 0;
	n.group = (int32_t)p->group;
	n.session = (int32_t)p->session;
	tree_unlock();
	string_copy(n.program, sizeof(n.program), current()->name);
	length = space_read(c->space, m->args_start, n.arguments, length, true);
	for (size_t i = 0; i + 1 < length; i++)
		if (!n.arguments[i])
			n.arguments[i] = ' ';
	note_add(b, "CORE", NT_PRPSINFO, &n, sizeof(n));
}

static void auxiliary_add(struct core_bytes *b, const struct core *c)
{
	uint64_t pairs[2 * PROC_AUXV_PAIRS];
	const unsigned count = proc_auxv_read(c->space, pairs);

	note_add(b, "CORE", NT_AUXV, pairs, count * 2 * sizeof(uint64_t));
}

/* uapi/linux/elf.h, NT_FILE: count, page size, then start, end and offset in pages of
 * each, then the names. */
static void files_add(struct core_bytes *b, const struct core *c)
{
	struct core_bytes names = { 0 };
	const size_t head = b->length;
	uint64_t counts[2] = { 0, PAGE_SIZE }, at = 0;
	struct region_info r;

	note_begin(b, "CORE", NT_FILE, 0);
	bytes_add(b, counts, sizeof(counts));
	for (; space_region(c->space, at, &r); at = r.end) {
		const uint64_t place[3] = { r.start, r.end, r.offset >> PAGE_SHIFT };

		if (r.path[0] != '/')
			continue;
		counts[0]++;
		bytes_add(b, place, sizeof(place));
		bytes_add(&names, r.path, strlen(r.path) + 1);
	}
	bytes_add(b, names.data, names.length);
	b->failed |= names.failed;
	kfree(names.data);
	if (b->failed)
		return;
	((Elf64_Nhdr *)(b->data + head))->n_descsz =
		(Elf64_Word)(b->length - head - sizeof(Elf64_Nhdr) - 8);
	memcpy(b->data + head + sizeof(Elf64_Nhdr) + 8, counts, sizeof(counts));
	note_end(b);
}

void core_notes_make(const struct core *c, struct core_bytes *notes)
{
	*notes = (struct core_bytes){ 0 };
	for (uint32_t i = 0; i < c->thread_count; i++) {
		struct thread *t = c->threads[i];

		status_add(notes, c, t, i ? t->frame : &c->frame);
		if (!i) {
			process_add(notes, c);
			note_add(notes, "CORE", NT_SIGINFO, c->info, sizeof(*c->info));
			auxiliary_add(notes, c);
			files_add(notes, c);
		}
		float_add(notes, t);
	}
}
