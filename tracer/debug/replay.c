#include "tracer/debug/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/crash/lineage.h"
#include "tracer/debug/position.h"
#include "tracer/debug/snapshot.h"
#include "tracer/state.h"
#include "tracer/store/inputs.h"
#include "tracer/store/meta.h"
#include "tracer/store/open.h"
#include "tracer/symbols/identity.h"
#include "tracer/symbols/place.h"
#include "tracer/symbols/program.h"
#include "tracer/vm/answers.h"
#include "tracer/vm/machine.h"
#include "tracer/vm/run.h"

#define SNAPSHOT_LIMIT_MS 60000
#define PROT_EXECUTE      4u
#define TOLD_MAX          256u
#define LINE_CHARS        200 /* said of an event */

struct again {
	struct debugger debugger;
	sqlite3 *db;
	char kernel[DEBUG_PATH], drive[2 * DEBUG_PATH], log[DEBUG_PATH], trace[DEBUG_PATH];
	char said[DEBUG_PATH]; /* what the run says that is made again */
	char append[1024];
	unsigned memory;
	int image;
	struct run_trees trees; /* of the host, that are not there any more */
	struct places places;
};

static int file_copy(int from, const char *path, struct error *why)
{
	const int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char bytes[65536];
	ssize_t got = -1;

	while (to >= 0 && (got = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)got) != got) {
			got = -1;
			break;
		}
	if (to >= 0 && close(to))
		got = -1;
	return got < 0 ? error_set(why, 2, "%s: %s", path, strerror(errno)) : 0;
}

/* What the host's file trees answered, if it had any; our folder stands for them. */
static int trees_unpack(struct again *a, struct error *why)
{
	const int64_t answers = meta_integer(a->db, "answers_mib", 0);
	const int64_t writable = meta_integer(a->db, "trees_writable", 0);

	if (!answers && !strstr(a->append, " answers="))
		return 0;
	if (answers == ANSWERS_TOO_MANY)
		return error_set(why, 3,
				 "this cannot be replayed: the host's files gave more than was"
				 " kept; record it with --answers");
	if (answers <= 0 || answers > ANSWERS_TOP_MIB || writable < 0 || writable > WRITABLE_MAX)
		return error_set(why, 3, "the recording's file trees are damaged");
	a->trees.answered = input_load(a->db, "file tree", why);
	if (a->trees.answered < 0)
		return 3;
	a->trees.directory = a->debugger.folder;
	a->trees.writable = (unsigned)writable;
	a->trees.answers = (unsigned)answers;
	return places_again(&a->places, a->trees.directory, a->trees.writable, why) ? 3 : 0;
}

/* All that is kept of the run, in the folder. */
static int inputs_unpack(struct again *a, struct error *why)
{
	char image[DEBUG_PATH];
	int kernel, status;

	meta_text(a->db, "kernel_command_line", a->append, sizeof(a->append));
	a->image = input_load(a->db, "initramfs", why);
	if (a->image < 0)
		return 3;
	status = trees_unpack(a, why);
	if (status)
		return status;
	kernel = input_load(a->db, "kernel", why);
	if (kernel < 0)
		return 3;
	debugger_file(&a->debugger, "kernel.elf", a->kernel);
	debugger_file(&a->debugger, "log", a->log);
	debugger_file(&a->debugger, "again.db", a->trace);
	debugger_file(&a->debugger, "said", a->said);
	debugger_file(&a->debugger, "snapshot", image);
	snprintf(a->drive, sizeof(a->drive), "file=%s,format=qcow2,if=none,id=snapshots", image);
	a->memory = (unsigned)meta_integer(a->db, "memory_mib", 512);
	status = file_copy(kernel, a->kernel, why);
	close(kernel);
	if (!status)
		status = debugger_kernel(&a->debugger, a->kernel, why);
	return status ? status : snapshot_image(image, why);
}

static struct machine_config machine_mute(const struct again *a, const char *record,
					  char *const *extra)
{
	return (struct machine_config){
		.kernel = a->kernel,
		.initramfs = a->image,
		.append = a->append,
		.cpus = 1,
		.memory = a->memory,
		.answers = a->trees.answers,
		.answered = a->trees.answered,
		.tree = a->trees.directory,
		.places = &a->places,
		.icount = true,
		.exact = true,
		.mute = true,
		.record = record,
		.extra = extra,
	};
}

/* Wait for QEMU's end.  False: it took too long. */
static bool machine_wait(struct machine *m, int limit_ms)
{
	struct pollfd ended = { .fd = pidfd_open(m->pid, 0), .events = POLLIN };
	const bool good = ended.fd < 0 || poll(&ended, 1, limit_ms) > 0;

	if (ended.fd >= 0)
		close(ended.fd);
	return good;
}

/* The machine before its first instruction, kept in the image. */
static int snapshot_take(struct again *a, struct error *why)
{
	static const char words[] = "savevm init\nquit\n";
	const char *extra[] = { "-drive", a->drive, "-S", NULL };
	char mode[2 * DEBUG_PATH] = "";
	struct machine_config c = machine_mute(a, mode, (char *const *)extra);
	struct machine m;

	/* Only in record mode does a snapshot know how many instructions came before. */
	snprintf(mode, sizeof(mode), "rr=record,rrfile=%s", a->log);
	c.monitor = true;
	if (machine_start(&m, &c, why))
		return 2;
	if (send(m.port[PORT_INPUT], words, strlen(words), MSG_NOSIGNAL) < 0 ||
	    !machine_wait(&m, SNAPSHOT_LIMIT_MS) || !machine_ended(&m) || m.wait_status) {
		machine_close(&m);
		return error_set(why, 2, "%s took no snapshot of the machine", machine_program());
	}
	machine_close(&m);
	return 0;
}

/* Run it in record mode in a process of its own, whose streams nobody sees. */
static int record(struct again *a, struct error *why)
{
	static struct rules rules;
	char *const none[] = { NULL };
	char replay_name[] = "replay";
	const char *extra[] = { "-drive", a->drive, "-loadvm", "init", NULL };
	char mode[2 * DEBUG_PATH];
	const struct run_again again = { a->image, a->kernel, a->append, mode, a->trees };
	const struct run_config c = {
		.argv = (char *[]){ replay_name, NULL },
		.output = a->trace,
		.mode = "lossless",
		.tables = "none",
		.rules = &rules,
		.filters = "",
		.triggers = "",
		.cpus = 1,
		.memory = a->memory,
		.ring_blocks = 64,
		.ring_kib = 64,
		.adds = none,
		.rws = none,
		.tmpfs = none,
		.functions = none,
		.stacks = none,
		.qemu = (char *const *)extra,
		.icount = true,
		.exact = true,
		.seeded = true,
		.again = &again,
	};
	int status = 0;
	pid_t pid;

	snprintf(mode, sizeof(mode), "rr=record,rrfile=%s", a->log);
	pid = fork();
	if (pid == 0) {
		const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
		const int said = open(a->said, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		dup2(nowhere, STDIN_FILENO);
		dup2(nowhere, STDOUT_FILENO);
		dup2(said, STDERR_FILENO);
		_exit(run(&c));
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid < 0 || !WIFEXITED(status) ? error_set(why, 2, "cannot run it again") : 0;
}

static void fact_read(const char *path, const char *name, char *text, size_t size)
{
	sqlite3 *db = NULL;

	*text = '\0';
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		meta_text(db, name, text, size);
	sqlite3_close(db);
}

/* The last of our own messages that the run made. */
static void said_read(const struct again *a, char *text, size_t size)
{
	FILE *f = fopen(a->said, "re");
	char line[512];

	*text = '\0';
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "ringscope: ", 11) == 0)
			snprintf(text, size, ": %.*s", (int)strcspn(line + 11, "\n"), line + 11);
	if (f)
		fclose(f);
}

/* Is it still the same?  0, or 3 with why. */
static int compare(struct again *a, struct error *why)
{
	char was[20], is[20], made[128], qemu[128] = "an unknown QEMU", said[300];

	meta_text(a->db, "trace_hash", was, sizeof(was));
	meta_text(a->db, "qemu_version", made, sizeof(made));
	fact_read(a->trace, "trace_hash", is, sizeof(is));
	machine_version(qemu, sizeof(qemu));
	if (!was[0])
		return error_set(why, 3, "the recording is incomplete: it has no hash");
	said_read(a, said, sizeof(said));
	if (!is[0])
		return error_set(why, 3,
				 "it did not run to its end again (%s, recorded under %s)%s", qemu,
				 made, said);
	if (strcmp(was, is) == 0)
		return 0;
	return error_set(why, 3,
			 "the replay is not the recording: hash %s, recorded %s; %s%s, recorded"
			 " under %s%s",
			 is, was, strcmp(qemu, made) ? "this is " : "the same ", qemu, made, said);
}

/* Regions whose symbols gdb has: it has one address space. */
struct told {
	struct {
		uint64_t start, end;
	} range[TOLD_MAX];
	unsigned count;
};

/* Is nothing there yet?  Then it is now. */
static bool range_take(struct told *t, uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < t->count; i++)
		if (start < t->range[i].end && end > t->range[i].start)
			return false;
	if (t->count == TOLD_MAX)
		return false;
	t->range[t->count].start = start;
	t->range[t->count++].end = end;
	return true;
}

/* Have gdb say it: as a format, since it has no strings of its own on a machine. */
static void line_say(struct buffer *b, const char *text)
{
	buffer_string(b, "printf \"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer_char(b, '\\');
		if (*text == '%')
			buffer_char(b, '%');
		buffer_char(b, *text);
	}
	buffer_string(b, "\\n\"\n");
}

/* Is a file still what it was when the recording ended?  If not, gdb tells. */
static bool file_same(struct again *a, const char *path, const char *place)
{
	char then[IDENTITY_TEXT], now[IDENTITY_TEXT] = "";
	struct buffer text = { 0 }, clean = { 0 };
	bool same;

	program_identity(a->db, path, then, sizeof(then));
	identity_path(place, now, sizeof(now));
	same = !then[0] || strcmp(then, now) == 0;
	if (!same) {
		if (now[0])
			buffer_printf(&text,
				      "%s is another file now (%s) than when it was recorded (%s)",
				      path, now, then);
		else
			buffer_printf(&text, "%s cannot be read here", path);
		buffer_string(&text, ": no symbols of it");
		buffer_clean(&clean, buffer_text(&text));
		line_say(&a->debugger.script, buffer_text(&clean));
	}
	buffer_free(&text);
	buffer_free(&clean);
	return same;
}

/* The files that a process has mapped executable after an event. */
static void process_tell(struct again *a, struct reader *r, const struct state *s,
			 const struct state_process *p, struct told *told)
{
	const struct state_space *space = p ? state_space_find(s, p->space) : NULL;
	struct lineage *l = malloc(sizeof(*l));
	struct file_places places;
	char place[2 * PATH_MAX];

	file_places_read(&places, a->db);
	for (uint32_t k = 0; l && space && k < space->count; k++) {
		const struct state_region *g = &space->region[k];
		const char *path = g->path;
		const bool cut = strncmp(path, "...", 3) == 0;

		if (!(g->prot & PROT_EXECUTE) || (path[0] != '/' && !cut) ||
		    !range_take(told, g->start, g->start + g->length))
			continue;
		if (cut) {
			lineage_find(l, r, s->event + 1, p->pid, g->start);
			path = l->map.path;
		}
		if (file_place(&places, path, place, sizeof(place)) && file_same(a, path, place))
			debugger_symbols(&a->debugger, place, g->start, g->offset);
	}
	free(l);
}

/* gdb gets the symbols of the event's process, and of others where they have other addresses. */
static void symbols_tell(struct again *a, struct reader *r, const struct event *e)
{
	struct told *told = calloc(1, sizeof(*told));
	struct state s = { 0 };

	if (told && reader_state(r, e->id, &s, NULL)) {
		process_tell(a, r, &s, state_process_find(&s, e->pid), told);
		for (uint32_t i = 0; i < s.process_count; i++)
			process_tell(a, r, &s, &s.process[i], told);
	}
	state_free(&s);
	free(told);
}

static int script_write(struct again *a, struct reader *r, const struct replay_target *t,
			struct error *why)
{
	struct buffer *b = &a->debugger.script;
	uint64_t block, record;
	char text[LINE_CHARS], line[LINE_CHARS + 32];
	struct event e;
	int status = position_find(r, t->event, &block, &record, why);

	if (status)
		return status;
	if (!reader_event(r, t->event, &e, why))
		return 3;
	symbols_tell(a, r, &e);
	reader_describe(r, &e, text, sizeof(text));
	snprintf(line, sizeof(line), "event %" PRIu64 ": %s", t->event, text);
	buffer_printf(b, "target remote %s\n", a->debugger.socket);
	buffer_printf(b, "rs_goto %" PRIu64 " %" PRIu64 "\n", block, record);
	line_say(b, line);
	if (t->crash && t->instruction)
		buffer_printf(b, "rs_before 0x%" PRIx64 "\n", t->instruction);
	if (t->writer)
		buffer_printf(b, "last-writer 0x%" PRIx64 "\n", t->address);
	return 0;
}

static int gdb_run(struct again *a, struct reader *r, const struct replay_target *t,
		   const struct debugger_options *o, struct error *why)
{
	char mode[2 * DEBUG_PATH], chardev[2 * DEBUG_PATH];
	const char *extra[] = { "-drive", a->drive, "-S",          "-chardev",
				chardev,  "-gdb",   "chardev:gdb", NULL };
	struct machine_config c;
	struct machine m;
	int status = script_write(a, r, t, why);

	if (status)
		return status;
	snprintf(mode, sizeof(mode), "rr=replay,rrfile=%s,rrsnapshot=init", a->log);
	snprintf(chardev, sizeof(chardev), "socket,id=gdb,path=%s,server=on,wait=off",
		 a->debugger.socket);
	c = machine_mute(a, mode, (char *const *)extra);
	if (machine_start(&m, &c, why))
		return 2;
	while (access(a->debugger.socket, F_OK) && !machine_ended(&m))
		usleep(2000);
	status = debugger_run(&a->debugger, o);
	machine_close(&m);
	return status;
}

static int replay_in(struct again *a, struct reader *r, const struct replay_target *t,
		     const struct debugger_options *o, bool only_check, bool force,
		     struct error *why)
{
	int status = inputs_unpack(a, why);

	if (!status)
		status = snapshot_take(a, why);
	if (!status)
		status = record(a, why);
	if (!status)
		status = compare(a, why);
	if (status == 3 && force && a->log[0]) {
		fprintf(stderr, "ringscope: warning: %s\n", why->text);
		status = 0;
	}
	if (status || only_check)
		return status;
	return gdb_run(a, r, t, o, why);
}

int replay(struct reader *r, const struct replay_target *t, const struct debugger_options *o,
	   bool only_check, bool force)
{
	struct again a = { .db = reader_database(r), .image = -1, .trees.answered = -1 };
	struct error why = { 0 };
	int status = debugger_open(&a.debugger, &why);

	if (!status)
		status = replay_in(&a, r, t, o, only_check, force, &why);
	if (why.status && status)
		fprintf(stderr, "ringscope: %s\n", why.text);
	if (a.image >= 0)
		close(a.image);
	if (a.trees.answered >= 0)
		close(a.trees.answered);
	places_free(&a.places);
	debugger_close(&a.debugger);
	return status;
}
