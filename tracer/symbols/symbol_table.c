#include "tracer/symbols/symbol_table.h"

#include <stddef.h>
#include <stdio.h>

#include "tracer/symbols/symbol.h"

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

/* Labels of assembly have no type; they are code where their section is. */
static bool is_function(Elf *elf, const GElf_Sym *symbol)
{
	GElf_Shdr header;

	if (symbol->st_shndx == SHN_UNDEF)
		return false;
	if (GELF_ST_TYPE(symbol->st_info) == STT_FUNC)
		return true;
	return GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE &&
	       gelf_getshdr(elf_getscn(elf, symbol->st_shndx), &header) &&
	       header.sh_flags & SHF_EXECINSTR;
}

static void function_take(Elf *elf, const GElf_Shdr *header, Elf_Data *data, uint64_t address,
			  bool *sized, struct symbol *out)
{
	const size_t count = header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	GElf_Sym symbol;

	for (size_t i = 0; i < count; i++) {
		const uint64_t best = out->name[0] ? out->offset : UINT64_MAX;
		const char *name;
		bool better;

		if (!gelf_getsym(data, (int)i, &symbol) || !is_function(elf, &symbol) ||
		    address < symbol.st_value ||
		    (symbol.st_size && address - symbol.st_value >= symbol.st_size))
			continue;
		better = *sized == (symbol.st_size != 0) ? address - symbol.st_value < best
							 : !*sized;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (!better || !name || !*name)
			continue;
		snprintf(out->name, sizeof(out->name), "%s", name);
		out->offset = address - symbol.st_value;
		*sized = symbol.st_size != 0;
	}
}

void symbol_table_function(Elf *elf, uint64_t address, struct symbol *out)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	bool sized = out->name[0]; /* a label within a function is not its name */

	while ((section = elf_nextscn(elf, section)) != NULL) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) ||
		    (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM))
			continue;
		data = elf_getdata(section, NULL);
		if (data)
			function_take(elf, &header, data, address, &sized, out);
	}
}
