#include "tracer/vm/files.h"

#include <errno.h>
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
