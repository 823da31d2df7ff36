#include "tracer/salvage/ram.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "tracer/store/sql.h"

/* QEMU hw/i386/pc_piix.c: where RAM below 4 GiB ends, and where it is cut once it does
 * not all fit there. */
#define PC_LOW_MAX 0xe0000000ull
#define PC_LOW_CUT 0xc0000000ull
#define PC_HIGH    0x100000000ull

#define CHUNK_MAX (16u << 20)
#define TOP_MAX   (1ull << 46)

static void part_add(struct ram *m, uint64_t phys, uint64_t size, uint64_t offset)
{
	unsigned i = m->parts;

	if (!size || m->parts == RAM_PARTS || phys > TOP_MAX || size > TOP_MAX)
		return;
	while (i && m->part[i - 1].phys > phys)
		i--;
	if ((i && m->part[i - 1].phys + m->part[i - 1].size > phys) ||
	    (i < m->parts && phys + size > m->part[i].phys))
		return; /* it overlaps: the first one counts */
	memmove(&m->part[i + 1], &m->part[i], (m->parts - i) * sizeof(m->part[0]));
	m->part[i] = (struct ram_part){ phys, size, offset };
	m->parts++;
}

void ram_of_machine(struct ram *m, int fd, uint64_t bytes)
{
	const uint64_t low = bytes < PC_LOW_MAX ? bytes : PC_LOW_CUT;

	*m = (struct ram){ .fd = fd };
	part_add(m, 0, low, 0);
	part_add(m, PC_HIGH, bytes - low, low);
}

/* An ELF core's segments, by their physical addresses. */
static bool core_parts(struct ram *m)
{
	Elf64_Ehdr head;
	Elf64_Phdr p;

	if (pread(m->fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	for (unsigned i = 0; i < head.e_phnum; i++) {
		if (pread(m->fd, &p, sizeof(p), (off_t)(head.e_phoff + i * sizeof(p))) !=
		    (ssize_t)sizeof(p))
			break;
		if (p.p_type == PT_LOAD && p.p_offset < TOP_MAX)
			part_add(m, p.p_paddr, p.p_filesz, p.p_offset);
	}
	return true;
}

int ram_of_file(struct ram *m, const char *path, struct error *why)
{
	struct stat st;

	*m = (struct ram){ .ours = true };
	m->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (m->fd < 0)
		return error_set(why, 2, "%s: %s", path, strerror(errno));
	if (fstat(m->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		ram_close(m);
		return error_set(why, 2, "%s: not a file", path);
	}
	if (!core_parts(m)) {
		const int fd = m->fd;

		ram_of_machine(m, fd, (uint64_t)st.st_size);
		m->ours = true;
	}
	if (!m->parts) {
		ram_close(m);
		return error_set(why, 2, "%s: holds no memory", path);
	}
	return 0;
}

/* One row of table memory into the file. */
static bool chunk_unpack(struct ram *m, uint64_t phys, const void *data, size_t size)
{
	const unsigned long long full = ZSTD_getFrameContentSize(data, size);
	void *plain;
	bool good = false;

	if (full == 0 || full > CHUNK_MAX || phys > TOP_MAX)
		return false;
	plain = malloc(full);
	if (plain && ZSTD_decompress(plain, full, data, size) == full)
		good = pwrite(m->fd, plain, full, (off_t)phys) == (ssize_t)full;
	free(plain);
	return good;
}

int ram_of_trace(struct ram *m, sqlite3 *db, struct error *why)
{
	sqlite3_stmt *s =
		sql_prepare(db, "SELECT address, data FROM memory ORDER BY address", NULL);
	unsigned rows = 0;
	uint64_t top;

	*m = (struct ram){ .fd = memfd_create("memory", MFD_CLOEXEC), .ours = true };
	if (m->fd < 0) {
		sqlite3_finalize(s);
		return error_set(why, 2, "cannot unpack the memory: %s", strerror(errno));
	}
	while (s && sqlite3_step(s) == SQLITE_ROW)
		rows += chunk_unpack(m, (uint64_t)sqlite3_column_int64(s, 0),
				     sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1));
	sqlite3_finalize(s);
	if (!rows) {
		ram_close(m);
		return error_set(why, 3,
				 "the recording holds no memory: its kernel did not panic"
				 " or hang, or --no-memory was given");
	}
	top = (uint64_t)lseek(m->fd, 0, SEEK_END);
	part_add(m, 0, top, 0);
	return 0;
}

void ram_close(struct ram *m)
{
	if (m->ours && m->fd >= 0)
		close(m->fd);
	*m = (struct ram){ .fd = -1 };
}

static const struct ram_part *part_at(const struct ram *m, uint64_t phys)
{
	for (unsigned i = 0; i < m->parts; i++)
		if (phys >= m->part[i].phys && phys - m->part[i].phys < m->part[i].size)
			return &m->part[i];
	return NULL;
}

size_t ram_read(const struct ram *m, uint64_t phys, void *to, size_t n)
{
	size_t done = 0;

	while (done < n) {
		const struct ram_part *p = part_at(m, phys + done);
		uint64_t at, piece;
		ssize_t got;

		if (!p)
			break;
		at = phys + done - p->phys;
		piece = p->size - at < n - done ? p->size - at : n - done;
		got = pread(m->fd, (char *)to + done, piece, (off_t)(p->offset + at));
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

/* The next data of a part from offset `at` in it on; false: none. */
static bool part_next(const struct ram *m, const struct ram_part *p, uint64_t *at, uint64_t *end)
{
	const off_t data = lseek(m->fd, (off_t)(p->offset + *at), SEEK_DATA);
	off_t hole;

	if (data < 0 || (uint64_t)data >= p->offset + p->size)
		return false;
	hole = lseek(m->fd, data, SEEK_HOLE);
	if (hole <= data)
		return false;
	*at = (uint64_t)data - p->offset;
	*end = (uint64_t)hole - p->offset < p->size ? (uint64_t)hole - p->offset : p->size;
	return true;
}

bool ram_next(const struct ram *m, uint64_t *phys, uint64_t *end)
{
	for (unsigned i = 0; i < m->parts; i++) {
		const struct ram_part *p = &m->part[i];
		uint64_t at, stop;

		if (*phys >= p->phys + p->size)
			continue;
		at = *phys > p->phys ? *phys - p->phys : 0;
		if (!part_next(m, p, &at, &stop))
			continue;
		*phys = p->phys + at;
		*end = p->phys + stop;
		return true;
	}
	return false;
}

uint64_t ram_top(const struct ram *m)
{
	return m->parts ? m->part[m->parts - 1].phys + m->part[m->parts - 1].size : 0;
}
