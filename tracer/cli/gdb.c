/* ringscope gdb: a command in the guest, with gdb on the kernel and on it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/cli/command.h"
#include "tracer/cli/replay_to.h"
#include "tracer/cli/run_options.h"
#include "tracer/debug/debugger.h"
#include "tracer/vm/files.h"

#define COMMANDS_MAX 64u
#define QEMU_MAX     256u

static const char help[] =
	"usage: ringscope gdb [OPTION]... [RUN OPTION]... [--] COMMAND [ARGUMENT]...\n"
	"       ringscope gdb [OPTION]... --at-event N [TRACE]\n"
	"\n"
	"Runs COMMAND as `ringscope run` does, with its options, and gdb on the whole machine:\n"
	"the kernel and the programs in it at once.  gdb begins before the first instruction\n"
	"and learns of each program and library when the guest maps it, so `break main` and\n"
	"`break sys_openat` both work.  COMMAND's input is nothing, unless it is redirected.\n"
	"With --at-event, runs a recording again up to an event: see `ringscope replay`.\n"
	"\n"
	"options:\n"
	"      --at-event N     of a recording of `ringscope run --record-replay`\n"
	"      --ex COMMAND     have gdb do this first; may be repeated\n"
	"  -x FILE              likewise the commands of a file\n"
	"      --batch          end after that\n"
	"      --help           this text\n"
	"\n"
	"In gdb, `ringscope` lists the commands that know the guest: why, threads, task,\n"
	"pagewalk, ring.  A breakpoint is an address: it stops whatever program runs there.\n"
	"In a backtrace a way into the kernel is <signal handler called>; behind it is what it\n"
	"interrupted.\n"
	"\n"
	"exit status: gdb's; 2 usage or input/output.\n";

struct request {
	char *commands[COMMANDS_MAX + 1];
	unsigned count;
	const char *file, *event;
	bool batch, help;
	char **rest; /* words for run, the first is our name */
	int rest_count;
};

/* Our own options may stand among those of run, up to the command. */
static bool words_take(struct request *q, int argc, char **argv)
{
	int i = 1;

	q->rest[q->rest_count++] = argv[0];
	for (; i < argc; i++) {
		const bool more = i + 1 < argc;

		if (strcmp(argv[i], "--ex") == 0 && more && q->count < COMMANDS_MAX)
			q->commands[q->count++] = argv[++i];
		else if (strcmp(argv[i], "-x") == 0 && more)
			q->file = argv[++i];
		else if (strcmp(argv[i], "--at-event") == 0 && more)
			q->event = argv[++i];
		else if (strcmp(argv[i], "--batch") == 0)
			q->batch = true;
		else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			q->help = true;
		else if (strcmp(argv[i], "--ex") == 0 || strcmp(argv[i], "--at-event") == 0 ||
			 strcmp(argv[i], "-x") == 0)
			return false;
		else if (strcmp(argv[i], "--") == 0)
			break;
		else
			q->rest[q->rest_count++] = argv[i];
	}
	for (; i < argc; i++)
		q->rest[q->rest_count++] = argv[i];
	q->rest[q->rest_count] = NULL;
	return true;
}

/* The guest, in a process and a group of its own: Ctrl-C is for gdb. */
static pid_t guest_start(struct run_config *c, const struct debugger *d)
{
	char *qemu[QEMU_MAX + 8], chardev[2 * DEBUG_PATH];
	unsigned n = 0;
	const pid_t pid = fork();

	if (pid)
		return pid;
	setpgid(0, 0);
	if (isatty(STDIN_FILENO))
		dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	snprintf(chardev, sizeof(chardev), "socket,id=gdb,path=%s,server=on,wait=off", d->socket);
	for (; c->qemu[n] && n < QEMU_MAX; n++)
		qemu[n] = c->qemu[n];
	qemu[n++] = (char *)"-chardev";
	qemu[n++] = chardev;
	qemu[n++] = (char *)"-gdb";
	qemu[n++] = (char *)"chardev:gdb";
	qemu[n++] = (char *)"-S";
	qemu[n] = NULL;
	c->qemu = qemu;
	c->debugged = true;
	c->watchdog = 0;
	_exit(run(c));
}

/* Is the stub there?  False: the guest ended before, and said why. */
static bool stub_wait(const struct debugger *d, pid_t guest)
{
	while (access(d->socket, F_OK) != 0) {
		if (waitpid(guest, NULL, WNOHANG) == guest)
			return false;
		usleep(2000);
	}
	return true;
}

static int command_debug(const struct request *q, struct run_config *c)
{
	const struct debugger_options o = { q->commands, q->file, q->batch };
	struct files files = { 0 };
	struct error why = { 0 };
	struct debugger d = { 0 };
	int status = files_find(&files, c->kernel, &why);
	pid_t guest = -1;

	if (!status)
		status = debugger_open(&d, &why);
	if (!status)
		status = debugger_kernel(&d, files.kernel, &why);
	if (!status) {
		buffer_printf(&d.script, "target remote %s\n", d.socket);
		debugger_follow(&d);
		guest = guest_start(c, &d);
	}
	if (status)
		status = complain(&why) ? 2 : 2;
	else if (guest < 0 || !stub_wait(&d, guest))
		status = 2;
	else
		status = debugger_run(&d, &o);
	if (guest > 0 && kill(guest, SIGTERM) == 0)
		while (waitpid(guest, NULL, 0) < 0 && errno == EINTR)
			;
	debugger_close(&d);
	return status;
}

/* `gdb --mapping FOLDER START OFFSET`: what our own breakpoint asks. */
static int mapping(char **argv)
{
	return debugger_map(argv[2], strtoull(argv[3], NULL, 0), strtoull(argv[4], NULL, 0));
}

int gdb_main(int argc, char **argv)
{
	struct request q = { .rest = calloc((size_t)argc + 2, sizeof(char *)) };
	struct run_config config = { 0 };
	int status;

	if (!q.rest)
		return 2;
	if (argc == 5 && strcmp(argv[1], "--mapping") == 0) {
		free(q.rest);
		return mapping(argv);
	}
	if (!words_take(&q, argc, argv))
		status = complain_usage("gdb", "an option lacks its value", NULL, 2);
	else if (q.help)
		status = fputs(help, stdout) < 0 ? 2 : 0;
	else if (q.event)
		status = q.rest_count > 2
				 ? complain_usage("gdb", "more than one file:", q.rest[2], 2)
				 : replay_to(q.rest_count > 1 ? q.rest[1] : "trace.db", q.event,
					     q.commands, q.file, q.batch);
	else
		status = run_options(q.rest_count, q.rest, &config, help);
	if (status == -1)
		status = command_debug(&q, &config);
	else if (status == 125)
		status = 2;
	free(q.rest);
	return status;
}
