/* From a path to a program that could start: scripts are followed to their
 * interpreter, the ELF file and its dynamic linker are mapped into a new space,
 * the first stack is written (stack.c).  Nothing of the old program is touched. */
#include <linux/errno.h>
#include <linux/mount.h>
#include <linux/resource.h>

#include "kernel/fs/mount.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/proc/capabilities.h"
#include "kernel/proc/exec.h"
#include "kernel/proc/segments.h"
#include "kernel/proc/stack.h"
#include "kernel/proc/vdso.h"
#include "kernel/proc/tree.h"

#define SCRIPT_LINE  256 /* BINPRM_BUF_SIZE of Linux */
#define SCRIPT_DEPTH 4
/* Where Linux puts position-independent programs without randomization. */
#define RELOCATABLE_BASE 0x555555554000ull

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
	struct lookup l = { .context = p->fs, .credentials = &p->credentials, .follow = true };

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
	marks->data_start = marks->data_end = e->image.high + bias;
	space_set_heap(g->space, e->image.high + bias);
	if (e->image.interpreter_size)
		error = linker_map(g->space, e, p, &g->entry, &facts->base);
	return error;
}

static int vdso_place(struct program *g, struct start_facts *facts)
{
	int64_t at = vdso_map(g->space);

	facts->vdso = at > 0 ? (uint64_t)at : 0;
	return at < 0 ? (int)at : 0;
}

/* Set-user-id and set-group-id files. */
static void rights_gain(struct program *g, const struct path *path, const struct process *p)
{
	bool may_gain = !p->no_new_privileges && !(mount_flags(path) & MS_NOSUID);
	const struct inode *i = path_inode(path);
	struct credentials *c = &g->credentials;

	*c = p->credentials;
	if (may_gain && i->mode & S_ISUID)
		c->euid = i->uid;
	if (may_gain && (i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		c->egid = i->gid;
	g->secure = capabilities_exec(c, &p->credentials, p->no_new_privileges);
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
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
	rights_gain(out, &out->executable, p);
	out->runs = inode_use_begin(e.file->inode, -1);
	out->space = space_create();
	if (!out->runs || !out->space)
		error = out->runs ? -ENOMEM : -ETXTBSY;
	if (!error)
		error = binary_map(out, &e, p, &facts);
	if (!error)
		error = vdso_place(out, &facts);
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

static int executable_check(const struct file *f)
{
	const struct process *p = current_process();

	if (!inode_is(f->inode, S_IFREG) || mount_flags(&f->path) & MS_NOEXEC)
		return -EACCES;
	return inode_permission(f->inode, &p->credentials, MAY_EXECUTE);
}

/* Is what the caller runs now still mapped?  Another of its threads may replace it. */
static bool executable_shown(struct process *p)
{
	struct path now;
	bool shown;

	tree_lock();
	now = p->executable;
	path_get(&now);
	tree_unlock();
	shown = now.dentry && path_inode(&now)->pages &&
		space_shows(p->space, path_inode(&now)->pages);
	path_put(&now);
	return shown;
}

int process_executable_set(struct file *f)
{
	struct process *p = current_process();
	int error = executable_check(f);
	struct path old;

	if (error)
		return error;
	if (executable_shown(p))
		return -EBUSY;
	if (!inode_use_begin(f->inode, -1))
		return -EACCES;
	path_get(&f->path);
	tree_lock();
	old = p->executable;
	p->executable = f->path;
	tree_unlock();
	executable_put(&old);
	return 0;
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
