/* The instruction that failed: in assembly, with what its address was made of, and as the
 * source has it. */
#include <capstone/capstone.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tracer/crash/teller.h"

/* "rax (0x0)", appended; nothing for no register. */
static void register_add(const struct teller *t, csh handle, unsigned reg, const char *before,
			 char *text, size_t size)
{
	const char *name = reg ? cs_reg_name(handle, reg) : NULL;
	const size_t used = strlen(text);
	uint64_t value;

	if (!name || used >= size)
		return;
	if (register_value(t, name, &value))
		snprintf(text + used, size - used, "%s%s (0x%" PRIx64 ")", before, name, value);
	else
		snprintf(text + used, size - used, "%s%s", before, name);
}

/* What the addresses of the instruction were made of. */
static void operands_tell(struct teller *t, csh handle, const cs_insn *i)
{
	const cs_x86 *x = &i->detail->x86;

	for (uint8_t n = 0; n < x->op_count; n++) {
		const x86_op_mem *m = &x->operands[n].mem;
		char text[160] = "", times[16], offset[24] = "";

		if (x->operands[n].type != X86_OP_MEM || m->base == X86_REG_RIP)
			continue;
		snprintf(times, sizeof(times), " + %d * ", m->scale);
		register_add(t, handle, m->base, "", text, sizeof(text));
		register_add(t, handle, m->index, times, text, sizeof(text));
		if (!text[0])
			continue;
		if (m->disp)
			snprintf(offset, sizeof(offset), " %c 0x%" PRIx64, m->disp < 0 ? '-' : '+',
				 m->disp < 0 ? -(uint64_t)m->disp : (uint64_t)m->disp);
		story_tell(t->s, STORY_WHERE, t->registers.id, "its address is %s%s", text, offset);
	}
}

static void code_tell(struct teller *t, uint64_t addr, const uint8_t *bytes, size_t count)
{
	cs_insn *i = NULL;
	csh handle;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
		return;
	cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
	if (cs_disasm(handle, bytes, count, addr, 1, &i) == 1) {
		story_tell(t->s, STORY_WHERE, 0, "the instruction: %s %s", i->mnemonic, i->op_str);
		operands_tell(t, handle, i);
		cs_free(i, 1);
	}
	cs_close(&handle);
}

void instruction_tell(struct teller *t, uint64_t addr, const struct symbol *symbol)
{
	const struct lineage *l = teller_mapped(t, addr);
	uint8_t bytes[16];
	size_t count = 0;
	char line[128];

	/* Other bytes than those that ran would mislead. */
	if (build_trust(t, l, addr) == BUILD_SAME)
		count = symbol_code(t->symbols, l->map.path, l->map.offset + (addr - l->map.start),
				    bytes, sizeof(bytes));
	if (count && t->fault.id) /* else it is behind the one that called */
		code_tell(t, addr, bytes, count);
	if (!symbol->file[0] ||
	    !symbol_source(t->symbols, symbol->file, symbol->line, line, sizeof(line)))
		return;
	if (symbol_source_newer(t->symbols, symbol->file, t->started))
		story_tell(t->s, STORY_WHERE, 0,
			   "%.300s was changed since the recording: its line is not shown",
			   symbol->file);
	else
		story_tell(t->s, STORY_WHERE, 0, "line %d: %s", symbol->line, line);
}
