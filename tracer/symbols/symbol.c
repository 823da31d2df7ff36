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
#include "tracer/symbols/inlined.h"
#include "tracer/symbols/kept.h"

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

/* Labels of assembly have no type; they are code where their section is. */
static bool is_function(Elf *elf, const GElf_Sym *symbol)
{
	GElf_Shdr header;

	if (symbol->st_shndx == SHN_UNDEF)
		return false;
	if (GELF_ST_TYPE(symbol->st_info) == STT_FUNC)
		return true;
	return GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE &&
	       gelf_getshdr(elf_getscn(elf, symbol->st_shndx), &header) &&
	       header.sh_flags & SHF_EXECINSTR;
}

static void function_take(Elf *elf, const GElf_Shdr *header, Elf_Data *data, uint64_t address,
			  bool *sized, struct symbol *out)
{
	const size_t count = header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	GElf_Sym symbol;

	for (size_t i = 0; i < count; i++) {
		const uint64_t best = out->name[0] ? out->offset : UINT64_MAX;
		const char *name;
		bool better;

		if (!gelf_getsym(data, (int)i, &symbol) || !is_function(elf, &symbol) ||
		    address < symbol.st_value ||
		    (symbol.st_size && address - symbol.st_value >= symbol.st_size))
			continue;
		better = *sized == (symbol.st_size != 0) ? address - symbol.st_value < best
							 : !*sized;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (!better || !name || !*name)
			continue;
		snprintf(out->name, sizeof(out->name), "%s", name);
		out->offset = address - symbol.st_value;
		*sized = symbol.st_size != 0;
	}
}

static void function_find(Elf *elf, uint64_t address, struct symbol *out)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	bool sized = out->name[0]; /* a label within a function is not its name */

	while ((section = elf_nextscn(elf, section)) != NULL) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) ||
		    (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM))
			continue;
		data = elf_getdata(section, NULL);
		if (data)
			function_take(elf, &header, data, address, &sized, out);
	}
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
	function_find(f->elf, address, out);
	if (f->debug.elf)
		function_find(f->debug.elf, address, out);
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
	const void *bytes = NULL;
	ssize_t length = f && f->elf ? dwelf_elf_gnu_build_id(f->elf, &bytes) : 0;

	for (ssize_t i = 0; i < length && (size_t)i * 2 + 3 <= sizeof(out->name); i++)
		snprintf(out->name + i * 2, 3, "%02x", ((const uint8_t *)bytes)[i]);
	return length > 0;
}

/* Names of source files are a debug file's: as hostile as any. */
static bool source_look(const char *file, uint64_t line, struct symbol *out)
{
	const int fd =
		file[0] == '/' ? open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	struct stat stat;
	FILE *f = NULL;
	char text[512];
	bool good = false;

	if (fd >= 0 && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode))
		f = fdopen(fd, "r");
	if (fd >= 0 && !f)
		close(fd);
	for (uint64_t i = 0; f && i < line; i++)
		good = fgets(text, sizeof(text), f) != NULL && i + 1 == line;
	if (good) {
		const char *begin = text + strspn(text, " \t");

		snprintf(out->name, sizeof(out->name), "%.*s", (int)strcspn(begin, "\r\n"), begin);
	}
	if (f)
		fclose(f);
	return good;
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
		found = source_look(path, address, out);
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

bool symbol_file_there(struct symbols *s, const char *path)
{
	const struct symbol_file *f = kept_file(s->kept, path) ? NULL : file_find(s, path);

	return f ? f->fd >= 0 : kept_file(s->kept, path);
}

const char *symbol_debug_other(struct symbols *s, const char *path)
{
	const struct symbol_file *f = file_find(s, path);

	return f && f->debug.other[0] ? f->debug.other : NULL;
}

bool symbol_file_newer(struct symbols *s, const char *path, int64_t since)
{
	const struct symbol_file *f = kept_file(s->kept, path) ? NULL : file_find(s, path);

	return f && f->fd >= 0 && f->changed > since;
}

void symbol_build_id(struct symbols *s, const char *path, char *text, size_t size)
{
	struct symbol answer;

	snprintf(text, size, "%s", ask(s, path, KEPT_BUILD_ID, 0, &answer) ? answer.name : "");
}
