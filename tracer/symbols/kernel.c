#include "tracer/symbols/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/store/sql.h"
#include "tracer/symbols/symbol_table.h"

/* Of one recording: more is no kernel of ours. */
#define FUNCTIONS_MAX 65536u

/* kernel/arch/x86_64/patch.h: the five-byte no-operation. */
static const uint8_t hook[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };

/* name is copied.  false: no memory, or far too many. */
static bool add(struct kernel_functions *k, uint64_t address, uint64_t size, const char *name,
		bool hooked)
{
	struct kernel_function *more;

	if (k->count == k->size) {
		k->size = k->size ? k->size * 2 : 4096;
		more = k->size > FUNCTIONS_MAX ? NULL : realloc(k->list, k->size * sizeof(*more));
		if (!more)
			return false;
		k->list = more;
	}
	k->list[k->count] = (struct kernel_function){
		.address = address, .size = size, .name = strdup(name), .hooked = hooked
	};
	return k->list[k->count].name && ++k->count;
}

static int by_address(const void *a, const void *b)
{
	const struct kernel_function *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

/* --- A kernel's file ---------------------------------------------------------------- */

/* Bytes of the file behind an address of the section. */
static bool is_hooked(Elf_Scn *code, const GElf_Shdr *head, uint64_t address)
{
	const Elf_Data *data = elf_getdata(code, NULL);
	const uint64_t at = address - head->sh_addr;

	return data && data->d_buf && address >= head->sh_addr && data->d_size >= sizeof(hook) &&
	       at <= data->d_size - sizeof(hook) &&
	       memcmp((const uint8_t *)data->d_buf + at, hook, sizeof(hook)) == 0;
}

/* A function, or a label of assembly in the code. */
static bool symbol_take(struct kernel_functions *k, Elf *elf, size_t names, const GElf_Sym *symbol)
{
	const unsigned type = GELF_ST_TYPE(symbol->st_info);
	const char *name = elf_strptr(elf, names, symbol->st_name);
	Elf_Scn *code = elf_getscn(elf, symbol->st_shndx);
	GElf_Shdr head;

	if (!name || !*name || symbol->st_shndx == SHN_UNDEF || !code ||
	    !gelf_getshdr(code, &head) || !(head.sh_flags & SHF_EXECINSTR))
		return true;
	if (strcmp(name, "text_start") == 0)
		k->text = symbol->st_value;
	if (type != STT_FUNC && (type != STT_NOTYPE || strncmp(name, "text_", 5) == 0))
		return true;
	return add(k, symbol->st_value, symbol->st_size, name,
		   is_hooked(code, &head, symbol->st_value));
}

static bool symbols_read(struct kernel_functions *k, Elf *elf)
{
	GElf_Shdr head;
	GElf_Sym symbol;
	Elf_Data *data = symbol_table(elf, &head);

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++)
		if (!symbol_take(k, elf, head.sh_link, &symbol))
			return false;
	return k->count && k->text;
}

int kernel_functions_read(struct kernel_functions *k, const char *kernel, struct error *why)
{
	const int fd = open(kernel, O_RDONLY | O_CLOEXEC);
	Elf *elf = NULL;
	int status = 0;

	*k = (struct kernel_functions){ 0 };
	if (fd < 0)
		return error_set(why, 125, "%s: %s", kernel, strerror(errno));
	if (elf_version(EV_CURRENT) != EV_NONE)
		elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !symbols_read(k, elf)) {
		kernel_functions_free(k);
		status = error_set(why, 125, "%s: not a kernel with symbols", kernel);
	}
	elf_end(elf);
	close(fd);
	if (!status)
		qsort(k->list, k->count, sizeof(*k->list), by_address);
	return status;
}

/* --- A recording ---------------------------------------------------------------------- */

int kernel_functions_store(const struct kernel_functions *k, sqlite3 *db, struct error *why)
{
	sqlite3_stmt *q = sql_prepare(
		db, "INSERT OR IGNORE INTO kernel_function (address, size, name) VALUES (?, ?, ?)",
		why);
	int status = q ? 0 : 2;

	for (size_t i = 0; !status && i < k->count; i++) {
		const struct kernel_function *f = &k->list[i];

		if (sql_row(q, "iit", (int64_t)f->address, (int64_t)f->size, f->name))
			status = sql_error(why, db, "cannot store the kernel's functions");
	}
	sqlite3_finalize(q);
	return status;
}

int kernel_functions_load(struct kernel_functions *k, sqlite3 *db, struct error *why)
{
	sqlite3_stmt *q;
	int row;

	*k = (struct kernel_functions){ 0 };
	if (!sql_integer(db,
			 "SELECT count(*) FROM sqlite_schema WHERE name = 'kernel_function'"
			 " AND type = 'table'",
			 0))
		return 0;
	q = sql_prepare(db, "SELECT address, size, name FROM kernel_function", why);
	if (!q)
		return 2;
	while ((row = sqlite3_step(q)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(q, 2);

		if (!add(k, (uint64_t)sqlite3_column_int64(q, 0),
			 (uint64_t)sqlite3_column_int64(q, 1), name ? name : "?", false))
			break;
	}
	sqlite3_finalize(q);
	if (row != SQLITE_DONE) {
		kernel_functions_free(k);
		return error_set(why, 2, "cannot read the kernel's functions");
	}
	if (k->count)
		qsort(k->list, k->count, sizeof(*k->list), by_address);
	return 0;
}

void kernel_functions_free(struct kernel_functions *k)
{
	for (size_t i = 0; i < k->count; i++)
		free(k->list[i].name);
	free(k->list);
	*k = (struct kernel_functions){ 0 };
}

const struct kernel_function *kernel_function_at(const struct kernel_functions *k, uint64_t address)
{
	size_t low = 0, high = k->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (k->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	low--;
	if (k->list[low].size && address - k->list[low].address >= k->list[low].size)
		return NULL;
	return &k->list[low];
}

void kernel_function_name(const struct kernel_functions *k, uint64_t address, char *to, size_t size)
{
	const struct kernel_function *f = kernel_function_at(k, address);

	if (f)
		snprintf(to, size, "%s", f->name);
	else
		snprintf(to, size, "0x%" PRIx64, address);
}
