#include "tracer/symbols/frame.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those that a function keeps for its caller, and where that one goes on. */
static const uint8_t kept[] = { 3, FRAME_RBP, FRAME_RSP, 12, 13, 14, 15, FRAME_RIP };

#define KEPT_COUNT (sizeof(kept) / sizeof(kept[0]))

/* A DWARF expression of the kind that compilers and C libraries use: a base, offsets, and
 * one look into memory at its end. */
static bool expression_read(const Dwarf_Op *op, size_t count, struct frame_place *out)
{
	int64_t offset = 0;

	*out = (struct frame_place){ .base = UINT8_MAX };
	for (size_t i = 0; i < count; i++) {
		if (i ? out->memory : op[i].atom == DW_OP_plus_uconst || op[i].atom == DW_OP_deref)
			return false;
		if (!i && op[i].atom == DW_OP_call_frame_cfa) {
			out->base = FRAME_CFA;
		} else if (!i && op[i].atom == DW_OP_bregx && op[i].number < FRAME_REGISTERS) {
			out->base = (uint8_t)op[i].number;
			offset = (int64_t)op[i].number2;
		} else if (!i && op[i].atom >= DW_OP_breg0 &&
			   op[i].atom < DW_OP_breg0 + FRAME_REGISTERS) {
			out->base = (uint8_t)(op[i].atom - DW_OP_breg0);
			offset = (int64_t)op[i].number;
		} else if (op[i].atom == DW_OP_plus_uconst) {
			offset = (int64_t)((uint64_t)offset + op[i].number);
		} else if (op[i].atom == DW_OP_deref) {
			out->memory = true;
		} else {
			return false;
		}
	}
	out->offset = (int32_t)offset;
	return out->base != UINT8_MAX && out->offset == offset;
}

static bool register_find(Dwarf_Frame *frame, unsigned number, struct frame_rules *out)
{
	Dwarf_Op room[3], *op = NULL;
	struct frame_place *value = &out->caller[number].value;
	size_t count = 0;

	if (dwarf_frame_register(frame, (int)number, room, &op, &count))
		return false;
	if (!count) {
		out->caller[number].how = op ? FRAME_UNDEFINED : FRAME_SAME;
		return true;
	}
	out->caller[number].how = FRAME_VALUE;
	if (op[count - 1].atom == DW_OP_stack_value)
		return expression_read(op, count - 1, value);
	/* Else the expression says where the value lies. */
	if (!expression_read(op, count, value) || value->memory)
		return false;
	value->memory = true;
	return true;
}

bool frame_rules_find(Dwarf_CFI *information, uint64_t address, struct frame_rules *out)
{
	Dwarf_Frame *frame = NULL;
	Dwarf_Op *op = NULL;
	size_t count = 0;
	bool good;

	*out = (struct frame_rules){ 0 };
	if (!information || dwarf_cfi_addrframe(information, address, &frame))
		return false;
	good = dwarf_frame_info(frame, NULL, NULL, &out->signal) == (int)FRAME_RIP &&
	       !dwarf_frame_cfa(frame, &op, &count) && expression_read(op, count, &out->cfa) &&
	       out->cfa.base != FRAME_CFA;
	for (size_t i = 0; good && i < KEPT_COUNT; i++)
		good = register_find(frame, kept[i], out);
	free(frame);
	return good;
}

/* "7+16": rsp + 16; "[17-8]": what lies 8 bytes below the CFA; "=" and "-" beside them. */
static void place_print(const struct frame_place *p, char *text, size_t size)
{
	snprintf(text, size, p->memory ? "[%u%+d]" : "%u%+d", p->base, p->offset);
}

static bool place_read(const char *text, struct frame_place *out)
{
	unsigned base;
	int offset;

	out->memory = *text == '[';
	if (sscanf(text + out->memory, "%2u%11d", &base, &offset) != 2 || base > FRAME_CFA)
		return false;
	out->base = (uint8_t)base;
	out->offset = offset;
	return true;
}

bool frame_rules_print(const struct frame_rules *f, char *text, size_t size)
{
	size_t used;

	if (size < 32)
		return false;
	text[0] = f->signal ? 's' : 'c';
	text[1] = ' ';
	place_print(&f->cfa, text + 2, size - 2);
	used = strlen(text);
	for (size_t i = 0; i < KEPT_COUNT; i++) {
		char word[32] = "=";

		if (f->caller[kept[i]].how == FRAME_UNDEFINED)
			snprintf(word, sizeof(word), "-");
		else if (f->caller[kept[i]].how == FRAME_VALUE)
			place_print(&f->caller[kept[i]].value, word, sizeof(word));
		if (used + 1 + strlen(word) >= size)
			return false;
		used += (size_t)snprintf(text + used, size - used, " %s", word);
	}
	return true;
}

bool frame_rules_read(const char *text, struct frame_rules *out)
{
	*out = (struct frame_rules){ .signal = text[0] == 's' };
	if ((text[0] != 's' && text[0] != 'c') || text[1] != ' ' ||
	    !place_read(text + 2, &out->cfa) || out->cfa.base == FRAME_CFA)
		return false;
	for (size_t i = 0; i < KEPT_COUNT; i++) {
		text = strchr(text + 2 * !i, ' ');
		if (!text++)
			return false;
		out->caller[kept[i]].how = *text == '='   ? FRAME_SAME
					   : *text == '-' ? FRAME_UNDEFINED
							  : FRAME_VALUE;
		if (out->caller[kept[i]].how == FRAME_VALUE &&
		    !place_read(text, &out->caller[kept[i]].value))
			return false;
	}
	return true;
}
