/* The code around a place: source lines, where the source is here, and instructions. */
#include <capstone/capstone.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/crash/teller.h"

#define LINES_BEFORE 3
#define LINES_AFTER  2
#define TAB          8u
#define SOURCE_MAX   (8u << 20)
#define CODE_BYTES   512u /* disassembled from the function's beginning */
#define INSTRUCTIONS 5    /* up to and with the one */

/* The file's text if it is an ordinary one; free it. */
static char *source_read(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text = NULL;
	ssize_t got = -1;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < (off_t)SOURCE_MAX)
		text = malloc((size_t)st.st_size + 1);
	if (text)
		got = read(fd, text, (size_t)st.st_size);
	close(fd);
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[got] = '\0';
	return text;
}

/* A line with its tabs as blanks. */
static void line_expand(const char *line, int length, char *text, size_t size)
{
	size_t to = 0;

	for (int i = 0; i < length && to + 1 < size; i++) {
		text[to++] = line[i] == '\t' ? ' ' : line[i];
		while (line[i] == '\t' && to % TAB && to + 1 < size)
			text[to++] = ' ';
	}
	text[to] = '\0';
}

void kernel_source_tell(struct teller *t, const struct symbol *symbol)
{
	char *text = symbol->file[0] ? source_read(symbol->file) : NULL;
	const char *at = text;
	char shown[200];

	if (!text)
		return;
	if (symbol_source_newer(t->symbols, symbol->file, t->started))
		story_tell(t->s, STORY_CODE, 0, "%s was changed since", symbol->file);
	for (int line = 1; at && *at && line <= symbol->line + LINES_AFTER; line++) {
		const char *end = strchr(at, '\n');
		const int length = (int)(end ? end - at : (long)strlen(at));

		if (line >= symbol->line - LINES_BEFORE) {
			line_expand(at, length, shown, sizeof(shown));
			story_tell(t->s, STORY_CODE, 0, "%s%4d  %s",
				   line == symbol->line ? ">" : " ", line, shown);
		}
		at = end ? end + 1 : NULL;
	}
	free(text);
}

void kernel_code_tell(struct teller *t, const char *path, uint64_t address,
		      const struct symbol *symbol)
{
	uint8_t bytes[CODE_BYTES];
	const uint64_t start = symbol->name[0] && symbol->offset < CODE_BYTES - 16
				       ? address - symbol->offset
				       : address;
	const size_t count = symbol_bytes(t->symbols, path, start, bytes, sizeof(bytes));
	cs_insn *list = NULL;
	csh handle;
	size_t n, hit;

	if (!count)
		story_tell(
			t->s, STORY_CODE, 0,
			"the recording has no instructions, and the kernel that ran is not here");
	if (!count || cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
		return;
	cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	n = cs_disasm(handle, bytes, count, start, 0, &list);
	for (hit = 0; hit < n && list[hit].address < address; hit++)
		;
	if (hit < n && list[hit].address == address)
		for (size_t i = hit >= INSTRUCTIONS ? hit - INSTRUCTIONS + 1 : 0; i <= hit; i++)
			story_tell(t->s, STORY_CODE, 0, "%s 0x%llx  %s %s", i == hit ? ">" : " ",
				   (unsigned long long)list[i].address, list[i].mnemonic,
				   list[i].op_str);
	if (n)
		cs_free(list, n);
	cs_close(&handle);
}
