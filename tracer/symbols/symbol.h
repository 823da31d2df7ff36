/* Addresses as function names and source lines, from ELF files of the host.
 *
 * What was stripped from a file is looked for where debuggers do (debug_file.h).  The
 * files are those that a recording names: paths and bytes are hostile.  Only
 * regular files are opened, and what libelf and libdw cannot read has no symbols. */
#ifndef TRACER_SYMBOLS_SYMBOL_H
#define TRACER_SYMBOLS_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracer/error.h"
#include "tracer/symbols/frame.h"
#include "tracer/symbols/place.h"

struct symbol {
	char name[128];  /* of the function, "" unknown */
	uint64_t offset; /* in it */
	char file[256];  /* source, "" unknown */
	int line;
};

struct symbols;

/* NULL without memory.  For one thread at a time. */
struct symbols *symbols_open(void);
void symbols_close(struct symbols *s);
/* Answer what a recording carries answers to from there, whatever the files are now; only
 * the first recording counts. */
struct sqlite3;
void symbols_keep(struct symbols *s, struct sqlite3 *db);
/* Look for files at these places, but for the kernel's (NULL: none); only the first call
 * counts. */
void symbols_places(struct symbols *s, const struct file_places *places, const char *kernel);
/* Put all answers given so far into a recording.  0 or status 2. */
int symbols_store(const struct symbols *s, struct sqlite3 *db, struct error *why);

/* What is at this offset of the file; *out is filled in as far as it is known, and it is
 * false if that is nothing.  A call's return address is looked up at the byte before. */
bool symbol_at_offset(struct symbols *s, const char *path, uint64_t offset, struct symbol *out);
/* The same for an address as the file gives it: of a program that is not moved. */
bool symbol_at_address(struct symbols *s, const char *path, uint64_t address, struct symbol *out);

/* The line of the function at an address that what stands there was inlined by: file and line
 * of *out.  False: it is the function's own. */
bool symbol_inlined(struct symbols *s, const char *path, uint64_t address, struct symbol *out);

/* Bytes that the file gives an address, at most n; how many. */
size_t symbol_bytes(struct symbols *s, const char *path, uint64_t address, void *to, size_t n);

/* Do the bytes of the file before this offset end in a call instruction? */
bool symbol_after_call(struct symbols *s, const char *path, uint64_t offset);
/* How the caller is found in a frame that stands at this offset; false: the file does not say. */
bool symbol_frame(struct symbols *s, const char *path, uint64_t offset, struct frame_rules *out);
/* Can the file be read, and was it changed after this time (s since 1970)? */
bool symbol_file_there(struct symbols *s, const char *path);
bool symbol_file_newer(struct symbols *s, const char *path, int64_t since);
/* A line of a source file; false: it is not here. */
bool symbol_source(struct symbols *s, const char *file, int line, char *text, size_t size);
/* Was a source file changed after this time? */
bool symbol_source_newer(const struct symbols *s, const char *file, int64_t since);
/* Bytes of code from this offset of the file on: how many were read. */
size_t symbol_code(struct symbols *s, const char *path, uint64_t offset, uint8_t *bytes,
		   size_t count);
/* A file that should have the symbols that were stripped from it, and is of another build,
 * so that it is not used; NULL: there is none. */
const char *symbol_debug_other(struct symbols *s, const char *path);
/* Its GNU build id as hex into text, "" if it has none. */
void symbol_build_id(struct symbols *s, const char *path, char *text, size_t size);
/* A digest of its first n bytes, with zeros behind its end, as identity_bytes; "" unknown. */
void symbol_head(struct symbols *s, const char *path, size_t n, char *text, size_t size);
/* What tells it from others of its name: its build id, or a digest of all of it; "" unknown. */
void symbol_identity(struct symbols *s, const char *path, char *text, size_t size);

#endif
