/* The first process. */
#include <linux/errno.h>
#include <linux/resource.h>

#include "kernel/lib/assert.h"
#include "kernel/fs/console.h"
#include "kernel/net/socket.h"
#include "kernel/proc/async.h"
#include "kernel/proc/exec.h"
#include "kernel/proc/procfs.h"
#include "kernel/proc/tree.h"
#include "kernel/trace/trace.h"

#define INIT_PID 1

/* Linux's limits for init: include/asm-generic/resource.h there. */
static void limits_init(struct process *p)
{
	for (int i = 0; i < RESOURCE_LIMITS; i++)
		p->limits[i] = (struct resource_limit){ RLIM64_INFINITY, RLIM64_INFINITY };
	p->limits[RLIMIT_STACK].soft = 8ull << 20;
	p->limits[RLIMIT_CORE].soft = 0;
	p->limits[RLIMIT_NPROC] = (struct resource_limit){ 4096, 4096 };
	p->limits[RLIMIT_NOFILE] = (struct resource_limit){ 1024, 4096 };
	p->limits[RLIMIT_MEMLOCK] = (struct resource_limit){ 8ull << 20, 8ull << 20 };
	p->limits[RLIMIT_SIGPENDING] = (struct resource_limit){ 4096, 4096 };
	p->limits[RLIMIT_MSGQUEUE] = (struct resource_limit){ 819200, 819200 };
	p->limits[RLIMIT_NICE] = (struct resource_limit){ 0, 0 };
	p->limits[RLIMIT_RTPRIO] = (struct resource_limit){ 0, 0 };
}

static int file_find(struct process *p, const char *name, struct path *out)
{
	struct lookup l = { .context = p->fs, .credentials = &p->credentials, .follow = true };

	return path_lookup(&l, name, out);
}

/* Descriptors 0, 1 and 2. */
static void files_open(struct process *p)
{
	struct file *f;

	for (int fd = 0; fd < 3; fd++) {
		int error = console_open(fd, &f);

		if (error)
			panic("no stream for descriptor %d of init: error %d", fd, -error);
		KASSERT(fd_install_at(p->files, f, fd, false, 3) == fd);
	}
}

static struct process *init_create(void)
{
	struct process *p = process_create(INIT_PID);

	KASSERT(p);
	p->group = p->session = INIT_PID;
	p->credentials = credentials_root;
	p->files = fd_table_create();
	p->fs = fs_context_create();
	KASSERT(p->files && p->fs);
	limits_init(p);
	return p;
}

void process_start_init(const char *path)
{
	const char *const argv[] = { path, NULL };
	const char *const envp[] = { "HOME=/", "TERM=linux", NULL };
	struct process *p = init_create();
	struct frame f = { 0 };
	struct arguments a;
	struct program g;
	struct path place;
	struct thread *t;
	int error;

	group_init();
	socket_init();
	async_owner_init();
	roster_init();
	procfs_init();
	files_open(p);
	error = file_find(p, path, &place);
	if (!error)
		error = arguments_from_kernel(&a, argv, envp);
	if (!error)
		error = program_load(&place, path, &a, p, &g);
	if (error)
		panic("cannot run %s: error %d", path, -error);
	arguments_free(&a);
	path_put(&place);
	p->space = g.space;
	p->executable = g.executable;
	program_frame(&g, &f);
	t = thread_create_user(INIT_PID, "init", &f);
	KASSERT(t && task_create(t, NULL));
	process_get(p);
	t->process = p;
	t->trace.pid = p->pid;
	t->space = p->space;
	p->leader = t;
	init_process = p;
	TRACE_TAIL(thread_create, t->name, strlen(t->name), .tid = INIT_PID, .pid = INIT_PID);
	tree_lock();
	thread_enlist(t);
	tree_insert(p, NULL);
	tree_unlock();
	thread_start(t);
}
