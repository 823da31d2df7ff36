#include "tracer/vm/places.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/vm/program.h"

static bool is_below(const char *path, const char *directory)
{
	const size_t n = strlen(directory);

	return strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool places_memory_holds(const char *path)
{
	return is_below(path, "/tmp") || is_below(path, "/var/tmp") || is_below(path, "/run");
}

/* The innermost place over path; NULL: none. */
static const struct place *place_over(const struct places *p, const char *path)
{
	const struct place *found = NULL;

	for (unsigned i = 0; i < p->count; i++)
		if (is_below(path, p->list[i].guest) &&
		    (!found || strlen(p->list[i].guest) >= strlen(found->guest)))
			found = &p->list[i];
	return found;
}

bool places_cover(const struct places *p, const char *path)
{
	return place_over(p, path) != NULL;
}

/* Is path in memory once the places are mounted? */
static bool in_memory(const struct places *p, const char *path)
{
	const struct place *over = place_over(p, path);

	return over ? over->kind == PLACE_MEMORY : places_memory_holds(path);
}

static int places_add(struct places *p, enum place_kind kind, char *host, char *guest,
		      struct error *why)
{
	if (p->count == PLACES_MAX || !guest) {
		free(host);
		free(guest);
		return error_set(why, 125, "at most %d directories by --rw and --tmpfs",
				 PLACES_MAX);
	}
	p->list[p->count++] = (struct place){ .kind = kind, .host = host, .guest = guest };
	return 0;
}

/* Where in the guest the host's directory is: the same path, or what it is called in
 * the tree. */
static char *guest_path(const struct places *p, const char *host)
{
	const size_t n = strlen(p->tree);

	return strdup(n && is_below(host, p->tree) ? host + n : host);
}

static int writable_add(struct places *p, const char *text, struct error *why)
{
	const char *colon = access(text, F_OK) == 0 ? NULL : strrchr(text, ':');
	char *name =
		colon && colon[1] == '/' ? strndup(text, (size_t)(colon - text)) : strdup(text);
	char *host = name ? realpath(name, NULL) : NULL, *guest;
	struct stat st;

	free(name);
	if (!host || stat(host, &st) < 0)
		return error_set(why, 125, "--rw %s: %s", text, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		free(host);
		return error_set(why, 125, "--rw %s: %s", text, strerror(ENOTDIR));
	}
	guest = colon && colon[1] == '/' ? strdup(colon + 1) : guest_path(p, host);
	if (guest && strcmp(guest, "/") == 0) {
		free(host);
		free(guest);
		return error_set(why, 125, "--rw %s: not the whole tree: name what may be written",
				 text);
	}
	return places_add(p, PLACE_WRITABLE, host, guest, why);
}

static int memory_add(struct places *p, const char *text, struct error *why)
{
	char *guest = path_absolute(text);

	if (guest && strcmp(guest, "/") == 0) {
		free(guest);
		return error_set(why, 125, "--tmpfs %s: not the whole tree", text);
	}
	return places_add(p, PLACE_MEMORY, NULL, guest, why);
}

/* Is the guest's path a directory of the host's tree? */
static bool tree_has(const struct places *p, const char *path)
{
	char *there = NULL;
	struct stat st;
	bool has = asprintf(&there, "%s%s", p->tree, path) > 0 && stat(there, &st) == 0 &&
		   S_ISDIR(st.st_mode);

	free(there);
	return has;
}

/* The working directory, or "/" if the guest has no such directory. */
static int cwd_find(struct places *p, struct error *why)
{
	static const char *const memory[] = { "/tmp", "/var/tmp", "/run" };
	char *host = getcwd(NULL, 0);
	const struct place *over;

	p->cwd = host ? strdup(host) : NULL;
	free(host);
	if (!p->cwd)
		return error_set(why, 125, "the working directory: %s", strerror(errno));
	over = place_over(p, p->cwd);
	for (size_t i = 0; !over && i < sizeof(memory) / sizeof(memory[0]); i++)
		if (strcmp(p->cwd, memory[i]) == 0)
			return 0;
	if (over && (over->kind == PLACE_WRITABLE || strcmp(over->guest, p->cwd) == 0))
		return 0;
	if (!tree_has(p, p->cwd))
		p->cwd[1] = '\0';
	else if (in_memory(p, p->cwd))
		return places_add(p, PLACE_SHOWN, NULL, strdup(p->cwd), why);
	return 0;
}

static int outer_first(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	const size_t m = strlen(one->guest), n = strlen(other->guest);

	return m < n ? -1 : m > n;
}

/* Each place needs a directory to lie over: one that is there, or that init makes. */
static int directories_check(struct places *p, struct error *why)
{
	const unsigned count = p->count;
	unsigned tags = 0;

	for (unsigned i = 0; i < count; i++) {
		struct place *place = &p->list[i];
		const struct place *over;

		if (place->kind == PLACE_WRITABLE) {
			if (tags == WRITABLE_MAX)
				return error_set(why, 125, "at most %d directories by --rw",
						 WRITABLE_MAX);
			snprintf(place->tag, sizeof(place->tag), "rw%u", tags++);
		}
		p->count = i; /* those outside of it */
		over = place_over(p, place->guest);
		place->make = in_memory(p, place->guest);
		p->count = count;
		if (!place->make && !over && !tree_has(p, place->guest))
			return error_set(why, 125, "%s %s: the guest's tree has no such directory",
					 place->kind == PLACE_MEMORY ? "--tmpfs" : "--rw",
					 place->guest);
	}
	return 0;
}

int places_find(struct places *p, const char *tree, char *const *rws, char *const *tmpfs,
		struct error *why)
{
	int status = 0;

	p->tree = strcmp(tree, "/") ? tree : "";
	for (; *rws && !status; rws++)
		status = writable_add(p, *rws, why);
	for (; *tmpfs && !status; tmpfs++)
		status = memory_add(p, *tmpfs, why);
	if (!status)
		status = cwd_find(p, why);
	if (status)
		return status;
	qsort(p->list, p->count, sizeof(p->list[0]), outer_first);
	return directories_check(p, why);
}

unsigned places_writable(const struct places *p)
{
	unsigned writable = 0;

	for (unsigned i = 0; i < p->count; i++)
		writable += p->list[i].kind == PLACE_WRITABLE;
	return writable;
}

int places_again(struct places *p, const char *directory, unsigned writable, struct error *why)
{
	int status = 0;

	if (writable > WRITABLE_MAX)
		return error_set(why, 125, "at most %d directories by --rw", WRITABLE_MAX);
	for (unsigned i = 0; i < writable && !status; i++) {
		status = places_add(p, PLACE_WRITABLE, strdup(directory), strdup("/"), why);
		if (!status)
			snprintf(p->list[i].tag, sizeof(p->list[i].tag), "rw%u", i);
	}
	return status;
}

void places_free(struct places *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		free(p->list[i].host);
		free(p->list[i].guest);
	}
	free(p->cwd);
	*p = (struct places){ 0 };
}
