/* Open files, as the results of system calls tell. */
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "tracer/array.h"
#include "tracer/state/parts.h"

/* A hostile trace may open any number: what is beyond is not kept. */
#define FILES_MAX 4096u

static struct state_files *table_find(struct state *s, uint32_t id)
{
	return (struct state_files *)state_files_find(s, id);
}

/* Ids only grow: a new table goes last and the array stays sorted. */
static struct state_files *table_new(struct state *s)
{
	struct state_files *f;

	if (!array_grow(&s->files, &s->files_room, s->files_count, sizeof(*f)))
		return NULL;
	f = &s->files[s->files_count++];
	*f = (struct state_files){ .id = ++s->objects, .users = 1 };
	return f;
}

void files_release(struct state *s, uint32_t id)
{
	struct state_files *f = table_find(s, id);

	if (!f || --f->users)
		return;
	free(f->file);
	memmove(f, f + 1, (size_t)(--s->files_count - (f - s->files)) * sizeof(*f));
}

bool files_give(struct state *s, struct state_process *p, uint32_t from, bool share)
{
	struct state_files *old = table_find(s, from), *made;
	struct state_file *copy = NULL;
	const uint32_t had = p->files;
	uint32_t count = 0;

	if (old && share) {
		old->users++;
		p->files = from;
		files_release(s, had);
		return true;
	}
	if (old && old->count) {
		count = old->count;
		copy = malloc(count * sizeof(*copy));
		if (!copy)
			return false;
		memcpy(copy, old->file, count * sizeof(*copy));
	}
	made = table_new(s);
	if (!made) {
		free(copy);
		return false;
	}
	made->file = copy;
	made->count = made->room = count;
	p->files = made->id;
	files_release(s, had);
	return true;
}

static uint32_t file_place(const struct state_files *f, int32_t fd)
{
	uint32_t at = 0;

	while (at < f->count && f->file[at].fd < fd)
		at++;
	return at;
}

static struct state_file *file_find(struct state_files *f, int64_t fd)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->file[i].fd == fd)
			return &f->file[i];
	return NULL;
}

static bool file_put(struct state_files *f, struct state_file file)
{
	uint32_t at = file_place(f, file.fd);

	if (at < f->count && f->file[at].fd == file.fd) {
		f->file[at] = file;
		return true;
	}
	if (file.fd < 0 || f->count >= FILES_MAX)
		return true;
	if (!array_grow(&f->file, &f->room, f->count, sizeof(file)))
		return false;
	memmove(&f->file[at + 1], &f->file[at], (f->count++ - at) * sizeof(file));
	f->file[at] = file;
	return true;
}

/* Close what is from first to last, or mark it to be closed by exec. */
static void files_close(struct state_files *f, uint64_t first, uint64_t last, bool mark)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		const uint64_t fd = (uint64_t)f->file[i].fd;
		const bool in = fd >= first && fd <= last;

		f->file[i].close_on_exec |= in && mark;
		if (!in || mark)
			f->file[kept++] = f->file[i];
	}
	f->count = kept;
}

void files_exec(struct state *s, uint32_t id)
{
	struct state_files *f = table_find(s, id);
	uint32_t kept = 0;

	if (!f)
		return;
	for (uint32_t i = 0; i < f->count; i++)
		if (!f->file[i].close_on_exec)
			f->file[kept++] = f->file[i];
	f->count = kept;
}

static bool file_open(struct state_files *f, const struct state_call *c, uint64_t event, int64_t fd,
		      bool close_on_exec)
{
	struct state_file file = {
		.fd = (int32_t)fd, .close_on_exec = close_on_exec, .call = c->nr, .id = event
	};

	memcpy(file.path, c->path, sizeof(file.path));
	return file_put(f, file);
}

static bool file_copy(struct state_files *f, uint64_t from, int64_t to, bool close_on_exec)
{
	const struct state_file *old = file_find(f, (int64_t)from);
	struct state_file file = { 0 };

	if (old)
		file = *old;
	file.fd = (int32_t)to;
	file.close_on_exec = close_on_exec;
	return file_put(f, file);
}

static bool file_pair(struct state_files *f, const struct state_call *c, uint64_t event,
		      bool close_on_exec)
{
	return !c->pair_known || (file_open(f, c, event, c->pair[0], close_on_exec) &&
				  file_open(f, c, event, c->pair[1], close_on_exec));
}

static bool file_control(struct state_files *f, const struct state_call *c, int64_t result)
{
	struct state_file *file = file_find(f, (int64_t)c->arg[0]);

	switch (c->arg[1]) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return file_copy(f, c->arg[0], result, c->arg[1] == F_DUPFD_CLOEXEC);
	case F_SETFD:
		if (file)
			file->close_on_exec = c->arg[2] & FD_CLOEXEC;
		return true;
	default:
		return true;
	}
}

/* Calls whose result is a new descriptor; the argument that has the close-on-exec bit,
 * -1 none. */
static const struct {
	uint32_t nr;
	int flags;
	uint64_t bit;
} openers[] = {
	{ SYS_open, 1, O_CLOEXEC },
	{ SYS_creat, -1, 0 },
	{ SYS_openat, 2, O_CLOEXEC },
	{ SYS_openat2, -1, 0 },
	{ SYS_socket, 1, SOCK_CLOEXEC },
	{ SYS_accept, -1, 0 },
	{ SYS_accept4, 3, SOCK_CLOEXEC },
	{ SYS_epoll_create, -1, 0 },
	{ SYS_epoll_create1, 0, EPOLL_CLOEXEC },
	{ SYS_eventfd, -1, 0 },
	{ SYS_eventfd2, 1, EFD_CLOEXEC },
	{ SYS_timerfd_create, 1, TFD_CLOEXEC },
	{ SYS_signalfd, -1, 0 },
	{ SYS_signalfd4, 3, SFD_CLOEXEC },
	{ SYS_inotify_init, -1, 0 },
	{ SYS_inotify_init1, 0, O_CLOEXEC },
	{ SYS_memfd_create, 1, 1 }, /* MFD_CLOEXEC */
	{ SYS_pidfd_open, -1, 0 },
};

static bool files_opened(struct state_files *f, const struct state_call *c, uint64_t event,
			 int64_t result)
{
	for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++)
		if (openers[i].nr == c->nr)
			return file_open(f, c, event, result,
					 openers[i].flags >= 0 &&
						 c->arg[openers[i].flags] & openers[i].bit);
	return true;
}

bool files_call(struct state *s, struct state_thread *t, uint64_t event, int64_t result)
{
	const struct state_process *p = state_process_find(s, t->pid);
	struct state_files *f = p ? table_find(s, p->files) : NULL;
	const struct state_call *c = &t->call;

	if (!f || result < 0)
		return true;
	switch (c->nr) {
	case SYS_close:
		files_close(f, c->arg[0], c->arg[0], false);
		return true;
	case SYS_close_range:
		files_close(f, (uint32_t)c->arg[0], (uint32_t)c->arg[1],
			    c->arg[2] & CLOSE_RANGE_CLOEXEC);
		return true;
	case SYS_dup:
		return file_copy(f, c->arg[0], result, false);
	case SYS_dup2:
		return c->arg[0] == c->arg[1] || file_copy(f, c->arg[0], result, false);
	case SYS_dup3:
		return file_copy(f, c->arg[0], result, c->arg[2] & O_CLOEXEC);
	case SYS_fcntl:
		return file_control(f, c, result);
	case SYS_pipe:
		return file_pair(f, c, event, false);
	case SYS_pipe2:
		return file_pair(f, c, event, c->arg[1] & O_CLOEXEC);
	case SYS_socketpair:
		return file_pair(f, c, event, c->arg[1] & SOCK_CLOEXEC);
	default:
		return files_opened(f, c, event, result);
	}
}
