/* ringscope: picks the subcommand. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tracer/cli/command.h"
#ifdef RINGSCOPE_VIEWER
#include "viewer/viewer.h"
#endif

static const char help[] =
	"usage: ringscope COMMAND [OPTION]... [ARGUMENT]...\n"
	"\n"
	"Runs a program on a small kernel of its own and records every crossing of the\n"
	"boundary between user space and kernel: system calls, page faults, interrupts,\n"
	"context switches.\n"
	"\n"
	"commands:\n"
	"  run     boot the kernel, run a command in it, record it\n"
	"  shell   the same with an interactive shell\n"
	"  ctl     ask a running recording: filters, triggers, status, stop\n"
	"  attach  go on with a recording whose tracer is gone\n"
	"  view    look at a recording, animated\n"
	"  lesson  learn what a system call, a fault, a switch is\n"
	"  report  summarize a recording\n"
	"  strace  list the system calls of a recording\n"
	"  profile where the time went; flame graphs\n"
	"  check   say what a program's strace log asks that is not there yet\n"
	"  ps      the threads of a guest that runs or is stuck\n"
	"  stacks  the same with their stacks, and the held locks\n"
	"  salvage a recording of a guest that is stuck, from its memory\n"
	"  crash   why a program died, or the kernel panicked\n"
	"  gdb     run a command with gdb on kernel and program\n"
	"  replay  run a recording again up to an event, with gdb, forwards and backwards\n"
	"  diff    compare two recordings; a verdict for a CI job\n"
	"  sql     ask a recording in SQL\n"
	"  export  write recordings in the format of another program\n"
	"  pack    put recordings away, as small as they can be\n"
	"  info    facts about a recording; --json for programs\n"
	"\n"
	"`ringscope COMMAND --help` tells more.\n";

int complain(const struct error *why)
{
	fprintf(stderr, "ringscope: %s\n", why->text);
	return why->status;
}

int complain_usage(const char *command, const char *what, const char *word, int status)
{
	fprintf(stderr, "ringscope: %s: %s%s%s; see `ringscope %s --help`\n", command, what,
		word ? " " : "", word ? word : "", command);
	return status;
}

void progress_show(uint64_t done, uint64_t all)
{
	static bool shown;
	static time_t begun;

	if (!isatty(STDERR_FILENO) || !all)
		return;
	if (!begun)
		begun = time(NULL);
	if (done < all && time(NULL) > begun + 1) {
		shown = true;
		fprintf(stderr, "\rdecoding %3u%%", (unsigned)(done * 100 / all));
	} else if (done >= all && shown) {
		shown = false;
		fputs("\r              \r", stderr);
	}
}

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "run", run_main },         { "shell", shell_main },   { "info", info_main },
	{ "report", report_main },   { "strace", strace_main }, { "diff", diff_main },
	{ "profile", profile_main }, { "ctl", ctl_main },       { "sql", sql_main },
	{ "export", export_main },   { "crash", crash_main },   { "check", check_main },
	{ "attach", attach_main },   { "gdb", gdb_main },       { "replay", replay_main },
	{ "pack", pack_main },       { "ps", ps_main },         { "stacks", stacks_main },
	{ "salvage", salvage_main },
#ifdef RINGSCOPE_VIEWER
	{ "view", viewer_main },     { "lesson", lesson_main },
#endif
};

/* Descriptors 0 to 2 exist: no file of ours may become one of them. */
static void descriptors_fill(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	descriptors_fill();
	if (argc < 2) {
		fputs(help, stderr);
		return 2;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].main(argc - 1, argv + 1);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		fputs(help, stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("ringscope " RINGSCOPE_VERSION);
		return 0;
	}
	fprintf(stderr, "ringscope: %s: no such command; see `ringscope --help`\n", argv[1]);
	return 2;
}
