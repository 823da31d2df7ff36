/* Registers, and who called whom: of the thread that died, of the others if there is a core. */
#include <stdio.h>
#include <string.h>

#include "schemas/trace.h"
#include "tracer/payload.h"
#include "tracer/crash/frames.h"

#define FRAMES_TOLD   24u
#define THREADS_TOLD  16u
#define THREAD_FRAMES 8u

static const char *const name[FATAL_STATE_REGISTERS] = { "rax", "rbx", "rcx", "rdx", "rsi",
							 "rdi", "rbp", "r8",  "r9",  "r10",
							 "r11", "r12", "r13", "r14", "r15" };

bool register_value(const struct teller *t, const char *wanted, uint64_t *value)
{
	const unsigned fixed = sizeof(struct ev_fatal_state) / 8;

	if (!t->registers.id || t->registers.words < fixed + FATAL_STATE_REGISTERS)
		return false;
	if (strcmp(wanted, "rsp") == 0) {
		*value = t->rsp;
		return true;
	}
	for (unsigned i = 0; i < FATAL_STATE_REGISTERS; i++) {
		if (strcmp(wanted, name[i]) == 0) {
			*value = t->registers.payload[fixed + i];
			return true;
		}
	}
	return false;
}

static void registers_tell(struct teller *t, const uint64_t *value)
{
	const struct ev_fatal_state f = payload_fatal_state(&t->registers);
	const uint64_t id = t->registers.id;

	story_tell(t->s, STORY_REGISTERS, id, "rip %016llx rsp %016llx rflags %08llx",
		   (unsigned long long)f.rip, (unsigned long long)f.rsp,
		   (unsigned long long)f.rflags);
	for (unsigned i = 0; i < FATAL_STATE_REGISTERS; i += 3)
		story_tell(t->s, STORY_REGISTERS, id, "%-3s %016llx %-3s %016llx %-3s %016llx",
			   name[i], (unsigned long long)value[i], name[i + 1],
			   (unsigned long long)value[i + 1], name[i + 2],
			   (unsigned long long)value[i + 2]);
}

/* Their DWARF numbers, in the order of name[]. */
static const uint8_t number[FATAL_STATE_REGISTERS] = { 0, 3,  2,  1,  4,  5,  6, 8,
						       9, 10, 11, 12, 13, 14, 15 };

static void frames_tell(struct teller *t, enum story_section section, uint64_t event,
			const char *who, const struct program_frame *frame, unsigned count)
{
	char text[PLACE_TEXT];
	bool named;

	for (unsigned i = 0; i < count; i++) {
		named = teller_place(t, frame[i].address, frame[i].behind, text, NULL);
		if (frame[i].guessed || (named && build_at(t, frame[i].address) == BUILD_UNSURE))
			story_deduce(t->s, section, event, "%s%s", who, text);
		else
			story_tell(t->s, section, event, "%s%s", who, text);
	}
}

/* The other threads of the program, which stopped where they were. */
static void threads_tell(struct teller *t, const struct image *m)
{
	struct program_frame frame[THREAD_FRAMES];
	char thread[80], who[96];
	bool more;

	for (unsigned i = 0; i < m->threads && i < THREADS_TOLD; i++) {
		if (m->thread[i].tid == t->s->tid)
			continue;
		teller_thread(t, m->thread[i].tid, t->moment, thread, sizeof(thread));
		snprintf(who, sizeof(who), "%s: ", thread);
		frames_tell(t, STORY_THREADS, 0, who, frame,
			    frames_walk(t, m, m->thread[i].registers, frame, THREAD_FRAMES, &more));
	}
	if (m->threads > THREADS_TOLD)
		story_tell(t->s, STORY_THREADS, 0, "and %u more threads",
			   m->threads - THREADS_TOLD);
}

/* Which core of the process is this death's?  Its number may have been another's before. */
static unsigned core_number(const struct teller *t)
{
	unsigned n = 0;

	for (const struct crash *c = t->all->crash; c != t->c && n < CRASHES_MAX; c++)
		n += c->pid == t->c->pid && (c->status & 0x7f) == (t->c->status & 0x7f);
	return n;
}

struct messenger {
	const char *function, *cause, *meaning;
};

/* A function may be there in many forms: __strlen_avx2 is a strlen, and what a compiler took
 * out of a function has its name and a dot. */
static void name_plain(const char *function, char *plain, size_t size)
{
	static const char *const forms[] = { "_avx", "_sse", "_evex", "_erms" };
	char *form;

	snprintf(plain, size, "%.*s", (int)strcspn(function, "."), function);
	if (strncmp(function, "__", 2) != 0)
		return;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		form = strstr(plain + 2, forms[i]);
		if (!form)
			continue;
		*form = '\0';
		memmove(plain, plain + 2, strlen(plain + 2) + 1);
		return;
	}
}

static const struct messenger *messenger_find(const char *function)
{
	static const struct messenger all[] = {
#define MESSENGER(function, cause, meaning) { function, cause, meaning },
#include "tracer/crash/messengers.def"
	};

	char plain[128];

	name_plain(function, plain, sizeof(plain));
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].function, function) == 0 || strcmp(all[i].function, plain) == 0)
			return &all[i];
	return NULL;
}

/* Who is to blame: the first one with a name that does not only tell of another's fault.  In a
 * file that cannot be asked it may be anyone. */
static void culprit_find(struct teller *t, const struct program_frame *frame, unsigned count)
{
	const struct messenger *last = NULL, *found;
	char text[PLACE_TEXT];
	struct symbol symbol;

	for (unsigned i = 0; i < count; i++) {
		if (build_at(t, frame[i].address - frame[i].behind) < BUILD_UNSURE)
			break;
		if (!teller_place(t, frame[i].address, frame[i].behind, text, &symbol))
			continue;
		found = messenger_find(symbol.name);
		if (!found || !t->s->symbol[0])
			memcpy(t->s->symbol, symbol.name, sizeof(t->s->symbol));
		if (!found) {
			if (i)
				story_deduce(t->s, STORY_WHERE, t->registers.id, "it came from %s",
					     text);
			break;
		}
		last = found->cause[0] || !last ? found : last;
	}
	if (!last || !last->cause[0])
		return;
	snprintf(t->s->cause, sizeof(t->s->cause), "%s", last->cause);
	story_deduce(t->s, STORY_WHY, t->registers.id, "%s", last->meaning);
}

void stack_open(struct teller *t)
{
	const unsigned fixed = sizeof(struct ev_fatal_state) / 8;

	image_open(&t->image, reader_database(t->r), t->c->pid, (uint32_t)t->s->signal,
		   core_number(t));
	if (!t->registers.id || t->registers.words < fixed + FATAL_STATE_REGISTERS)
		return;
	t->image.stack = t->registers.payload + fixed + FATAL_STATE_REGISTERS;
	t->image.stack_start = t->rsp;
	t->image.stack_words = t->registers.words - fixed - FATAL_STATE_REGISTERS;
}

void stack_tell(struct teller *t)
{
	const unsigned fixed = sizeof(struct ev_fatal_state) / 8;
	const uint64_t *words = t->registers.payload + fixed;
	uint64_t registers[FRAME_REGISTERS] = { 0 };
	struct program_frame frame[FRAMES_TOLD];
	unsigned count;
	bool more;

	if (!t->registers.id || t->registers.words < fixed + FATAL_STATE_REGISTERS)
		return;
	registers_tell(t, words);
	for (unsigned i = 0; i < FATAL_STATE_REGISTERS; i++)
		registers[number[i]] = words[i];
	registers[FRAME_RSP] = t->rsp;
	registers[FRAME_RIP] = payload_fatal_state(&t->registers).rip;
	count = frames_walk(t, &t->image, registers, frame, FRAMES_TOLD, &more);
	culprit_find(t, frame, count);
	frames_tell(t, STORY_STACK, t->registers.id, "", frame + 1, count - 1);
	if (more)
		story_tell(t->s, STORY_STACK, t->registers.id, "and more callers");
	if (!t->image.stack_words && !t->image.segments)
		story_tell(t->s, STORY_STACK, t->registers.id, "the stack could not be read");
	threads_tell(t, &t->image);
}
