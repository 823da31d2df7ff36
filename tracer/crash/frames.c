#include "tracer/crash/frames.h"

#include <string.h>
#include <sys/mman.h>

#define GUESS_WORDS 512u

struct walk {
	struct teller *t;
	const struct image *m;
	uint64_t reg[FRAME_REGISTERS];
	bool exact;   /* the instruction at rip is to come; else rip is a return address */
	bool guessed; /* so is all above a guess */
};

enum step { STEP_CALLER, STEP_END, STEP_UNKNOWN };

/* Mapped code of a file at an address; NULL: none. */
static const struct lineage *code_at(struct teller *t, uint64_t address)
{
	const struct state_region *g = t->space ? state_region_find(t->space, address) : NULL;
	const struct lineage *l = g && g->prot & PROT_EXEC ? teller_mapped(t, address) : NULL;

	return l && l->map.path[0] == '/' ? l : NULL;
}

/* A file that cannot be asked leaves open what its code is: any place in it may be one. */
static bool is_return(struct teller *t, uint64_t word)
{
	const struct lineage *l = code_at(t, word);

	return l &&
	       (build_trust(t, l, word) < BUILD_UNSURE ||
		symbol_after_call(t->symbols, l->map.path, l->map.offset + (word - l->map.start)));
}

static bool place_value(const struct walk *w, const struct frame_place *p, uint64_t cfa,
			uint64_t *out)
{
	const uint64_t base = p->base == FRAME_CFA ? cfa : w->reg[p->base];

	*out = base + (uint64_t)(int64_t)p->offset;
	return !p->memory || image_word(w->m, *out, out);
}

static enum step caller_by_rules(struct walk *w)
{
	const uint64_t at = w->reg[FRAME_RIP] - !w->exact;
	const struct lineage *l = code_at(w->t, at);
	const enum build_trust trust = build_trust(w->t, l, at);
	uint64_t next[FRAME_REGISTERS], cfa;
	struct frame_rules f;

	if (trust < BUILD_UNSURE ||
	    !symbol_frame(w->t->symbols, l->map.path, l->map.offset + (at - l->map.start), &f))
		return STEP_UNKNOWN;
	if (f.caller[FRAME_RIP].how == FRAME_UNDEFINED)
		return STEP_END;
	if (f.caller[FRAME_RIP].how == FRAME_SAME || !place_value(w, &f.cfa, 0, &cfa))
		return STEP_UNKNOWN;
	memcpy(next, w->reg, sizeof(next));
	next[FRAME_RSP] = cfa;
	for (unsigned i = 0; i < FRAME_REGISTERS; i++)
		if (f.caller[i].how == FRAME_VALUE &&
		    !place_value(w, &f.caller[i].value, cfa, &next[i]))
			return STEP_UNKNOWN;
	if (!next[FRAME_RIP])
		return STEP_END;
	/* A stack that was overwritten leads anywhere. */
	if (!f.signal &&
	    (next[FRAME_RSP] <= w->reg[FRAME_RSP] || !is_return(w->t, next[FRAME_RIP])))
		return STEP_UNKNOWN;
	if (trust == BUILD_UNSURE)
		w->guessed = true;
	memcpy(w->reg, next, sizeof(next));
	w->exact = f.signal;
	return STEP_CALLER;
}

/* Where the function begins that the code at an address is in; 0: not known. */
static uint64_t function_start(struct walk *w)
{
	const uint64_t at = w->reg[FRAME_RIP] - !w->exact;
	char text[PLACE_TEXT];
	struct symbol symbol;

	return teller_place(w->t, at, false, text, &symbol) ? at - symbol.offset : 0;
}

/* Is the call before a return address one to this very address?  SDM vol. 2, CALL: e8 and
 * the distance in four bytes. */
static bool calls(struct walk *w, uint64_t back, uint64_t to)
{
	const struct lineage *l = code_at(w->t, back);
	int32_t distance;
	uint8_t code[5];

	if (build_trust(w->t, l, back) < BUILD_UNSURE ||
	    symbol_code(w->t->symbols, l->map.path, l->map.offset + (back - l->map.start) - 5, code,
			sizeof(code)) < sizeof(code))
		return false;
	memcpy(&distance, code + 1, sizeof(distance));
	return code[0] == 0xe8 && back + (uint64_t)(int64_t)distance == to;
}

/* Words that are left over from earlier calls look like return addresses, too: one behind a
 * call of the function itself is likelier than what comes before it. */
static enum step caller_by_look(struct walk *w)
{
	const uint64_t start = function_start(w);
	uint64_t word, found = 0, at = 0;

	for (unsigned i = 0; i < GUESS_WORDS; i++) {
		if (!image_word(w->m, w->reg[FRAME_RSP] + 8ull * i, &word))
			break;
		if (!is_return(w->t, word))
			continue;
		if (!found || (start && calls(w, word, start))) {
			found = word;
			at = w->reg[FRAME_RSP] + 8ull * i;
		}
		if (!start || calls(w, word, start))
			break;
	}
	if (!found)
		return STEP_UNKNOWN;
	w->reg[FRAME_RSP] = at + 8;
	w->reg[FRAME_RIP] = found;
	w->exact = false;
	w->guessed = true;
	return STEP_CALLER;
}

unsigned frames_walk(struct teller *t, const struct image *m,
		     const uint64_t registers[FRAME_REGISTERS], struct program_frame *out,
		     unsigned max, bool *more)
{
	struct walk w = { .t = t, .m = m, .exact = true };
	enum step step = STEP_CALLER;
	unsigned n = 0;

	memcpy(w.reg, registers, sizeof(w.reg));
	while (step == STEP_CALLER && n < max) {
		out[n++] = (struct program_frame){ w.reg[FRAME_RIP], !w.exact, w.guessed };
		step = caller_by_rules(&w);
		if (step == STEP_UNKNOWN)
			step = caller_by_look(&w);
	}
	*more = step == STEP_CALLER;
	return n;
}
