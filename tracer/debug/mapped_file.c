#include "tracer/debug/mapped_file.h"

#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How far the file's addresses are moved. */
static bool bias_find(Elf *elf, uint64_t start, uint64_t offset, uint64_t *bias)
{
	size_t count = 0;
	GElf_Phdr p;

	if (elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count && i < 1024; i++) {
		const bool loaded = gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD;
		const uint64_t first = p.p_offset & ~4095ull;

		if (loaded && offset >= first && offset < p.p_offset + p.p_filesz) {
			*bias = start - (p.p_vaddr + (offset - p.p_offset));
			return true;
		}
	}
	return false;
}

/* A name between quotes says itself: gdb knows no escape for a line's end. */
static void name_quote(struct buffer *b, const char *path)
{
	buffer_char(b, '"');
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			buffer_char(b, '\\');
		buffer_char(b, *path);
	}
	buffer_char(b, '"');
}

static bool name_plain(const char *path)
{
	for (const char *at = path; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			return false;
	return path[0] == '/';
}

void mapped_file_command(struct buffer *b, const char *path, uint64_t start, uint64_t offset)
{
	const int fd =
		name_plain(path) ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	struct stat st;
	uint64_t bias;
	Elf *elf = NULL;

	if (fd < 0)
		return;
	elf_version(EV_CURRENT);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF && gelf_getclass(elf) == ELFCLASS64 &&
	    bias_find(elf, start, offset, &bias)) {
		buffer_string(b, "add-symbol-file ");
		name_quote(b, path);
		buffer_printf(b, " -o 0x%" PRIx64 "\n", bias);
	}
	elf_end(elf);
	close(fd);
}
