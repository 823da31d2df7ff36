/* The symbol table of an ELF file. */
#ifndef TRACER_SYMBOLS_SYMBOL_TABLE_H
#define TRACER_SYMBOLS_SYMBOL_TABLE_H

#include <gelf.h>

/* Its symbols, for gelf_getsym, and the head of its section: sh_link is the section of their
 * names.  elf's; NULL: it has none. */
Elf_Data *symbol_table(Elf *elf, GElf_Shdr *head);

#endif
