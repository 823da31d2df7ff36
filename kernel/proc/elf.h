/* ELF64 files as programs: checking what a file says before anything is done.
 * Knows nothing of the rest of the kernel.  System V gABI, chapters 4 and 5. */
#ifndef KERNEL_PROC_ELF_H
#define KERNEL_PROC_ELF_H

#include <linux/elf.h>

#include "kernel/lib/types.h"

#define ELF_TABLE_MAX 65536 /* bytes of program headers: Linux's bound */

struct elf_image {
	bool relocatable;   /* ET_DYN: may be put anywhere */
	bool stack_exec;    /* PT_GNU_STACK asks for it */
	uint64_t entry;     /* as in the file */
	uint64_t low, high; /* addresses the segments span, by pages */
	uint64_t headers;   /* address of the program headers in memory, 0: not mapped */
	uint32_t count;
	uint64_t interpreter_offset, interpreter_size; /* PT_INTERP; size 0: none */
};

/* Is this the header of a program we can run?  0 or -ENOEXEC; what it says about
 * the program headers is then usable: count and place. */
int elf_header_check(const Elf64_Ehdr *h, uint64_t file_size);
/* Fill in *image from header and program headers; 0 or -ENOEXEC. */
int elf_image_read(const Elf64_Ehdr *h, const Elf64_Phdr *table, uint64_t file_size,
		   struct elf_image *image);

#endif
