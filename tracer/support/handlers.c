/* The handlers that a kernel really has, from its symbol table. */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "tracer/support/support.h"
#include "tracer/symbols/symbol_table.h"

#define PREFIX "sys_"

/* One symbol; names is the section of its string table. */
static void symbol_take(struct handlers *h, Elf *elf, size_t names, const GElf_Sym *symbol)
{
	const char *name;
	int nr;

	if (GELF_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF)
		return;
	name = elf_strptr(elf, names, symbol->st_name);
	if (!name || strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return;
	nr = support_number(name + strlen(PREFIX));
	if (nr >= 0)
		h->has[nr] = true;
}

/* false: there is no symbol table. */
static bool symbols_read(struct handlers *h, Elf *elf)
{
	GElf_Shdr head;
	GElf_Sym symbol;
	Elf_Data *data = symbol_table(elf, &head);

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++)
		symbol_take(h, elf, head.sh_link, &symbol);
	return data != NULL;
}

int handlers_read(struct handlers *h, const char *kernel, struct error *why)
{
	int fd = open(kernel, O_RDONLY | O_CLOEXEC);
	Elf *elf = NULL;
	int status = 0;

	memset(h, 0, sizeof(*h));
	if (fd < 0)
		return error_set(why, 2, "%s: %s", kernel, strerror(errno));
	if (elf_version(EV_CURRENT) != EV_NONE)
		elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !symbols_read(h, elf))
		status = error_set(why, 2, "%s: not a kernel with symbols", kernel);
	elf_end(elf);
	close(fd);
	return status;
}
