/* From a path to a program that could start: scripts are followed to their
 * interpreter, the ELF file and its dynamic linker are mapped into a new space,
 * the first stack is written.  Nothing of the old program is touched. */
#include <linux/auxvec.h>
#include <linux/errno.h>
#include <linux/resource.h>
#include <asm/hwcap2.h>

#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/proc/exec.h"
#include "kernel/proc/segments.h"
#include "kernel/proc/signal_frame.h"

#define SCRIPT_LINE  256 /* BINPRM_BUF_SIZE of Linux */
#define SCRIPT_DEPTH 4
#define STACK_TOP    (USER_END - (16ull << 20)) /* below it, programs may map to the end */
#define STACK_ROOM   (128 * 1024) /* mapped below what is used at first, as Linux does */
#define STACK_GAP    (128ull << 20) /* kept for it whatever the limit says */
/* Where Linux puts position-independent programs without randomization. */
#define RELOCATABLE_BASE 0x555555554000ull
#define USER_HZ          100
#define PLATFORM         "x86_64"
#define RANDOM_BYTES     16
#define AUXILIARY_PAIRS  21

/* What the dynamic linker and libc are told, besides argv. */
struct start_facts {
	uint64_t headers, header_count, base, entry;
};

/* Open the program at path for execution. */
static int program_open(const struct path *path, const struct credentials *c, struct file **out)
{
	struct inode *i = path_inode(path);
	int error;

	if (!inode_is(i, S_IFREG))
		return -EACCES;
	error = inode_permission(i, c, MAY_EXECUTE);
	if (!error && __atomic_load_n(&i->users, __ATOMIC_RELAXED) > 0)
		error = -ETXTBSY;
	return error ? error : file_open(path, O_RDONLY, out);
}

/* Cut a #! line into interpreter and option (NULL: none).  False if it is none. */
static bool script_parse(char *line, char **interpreter, char **option)
{
	char *end = strchr(line, '\n'), *p = line + 2;

	if (!end)
		end = line + strlen(line);
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	while (*p == ' ' || *p == '\t')
		p++;
	*interpreter = p;
	while (*p && *p != ' ' && *p != '\t')
		p++;
	*option = NULL;
	if (*p) {
		*p++ = '\0';
		while (*p == ' ' || *p == '\t')
			p++;
		*option = p;
	}
	return **interpreter;
}

static int path_open(const char *name, const struct process *p, struct path *out)
{
	struct lookup l = {
		.context = p->fs, .credentials = &p->credentials, .follow = true
	};

	return path_lookup(&l, name, out);
}

/* If f is a script: *path becomes its interpreter.  1 if so, 0 if f is none. */
static int script_follow(struct file *f, const char *name, struct arguments *a,
			 const struct process *p, struct path *path)
{
	char line[SCRIPT_LINE + 1], *interpreter, *option;
	struct path next;
	int64_t n = file_read_kernel(f, line, SCRIPT_LINE, 0);
	int error;

	if (n < 0)
		return n;
	line[n] = '\0';
	if (n < 2 || line[0] != '#' || line[1] != '!')
		return 0;
	/* A name that the buffer cuts is not the interpreter's. */
	if ((n == SCRIPT_LINE && !memchr(line + 2, '\n', n - 2) && !memchr(line + 3, ' ', n - 3)) ||
	    !script_parse(line, &interpreter, &option))
		return -ENOEXEC;
	error = arguments_interpret(a, interpreter, option, name);
	if (!error)
		error = path_open(interpreter, p, &next);
	if (error)
		return error;
	path_put(path);
	*path = next;
	return 1;
}

/* Follow scripts from *path (replaced; reference) to a binary, opened. */
static int binary_find(struct path *path, const char *name, struct arguments *a,
		       const struct process *p, struct file **out)
{
	char *called = kmalloc(SCRIPT_LINE);
	int error = called ? 0 : -ENOMEM;

	for (unsigned depth = 0; !error; depth++) {
		struct file *f;
		int more;

		error = program_open(path, &p->credentials, &f);
		if (error)
			break;
		more = script_follow(f, depth ? called : name, a, p, path);
		if (more <= 0) {
			error = more;
			if (error)
				file_put(f);
			else
				*out = f;
			break;
		}
		file_put(f);
		arguments_read(a, 0, called, MIN(SCRIPT_LINE - 1, arguments_size(a)));
		if (depth == SCRIPT_DEPTH)
			error = -ELOOP;
	}
	kfree(called);
	return error;
}

/* PT_INTERP: the dynamic linker, opened, checked and mapped. */
static int linker_map(struct space *s, const struct elf_file *program, const struct process *p,
		      uint64_t *entry, uint64_t *base)
{
	const struct elf_image *image = &program->image;
	char *name = kmalloc(image->interpreter_size);
	struct elf_file linker;
	struct path path;
	struct file *f;
	int64_t n = -ENOMEM;
	int error;

	if (name)
		n = file_read_kernel(program->file, name, image->interpreter_size,
				     image->interpreter_offset);
	error = n < 0 ? n : 0;
	if (!error && (n != (int64_t)image->interpreter_size || name[n - 1]))
		error = -ENOEXEC;
	if (!error)
		error = path_open(name, p, &path);
	kfree(name);
	if (error)
		return error;
	error = program_open(&path, &p->credentials, &f);
	path_put(&path);
	if (!error)
		error = elf_file_read(&linker, f);
	if (error)
		return error == -ENOEXEC ? -ELIBBAD : error;
	*base = PLACE_ANY;
	error = segments_map(s, &linker, base);
	*entry = linker.image.entry + *base;
	elf_file_release(&linker);
	return error;
}

static int binary_map(struct program *g, const struct elf_file *e, const struct process *p,
		      struct start_facts *facts)
{
	struct space_marks *marks = space_marks(g->space);
	uint64_t bias = RELOCATABLE_BASE - ALIGN_DOWN(e->image.low, PAGE_SIZE);
	int error;

	if (e->image.high > STACK_TOP - STACK_GAP)
		return -ENOMEM;
	error = segments_map(g->space, e, &bias);
	if (error)
		return error;
	facts->headers = e->image.headers ? e->image.headers + bias : 0;
	facts->header_count = e->image.count;
	facts->entry = g->entry = e->image.entry + bias;
	marks->code_start = e->image.low + bias;
	marks->code_end = e->image.high + bias;
	space_set_heap(g->space, e->image.high + bias);
	if (e->image.interpreter_size)
		error = linker_map(g->space, e, p, &g->entry, &facts->base);
	return error;
}

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
static int stack_build(struct program *g, const char *name, const struct arguments *a,
		       const struct start_facts *facts, uint64_t limit, bool exec)
{
	uint64_t name_at = STACK_TOP - 8 - (strlen(name) + 1);
	uint64_t strings = name_at - arguments_size(a);
	uint64_t platform = ALIGN_DOWN(strings - sizeof(PLATFORM), 16);
	uint64_t random = platform - RANDOM_BYTES;
	uint64_t words = 1 + arguments_count(a) + 1 + a->environment_count + 1 +
			 2 * AUXILIARY_PAIRS;
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
	marks->stack_start = g->stack;
	marks->args_start = strings;
	marks->args_end = marks->env_start =
		strings + arguments_size(a) - (a->length - a->environment);
	marks->env_end = name_at;
	return w.failed ? -ENOMEM : 0;
}

/* Set-user-id and set-group-id files. */
static void rights_gain(struct program *g, const struct inode *i, const struct process *p)
{
	struct credentials *c = &g->credentials;

	*c = p->credentials;
	if (!p->no_new_privileges && i->mode & S_ISUID)
		c->euid = i->uid;
	if (!p->no_new_privileges && (i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		c->egid = i->gid;
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	g->secure = c->euid != c->uid || c->egid != c->gid;
}

int program_load(const struct path *path, const char *name, struct arguments *a,
		 const struct process *p, struct program *out)
{
	struct start_facts facts = { 0 };
	struct elf_file e;
	struct file *f;
	int error;

	*out = (struct program){ .executable = *path };
	path_get(&out->executable);
	error = binary_find(&out->executable, name, a, p, &f);
	if (!error)
		error = elf_file_read(&e, f);
	if (error) {
		program_release(out);
		return error;
	}
	rights_gain(out, e.file->inode, p);
	out->runs = inode_use_begin(e.file->inode, -1);
	out->space = space_create();
	if (!out->runs || !out->space)
		error = out->runs ? -ENOMEM : -ETXTBSY;
	if (!error)
		error = binary_map(out, &e, p, &facts);
	if (!error)
		error = stack_build(out, name, a, &facts, p->limits[RLIMIT_STACK].soft,
				    e.image.stack_exec);
	elf_file_release(&e);
	if (error)
		program_release(out);
	return error;
}

void executable_get(const struct path *p)
{
	path_get(p);
	inode_use_begin(path_inode(p), -1);
}

void executable_put(struct path *p)
{
	if (!p->dentry)
		return;
	inode_use_end(path_inode(p), -1);
	path_put(p);
}

void program_release(struct program *g)
{
	if (g->space)
		space_put(g->space);
	if (g->runs)
		executable_put(&g->executable);
	else
		path_put(&g->executable);
	*g = (struct program){ 0 };
}

void program_frame(const struct program *g, struct frame *f)
{
	*f = (struct frame){
		.vector = f->vector,
		.error = UINT64_MAX,
		.rip = g->entry,
		.rsp = g->stack,
		.cs = SEL_USER_CODE,
		.ss = SEL_USER_DATA,
		.rflags = RFLAGS_IF | RFLAGS_FIXED,
	};
}
