/* Where the files of a guest are on this host: below the folder that was its root, but for
 * the first program, which we gave it under a name of its own. */
#ifndef TRACER_SYMBOLS_PLACE_H
#define TRACER_SYMBOLS_PLACE_H

#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

struct file_places {
	char root[PATH_MAX]; /* "": its paths are ours */
	char init[PATH_MAX], init_file[PATH_MAX];
};

/* As a recording says. */
void file_places_read(struct file_places *p, sqlite3 *db);
/* False: there is no room for the name. */
bool file_place(const struct file_places *p, const char *path, char *place, size_t size);
/* Is path the one that shown is, which may have lost its beginning ("...")? */
bool file_path_is(const char *path, const char *shown);

#endif
