#include "tracer/analysis/unwind.h"

#include <elfutils/libdwfl.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/events.h"
#include "schemas/trace.h"
#include "tracer/payload.h"
#include "tracer/state.h"
#include "tracer/store/sql.h"
#include "tracer/symbols/kernel.h"
#include "tracer/symbols/program.h"

#define WORDS_MAX   8192u
#define SPACES_KEPT 16u
#define CACHE_SIZE  (1u << 14)

enum { RIP, RSP, RBP, RBX, R12, R13, R14, R15 }; /* of the record */

/* A process's files as libdw knows them, while its mappings stay as they are. */
struct unwind_space {
	uint32_t pid, generation;
	Dwfl *dwfl;
};

struct cached_name {
	uint64_t address;
	uint32_t pid, generation;
	const char *name;
};

struct unwind {
	struct state state;
	struct kernel_functions kernel;
	struct programs *programs;
	uint32_t generation; /* of all mappings: any change may be one of a process at hand */
	struct unwind_space space[SPACES_KEPT];
	unsigned next_space;
	struct cached_name *cache; /* by address */
	void *names;               /* a tree of strings */

	/* The stack at hand. */
	struct unwound now;
	bool open;
	unsigned words, wanted;
	uint64_t registers[STACK_REGISTERS];
	uint64_t stack[WORDS_MAX];
	uint64_t user[UNWIND_FRAMES]; /* addresses, the innermost first */
};

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

/* --- Names -------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static const char *name_keep(struct unwind *u, const char *text)
{
	char **found, *copy;

	found = tfind(text, &u->names, by_text);
	if (found)
		return *found;
	copy = strdup(text);
	if (!copy)
		return "?";
	if (!tsearch(copy, &u->names, by_text)) {
		free(copy);
		return "?";
	}
	return copy;
}

static const struct state_region *region_find(const struct unwind *u, uint64_t address)
{
	const struct state_process *p = state_process_find(&u->state, u->now.pid);
	const struct state_space *s = p ? state_space_find(&u->state, p->space) : NULL;

	return s ? state_region_find(s, address) : NULL;
}

/* Of the instruction before a return address. */
static const char *user_name(struct unwind *u, uint64_t address)
{
	struct cached_name *c = &u->cache[(address * 0x9e3779b97f4a7c15ull) >> 50];
	const struct state_region *r;
	char text[256];

	if (c->name && c->address == address && c->pid == u->now.pid &&
	    c->generation == u->generation)
		return c->name;
	r = region_find(u, address);
	if (!r)
		snprintf(text, sizeof(text), "0x%" PRIx64, address);
	else
		program_name_at(u->programs, r->path, address - r->start + r->offset, text,
				sizeof(text));
	*c = (struct cached_name){ address, u->now.pid, u->generation, name_keep(u, text) };
	return c->name;
}

/* --- What libdw asks ------------------------------------------------------------------ */

static pid_t thread_next(Dwfl *dwfl, void *arg, void **thread)
{
	(void)dwfl;
	if (*thread)
		return 0;
	*thread = arg;
	return 1;
}

static bool memory_read(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *arg)
{
	const struct unwind *u = arg;
	const uint64_t offset = address - u->registers[RSP];

	(void)dwfl;
	if (address < u->registers[RSP] || offset % 8 || offset / 8 >= u->words)
		return false;
	*result = u->stack[offset / 8];
	return true;
}

/* DWARF's numbers: System V ABI for AMD64, figure 3.36. */
static bool registers_set(Dwfl_Thread *thread, void *arg)
{
	const uint64_t *r = ((const struct unwind *)arg)->registers;
	const Dwarf_Word rbx = r[RBX], frame[] = { r[RBP], r[RSP] };
	const Dwarf_Word saved[] = { r[R12], r[R13], r[R14], r[R15], r[RIP] };

	return dwfl_thread_state_registers(thread, 3, 1, &rbx) &&
	       dwfl_thread_state_registers(thread, 6, 2, frame) &&
	       dwfl_thread_state_registers(thread, 12, 5, saved);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = thread_next,
	.memory_read = memory_read,
	.set_initial_registers = registers_set,
};

static int frame_take(Dwfl_Frame *frame, void *arg)
{
	struct unwind *u = arg;
	Dwarf_Addr pc;
	bool activation;

	if (u->now.user == UNWIND_FRAMES || !dwfl_frame_pc(frame, &pc, &activation))
		return DWARF_CB_ABORT;
	u->user[u->now.user++] = pc - (activation ? 0 : 1);
	return DWARF_CB_OK;
}

/* --- A process --------------------------------------------------------------------------- */

/* Tell libdw of a file where its beginning is mapped. */
static void file_report(struct unwind *u, Dwfl *dwfl, const struct state_region *r)
{
	const char *path;
	int fd = program_open(u->programs, r->path, &path);

	if (fd < 0)
		return;
	if (!dwfl_report_elf(dwfl, path, path, fd, r->start, false))
		close(fd);
}

/* Its name is new among the regions before it, and its beginning is there. */
static bool is_first(const struct state_space *s, uint32_t at)
{
	if (!s->region[at].path[0] || s->region[at].offset)
		return false;
	for (uint32_t i = 0; i < at; i++)
		if (strcmp(s->region[i].path, s->region[at].path) == 0)
			return false;
	return true;
}

static Dwfl *space_report(struct unwind *u, const struct state_space *s)
{
	Dwfl *dwfl = dwfl_begin(&callbacks);

	if (!dwfl)
		return NULL;
	dwfl_report_begin(dwfl);
	for (uint32_t i = 0; i < s->count; i++)
		if (is_first(s, i))
			file_report(u, dwfl, &s->region[i]);
	if (!dwfl_report_end(dwfl, NULL, NULL) &&
	    dwfl_attach_state(dwfl, NULL, 1, &thread_callbacks, u))
		return dwfl;
	dwfl_end(dwfl);
	return NULL;
}

static Dwfl *space_dwfl(struct unwind *u)
{
	const struct state_process *p = state_process_find(&u->state, u->now.pid);
	const struct state_space *s = p ? state_space_find(&u->state, p->space) : NULL;
	struct unwind_space *kept;

	for (unsigned i = 0; i < SPACES_KEPT; i++) {
		kept = &u->space[i];
		if (kept->dwfl && kept->pid == u->now.pid && kept->generation == u->generation)
			return kept->dwfl;
	}
	if (!s)
		return NULL;
	kept = &u->space[u->next_space++ % SPACES_KEPT];
	if (kept->dwfl)
		dwfl_end(kept->dwfl);
	*kept = (struct unwind_space){ u->now.pid, u->generation, space_report(u, s) };
	return kept->dwfl;
}

/* Where there is no information on frames: as far as frame pointers look right. */
static void frames_by_pointer(struct unwind *u)
{
	uint64_t fp = u->registers[RBP], back;

	u->user[0] = u->registers[RIP];
	u->now.user = 1;
	while (u->now.user < UNWIND_FRAMES && memory_read(NULL, fp + 8, &back, u) && back) {
		const uint64_t last = fp;

		u->user[u->now.user++] = back - 1;
		if (!memory_read(NULL, fp, &fp, u) || fp <= last)
			break;
	}
}

static void user_unwind(struct unwind *u)
{
	Dwfl *dwfl = space_dwfl(u);
	uint64_t by_information[UNWIND_FRAMES];
	unsigned count;

	u->now.user = 0;
	u->now.cut = !dwfl || dwfl_getthread_frames(dwfl, 1, frame_take, u) != 0;
	count = u->now.user;
	if (!u->now.cut)
		return;
	memcpy(by_information, u->user, sizeof(by_information));
	frames_by_pointer(u);
	if (u->now.user >= count)
		return;
	memcpy(u->user, by_information, sizeof(by_information));
	u->now.user = count;
}

/* --- Events ----------------------------------------------------------------------------- */

static void words_take(struct unwind *u, const uint64_t *from, unsigned at, unsigned count)
{
	if (at > WORDS_MAX || count > WORDS_MAX - at || at != u->words)
		return;
	memcpy(&u->stack[at], from, count * sizeof(*from));
	u->words = at + count;
}

static void stack_begin(struct unwind *u, const struct event *e)
{
	const struct ev_stack s = payload_stack(e);
	const unsigned fixed = sizeof(s) / 8, room = e->words > fixed ? e->words - fixed : 0;
	const uint64_t *words = e->payload + fixed;
	const unsigned kernel = s.kernel < room ? s.kernel : room;
	const unsigned user = s.user < room - kernel ? s.user : room - kernel;

	u->now = (struct unwound){
		.id = e->id, .time = e->time, .tid = e->tid, .pid = e->pid, .why = s.why
	};
	u->open = true;
	u->words = u->wanted = 0;
	/* Kept in the order of the result's end: names are set when all is there. */
	for (unsigned i = 0; i < kernel && i < 64; i++) {
		char name[64];

		kernel_function_name(&u->kernel, words[kernel - 1 - i], name, sizeof(name));
		u->now.name[u->now.count++] = name_keep(u, name);
	}
	if (user < STACK_REGISTERS)
		return;
	memcpy(u->registers, words + kernel, sizeof(u->registers));
	words_take(u, words + kernel + STACK_REGISTERS, 0, user - STACK_REGISTERS);
	u->wanted = s.words < WORDS_MAX ? (unsigned)s.words : WORDS_MAX;
	u->now.user = 1; /* there is one */
}

static void stack_end(struct unwind *u, struct unwound *out)
{
	const unsigned kernel = u->now.count;
	const bool has_user = u->now.user;

	u->open = false;
	if (has_user)
		user_unwind(u);
	*out = u->now;
	if (!has_user)
		return;
	for (unsigned i = 0; i < u->now.user; i++)
		out->name[i] = user_name(u, u->user[u->now.user - 1 - i]);
	memcpy(&out->name[u->now.user], u->now.name, kernel * sizeof(out->name[0]));
	out->count = u->now.user + kernel;
}

bool unwind_event(struct unwind *u, const struct event *e, struct unwound *out)
{
	if (!state_event(&u->state, e))
		return false;
	switch (e->kind) {
	case EV_map:
	case EV_unmap:
	case EV_exec:
	case EV_thread_create:
		u->generation++;
		return false;
	case EV_stack:
		stack_begin(u, e);
		break;
	case EV_stack_more:
		if (!u->open || e->tid != u->now.tid || e->words < 1)
			return false;
		words_take(u, e->payload + 1, (unsigned)e->payload[0], e->words - 1);
		break;
	default:
		return false;
	}
	if (!u->open || u->words < u->wanted)
		return false;
	stack_end(u, out);
	return true;
}

const char *unwind_complaint(const struct unwind *u, unsigned index)
{
	return programs_complaint(u->programs, index);
}

bool unwind_wanted(sqlite3 *db)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT sum(stored) FROM counter WHERE event = %u", EV_stack);
	return sql_integer(db, sql, 0) > 0;
}

struct unwind *unwind_open(sqlite3 *db, struct error *why)
{
	struct unwind *u = calloc(1, sizeof(*u));

	if (u)
		u->cache = calloc(CACHE_SIZE, sizeof(*u->cache));
	if (u)
		u->programs = programs_open(db);
	if (u && u->cache && u->programs && !kernel_functions_load(&u->kernel, db, why))
		return u;
	if (!u || !u->cache || !u->programs)
		error_set(why, 2, "cannot read stacks: out of memory");
	unwind_close(u);
	return NULL;
}

void unwind_close(struct unwind *u)
{
	if (!u)
		return;
	for (unsigned i = 0; i < SPACES_KEPT; i++)
		if (u->space[i].dwfl)
			dwfl_end(u->space[i].dwfl);
	tdestroy(u->names, free);
	free(u->cache);
	programs_close(u->programs);
	kernel_functions_free(&u->kernel);
	state_free(&u->state);
	free(u);
}
