#include "tracer/symbols/debug_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE "/usr/lib/debug"

struct build_id {
	const void *bytes;
	ssize_t length; /* 0 or less: it has none */
};

static struct build_id build_id(Elf *elf)
{
	struct build_id id = { 0 };

	id.length = dwelf_elf_gnu_build_id(elf, &id.bytes);
	return id;
}

/* Take the file if it is there and has this build id. */
static bool candidate(struct debug_file *d, const char *path, struct build_id wanted)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct build_id id = { 0 };
	struct stat stat;
	Elf *elf = NULL;

	if (fd < 0)
		return false;
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode))
		elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		id = build_id(elf);
	if (id.length == wanted.length && memcmp(id.bytes, wanted.bytes, (size_t)id.length) == 0) {
		d->fd = fd;
		d->elf = elf;
		d->other[0] = 0;
		return true;
	}
	if (!d->other[0])
		snprintf(d->other, sizeof(d->other), "%s", path);
	elf_end(elf);
	close(fd);
	return false;
}

static bool by_build_id(struct debug_file *d, struct build_id id)
{
	const uint8_t *bytes = id.bytes;
	char path[PATH_MAX];
	int at = snprintf(path, sizeof(path), PLACE "/.build-id/%02x/", bytes[0]);

	for (ssize_t i = 1; i < id.length && i < 64; i++)
		at += snprintf(path + at, sizeof(path) - (size_t)at, "%02x", bytes[i]);
	snprintf(path + at, sizeof(path) - (size_t)at, ".debug");
	return candidate(d, path, id);
}

/* The name is the file's own word: a name and no path. */
static bool by_link(struct debug_file *d, const char *path, const char *name, struct build_id id)
{
	static const char *const places[][2] = { { "", "/" }, { "", "/.debug/" }, { PLACE, "/" } };
	const char *slash = strrchr(path, '/');
	const int directory = slash ? (int)(slash - path) : 0;
	char file[PATH_MAX];

	if (strchr(name, '/'))
		return false;
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const int length = snprintf(file, sizeof(file), "%s%.*s%s%s", places[i][0],
					    directory, path, places[i][1], name);

		if (length < (int)sizeof(file) && strcmp(file, path) != 0 && candidate(d, file, id))
			return true;
	}
	return false;
}

void debug_file_open(struct debug_file *d, const char *path, Elf *elf)
{
	const struct build_id id = build_id(elf);
	GElf_Word crc;
	const char *name;

	d->fd = -1;
	d->elf = NULL;
	d->other[0] = 0;
	if (id.length < 2 || by_build_id(d, id))
		return;
	name = dwelf_elf_gnu_debuglink(elf, &crc);
	if (name && *name)
		by_link(d, path, name, id);
}

void debug_file_close(struct debug_file *d)
{
	elf_end(d->elf);
	if (d->fd >= 0)
		close(d->fd);
}
