#include "tracer/debug/debugger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/debug/mapped_file.h"

extern const char commands_gdb[];

static const char setup[] = "set pagination off\n"
			    "set confirm off\n"
			    "set verbose off\n"
			    "set breakpoint pending on\n"
			    "set print thread-events off\n"
			    "set auto-load off\n"
			    "set remotetimeout 60\n";

static const char *gdb_program(void)
{
	const char *program = getenv("RINGSCOPE_GDB");

	return program && *program ? program : "gdb";
}

void debugger_file(const struct debugger *d, const char *name, char path[DEBUG_PATH])
{
	snprintf(path, DEBUG_PATH, "%s/%s", d->folder, name);
}

static int text_write(const char *path, const char *text, size_t length, struct error *why)
{
	FILE *f = fopen(path, "we");
	bool good = f && fwrite(text, 1, length, f) == length;

	if (f && fclose(f))
		good = false;
	return good ? 0 : error_set(why, 2, "%s: %s", path, strerror(errno));
}

int debugger_open(struct debugger *d, struct error *why)
{
	const char *tmp = getenv("TMPDIR");
	int status;

	*d = (struct debugger){ 0 };
	snprintf(d->folder, sizeof(d->folder), "%s/ringscope-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (strlen(d->folder) + sizeof("/gdb") > sizeof(((struct sockaddr_un *)0)->sun_path)) {
		d->folder[0] = '\0';
		return error_set(why, 2, "%s is too long for a socket; name a shorter TMPDIR", tmp);
	}
	if (!mkdtemp(d->folder)) {
		status = error_set(why, 2, "%s: %s", d->folder, strerror(errno));
		d->folder[0] = '\0';
		return status;
	}
	debugger_file(d, "gdb", d->socket);
	buffer_string(&d->script, setup);
	return 0;
}

int debugger_kernel(struct debugger *d, const char *kernel, struct error *why)
{
	char path[DEBUG_PATH];
	int status;

	debugger_file(d, "commands.gdb", path);
	status = text_write(path, commands_gdb, strlen(commands_gdb), why);
	buffer_printf(&d->script, "file %s\nsource %s\n", kernel, path);
	return status;
}

void debugger_close(struct debugger *d)
{
	DIR *folder = d->folder[0] ? opendir(d->folder) : NULL;
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	if (d->folder[0])
		rmdir(d->folder);
	buffer_free(&d->script);
	*d = (struct debugger){ 0 };
}

void debugger_symbols(struct debugger *d, const char *path, uint64_t start, uint64_t offset)
{
	mapped_file_command(&d->script, path, start, offset);
}

void debugger_follow(struct debugger *d)
{
	buffer_printf(
		&d->script,
		"define follow-mapping\n"
		"  set $rs_end = (char *)$r9\n"
		"  while *$rs_end\n"
		"    set $rs_end = $rs_end + 1\n"
		"  end\n"
		"  eval \"dump binary memory %s/path %%#lx %%#lx\", $r9, $rs_end\n"
		"  eval \"shell \\\"$RINGSCOPE_SELF\\\" gdb --mapping %s %%#lx %%#lx\", $rdi, $rdx\n"
		"  source %s/mapping.gdb\n"
		"end\n"
		"break *space_map_emit if ($rcx & 4) && *(char *)$r9 == '/'\n"
		"commands\n"
		"  silent\n"
		"  follow-mapping\n"
		"  continue\n"
		"end\n",
		d->folder, d->folder, d->folder);
}

static void self_tell(void)
{
	char path[4096];
	const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length > 0) {
		path[length] = '\0';
		setenv("RINGSCOPE_SELF", path, 1);
	}
}

/* gdb, with the terminal's Ctrl-C for it. */
static _Noreturn void gdb_exec(const char *script, bool batch)
{
	const char *program = gdb_program();

	execlp(program, program, "-nx", "-q", "-x", script, batch ? "-batch" : NULL, NULL);
	fprintf(stderr, "ringscope: cannot start %s: %s; install gdb or set $RINGSCOPE_GDB\n",
		program, strerror(errno));
	_exit(2);
}

int debugger_run(struct debugger *d, const struct debugger_options *o)
{
	char script[DEBUG_PATH];
	struct error why = { 0 };
	int status = 0;
	pid_t pid;

	/* In the script, not as words of gdb's: only there is a breakpoint that goes on by
	 * itself, as the one that follows programs, no end of `continue`. */
	if (o->file)
		buffer_printf(&d->script, "source %s\n", o->file);
	for (char *const *command = o->commands; *command; command++)
		buffer_printf(&d->script, "%s\n", *command);
	debugger_file(d, "start.gdb", script);
	if (text_write(script, buffer_text(&d->script), d->script.length, &why)) {
		fprintf(stderr, "ringscope: %s\n", why.text);
		return 2;
	}
	self_tell();
	signal(SIGINT, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGINT, SIG_DFL);
		gdb_exec(script, o->batch);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, SIG_DFL);
	return pid < 0 || !WIFEXITED(status) ? 2 : WEXITSTATUS(status);
}

/* Is this line in the file already?  Else it is added. */
static bool line_known(const char *path, const char *line)
{
	FILE *f = fopen(path, "a+e");
	char *have = NULL;
	size_t room = 0;
	bool known = false;

	while (f && !known && getline(&have, &room, f) > 0)
		known = strcmp(have, line) == 0;
	if (f && !known)
		fputs(line, f);
	if (f)
		fclose(f);
	free(have);
	return known;
}

int debugger_map(const char *folder, uint64_t start, uint64_t offset)
{
	struct debugger d = { 0 };
	char path[DEBUG_PATH], mapped[1024] = "";
	struct error why = { 0 };
	struct buffer b = { 0 };
	FILE *f;
	int status;

	snprintf(d.folder, sizeof(d.folder), "%s", folder);
	debugger_file(&d, "path", path);
	f = fopen(path, "re");
	if (f && fread(mapped, 1, sizeof(mapped) - 1, f) == 0)
		mapped[0] = '\0';
	if (f)
		fclose(f);
	mapped_file_command(&b, mapped, start, offset);
	debugger_file(&d, "known", path);
	if (b.length && line_known(path, buffer_text(&b)))
		buffer_clear(&b);
	debugger_file(&d, "mapping.gdb", path);
	status = text_write(path, buffer_text(&b), b.length, &why);
	buffer_free(&b);
	return status ? 2 : 0;
}
