#include "kernel/proc/elf.h"

#include <linux/errno.h>

#include "kernel/arch/x86_64/paging.h"
#include "kernel/lib/string.h"

#define INTERPRETER_MAX 4096 /* PATH_MAX */

int elf_header_check(const Elf64_Ehdr *h, uint64_t file_size)
{
	uint64_t bytes = (uint64_t)h->e_phnum * sizeof(Elf64_Phdr);

	if (file_size < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG))
		return -ENOEXEC;
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
		return -ENOEXEC;
	if ((h->e_type != ET_EXEC && h->e_type != ET_DYN) || h->e_machine != EM_X86_64)
		return -ENOEXEC;
	if (h->e_phentsize != sizeof(Elf64_Phdr) || !h->e_phnum || bytes > ELF_TABLE_MAX)
		return -ENOEXEC;
	if (h->e_phoff > file_size || bytes > file_size - h->e_phoff)
		return -ENOEXEC;
	return 0;
}

/* Sizes and place of one PT_LOAD; `end` is the end of the one before. */
static bool segment_good(const Elf64_Phdr *s, uint64_t file_size, uint64_t end)
{
	if (s->p_filesz > s->p_memsz || s->p_memsz > USER_END || s->p_vaddr > USER_END ||
	    s->p_memsz > USER_END - s->p_vaddr)
		return false;
	if (s->p_offset > file_size || s->p_filesz > file_size - s->p_offset)
		return false;
	return !((s->p_vaddr ^ s->p_offset) & PAGE_MASK) && s->p_vaddr >= end;
}

static int segment_read(const Elf64_Ehdr *h, const Elf64_Phdr *s, uint64_t file_size, uint64_t *end,
			struct elf_image *image)
{
	if (!s->p_memsz)
		return 0;
	if (!segment_good(s, file_size, *end))
		return -ENOEXEC;
	if (!*end)
		image->low = ALIGN_DOWN(s->p_vaddr, PAGE_SIZE);
	*end = s->p_vaddr + s->p_memsz;
	image->high = ALIGN_UP(*end, PAGE_SIZE);
	if (h->e_phoff >= s->p_offset && h->e_phoff - s->p_offset < s->p_filesz)
		image->headers = s->p_vaddr + (h->e_phoff - s->p_offset);
	return 0;
}

int elf_image_read(const Elf64_Ehdr *h, const Elf64_Phdr *table, uint64_t file_size,
		   struct elf_image *image)
{
	uint64_t end = 0;
	int error = 0;

	*image = (struct elf_image){ .relocatable = h->e_type == ET_DYN,
				     .entry = h->e_entry,
				     .count = h->e_phnum };
	for (uint32_t i = 0; i < h->e_phnum && !error; i++) {
		const Elf64_Phdr *s = &table[i];

		if (s->p_type == PT_LOAD)
			error = segment_read(h, s, file_size, &end, image);
		else if (s->p_type == PT_GNU_STACK)
			image->stack_exec = s->p_flags & PF_X;
		if (s->p_type != PT_INTERP || image->interpreter_size)
			continue;
		if (s->p_filesz < 2 || s->p_filesz > INTERPRETER_MAX || s->p_offset > file_size ||
		    s->p_filesz > file_size - s->p_offset)
			return -ENOEXEC;
		image->interpreter_offset = s->p_offset;
		image->interpreter_size = s->p_filesz;
	}
	if (error || !end || image->entry >= USER_END)
		return -ENOEXEC;
	return 0;
}
