#include "tracer/symbols/place.h"

#include <stdio.h>
#include <string.h>

#include "tracer/store/meta.h"

void file_places_read(struct file_places *p, sqlite3 *db)
{
	meta_text(db, "root", p->root, sizeof(p->root));
	meta_text(db, "init", p->init, sizeof(p->init));
	meta_text(db, "init_file", p->init_file, sizeof(p->init_file));
}

bool file_place(const struct file_places *p, const char *path, char *place, size_t size)
{
	if (p->init_file[0] && strcmp(path, p->init) == 0)
		return snprintf(place, size, "%s", p->init_file) < (int)size;
	return snprintf(place, size, "%s%s", p->root, path) < (int)size;
}

bool file_path_is(const char *path, const char *shown)
{
	const size_t whole = strlen(path), rest = strlen(shown);

	if (strncmp(shown, "...", 3) != 0)
		return strcmp(path, shown) == 0;
	return whole >= rest - 3 && strcmp(path + whole - (rest - 3), shown + 3) == 0;
}
