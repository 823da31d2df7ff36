/* Finding lessons: those built in, and files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/lesson.h"

/* The files of lessons/, made strings of the program by the build. */
#define LESSON(name) extern const char lesson_##name[];
#include "viewer/lessons/lessons.def"

static const struct {
	const char *name, *text;
} built_in[] = {
#define LESSON(name) { #name, lesson_##name },
#include "viewer/lessons/lessons.def"
};

#define BUILT_IN (sizeof(built_in) / sizeof(built_in[0]))

const char *lesson_name(unsigned at)
{
	return at < BUILT_IN ? built_in[at].name : NULL;
}

const char *lesson_after(const char *name)
{
	for (unsigned at = 0; at < BUILT_IN; at++)
		if (strcmp(built_in[at].name, name) == 0)
			return lesson_name(at + 1);
	return NULL;
}

static void name_keep(struct lesson *l, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
	size_t length = strlen(base);

	if (length > 7 && strcmp(base + length - 7, ".lesson") == 0)
		length -= 7;
	snprintf(l->name, sizeof(l->name), "%.*s", (int)length, base);
	snprintf(l->file, sizeof(l->file), "%s", path);
}

static int file_parse(struct lesson *l, const char *path, FILE *file, struct error *why)
{
	char *text = malloc(LESSON_BYTES + 1);
	size_t length;
	int status;

	if (text == NULL)
		return error_set(why, 2, "%s: out of memory", path);
	length = fread(text, 1, LESSON_BYTES + 1, file);
	status = ferror(file) ? error_set(why, 2, "reading %s failed: %s", path, strerror(errno))
			      : lesson_parse(l, path, text, length, why);
	free(text);
	return status;
}

int lesson_load(struct lesson *l, const char *name_or_path, struct error *why)
{
	FILE *file;
	int status;

	memset(l, 0, sizeof(*l));
	for (size_t i = 0; i < BUILT_IN; i++) {
		if (strcmp(built_in[i].name, name_or_path) != 0)
			continue;
		status = lesson_parse(l, name_or_path, built_in[i].text, strlen(built_in[i].text),
				      why);
		name_keep(l, name_or_path);
		return status;
	}
	file = fopen(name_or_path, "re");
	if (file == NULL)
		return error_set(why, 2,
				 "lesson: no lesson '%s', and no such file: %s; 'ringscope lesson' "
				 "lists the lessons",
				 name_or_path, strerror(errno));
	status = file_parse(l, name_or_path, file, why);
	name_keep(l, name_or_path);
	fclose(file);
	return status;
}
