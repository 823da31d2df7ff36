/* The symbol table of an ELF file. */
#ifndef TRACER_SYMBOLS_SYMBOL_TABLE_H
#define TRACER_SYMBOLS_SYMBOL_TABLE_H

#include <gelf.h>
#include <stdint.h>

struct symbol;

/* Its symbols, for gelf_getsym, and the head of its section: sh_link is the section of their
 * names.  elf's; NULL: it has none. */
Elf_Data *symbol_table(Elf *elf, GElf_Shdr *head);
/* The function that an address is in, of all tables, into name and offset of *out, if it is a
 * better one than what is there. */
void symbol_table_function(Elf *elf, uint64_t address, struct symbol *out);

#endif
