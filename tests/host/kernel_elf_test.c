/* ELF files as programs: what is accepted, what is taken from it, and that hostile
 * headers are refused before anything is mapped.
 * Include: tests/host/fake_arch.h
 * Sources: kernel/proc/elf.c */
#include "kernel/proc/elf.h"

#undef noreturn /* cmocka.h spells the attribute */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FILE_SIZE 0x5000

struct program {
	Elf64_Ehdr header;
	Elf64_Phdr table[4];
};

/* A usual program: code with the headers in it, data with bss, a stack note. */
static struct program good(void)
{
	struct program p = {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_entry = 0x401000,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3,
		},
		.table = {
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = 0,
			  .p_vaddr = 0x400000, .p_filesz = 0x2345, .p_memsz = 0x2345 },
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = 0x3800,
			  .p_vaddr = 0x404800, .p_filesz = 0x100, .p_memsz = 0x2000 },
			{ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W },
		},
	};

	return p;
}

static int check(const struct program *p, struct elf_image *image)
{
	int error = elf_header_check(&p->header, FILE_SIZE);

	return error ? error : elf_image_read(&p->header, p->table, FILE_SIZE, image);
}

static void test_good(void **state)
{
	struct program p = good();
	struct elf_image image = { 0 };

	assert_int_equal(check(&p, &image), 0);
	assert_false(image.relocatable);
	assert_false(image.stack_exec);
	assert_int_equal(image.entry, 0x401000);
	assert_int_equal(image.low, 0x400000);
	assert_int_equal(image.high, 0x407000);
	assert_int_equal(image.headers, 0x400040);
	assert_int_equal(image.interpreter_size, 0);
}

static void test_interpreter(void **state)
{
	struct program p = good();
	struct elf_image image = { 0 };

	p.header.e_type = ET_DYN;
	p.header.e_phnum = 4;
	p.table[3] = (Elf64_Phdr){ .p_type = PT_INTERP, .p_offset = 0x200, .p_filesz = 28 };
	assert_int_equal(check(&p, &image), 0);
	assert_true(image.relocatable);
	assert_int_equal(image.interpreter_offset, 0x200);
	assert_int_equal(image.interpreter_size, 28);
	p.table[3].p_filesz = 4097;
	assert_int_equal(check(&p, &image), -ENOEXEC);
	p.table[3].p_filesz = 1;
	assert_int_equal(check(&p, &image), -ENOEXEC);
	p.table[3].p_filesz = 28;
	p.table[3].p_offset = UINT64_MAX - 8;
	assert_int_equal(check(&p, &image), -ENOEXEC);
}

static void test_header(void **state)
{
	struct program p = good();
	struct elf_image image = { 0 };

	assert_int_equal(elf_header_check(&p.header, sizeof(Elf64_Ehdr) - 1), -ENOEXEC);
#define REFUSED(field, value)                                                                      \
	do {                                                                                       \
		p = good();                                                                        \
		p.header.field = (value);                                                          \
		assert_int_equal(check(&p, &image), -ENOEXEC);                                     \
	} while (0)
	REFUSED(e_ident[0], 0);
	REFUSED(e_ident[EI_CLASS], ELFCLASS32);
	REFUSED(e_ident[EI_DATA], ELFDATA2MSB);
	REFUSED(e_type, ET_REL);
	REFUSED(e_type, ET_CORE);
	REFUSED(e_machine, EM_386);
	REFUSED(e_phentsize, 32);
	REFUSED(e_phnum, 0);
	REFUSED(e_phnum, 0xffff);
	REFUSED(e_phoff, FILE_SIZE);
	REFUSED(e_phoff, UINT64_MAX - 8);
	REFUSED(e_entry, 0xffffffff80000000);
}

static void test_segments(void **state)
{
	struct program p;
	struct elf_image image = { 0 };

#define REFUSED_SEGMENT(field, value)                                                              \
	do {                                                                                       \
		p = good();                                                                        \
		p.table[1].field = (value);                                                        \
		assert_int_equal(check(&p, &image), -ENOEXEC);                                     \
	} while (0)
	REFUSED_SEGMENT(p_memsz, 0x80);           /* smaller than in the file */
	REFUSED_SEGMENT(p_memsz, UINT64_MAX);     /* wraps */
	REFUSED_SEGMENT(p_memsz, 0x7fffffff0000); /* reaches the kernel's half */
	REFUSED_SEGMENT(p_vaddr, 0xffff888000000800);
	REFUSED_SEGMENT(p_vaddr, 0x404000);        /* not congruent with the offset */
	REFUSED_SEGMENT(p_vaddr, 0x401800);        /* below the end of the one before */
	REFUSED_SEGMENT(p_offset, 0x4f80 + 0x880); /* behind the end of the file */
	REFUSED_SEGMENT(p_filesz, 0x1801);
	p = good();
	p.table[0].p_type = p.table[1].p_type = PT_NOTE;
	assert_int_equal(check(&p, &image), -ENOEXEC); /* nothing to load */
}

static void test_stack_note(void **state)
{
	struct program p = good();
	struct elf_image image = { 0 };

	p.table[2].p_flags |= PF_X;
	assert_int_equal(check(&p, &image), 0);
	assert_true(image.stack_exec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),       cmocka_unit_test(test_interpreter),
		cmocka_unit_test(test_header),     cmocka_unit_test(test_segments),
		cmocka_unit_test(test_stack_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
