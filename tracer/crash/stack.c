/* Registers, and who called whom: the recorded words of the stack that are return
 * addresses by their look, since a program need not keep frame pointers. */
#include <string.h>

#include "schemas/trace.h"
#include "tracer/analysis/payload.h"
#include "tracer/crash/teller.h"

#define CALLERS_MAX 16u
#define EXECUTABLE  4u /* PROT_EXEC */

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

/* Does this word of the stack point behind a call in mapped code? */
static bool is_return(struct teller *t, uint64_t word)
{
	const struct state_region *region = t->space ? state_region_find(t->space, word) : NULL;
	const struct lineage *l;

	if (!region || !(region->prot & EXECUTABLE))
		return false;
	l = teller_mapped(t, word);
	return l && l->map.path[0] == '/' &&
	       symbol_after_call(t->symbols, l->map.path, l->map.offset + (word - l->map.start));
}

void stack_tell(struct teller *t)
{
	const unsigned fixed = sizeof(struct ev_fatal_state) / 8;
	const uint64_t *words = t->registers.payload + fixed;
	unsigned count, callers = 0;
	char text[PLACE_TEXT];
	struct symbol symbol;

	if (!t->registers.id || t->registers.words < fixed + FATAL_STATE_REGISTERS)
		return;
	registers_tell(t, words);
	count = t->registers.words - fixed - FATAL_STATE_REGISTERS;
	for (unsigned i = 0; i < count && callers < CALLERS_MAX; i++) {
		const uint64_t word = words[FATAL_STATE_REGISTERS + i];

		if (!is_return(t, word))
			continue;
		callers++;
		if (teller_place(t, word, true, text, &symbol) && !t->s->symbol[0])
			memcpy(t->s->symbol, symbol.name, sizeof(t->s->symbol));
		story_deduce(t->s, STORY_STACK, t->registers.id, "%s", text);
	}
	if (!count)
		story_tell(t->s, STORY_STACK, t->registers.id, "the stack could not be read");
}
