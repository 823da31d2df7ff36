#include "tracer/vm/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tracer/buffer.h"
#include "tracer/vm/applets.h"
#include "tracer/vm/cpio.h"

/* Deeper trees are taken for loops. */
#define TREE_DEPTH 64

struct image {
	struct cpio cpio;
	void *seen; /* tsearch tree of the paths that are in the archive */
	struct error *why;
	int status;          /* of the first failure */
	struct given *given; /* what the command has of it */
	bool ours;           /* what is packed now is no input of the command */
};

static void image_fail(struct image *image, const char *path, int error)
{
	if (!image->status)
		image->status = error_set(image->why, 125, "%s: cannot pack it for the guest: %s",
					  path, strerror(error));
}

static int path_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* True if path was not in the archive yet; it is now. */
static bool path_claim(struct image *image, const char *path)
{
	char *own;

	if (tfind(path, &image->seen, path_compare))
		return false;
	own = strdup(path);
	if (!own || !tsearch(own, &image->seen, path_compare)) {
		free(own);
		image_fail(image, path, ENOMEM);
	}
	return true;
}

/* The entry that was written last. */
static void entry_note(struct image *image, const char *path)
{
	if (!image->ours)
		given_add(image->given, path, image->cpio.hash);
}

static void directory_put(struct image *image, const char *path, mode_t mode);

static void parents_put(struct image *image, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *parent;

	if (!slash || slash == path)
		return;
	parent = strndup(path, (size_t)(slash - path));
	if (parent)
		directory_put(image, parent, 0755);
	free(parent);
}

static void directory_put(struct image *image, const char *path, mode_t mode)
{
	if (strcmp(path, "/") == 0 || !path_claim(image, path))
		return;
	parents_put(image, path);
	cpio_directory(&image->cpio, path, mode);
	entry_note(image, path);
}

static void bytes_put(struct image *image, const char *path, mode_t mode, const void *bytes,
		      size_t size)
{
	if (!path_claim(image, path))
		return;
	parents_put(image, path);
	cpio_bytes(&image->cpio, path, mode, bytes, size);
	entry_note(image, path);
}

static void text_put(struct image *image, const char *path, const char *text)
{
	bytes_put(image, path, 0644, text, strlen(text));
}

static void symlink_put(struct image *image, const char *path, const char *target)
{
	if (!path_claim(image, path))
		return;
	parents_put(image, path);
	cpio_symlink(&image->cpio, path, target);
	entry_note(image, path);
}

/* The file of the host from, as the guest's path to. */
static void file_put(struct image *image, const char *from, const char *to)
{
	struct stat st;
	int fd;

	if (!path_claim(image, to))
		return;
	parents_put(image, to);
	fd = open(from, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		image_fail(image, from, errno);
	else
		cpio_copy(&image->cpio, to, st.st_mode, image->ours ? 0 : st.st_mtime, fd,
			  (size_t)st.st_size);
	entry_note(image, to);
	if (fd >= 0)
		close(fd);
}

/* init is ours, and no input of the command: when it was built is nothing to see. */
static void init_put(struct image *image, const char *from, const char *to)
{
	image->ours = true;
	file_put(image, from, to);
	image->ours = false;
}

static void tree_put(struct image *image, const char *from, const char *to, unsigned depth,
		     bool follow);

static void entries_put(struct image *image, const char *from, const char *to, unsigned depth)
{
	DIR *directory = opendir(from);
	struct dirent *entry;

	if (!directory) {
		image_fail(image, from, errno);
		return;
	}
	while ((entry = readdir(directory)) && !image->status) {
		char *inner = NULL, *outer = NULL;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (asprintf(&inner, "%s/%s", from, entry->d_name) < 0 ||
		    asprintf(&outer, "%s/%s", strcmp(to, "/") ? to : "", entry->d_name) < 0)
			image_fail(image, from, ENOMEM);
		else
			tree_put(image, inner, outer, depth + 1, false);
		free(inner);
		free(outer);
	}
	closedir(directory);
}

/* A file, link or directory with all below it. */
static void tree_put(struct image *image, const char *from, const char *to, unsigned depth,
		     bool follow)
{
	char target[4096];
	struct stat st;
	ssize_t length;

	if (depth > TREE_DEPTH) {
		image_fail(image, from, ELOOP);
		return;
	}
	if ((follow ? stat(from, &st) : lstat(from, &st)) < 0) {
		image_fail(image, from, errno);
	} else if (S_ISDIR(st.st_mode)) {
		directory_put(image, to, st.st_mode);
		entries_put(image, from, to, depth);
	} else if (S_ISREG(st.st_mode)) {
		file_put(image, from, to);
	} else if (S_ISLNK(st.st_mode)) {
		length = readlink(from, target, sizeof(target) - 1);
		if (length < 0) {
			image_fail(image, from, errno);
			return;
		}
		target[length] = '\0';
		symlink_put(image, to, target);
	}
}

static void add_put(struct image *image, const char *add)
{
	char *host, *guest;

	if (!add_split(add, &host, &guest)) {
		image_fail(image, add, ENOMEM);
		return;
	}
	tree_put(image, host, guest, 0, true);
	free(host);
	free(guest);
}

static void applet_put(void *cookie, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/usr/bin/%s", name);
	if (strcmp(name, "busybox") != 0)
		symlink_put(cookie, path, "/usr/bin/busybox");
}

/* The busybox at from, with a link for each of its applets. */
static void busybox_put(struct image *image, const char *from)
{
	struct stat st;
	const int fd = open(from, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		image_fail(image, from, errno);
	} else {
		bytes_put(image, "/usr/bin/busybox", 0755, bytes, (size_t)st.st_size);
		applets_list(bytes, (size_t)st.st_size, applet_put, image);
		munmap(bytes, (size_t)st.st_size);
	}
	if (fd >= 0)
		close(fd);
}

static void skeleton_put(struct image *image)
{
	static const char *const directories[] = {
		"/dev", "/etc",     "/home",    "/mnt",       "/proc",     "/root",    "/run",
		"/sys", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/sbin", "/var/log",
	};
	static const char *const links[][2] = {
		{ "/bin", "usr/bin" },
		{ "/sbin", "usr/sbin" },
		{ "/lib", "usr/lib" },
		{ "/lib64", "usr/lib64" },
	};

	directory_put(image, "/tmp", 01777);
	directory_put(image, "/var/tmp", 01777);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		directory_put(image, directories[i], 0755);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		symlink_put(image, links[i][0], links[i][1]);
}

static void etc_put(struct image *image)
{
	text_put(image, "/etc/passwd",
		 "root:x:0:0:root:/root:/bin/sh\n"
		 "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n");
	text_put(image, "/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n");
	text_put(image, "/etc/hostname", "ringscope\n");
	text_put(image, "/etc/hosts", "127.0.0.1 localhost ringscope\n");
}

static void argv_put(struct image *image, char *const *argv)
{
	struct buffer b = { 0 };

	for (; *argv; argv++)
		buffer_append(&b, *argv, strlen(*argv) + 1);
	bytes_put(image, "/run/ringscope/argv", 0644, buffer_text(&b), b.length);
	buffer_free(&b);
}

/* Strings "NAME=value"; frees the buffer.  Each is an input of its own. */
static void environment_put(struct image *image, struct buffer *strings)
{
	const char *text = buffer_text(strings);

	for (size_t at = 0; at < strings->length; at += strlen(text + at) + 1)
		given_add_variable(image->given, text + at);
	image->ours = true;
	bytes_put(image, "/run/ringscope/env", 0644, text, strings->length);
	image->ours = false;
	buffer_free(strings);
}

/* A clean environment.  A program from a directory of its own is found there too. */
static void env_put(struct image *image, const struct image_config *config, const char *cwd)
{
	static const char path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const char *file = config->program->file;
	const int length = (int)(strrchr(file, '/') - file);
	struct buffer b = { 0 };

	buffer_printf(&b, "PATH=%s", path);
	if (length > 0 && strncmp(file, "/usr/bin/", 9) != 0 &&
	    strncmp(file, "/usr/sbin/", 10) != 0)
		buffer_printf(&b, ":%.*s", length, file);
	buffer_char(&b, '\0');
	buffer_printf(&b, "HOME=/root%cLANG=C.UTF-8%cTERM=%s%cPWD=%s%cUSER=root%cSHELL=/bin/sh%c",
		      0, 0, config->terminal, 0, cwd, 0, 0, 0);
	environment_put(image, &b);
}

static void image_fill(struct image *image, const struct image_config *config)
{
	const struct program *program = config->program;
	char *cwd = getcwd(NULL, 0);
	char *place = path_absolute(cwd ? cwd : "/");

	skeleton_put(image);
	init_put(image, config->init, IMAGE_INIT);
	for (char *const *add = config->adds; *add && !image->status; add++)
		add_put(image, *add);
	if (program->busybox)
		busybox_put(image, program->host);
	file_put(image, program->host, program->file);
	if (program->script)
		file_put(image, program->script_host, program->script);
	etc_put(image);
	if (place) {
		directory_put(image, place, 0755);
		bytes_put(image, "/run/ringscope/cwd", 0644, place, strlen(place));
		env_put(image, config, place);
	} else {
		image_fail(image, "the working directory", ENOMEM);
	}
	argv_put(image, program->argv);
	free(place);
	free(cwd);
}

/* The host's environment but for what is meant for us. */
static void tree_env_put(struct image *image)
{
	struct buffer b = { 0 };

	for (char **word = environ; *word; word++)
		if (strncmp(*word, "RINGSCOPE_", 10) != 0)
			buffer_append(&b, *word, strlen(*word) + 1);
	environment_put(image, &b);
}

/* Where the guest starts, and what init mounts: strings of type, source, place, "make"
 * or "". */
static void tree_places_put(struct image *image, const struct places *places)
{
	static const char *const types[] = {
		[PLACE_MEMORY] = "tmpfs",
		[PLACE_WRITABLE] = "9p",
		[PLACE_SHOWN] = "bind",
	};
	struct buffer b = { 0 };

	for (unsigned i = 0; i < places->count; i++) {
		const struct place *p = &places->list[i];

		buffer_printf(&b, "%s%c%s%c%s%c%s%c", types[p->kind], 0,
			      p->kind == PLACE_WRITABLE ? p->tag : "host", 0, p->guest, 0,
			      p->make ? "make" : "there", 0);
	}
	bytes_put(image, "/run/ringscope/mounts", 0644, b.length ? buffer_text(&b) : "", b.length);
	buffer_free(&b);
	bytes_put(image, "/run/ringscope/cwd", 0644, places->cwd, strlen(places->cwd));
}

static void tree_add_put(struct image *image, const char *add)
{
	char *host, *guest;

	if (!add_split(add, &host, &guest)) {
		image_fail(image, add, ENOMEM);
		return;
	}
	if (places_memory_holds(guest))
		tree_put(image, host, guest, 0, true);
	else if (!image->status)
		image->status = error_set(image->why, 125,
					  "--add %s: the host's tree is read-only: add to /tmp, or"
					  " leave it where it is",
					  add);
	free(host);
	free(guest);
}

/* Its mode, so that a directory below does not bring another; the guest always has
 * /tmp, /var/tmp only where the tree has it. */
static void memory_put(struct image *image, const char *tree)
{
	char *there = NULL;
	struct stat st;

	directory_put(image, "/tmp", 01777);
	if (asprintf(&there, "%s/var/tmp", tree) < 0) {
		image_fail(image, "/var/tmp", ENOMEM);
		return;
	}
	if (stat(there, &st) == 0 && S_ISDIR(st.st_mode))
		directory_put(image, "/var/tmp", 01777);
	free(there);
}

/* A program of the host where the guest has memory. */
static bool packed(const struct places *places, const char *path)
{
	return places_memory_holds(path) && !places_cover(places, path);
}

static void image_fill_tree(struct image *image, const struct image_config *config)
{
	const struct program *program = config->program;

	memory_put(image, config->places->tree);
	init_put(image, config->init, IMAGE_INIT_IN_TREE);
	for (char *const *add = config->adds; *add && !image->status; add++)
		tree_add_put(image, *add);
	if (program->file && packed(config->places, program->file))
		file_put(image, program->host, program->file);
	if (program->script && packed(config->places, program->script))
		file_put(image, program->script_host, program->script);
	tree_env_put(image);
	tree_places_put(image, config->places);
	argv_put(image, program->argv);
}

/* Addresses in our kernel are no input of the command either: which functions are
 * recorded is a setting. */
static void functions_put(struct image *image, const struct buffer *list)
{
	image->ours = true;
	bytes_put(image, "/run/ringscope/functions", 0644, buffer_text(list), list->length);
	image->ours = false;
}

/* The archive is memory: the limit on the size of files is not meant for it. */
static struct rlimit limit_lift(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit was, most;

	getrlimit(RLIMIT_FSIZE, &was);
	most = (struct rlimit){ was.rlim_max, was.rlim_max };
	if (setrlimit(RLIMIT_FSIZE, &none) < 0)
		setrlimit(RLIMIT_FSIZE, &most);
	return was;
}

int image_pack(const struct image_config *config, uint64_t *size, struct given *given,
	       struct error *why)
{
	struct image image = { .why = why, .given = given };
	const struct rlimit limit = limit_lift();
	const int fd = memfd_create("initramfs", MFD_CLOEXEC);
	FILE *file = fd >= 0 ? fdopen(dup(fd), "w") : NULL;
	int error;

	if (!file) {
		error_set(why, 125, "cannot pack files for the guest: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	cpio_begin(&image.cpio, file);
	if (config->places)
		image_fill_tree(&image, config);
	else
		image_fill(&image, config);
	if (config->input)
		bytes_put(&image, "/run/ringscope/stdin", 0644, buffer_text(config->input),
			  config->input->length);
	if (config->functions)
		functions_put(&image, config->functions);
	error = cpio_end(&image.cpio);
	if (fclose(file) && !error)
		error = errno;
	setrlimit(RLIMIT_FSIZE, &limit);
	if (error)
		image_fail(&image, "the initramfs", error);
	if (given->full)
		image_fail(&image, "the list of what the guest is given", ENOMEM);
	tdestroy(image.seen, free);
	if (image.status) {
		close(fd);
		return -1;
	}
	*size = image.cpio.bytes;
	return fd;
}
