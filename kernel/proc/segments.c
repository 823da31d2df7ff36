#include "kernel/proc/segments.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/mm/object.h"

static int file_read_exactly(struct file *f, void *to, size_t n, uint64_t offset)
{
	int64_t got = file_read_kernel(f, to, n, offset);

	if (got < 0)
		return got;
	return got == (int64_t)n ? 0 : -ENOEXEC;
}

int elf_file_read(struct elf_file *e, struct file *f)
{
	uint64_t size = f->inode->size;
	int error;

	*e = (struct elf_file){ .file = f };
	error = size < sizeof(e->header) ? -ENOEXEC
					 : file_read_exactly(f, &e->header, sizeof(e->header), 0);
	if (!error)
		error = elf_header_check(&e->header, size);
	if (!error) {
		e->table = kmalloc(e->header.e_phnum * sizeof(*e->table));
		if (!e->table)
			error = -ENOMEM;
	}
	if (!error)
		error = file_read_exactly(f, e->table, e->header.e_phnum * sizeof(*e->table),
					  e->header.e_phoff);
	if (!error)
		error = elf_image_read(&e->header, e->table, size, &e->image);
	if (error)
		elf_file_release(e);
	return error;
}

void elf_file_release(struct elf_file *e)
{
	kfree(e->table);
	file_put(e->file);
	*e = (struct elf_file){ 0 };
}

static int segment_prot(const Elf64_Phdr *p)
{
	return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
	       (p->p_flags & PF_X ? PROT_EXEC : 0);
}

/* The rest of the last page that the file fills: zeros, on a page of our own. */
static int tail_zero(struct space *s, uint64_t from, uint64_t to)
{
	static const uint8_t zeros[256];

	while (from < to) {
		size_t n = MIN(to - from, sizeof(zeros));

		if (space_write(s, from, zeros, n, true) != n)
			return -ENOMEM;
		from += n;
	}
	return 0;
}

static int segment_map(struct space *s, const struct elf_file *e, const Elf64_Phdr *p,
		       uint64_t bias)
{
	const int flags = MAP_PRIVATE | MAP_FIXED;
	uint64_t start = bias + ALIGN_DOWN(p->p_vaddr, PAGE_SIZE);
	uint64_t file_end = bias + p->p_vaddr + p->p_filesz;
	uint64_t middle = p->p_filesz ? ALIGN_UP(file_end, PAGE_SIZE) : start;
	uint64_t end = ALIGN_UP(bias + p->p_vaddr + p->p_memsz, PAGE_SIZE);
	int prot = segment_prot(p);
	struct map_file map;
	int64_t result;
	int error = 0;

	if (p->p_filesz) {
		error = file_map(e->file, prot, flags, &map);
		if (error)
			return error == -ENODEV ? -ENOEXEC : error;
		result = space_map(s, start, middle - start, prot, flags, &map,
				   ALIGN_DOWN(p->p_offset, PAGE_SIZE));
		if (result < 0)
			return result;
		if (p->p_memsz > p->p_filesz)
			error = tail_zero(s, file_end, middle);
	}
	if (!error && end > middle) {
		result = space_map(s, middle, end - middle, prot, flags | MAP_ANONYMOUS, NULL, 0);
		error = result < 0 ? result : 0;
	}
	return error;
}

/* Let the space find room for all segments together. */
static int bias_choose(struct space *s, const struct elf_image *image, uint64_t *bias)
{
	uint64_t length = image->high - image->low;
	int64_t base = space_map(s, 0, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	if (base < 0)
		return base;
	*bias = base - image->low;
	return space_unmap(s, base, length);
}

int segments_map(struct space *s, const struct elf_file *e, uint64_t *bias)
{
	const struct elf_image *image = &e->image;
	int error = 0;

	if (!image->relocatable)
		*bias = 0;
	else if (*bias == PLACE_ANY)
		error = bias_choose(s, image, bias);
	/* Addresses of the file are below USER_END, but not with any bias. */
	if (!error && image->high + *bias > USER_END)
		error = -ENOMEM;
	for (uint32_t i = 0; i < image->count && !error; i++) {
		if (e->table[i].p_type == PT_LOAD && e->table[i].p_memsz)
			error = segment_map(s, e, &e->table[i], *bias);
	}
	return error;
}
