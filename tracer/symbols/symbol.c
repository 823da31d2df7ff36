#include "tracer/symbols/symbol.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/symbols/debug_file.h"
#include "tracer/symbols/identity.h"
#include "tracer/symbols/inlined.h"
#include "tracer/symbols/kept.h"
#include "tracer/symbols/source.h"
#include "tracer/symbols/symbol_table.h"

#define FILES_KEPT 256u

struct symbol_file {
	char path[4096];
	int fd; /* -1: cannot be read */
	int64_t changed;
	Elf *elf;
	struct debug_file debug; /* its symbols, if they are apart */
	Dwarf *dwarf;            /* of either */
	Dwarf_CFI *frames;       /* of .eh_frame */
};

struct symbols {
	struct kept *kept;
	bool carried; /* a recording was asked what it has */
	bool placed;  /* the files' places are known */
	struct file_places places;
	char kernel[PATH_MAX];
	struct symbol_file file[FILES_KEPT];
	unsigned count;
};

struct symbols *symbols_open(void)
{
	struct symbols *s = calloc(1, sizeof(*s));

	elf_version(EV_CURRENT);
	if (s)
		s->kept = kept_open(NULL);
	return s;
}

void symbols_keep(struct symbols *s, sqlite3 *db)
{
	if (s->carried)
		return;
	s->carried = true;
	kept_close(s->kept);
	s->kept = kept_open(db);
}

void symbols_places(struct symbols *s, const struct file_places *places, const char *kernel)
{
	if (s->placed)
		return;
	s->placed = true;
	s->places = *places;
	snprintf(s->kernel, sizeof(s->kernel), "%s", kernel ? kernel : "");
}

int symbols_store(const struct symbols *s, sqlite3 *db, struct error *why)
{
	return kept_store(s->kept, db, why);
}

void symbols_close(struct symbols *s)
{
	if (s)
		kept_close(s->kept);
	for (unsigned i = 0; s && i < s->count; i++) {
		if (s->file[i].frames)
			dwarf_cfi_end(s->file[i].frames);
		dwarf_end(s->file[i].dwarf);
		debug_file_close(&s->file[i].debug);
		elf_end(s->file[i].elf);
		if (s->file[i].fd >= 0)
			close(s->file[i].fd);
	}
	free(s);
}

static bool symbols_within(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)) != NULL)
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			return true;
	return false;
}

/* False: no room for the name. */
static bool place_find(const struct symbols *s, const char *path, char *place, size_t size)
{
	if (strcmp(path, s->kernel) == 0)
		return snprintf(place, size, "%s", path) < (int)size;
	return file_place(&s->places, path, place, size);
}

/* Of a file that a recording has answers on, only the same one is asked for more. */
static bool may_be_asked(const struct symbols *s, const struct symbol_file *f)
{
	char id[IDENTITY_TEXT];
	struct symbol kept;
	bool found = false;

	return !kept_file(s->kept, f->path) ||
	       (kept_find(s->kept, f->path, KEPT_BUILD_ID, 0, &found, &kept) && found &&
		identity_build_id(f->elf, id, sizeof(id)) && strcmp(id, kept.name) == 0);
}

/* A FIFO or a device that a recording names is not even waited for. */
static void file_open(const struct symbols *s, struct symbol_file *f)
{
	char place[2 * PATH_MAX];
	struct stat stat;

	f->debug.fd = -1;
	f->fd = -1;
	if (!place_find(s, f->path, place, sizeof(place)))
		return;
	f->fd = open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f->fd < 0)
		return;
	if (fstat(f->fd, &stat) || !S_ISREG(stat.st_mode)) {
		close(f->fd);
		f->fd = -1;
		return;
	}
	f->changed = stat.st_mtim.tv_sec;
	f->elf = elf_begin(f->fd, ELF_C_READ, NULL);
	if (f->elf && (elf_kind(f->elf) != ELF_K_ELF || gelf_getclass(f->elf) != ELFCLASS64)) {
		elf_end(f->elf);
		f->elf = NULL;
	}
	if (!may_be_asked(s, f)) {
		elf_end(f->elf);
		close(f->fd);
		f->elf = NULL;
		f->fd = -1;
	}
	if (!f->elf)
		return;
	f->frames = dwarf_getcfi_elf(f->elf);
	f->dwarf = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	if (f->dwarf && symbols_within(f->elf))
		return;
	debug_file_open(&f->debug, place, f->elf);
	if (!f->dwarf && f->debug.elf)
		f->dwarf = dwarf_begin_elf(f->debug.elf, DWARF_C_READ, NULL);
}

static struct symbol_file *file_find(struct symbols *s, const char *path)
{
	struct symbol_file *f;

	for (unsigned i = 0; i < s->count; i++)
		if (strcmp(s->file[i].path, path) == 0)
			return &s->file[i];
	if (path[0] != '/' || strlen(path) >= sizeof(f->path) || s->count == FILES_KEPT)
		return NULL;
	f = &s->file[s->count++];
	snprintf(f->path, sizeof(f->path), "%s", path);
	file_open(s, f);
	return f;
}

static void line_find(Dwarf *dwarf, uint64_t address, struct symbol *out)
{
	Dwarf_Attribute attribute;
	Dwarf_Die die;
	Dwarf_Line *line;
	const char *file, *from;
	int number = 0;

	if (!dwarf || !dwarf_addrdie(dwarf, address, &die))
		return;
	line = dwarf_getsrc_die(&die, address);
	file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	if (!file || dwarf_lineno(line, &number))
		return;
	/* A relative name begins where the compiler was started. */
	from = *file == '/' ? NULL : dwarf_formstring(dwarf_attr(&die, DW_AT_comp_dir, &attribute));
	snprintf(out->file, sizeof(out->file), "%s%s%s", from ? from : "", from ? "/" : "", file);
	out->line = number;
}

static bool inlined_look(struct symbols *s, const char *path, uint64_t address, struct symbol *out)
{
	struct symbol_file *f = file_find(s, path);

	return f && inlined_find(f->dwarf, address, out->file, sizeof(out->file), &out->line);
}

static bool address_look(struct symbols *s, const char *path, uint64_t address, struct symbol *out)
{
	struct symbol_file *f = file_find(s, path);

	*out = (struct symbol){ 0 };
	if (!f || !f->elf)
		return false;
	symbol_table_function(f->elf, address, out);
	if (f->debug.elf)
		symbol_table_function(f->debug.elf, address, out);
	line_find(f->dwarf, address, out);
	return out->name[0] || out->file[0];
}

/* The address that a file gives the byte at an offset. */
static bool offset_address(const struct symbol_file *f, uint64_t offset, uint64_t *address)
{
	size_t count = 0;
	GElf_Phdr p;

	if (!f || !f->elf || elf_getphdrnum(f->elf, &count))
		return false;
	for (size_t i = 0; i < count && i < 1024; i++)
		if (gelf_getphdr(f->elf, (int)i, &p) && p.p_type == PT_LOAD &&
		    offset >= p.p_offset && offset - p.p_offset < p.p_filesz) {
			*address = offset - p.p_offset + p.p_vaddr;
			return true;
		}
	return false;
}

static bool offset_look(struct symbols *s, const char *path, uint64_t offset, struct symbol *out)
{
	uint64_t address;

	*out = (struct symbol){ 0 };
	return offset_address(file_find(s, path), offset, &address) &&
	       address_look(s, path, address, out);
}

static bool frame_look(struct symbols *s, const char *path, uint64_t offset, struct symbol *out)
{
	const struct symbol_file *f = file_find(s, path);
	struct frame_rules rules;
	uint64_t address;

	return offset_address(f, offset, &address) &&
	       (frame_rules_find(f->frames, address, &rules) ||
		(f->dwarf && frame_rules_find(dwarf_getcfi(f->dwarf), address, &rules))) &&
	       frame_rules_print(&rules, out->name, sizeof(out->name));
}

size_t symbol_bytes(struct symbols *s, const char *path, uint64_t address, void *to, size_t n)
{
	struct symbol_file *f = file_find(s, path);
	size_t count = 0;
	ssize_t got;
	GElf_Phdr p;

	if (!f || !f->elf || elf_getphdrnum(f->elf, &count))
		return 0;
	for (size_t i = 0; i < count && i < 1024; i++) {
		if (!gelf_getphdr(f->elf, (int)i, &p) || p.p_type != PT_LOAD ||
		    address < p.p_vaddr || address - p.p_vaddr >= p.p_filesz)
			continue;
		if (n > p.p_filesz - (address - p.p_vaddr))
			n = p.p_filesz - (address - p.p_vaddr);
		got = pread(f->fd, to, n, (off_t)(p.p_offset + (address - p.p_vaddr)));
		return got > 0 ? (size_t)got : 0;
	}
	return 0;
}

/* SDM vol. 2, CALL: e8 and four bytes, or ff with 2 in the middle of its second byte and
 * up to five bytes behind that. */
static bool call_look(struct symbols *s, const char *path, uint64_t offset)
{
	struct symbol_file *f = file_find(s, path);
	uint8_t code[7];

	if (!f || f->fd < 0 || offset < sizeof(code) ||
	    pread(f->fd, code, sizeof(code), (off_t)(offset - sizeof(code))) != sizeof(code))
		return false;
	if (code[2] == 0xe8)
		return true;
	for (unsigned i = 0; i < 6; i++)
		if (code[i] == 0xff && (code[i + 1] >> 3 & 7) == 2)
			return true;
	return false;
}

static bool build_id_look(struct symbols *s, const char *path, struct symbol *out)
{
	const struct symbol_file *f = file_find(s, path);

	return f && identity_build_id(f->elf, out->name, sizeof(out->name));
}

static bool digest_look(struct symbols *s, const char *path, uint64_t count, struct symbol *out)
{
	const struct symbol_file *f = file_find(s, path);

	return f && identity_file(f->fd, count, out->name, sizeof(out->name));
}

static bool changed_look(struct symbols *s, const char *path, struct symbol *out)
{
	const struct symbol_file *f = file_find(s, path);

	if (!f || f->fd < 0)
		return false;
	out->offset = (uint64_t)f->changed;
	return true;
}

static bool code_look(struct symbols *s, const char *path, uint64_t offset, struct symbol *out)
{
	const struct symbol_file *f = file_find(s, path);
	uint8_t bytes[16];
	ssize_t got = f && f->fd >= 0 ? pread(f->fd, bytes, sizeof(bytes), (off_t)offset) : 0;

	for (ssize_t i = 0; i < got; i++)
		snprintf(out->name + 2 * i, 3, "%02x", bytes[i]);
	return got > 0;
}

/* A question, to what the recording carries first. */
static bool ask(struct symbols *s, const char *path, enum kept_question question, uint64_t address,
		struct symbol *out)
{
	bool found = false;

	*out = (struct symbol){ 0 };
	if (kept_find(s->kept, path, question, address, &found, out))
		return found;
	switch (question) {
	case KEPT_AT_OFFSET:
		found = offset_look(s, path, address, out);
		break;
	case KEPT_AT_ADDRESS:
		found = address_look(s, path, address, out);
		break;
	case KEPT_AFTER_CALL:
		found = call_look(s, path, address);
		break;
	case KEPT_BUILD_ID:
		found = build_id_look(s, path, out);
		break;
	case KEPT_SOURCE:
		found = source_line(path, address, out->name, sizeof(out->name));
		break;
	case KEPT_CODE:
		found = code_look(s, path, address, out);
		break;
	case KEPT_FRAME:
		found = frame_look(s, path, address, out);
		break;
	case KEPT_INLINED:
		found = inlined_look(s, path, address, out);
		break;
	case KEPT_DIGEST:
		found = digest_look(s, path, address, out);
		break;
	case KEPT_CHANGED:
		found = changed_look(s, path, out);
		break;
	}
	kept_add(s->kept, path, question, address, found, out);
	return found;
}

bool symbol_at_address(struct symbols *s, const char *path, uint64_t address, struct symbol *out)
{
	return ask(s, path, KEPT_AT_ADDRESS, address, out);
}

bool symbol_inlined(struct symbols *s, const char *path, uint64_t address, struct symbol *out)
{
	return ask(s, path, KEPT_INLINED, address, out);
}

bool symbol_at_offset(struct symbols *s, const char *path, uint64_t offset, struct symbol *out)
{
	return ask(s, path, KEPT_AT_OFFSET, offset, out);
}

bool symbol_after_call(struct symbols *s, const char *path, uint64_t offset)
{
	struct symbol none;

	return ask(s, path, KEPT_AFTER_CALL, offset, &none);
}

bool symbol_frame(struct symbols *s, const char *path, uint64_t offset, struct frame_rules *out)
{
	struct symbol answer;

	return ask(s, path, KEPT_FRAME, offset, &answer) && frame_rules_read(answer.name, out);
}

bool symbol_source(struct symbols *s, const char *file, int line, char *text, size_t size)
{
	struct symbol answer;
	const bool found = line > 0 && ask(s, file, KEPT_SOURCE, (uint64_t)line, &answer);

	snprintf(text, size, "%s", found ? answer.name : "");
	return found;
}

size_t symbol_code(struct symbols *s, const char *path, uint64_t offset, uint8_t *bytes,
		   size_t count)
{
	struct symbol answer;
	size_t n = 0;
	unsigned byte;

	if (!ask(s, path, KEPT_CODE, offset, &answer))
		return 0;
	while (n < count && sscanf(answer.name + 2 * n, "%2x", &byte) == 1)
		bytes[n++] = (uint8_t)byte;
	return n;
}

/* When the file was changed, into *out, and whether it is there; of one that a recording has
 * answers on, but not this one: otherwise. */
static bool changed_find(struct symbols *s, const char *path, bool otherwise, struct symbol *out)
{
	bool found = false;

	if (kept_find(s->kept, path, KEPT_CHANGED, 0, &found, out))
		return found;
	return kept_file(s->kept, path) ? otherwise : ask(s, path, KEPT_CHANGED, 0, out);
}

bool symbol_file_there(struct symbols *s, const char *path)
{
	struct symbol answer;

	return changed_find(s, path, true, &answer);
}

const char *symbol_debug_other(struct symbols *s, const char *path)
{
	const struct symbol_file *f = file_find(s, path);

	return f && f->debug.other[0] ? f->debug.other : NULL;
}

bool symbol_file_newer(struct symbols *s, const char *path, int64_t since)
{
	struct symbol answer;

	return changed_find(s, path, false, &answer) && (int64_t)answer.offset > since;
}

bool symbol_source_newer(const struct symbols *s, const char *file, int64_t since)
{
	return !kept_file(s->kept, file) && source_newer(file, since);
}

void symbol_build_id(struct symbols *s, const char *path, char *text, size_t size)
{
	struct symbol answer;

	snprintf(text, size, "%s", ask(s, path, KEPT_BUILD_ID, 0, &answer) ? answer.name : "");
}

void symbol_head(struct symbols *s, const char *path, size_t n, char *text, size_t size)
{
	struct symbol answer;

	snprintf(text, size, "%s", ask(s, path, KEPT_DIGEST, n, &answer) ? answer.name : "");
}

void symbol_identity(struct symbols *s, const char *path, char *text, size_t size)
{
	symbol_build_id(s, path, text, size);
	if (!text[0])
		symbol_head(s, path, 0, text, size);
}
