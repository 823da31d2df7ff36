/* What the boot loader (QEMU, by PVH) tells about the machine. */
#ifndef KERNEL_MAIN_BOOT_INFO_H
#define KERNEL_MAIN_BOOT_INFO_H

#include "kernel/mm/page.h"

#define RANGES_MAX 32

struct boot_info {
	char command_line[4096];
	struct memory_range ram[RANGES_MAX]; /* usable, free of kernel and initrd */
	unsigned ram_count;
	uint64_t ram_end; /* highest address of RAM */
	phys_t initrd;
	uint64_t initrd_size; /* 0: none */
};

/* Read the start info at phys (boot tables still loaded); panics if it is not one. */
void boot_info_read(struct boot_info *b, uint64_t phys);
/* RAM from `at` up is no memory of ours any more: the part of it that holds nothing yet. */
struct memory_range boot_info_split(struct boot_info *b, uint64_t at);
/* Value of key= in the command line into to; false if it is not there. */
bool boot_option(const struct boot_info *b, const char *key, char *to, size_t size);

#endif
