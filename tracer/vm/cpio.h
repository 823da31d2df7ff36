/* A cpio archive in "newc" form (cpio(5)), the form of an initramfs.
 *
 * Paths are absolute; parents come before children, which the caller sees to.
 * Errors stay in the writer: cpio_end tells of the first one. */
#ifndef TRACER_VM_CPIO_H
#define TRACER_VM_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

struct cpio {
	FILE *file;
	uint32_t inode;
	uint64_t bytes; /* written */
	uint64_t hash;  /* of the last entry: its mode, time and contents */
	int error;      /* errno of the first failure, 0 none */
};

/* Write to file, which stays the caller's. */
void cpio_begin(struct cpio *c, FILE *file);
void cpio_directory(struct cpio *c, const char *path, mode_t mode);
void cpio_bytes(struct cpio *c, const char *path, mode_t mode, const void *bytes, size_t size);
/* The size bytes that fd gives; what is missing is filled with zeroes. */
void cpio_copy(struct cpio *c, const char *path, mode_t mode, time_t mtime, int fd, size_t size);
void cpio_symlink(struct cpio *c, const char *path, const char *target);
/* 0 or an errno. */
int cpio_end(struct cpio *c);

#endif
