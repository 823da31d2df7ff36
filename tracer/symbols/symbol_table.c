#include "tracer/symbols/symbol_table.h"

#include <stddef.h>

Elf_Data *symbol_table(Elf *elf, GElf_Shdr *head)
{
	Elf_Scn *section = NULL;

	do {
		section = elf_nextscn(elf, section);
		if (!section || !gelf_getshdr(section, head))
			return NULL;
	} while (head->sh_type != SHT_SYMTAB);
	return elf_getdata(section, NULL);
}
