/* tracer/symbols/identity.c: build ids out of a file and out of its first page alike; heads of
 * any bytes; digests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer/symbols/identity.h"

#define HEAD 4096

struct self {
	int fd;
	char head[HEAD];
};

/* This program, which was linked with a build id or not. */
static void self_open(struct self *s)
{
	s->fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_true(s->fd >= 0);
	assert_int_equal(pread(s->fd, s->head, HEAD, 0), HEAD);
}

static void head_and_file_agree(void **state)
{
	char of_file[IDENTITY_TEXT] = "", of_head[IDENTITY_TEXT] = "";
	struct self s;
	Elf *elf;

	(void)state;
	self_open(&s);
	elf_version(EV_CURRENT);
	elf = elf_begin(s.fd, ELF_C_READ, NULL);
	assert_int_equal(identity_build_id(elf, of_file, sizeof(of_file)),
			 identity_head_build_id(s.head, HEAD, of_head, sizeof(of_head)));
	assert_string_equal(of_file, of_head);
	elf_end(elf);
	close(s.fd);
}

static void no_head_is_trusted(void **state)
{
	char text[IDENTITY_TEXT];
	struct self s, bent;

	(void)state;
	self_open(&s);
	srandom(7);
	for (unsigned i = 0; i < 20000; i++) {
		char *exact = malloc(i % HEAD + 1);

		bent = s;
		for (unsigned n = 0; n < i % 9; n++)
			bent.head[random() % (i % 2 ? 1024 : 400)] = (char)random();
		memcpy(exact, bent.head, i % HEAD + 1);
		identity_head_build_id(exact, i % HEAD + 1, text, sizeof(text));
		identity_head_build_id(bent.head, HEAD, text, sizeof(text));
		free(exact);
	}
	memset(s.head, 0, HEAD);
	assert_false(identity_head_build_id(s.head, HEAD, text, sizeof(text)));
	close(s.fd);
}

static void digests_are_of_all_bytes(void **state)
{
	char path[] = "/tmp/ringscope-identity-XXXXXX", page[HEAD] = "123456789";
	char of_bytes[IDENTITY_TEXT], of_file[IDENTITY_TEXT];
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, page, 9), 9);
	/* The check value of CRC-32C. */
	assert_true(identity_file(fd, 0, of_file, sizeof(of_file)));
	assert_string_equal(of_file, "CRC-32C e3069283 of 9 bytes");
	identity_bytes(page, HEAD, of_bytes, sizeof(of_bytes));
	assert_true(identity_file(fd, HEAD, of_file, sizeof(of_file)));
	assert_string_equal(of_file, of_bytes);
	page[HEAD - 1] = 1;
	identity_bytes(page, HEAD, of_bytes, sizeof(of_bytes));
	assert_string_not_equal(of_file, of_bytes);
	assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
	assert_false(identity_file(fd, 0, of_file, sizeof(of_file)));
	close(fd);
	assert_false(identity_file(-1, 0, of_file, sizeof(of_file)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_and_file_agree),
		cmocka_unit_test(no_head_is_trusted),
		cmocka_unit_test(digests_are_of_all_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
