#include "tracer/vm/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Program headers that an executable may have: more is a broken file. */
#define HEADERS_MAX 512

char *path_absolute(const char *path)
{
	static const char *const merged[] = { "/bin", "/sbin", "/lib64", "/lib" };
	char *cwd = path[0] == '/' ? strdup("") : getcwd(NULL, 0);
	char *out = cwd ? calloc(1, strlen(cwd) + strlen(path) + sizeof("/usr/")) : NULL;
	char *from = NULL, *save, *part;
	size_t length = 0;

	if (!out || asprintf(&from, "%s/%s", cwd, path) < 0) {
		free(cwd);
		free(out);
		return NULL;
	}
	for (part = strtok_r(from, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		if (strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") == 0) {
			while (length && out[--length] != '/')
				;
			continue;
		}
		out[length++] = '/';
		memcpy(out + length, part, strlen(part));
		length += strlen(part);
	}
	if (!length)
		out[length++] = '/';
	out[length] = '\0';
	for (size_t i = 0; i < sizeof(merged) / sizeof(merged[0]); i++) {
		const size_t n = strlen(merged[i]);

		if (strncmp(out, merged[i], n) == 0 && (out[n] == '/' || out[n] == '\0')) {
			memmove(out + 4, out, length + 1);
			memcpy(out, "/usr", 4);
			break;
		}
	}
	free(from);
	free(cwd);
	return out;
}

enum program_kind program_kind(int fd)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;
	const ssize_t got = pread(fd, &head, sizeof(head), 0);
	bool loads = false;

	if (got >= 2 && memcmp(&head, "#!", 2) == 0)
		return PROGRAM_SCRIPT;
	if (got < (ssize_t)sizeof(head) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
		return PROGRAM_BROKEN;
	if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_machine != EM_X86_64)
		return PROGRAM_FOREIGN;
	if ((head.e_type != ET_EXEC && head.e_type != ET_DYN) || head.e_phentsize != sizeof(part) ||
	    head.e_phnum == 0 || head.e_phnum > HEADERS_MAX ||
	    head.e_phoff > INT64_MAX - HEADERS_MAX * sizeof(part))
		return PROGRAM_BROKEN;
	for (unsigned i = 0; i < head.e_phnum; i++) {
		const off_t at = (off_t)(head.e_phoff + i * sizeof(part));

		if (pread(fd, &part, sizeof(part), at) != (ssize_t)sizeof(part))
			return PROGRAM_BROKEN;
		if (part.p_type == PT_INTERP)
			return PROGRAM_DYNAMIC;
		loads |= part.p_type == PT_LOAD;
	}
	return loads ? PROGRAM_STATIC : PROGRAM_BROKEN;
}

/* A file that can be executed: 0, or the shell's status for why not.  In a search
 * through PATH a directory is passed over. */
static int file_try(const char *path, bool searching)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == EACCES ? 126 : 127;
	if (!S_ISREG(st.st_mode))
		return searching ? 127 : 126;
	return access(path, X_OK) < 0 ? 126 : 0;
}

/* The file that a command's name stands for, malloced; NULL and *status. */
static char *path_search(const char *name, int *status)
{
	const char *path = getenv("PATH");
	char *found = NULL;

	if (strchr(name, '/')) {
		*status = file_try(name, false);
		return *status ? NULL : strdup(name);
	}
	*status = 127;
	if (!path)
		path = "/usr/bin:/bin";
	while (*name && !found) {
		const size_t length = strcspn(path, ":");
		int tried;

		if (asprintf(&found, "%.*s/%s", (int)length, length ? path : ".", name) < 0)
			return NULL;
		tried = file_try(found, true);
		if (tried) {
			if (tried == 126)
				*status = 126;
			free(found);
			found = NULL;
		}
		if (!path[length])
			break;
		path += length + 1;
	}
	if (found)
		*status = 0;
	return found;
}

bool program_on_path(const char *name)
{
	int status;
	char *found = path_search(name, &status);

	free(found);
	return found != NULL;
}

bool program_in_tree(const char *root, const char *name)
{
	static const char *const folders[] = { "/usr/local/bin", "/usr/bin", "/bin" };
	bool found = false;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !found; i++) {
		char *path;

		if (asprintf(&path, "%s%s/%s", root, folders[i], name) < 0)
			return false;
		found = file_try(path, true) == 0;
		free(path);
	}
	return found;
}

bool add_split(const char *add, char **host, char **guest)
{
	const char *colon = strrchr(add, ':');

	if (!colon || colon[1] != '/' || colon == add || access(add, F_OK) == 0)
		colon = NULL;
	*host = colon ? strndup(add, (size_t)(colon - add)) : strdup(add);
	*guest = path_absolute(colon ? colon + 1 : add);
	if (*host && *guest)
		return true;
	free(*host);
	free(*guest);
	return false;
}

/* The host's file that an add puts at the guest's path name; NULL: none does. */
static char *add_search(const char *name, char *const *adds)
{
	char *wanted = strchr(name, '/') ? path_absolute(name) : NULL;
	char *found = NULL, *host, *guest;

	for (; wanted && *adds && !found; adds++) {
		if (!add_split(*adds, &host, &guest))
			break;
		if (strcmp(guest, wanted) == 0 && file_try(host, false) == 0)
			found = strdup(host);
		free(host);
		free(guest);
	}
	free(wanted);
	return found;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int kind_refuse(enum program_kind kind, const char *path, struct error *why)
{
	if (kind == PROGRAM_FOREIGN)
		return error_set(why, 126, "%s: not a program for x86-64", path);
	return error_set(why, 126, "%s: cannot execute: not a program", path);
}

/* A script's first line: "#!interpreter [argument]". */
static int interpreter_read(int fd, char line[256], char **interpreter, char **argument)
{
	const ssize_t got = pread(fd, line, 255, 0);
	char *end;

	if (got < 2)
		return -1;
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	*interpreter = line + 2 + strspn(line + 2, " \t");
	end = *interpreter + strcspn(*interpreter, " \t");
	*argument = end + strspn(end, " \t");
	*end = '\0';
	end = *argument + strlen(*argument);
	while (end > *argument && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return **interpreter ? 0 : -1;
}

/* argv of a script: interpreter, its argument, the script, the script's own. */
static int script_argv(struct program *p, const char *interpreter, const char *argument,
		       char **argv)
{
	size_t count = 0, at = 0;

	while (argv[count])
		count++;
	p->argv = calloc(count + PROGRAM_ARGS_EXTRA + 1, sizeof(*p->argv));
	p->storage[0] = strdup(interpreter);
	p->storage[1] = strdup(argument);
	if (!p->argv || !p->storage[0] || !p->storage[1])
		return -1;
	p->argv[at++] = p->storage[0];
	if (*argument)
		p->argv[at++] = p->storage[1];
	p->argv[at++] = p->script;
	for (size_t i = 1; i < count; i++)
		p->argv[at++] = argv[i];
	return 0;
}

static int script_find(struct program *p, int fd, char **argv, struct error *why)
{
	char line[256], *interpreter, *argument;
	enum program_kind kind = PROGRAM_BROKEN;
	int inner;

	p->script = p->file;
	p->script_host = p->host;
	p->file = p->host = NULL;
	if (interpreter_read(fd, line, &interpreter, &argument))
		return error_set(why, 126, "%s: cannot execute: names no interpreter", p->script);
	inner = open(interpreter, O_RDONLY | O_CLOEXEC);
	if (inner < 0)
		return error_set(why, 126, "%s: bad interpreter %s: %s", p->script, interpreter,
				 strerror(errno));
	kind = program_kind(inner);
	close(inner);
	if (kind != PROGRAM_STATIC && kind != PROGRAM_DYNAMIC)
		return kind_refuse(kind, interpreter, why);
	if (kind == PROGRAM_DYNAMIC) { /* the guest's kernel sees to it, as Linux does */
		*p = (struct program){
			.file = p->script, .host = p->script_host, .argv = argv, .tree = true
		};
		return 0;
	}
	p->host = path_absolute(interpreter);
	p->file = path_absolute(interpreter);
	if (!p->host || !p->file || script_argv(p, interpreter, argument, argv))
		return error_set(why, 125, "%s: out of memory", p->script);
	return 0;
}

/* p->file and p->host of a command's name. */
static int file_find(struct program *p, const char *name, char *const *adds, struct error *why)
{
	int status;

	p->host = add_search(name, adds);
	if (p->host) {
		p->file = path_absolute(name);
	} else {
		p->host = path_search(name, &status);
		if (!p->host && status == 127)
			return error_set(why, 127, "%s: command not found", name);
		if (!p->host)
			return error_set(why, 126,
					 "%s: cannot execute: permission denied or not a file",
					 name);
		p->file = path_absolute(p->host);
	}
	return p->file ? 0 : error_set(why, 125, "%s: out of memory", name);
}

int program_find(struct program *p, char **argv, char *const *adds, struct error *why)
{
	enum program_kind kind;
	int status, fd;

	*p = (struct program){ 0 };
	status = file_find(p, argv[0], adds, why);
	if (status)
		return status;
	fd = open(p->host, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(why, 126, "%s: cannot read it: %s", argv[0], strerror(errno));
	kind = program_kind(fd);
	if (kind == PROGRAM_STATIC || kind == PROGRAM_DYNAMIC) {
		p->tree = kind == PROGRAM_DYNAMIC;
		p->busybox = !p->tree && strcmp(base_name(p->file), "busybox") == 0;
		p->argv = argv;
	} else if (kind == PROGRAM_SCRIPT) {
		status = script_find(p, fd, argv, why);
	} else {
		status = kind_refuse(kind, argv[0], why);
	}
	close(fd);
	return status;
}

void program_free(struct program *p)
{
	if (p->script)
		free(p->argv);
	free(p->file);
	free(p->host);
	free(p->script);
	free(p->script_host);
	free(p->storage[0]);
	free(p->storage[1]);
	*p = (struct program){ 0 };
}
