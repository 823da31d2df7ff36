/* Putting the segments of a checked ELF image into a space. */
#ifndef KERNEL_PROC_SEGMENTS_H
#define KERNEL_PROC_SEGMENTS_H

#include "kernel/fs/file.h"
#include "kernel/proc/elf.h"

/* A file opened as a program: checked, with its program headers. */
struct elf_file {
	struct file *file; /* reference */
	Elf64_Ehdr header;
	Elf64_Phdr *table;
	struct elf_image image;
};

/* Read and check f (the reference moves in).  0 or -errno, then nothing is held. */
int elf_file_read(struct elf_file *e, struct file *f);
void elf_file_release(struct elf_file *e);

#define PLACE_ANY UINT64_MAX
/* Map the segments: at the file's addresses plus *bias, which is chosen by the space
 * when it is PLACE_ANY.  0 or -errno. */
int segments_map(struct space *s, const struct elf_file *e, uint64_t *bias);

#endif
