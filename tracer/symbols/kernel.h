/* The functions of the guest kernel by address: read from its ELF file when a recording
 * begins, kept in the recording, so that whoever reads it needs no kernel. */
#ifndef TRACER_SYMBOLS_KERNEL_H
#define TRACER_SYMBOLS_KERNEL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/error.h"

struct kernel_function {
	uint64_t address, size; /* size 0: up to the next one */
	char *name;
	bool hooked; /* it begins with the place for a hook: kernel/trace/function.h */
};

struct kernel_functions {
	struct kernel_function *list; /* by address */
	size_t count, size;
	uint64_t text; /* where the code begins; of a kernel file only */
};

/* Of a kernel's file.  0, or status 125. */
int kernel_functions_read(struct kernel_functions *k, const char *kernel, struct error *why);
/* Into a recording that is being made; out of one: none if it has none.  0, or status 2. */
int kernel_functions_store(const struct kernel_functions *k, sqlite3 *db, struct error *why);
int kernel_functions_load(struct kernel_functions *k, sqlite3 *db, struct error *why);
void kernel_functions_free(struct kernel_functions *k);

/* The one that an address is in, or NULL. */
const struct kernel_function *kernel_function_at(const struct kernel_functions *k,
						 uint64_t address);
/* Its name, or the address as a number where none is known. */
void kernel_function_name(const struct kernel_functions *k, uint64_t address, char *to,
			  size_t size);

#endif
