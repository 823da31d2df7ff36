/* Finding programs and packing the guest's file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <elf.h>
#include <unistd.h>
#include <cmocka.h>

#include "tracer/vm/applets.h"
#include "tracer/vm/image.h"

static void paths_become_absolute(void **state)
{
	static const char *const cases[][2] = {
		{ "/a/./b//../c", "/a/c" },       { "/..", "/" },
		{ "/bin/sh", "/usr/bin/sh" },     { "/lib64/ld.so", "/usr/lib64/ld.so" },
		{ "/bin", "/usr/bin" },           { "/binary/x", "/binary/x" },
		{ "/usr/bin/sh", "/usr/bin/sh" }, { "/", "/" },
	};
	char *cwd = getcwd(NULL, 0), *expect, *got;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		got = path_absolute(cases[i][0]);
		assert_string_equal(got, cases[i][1]);
		free(got);
	}
	got = path_absolute("x/y");
	assert_true(asprintf(&expect, "%s/x/y", cwd) > 0);
	assert_string_equal(got, expect);
	free(got);
	free(expect);
	free(cwd);
}

static enum program_kind kind_of(const void *bytes, size_t size)
{
	const int fd = memfd_create("program", MFD_CLOEXEC);
	enum program_kind kind;

	assert_int_equal(write(fd, bytes, size), size);
	kind = program_kind(fd);
	close(fd);
	return kind;
}

static void programs_are_told_apart(void **state)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr part[2];
	} elf = {
		.head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
			  .e_type = ET_EXEC,
			  .e_machine = EM_X86_64,
			  .e_phoff = sizeof(Elf64_Ehdr),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 2 },
		.part = { { .p_type = PT_LOAD }, { .p_type = PT_NOTE } },
	};

	(void)state;
	assert_int_equal(kind_of(&elf, sizeof(elf)), PROGRAM_STATIC);
	assert_int_equal(kind_of(&elf, sizeof(elf) - 1), PROGRAM_BROKEN);
	assert_int_equal(kind_of(&elf, 20), PROGRAM_BROKEN);
	elf.part[1].p_type = PT_INTERP;
	assert_int_equal(kind_of(&elf, sizeof(elf)), PROGRAM_DYNAMIC);
	elf.part[1].p_type = PT_NOTE;
	elf.head.e_phoff = UINT64_MAX - 8;
	assert_int_equal(kind_of(&elf, sizeof(elf)), PROGRAM_BROKEN);
	elf.head.e_phoff = sizeof(Elf64_Ehdr);
	elf.head.e_phnum = UINT16_MAX;
	assert_int_equal(kind_of(&elf, sizeof(elf)), PROGRAM_BROKEN);
	elf.head.e_machine = EM_AARCH64;
	assert_int_equal(kind_of(&elf, sizeof(elf)), PROGRAM_FOREIGN);
	assert_int_equal(kind_of("#!/bin/sh\n", 10), PROGRAM_SCRIPT);
	assert_int_equal(kind_of("", 0), PROGRAM_BROKEN);
}

static void file_make(const char *name, const char *text, mode_t mode)
{
	FILE *f;

	unlink(name);
	f = fopen(name, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(name, mode), 0);
}

static int find(const char *name, struct error *why)
{
	char *argv[] = { (char *)name, NULL }, *adds[] = { NULL };
	struct program p;
	const int status = program_find(&p, argv, adds, why);

	program_free(&p);
	return status;
}

static void missing_programs_are_refused_as_a_shell_does(void **state)
{
	struct error why = { 0 };

	(void)state;
	assert_int_equal(find("no-such-command-anywhere", &why), 127);
	assert_int_equal(find("./no-such-file", &why), 127);
	assert_int_equal(find("", &why), 127);
	assert_int_equal(find(".", &why), 127);
	assert_int_equal(find("/", &why), 126);
	file_make("image_test_plain", "x", 0644);
	assert_int_equal(find("./image_test_plain", &why), 126);
	file_make("image_test_script", "#!\n", 0755);
	assert_int_equal(find("./image_test_script", &why), 126);
	file_make("image_test_script", "#!/no/such/interpreter\n", 0755);
	assert_int_equal(find("./image_test_script", &why), 126);
	file_make("image_test_script",
		  "\x7f"
		  "ELF and nothing more",
		  0755);
	assert_int_equal(find("./image_test_script", &why), 126);
}

static void added_programs_are_found_where_they_will_be(void **state)
{
	static char name[] = "/bin/image_test_added", add[512];
	char *argv[] = { name, NULL }, *adds[] = { add, NULL };
	struct error why = { 0 };
	struct program p;

	(void)state;
	file_make("image_test_script", "#!/usr/bin/env sh\n", 0755);
	snprintf(add, sizeof(add), "image_test_script:%s", name);
	assert_int_not_equal(program_find(&p, argv, adds, &why), 127);
	/* A script that needs the host's tree is for the guest to interpret. */
	assert_string_equal(p.tree ? p.file : p.script, "/usr/bin/image_test_added");
	assert_string_equal(p.tree ? p.host : p.script_host, "image_test_script");
	program_free(&p);
}

/* A number of eight hexadecimal digits in an archive's header. */
static uint32_t hex_at(const char *at)
{
	char digits[9] = { 0 };

	memcpy(digits, at, 8);
	return (uint32_t)strtoul(digits, NULL, 16);
}

/* The entry called name: its mode, or 0; its bytes to *data. */
static uint32_t entry_find(const char *archive, size_t size, const char *name, const char **data,
			   uint32_t *length)
{
	for (size_t at = 0; at + 110 <= size;) {
		const uint32_t mode = hex_at(archive + at + 14);
		const uint32_t bytes = hex_at(archive + at + 54);
		const uint32_t name_size = hex_at(archive + at + 94);
		const size_t body = (at + 110 + name_size + 3) & ~(size_t)3;

		assert_memory_equal(archive + at, "070701", 6);
		assert_true(body + bytes <= size);
		if (strcmp(archive + at + 110, "TRAILER!!!") == 0)
			return 0;
		if (strcmp(archive + at + 110, name) == 0) {
			*data = archive + body;
			*length = bytes;
			return mode;
		}
		at = (body + bytes + 3) & ~(size_t)3;
	}
	fail_msg("the archive has no end");
	return 0;
}

static bool given_has(const struct given *g, const char *name)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (strcmp(g->item[i].name, name) == 0)
			return true;
	return false;
}

static void images_hold_what_they_should(void **state)
{
	static char name[] = "./image_test_plain", word[] = "a b", nothing[] = "";
	static char tree[] = "image_test_tree:/data", hosts[] = "image_test_plain:/etc/hosts";
	static char *argv[] = { name, word, nothing, NULL };
	static char *adds[] = { tree, hosts, NULL };
	struct program program = { .file = path_absolute("image_test_plain"),
				   .host = path_absolute("image_test_plain"),
				   .argv = argv };
	const struct image_config config = {
		.program = &program, .init = "image_test_plain", .adds = adds, .terminal = "vt100"
	};
	struct error why = { 0 };
	const char *data = NULL;
	uint32_t length = 0;
	struct given given = { 0 };
	uint64_t size;
	char *archive;
	int fd;

	(void)state;
	file_make("image_test_plain", "hello", 0755);
	mkdir("image_test_tree", 0755);
	mkdir("image_test_tree/inner", 0700);
	file_make("image_test_tree/inner/file", "deep", 0600);
	unlink("image_test_tree/link");
	assert_int_equal(symlink("inner/file", "image_test_tree/link"), 0);
	fd = image_pack(&config, &size, &given, &why);
	assert_true(fd >= 0);
	archive = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(archive, MAP_FAILED);
	assert_int_equal(entry_find(archive, size, "init", &data, &length), S_IFREG | 0755);
	assert_memory_equal(data, "hello", 5);
	assert_int_equal(entry_find(archive, size, "tmp", &data, &length), S_IFDIR | 01777);
	assert_int_equal(entry_find(archive, size, "bin", &data, &length), S_IFLNK | 0777);
	assert_memory_equal(data, "usr/bin", 7);
	assert_int_equal(entry_find(archive, size, "data/inner/file", &data, &length),
			 S_IFREG | 0600);
	assert_memory_equal(data, "deep", 4);
	assert_int_equal(entry_find(archive, size, "data/link", &data, &length), S_IFLNK | 0777);
	assert_int_equal(entry_find(archive, size, "etc/hosts", &data, &length), S_IFREG | 0755);
	assert_memory_equal(data, "hello", 5);
	assert_int_not_equal(entry_find(archive, size, program.file + 1, &data, &length), 0);
	entry_find(archive, size, "run/ringscope/argv", &data, &length);
	assert_int_equal(length, sizeof("./image_test_plain\0a b\0"));
	assert_memory_equal(data, "./image_test_plain\0a b\0", length);
	munmap(archive, size);
	close(fd);
	assert_true(given_has(&given, "environment TERM"));
	assert_true(given_has(&given, "/data/inner/file"));
	assert_false(given_has(&given, "/init"));
	assert_false(given_has(&given, "/run/ringscope/env"));
	given_free(&given);
	free(program.file);
	free(program.host);
}

static void count_up(void *cookie, const char *name)
{
	(void)name;
	++*(unsigned *)cookie;
}

static void applets_are_found(void **state)
{
	static const char bytes[] = "junk\0[\0[[\0acpid\0sh\0\0more\0";
	unsigned count = 0;

	(void)state;
	assert_int_equal(applets_list(bytes, sizeof(bytes), count_up, &count), 4);
	assert_int_equal(count, 4);
	assert_int_equal(applets_list(bytes, 12, count_up, &count), 2);
	assert_int_equal(applets_list("nothing", 7, count_up, &count), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_become_absolute),
		cmocka_unit_test(programs_are_told_apart),
		cmocka_unit_test(missing_programs_are_refused_as_a_shell_does),
		cmocka_unit_test(added_programs_are_found_where_they_will_be),
		cmocka_unit_test(images_hold_what_they_should),
		cmocka_unit_test(applets_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
