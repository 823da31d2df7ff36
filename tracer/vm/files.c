#include "tracer/vm/files.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int file_take(char to[FILES_PATH], const char *folder, const char *name, const char *advice,
		     struct error *why)
{
	if (snprintf(to, FILES_PATH, "%s%s", folder, name) >= FILES_PATH)
		return error_set(why, 125, "%s: %s", name, strerror(ENAMETOOLONG));
	if (access(to, R_OK) < 0)
		return error_set(why, 125, "%s: %s; %s", to, strerror(errno), advice);
	return 0;
}

int files_find(struct files *f, const char *kernel, struct error *why)
{
	char folder[FILES_PATH];
	const ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	const char *named = getenv("RINGSCOPE_KERNEL");
	int status;

	if (length < 0)
		return error_set(why, 125, "cannot find this program's folder: %s",
				 strerror(errno));
	folder[length] = '\0';
	strrchr(folder, '/')[1] = '\0';
	if (!kernel && named && *named)
		kernel = named;
	status =
		kernel ? file_take(f->kernel, "", kernel, "no such kernel", why)
		       : file_take(f->kernel, folder, "kernel.elf",
				   "build it, or name one with --kernel or $RINGSCOPE_KERNEL", why);
	if (!status)
		status = file_take(f->init, folder, "user/init", "build it", why);
	return status;
}

/* The .comment section of an ELF file into to. */
static bool comment_read(Elf *elf, char *to, size_t size)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	while ((section = elf_nextscn(elf, section)) && gelf_getshdr(section, &header)) {
		const char *name = elf_strptr(elf, names, header.sh_name);
		const Elf_Data *data;

		if (!name || strcmp(name, ".comment") != 0)
			continue;
		data = elf_getdata(section, NULL);
		if (!data || !data->d_buf)
			return false;
		snprintf(to, size, "%.*s", (int)strnlen(data->d_buf, data->d_size),
			 (const char *)data->d_buf);
		return true;
	}
	return false;
}

bool files_compiler(const char *kernel, char *to, size_t size)
{
	const int fd = open(kernel, O_RDONLY | O_CLOEXEC);
	Elf *elf;
	bool found;

	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	found = elf && elf_kind(elf) == ELF_K_ELF && comment_read(elf, to, size);
	elf_end(elf);
	close(fd);
	return found;
}
