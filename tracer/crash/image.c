#include "tracer/crash/image.h"

#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <unistd.h>

#include "tracer/crash/core.h"
#include "tracer/store/sql.h"

#define NOTES_MAX (4u << 20)

/* Registers of a PRSTATUS note (struct user_regs_struct) by their DWARF numbers. */
static const uint8_t place[FRAME_REGISTERS] = { 10, 12, 11, 5, 13, 14, 4, 19, 9,
						8,  7,  6,  3, 2,  1,  0, 16 };

static void thread_take(struct image *m, const void *note, size_t size)
{
	struct image_thread *t = &m->thread[m->threads];
	struct elf_prstatus status;

	if (size < sizeof(status) || m->threads == IMAGE_THREADS)
		return;
	memcpy(&status, note, sizeof(status));
	t->tid = (uint32_t)status.pr_pid;
	for (unsigned i = 0; i < FRAME_REGISTERS; i++)
		t->registers[i] = status.pr_reg[place[i]];
	m->threads++;
}

static void notes_take(struct image *m, Elf *elf, const GElf_Phdr *p)
{
	Elf_Data *data = p->p_filesz < NOTES_MAX ? elf_getdata_rawchunk(elf, (int64_t)p->p_offset,
									p->p_filesz, ELF_T_NHDR)
						 : NULL;
	size_t at = 0, next, name, text;
	GElf_Nhdr note;

	for (; data && (next = gelf_getnote(data, at, &note, &name, &text)) > 0; at = next)
		if (note.n_type == NT_PRSTATUS)
			thread_take(m, (const char *)data->d_buf + text, note.n_descsz);
}

static void core_read(struct image *m)
{
	size_t count = 0;
	GElf_Phdr p;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(m->fd, ELF_C_READ, NULL);
	if (!elf || elf_getphdrnum(elf, &count) || count > IMAGE_SEGMENTS)
		count = 0;
	m->segment = calloc(count + 1, sizeof(*m->segment));
	for (size_t i = 0; m->segment && i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &p))
			continue;
		if (p.p_type == PT_LOAD)
			m->segment[m->segments++] =
				(struct image_segment){ p.p_vaddr, p.p_filesz, p.p_offset };
		else if (p.p_type == PT_NOTE)
			notes_take(m, elf, &p);
	}
	elf_end(elf);
}

static bool core_row(sqlite3 *db, uint32_t pid, uint32_t signal, unsigned n, struct core_file *out)
{
	sqlite3_stmt *q = sql_prepare(db,
				      "SELECT id, bytes FROM core WHERE pid = ? AND signal = ?"
				      " AND bytes IS NOT NULL ORDER BY id LIMIT 1 OFFSET ?",
				      NULL);
	bool found = false;

	if (!q)
		return false;
	sqlite3_bind_int64(q, 1, pid);
	sqlite3_bind_int64(q, 2, signal);
	sqlite3_bind_int64(q, 3, n);
	if (sqlite3_step(q) == SQLITE_ROW) {
		*out = (struct core_file){ .id = sqlite3_column_int64(q, 0),
					   .bytes = sqlite3_column_int64(q, 1),
					   .pid = pid,
					   .signal = signal };
		found = true;
	}
	sqlite3_finalize(q);
	return found;
}

void image_open(struct image *m, sqlite3 *db, uint32_t pid, uint32_t signal, unsigned n)
{
	struct core_file core;
	struct error why = { 0 };
	char path[64];

	*m = (struct image){ .fd = -1 };
	if (!core_row(db, pid, signal, n, &core))
		return;
	m->fd = memfd_create("ringscope-core", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", m->fd);
	if (m->fd >= 0 && core_write(db, &core, path, &why) == 0)
		core_read(m);
}

void image_close(struct image *m)
{
	if (m->fd >= 0)
		close(m->fd);
	free(m->segment);
	*m = (struct image){ .fd = -1 };
}

size_t image_bytes(const struct image *m, uint64_t address, void *to, size_t n)
{
	for (unsigned i = 0; i < m->segments; i++) {
		const struct image_segment *s = &m->segment[i];

		if (address >= s->start && s->size >= n && address - s->start <= s->size - n) {
			const ssize_t got =
				pread(m->fd, to, n, (off_t)(s->offset + (address - s->start)));

			return got > 0 ? (size_t)got : 0;
		}
	}
	return 0;
}

bool image_word(const struct image *m, uint64_t address, uint64_t *out)
{
	const uint64_t at = address - m->stack_start;

	if (address >= m->stack_start && at % 8 == 0 && at / 8 < m->stack_words) {
		*out = m->stack[at / 8];
		return true;
	}
	return image_bytes(m, address, out, sizeof(*out)) == sizeof(*out);
}
