#include "tracer/symbols/program.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tracer/buffer.h"
#include "tracer/store/meta.h"
#include "tracer/store/sql.h"
#include "tracer/symbols/identity.h"
#include "tracer/symbols/symbol.h"
#include "tracer/symbols/symbol_table.h"

#define PROGRAMS_MAX 256u
#define VDSO         "[vdso]"
#define VDSO_MOST    (1u << 20)

struct program {
	char *path;
	char *file;                   /* of this host; NULL: there is none */
	int fd;                       /* of what is only in the recording; -1 */
	char identity[IDENTITY_TEXT]; /* when it ran, "" unknown */
	bool checked, good;
	char *complaint;
};

struct programs {
	struct symbols *symbols;
	struct program list[PROGRAMS_MAX];
	unsigned count;
};

/* --- When a recording ends ------------------------------------------------------------- */

static const char insert[] = "INSERT OR IGNORE INTO symbol_file (path, build_id, data)"
			     " VALUES (?, ?, ?)";

/* The bytes between two symbols of the kernel's read-only data. */
static bool vdso_find(Elf *elf, const uint8_t **bytes, size_t *size)
{
	Elf_Scn *data_section = NULL;
	uint64_t start = 0, end = 0;
	GElf_Shdr head;
	GElf_Sym symbol;
	Elf_Data *data = symbol_table(elf, &head);

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		const char *name = elf_strptr(elf, head.sh_link, symbol.st_name);

		if (name && strcmp(name, "vdso_end") == 0)
			end = symbol.st_value;
		if (!name || strcmp(name, "vdso_start") != 0)
			continue;
		start = symbol.st_value;
		data_section = elf_getscn(elf, symbol.st_shndx);
	}
	if (!data_section || !gelf_getshdr(data_section, &head))
		return false;
	data = elf_getdata(data_section, NULL);
	if (!data || start < head.sh_addr || end <= start || end - start > VDSO_MOST ||
	    end - head.sh_addr > data->d_size)
		return false;
	*bytes = (const uint8_t *)data->d_buf + (start - head.sh_addr);
	*size = end - start;
	return true;
}

static int vdso_store(sqlite3_stmt *q, const char *kernel)
{
	const int fd = open(kernel, O_RDONLY | O_CLOEXEC);
	Elf *elf = fd >= 0 && elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ, NULL)
								 : NULL;
	const uint8_t *bytes;
	size_t size;
	int status = 0;

	if (elf && vdso_find(elf, &bytes, &size))
		status = sql_row(q, "ttb", VDSO, "", (const void *)bytes, size);
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return status;
}

int programs_store(sqlite3 *db, const char *kernel, struct error *why)
{
	sqlite3_stmt *paths = sql_prepare(
		db, "SELECT DISTINCT path FROM mapping WHERE prot & 4 AND path LIKE '/%' LIMIT 256",
		why);
	sqlite3_stmt *q = paths ? sql_prepare(db, insert, why) : NULL;
	struct file_places places;
	int status = q ? 0 : 2;

	file_places_read(&places, db);
	while (!status && sqlite3_step(paths) == SQLITE_ROW) {
		const char *path = (const char *)sqlite3_column_text(paths, 0);
		char place[2 * PATH_MAX], id[IDENTITY_TEXT] = "";

		if (file_place(&places, path, place, sizeof(place)))
			identity_path(place, id, sizeof(id));
		if (sql_row(q, "ttb", path, id, (const void *)NULL, (size_t)0))
			status = sql_error(why, db, "cannot store which programs ran");
	}
	if (!status && kernel && vdso_store(q, kernel))
		status = sql_error(why, db, "cannot store the vDSO");
	sqlite3_finalize(paths);
	sqlite3_finalize(q);
	return status;
}

/* --- Reading one ------------------------------------------------------------------------- */

void program_identity(sqlite3 *db, const char *path, char *text, size_t size)
{
	sqlite3_stmt *q = sql_prepare(db, "SELECT build_id FROM symbol_file WHERE path = ?", NULL);
	const char *found = NULL;

	if (q && sqlite3_bind_text(q, 1, path, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		found = (const char *)sqlite3_column_text(q, 0);
	snprintf(text, size, "%s", found ? found : "");
	sqlite3_finalize(q);
}

/* Bytes as a file that can be opened by name. */
static void bytes_open(struct program *f, const void *bytes, size_t size)
{
	f->fd = memfd_create("symbols", MFD_CLOEXEC);
	if (f->fd < 0 || write(f->fd, bytes, size) != (ssize_t)size ||
	    asprintf(&f->file, "/proc/self/fd/%d", f->fd) < 0)
		f->file = NULL;
}

struct programs *programs_open(sqlite3 *db)
{
	struct programs *p = calloc(1, sizeof(*p));
	struct file_places places;
	char place[2 * PATH_MAX];
	sqlite3_stmt *q;

	file_places_read(&places, db);
	if (!p || !(p->symbols = symbols_open())) {
		free(p);
		return NULL;
	}
	if (!sql_integer(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'symbol_file'", 0))
		return p;
	q = sql_prepare(db, "SELECT path, build_id, data FROM symbol_file", NULL);
	while (q && p->count < PROGRAMS_MAX && sqlite3_step(q) == SQLITE_ROW) {
		struct program *f = &p->list[p->count];
		const char *path = (const char *)sqlite3_column_text(q, 0);
		const char *id = (const char *)sqlite3_column_text(q, 1);
		const void *bytes = sqlite3_column_blob(q, 2);

		f->fd = -1;
		f->path = strdup(path ? path : "");
		if (!f->path)
			break;
		snprintf(f->identity, sizeof(f->identity), "%s", id ? id : "");
		if (bytes && sqlite3_column_bytes(q, 2) > 0)
			bytes_open(f, bytes, (size_t)sqlite3_column_bytes(q, 2));
		else
			f->file = file_place(&places, f->path, place, sizeof(place)) ? strdup(place)
										     : NULL;
		p->count++;
	}
	sqlite3_finalize(q);
	return p;
}

void programs_close(struct programs *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->count; i++) {
		free(p->list[i].path);
		free(p->list[i].file);
		free(p->list[i].complaint);
		if (p->list[i].fd >= 0)
			close(p->list[i].fd);
	}
	symbols_close(p->symbols);
	free(p);
}

static void check(struct programs *p, struct program *f)
{
	const char *other;
	char id[IDENTITY_TEXT];
	int got = 0;

	f->checked = true;
	f->good = f->file && symbol_file_there(p->symbols, f->file);
	if (!f->good) {
		got = asprintf(&f->complaint, "%s cannot be read: its functions have no names",
			       f->path);
	} else if (f->identity[0]) {
		symbol_identity(p->symbols, f->file, id, sizeof(id));
		f->good = strcmp(id, f->identity) == 0;
		if (!f->good)
			got = asprintf(&f->complaint,
				       "%s is not the file that ran (%s, not %s): its functions"
				       " have no names",
				       f->path, id[0] ? id : "none", f->identity);
	} else if (f->fd < 0) {
		got = asprintf(&f->complaint,
			       "%s may not be the file that ran, of which the recording has no"
			       " build id: its names may be wrong",
			       f->path);
	}
	other = f->good ? symbol_debug_other(p->symbols, f->file) : NULL;
	if (other)
		got = asprintf(&f->complaint,
			       "%s is of another build than %s: no names are taken from it", other,
			       f->path);
	if (got < 0)
		f->complaint = NULL;
}

/* The vDSO has no path in the recording. */
static struct program *find(struct programs *p, const char *path)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct program *f = &p->list[i];

		if (!file_path_is(f->path, path))
			continue;
		if (!f->checked)
			check(p, f);
		return f;
	}
	return NULL;
}

int program_open(struct programs *p, const char *path, const char **whole)
{
	struct program *f = find(p, path);

	if (!f || !f->good)
		return -1;
	*whole = f->path;
	return f->fd >= 0 ? fcntl(f->fd, F_DUPFD_CLOEXEC, 3)
			  : open(f->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

void program_name_at(struct programs *p, const char *path, uint64_t offset, char *text, size_t size)
{
	struct program *f = find(p, path);
	const char *slash = strrchr(path, '/');
	struct symbol s;

	if (f && f->good && symbol_at_offset(p->symbols, f->file, offset, &s) && s.name[0])
		snprintf(text, size, "%s", s.name);
	else if (*path)
		snprintf(text, size, "%s+0x%" PRIx64, slash ? slash + 1 : path, offset);
	else
		snprintf(text, size, "(no file)");
}

const char *programs_complaint(const struct programs *p, unsigned index)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->list[i].complaint && index-- == 0)
			return p->list[i].complaint;
	return NULL;
}
