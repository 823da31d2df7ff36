/* The command that the guest shall run: found on the host, checked, made absolute. */
#ifndef TRACER_VM_PROGRAM_H
#define TRACER_VM_PROGRAM_H

#include <stdbool.h>
#include <sys/stat.h>

#include "tracer/error.h"

#define PROGRAM_ARGS_EXTRA 3 /* a script's interpreter, its argument, the script's path */

struct program {
	char *file;   /* of the guest, absolute */
	char *host;   /* what is packed there: the same, or what an --add names */
	char *script; /* the script that file interprets, absolute, or NULL */
	char *script_host;
	char **argv;  /* NULL-terminated; the strings belong to others or to storage */
	bool busybox; /* file is a busybox: its applets go along */
	bool tree;    /* it runs in the host's file tree only: it needs libraries */
	char *storage[2];
};

/* Find what argv names as a shell would, or as a guest's path that one of adds
 * ("HOST:GUEST") fills.  0; 126 or 127 as a shell has them; 125 for a program that
 * cannot run on our kernel yet.  program_free in any case. */
int program_find(struct program *p, char **argv, char *const *adds, struct error *why);
void program_free(struct program *p);

/* Would program_find find a program of that name on the host; is there one in the
 * usual folders of another tree? */
bool program_on_path(const char *name);
bool program_in_tree(const char *root, const char *name);

enum program_kind {
	PROGRAM_STATIC,  /* x86-64 ELF without an interpreter */
	PROGRAM_DYNAMIC, /* one with */
	PROGRAM_SCRIPT,  /* begins with #! */
	PROGRAM_FOREIGN, /* ELF for another machine */
	PROGRAM_BROKEN,  /* nothing that can be executed */
};

/* What the file behind fd is. */
enum program_kind program_kind(int fd);

/* path without "//", "." and "..", absolute (from the working directory), and with
 * /bin, /sbin, /lib and /lib64 as what they are links to: below /usr.  malloced. */
char *path_absolute(const char *path);

/* "HOST[:GUEST]" in two, both malloced, GUEST absolute; false: no memory. */
bool add_split(const char *add, char **host, char **guest);

#endif
