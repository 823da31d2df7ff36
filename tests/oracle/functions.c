/* A QEMU plugin that counts how often functions of the guest's kernel were entered, for
 * tests of what the kernel records of them.
 *
 *   -plugin functions.so,list=FILE,from=HEX,until=HEX,out=FILE
 *
 * list has an address a line, in hex, sorted: of an instruction that is executed once each
 * time its function is entered.  Counted is from the first execution of the instruction at
 * from, which is in the list, to the first one of that at until.  One virtual CPU.  When
 * QEMU ends, out gets a line "address count" for each that was executed. */
#include "tests/oracle/plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS_MAX 16384

struct function {
	uint64_t address, count;
};

int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static struct function functions[FUNCTIONS_MAX];
static size_t function_count;
static uint64_t from, until;
static bool counting, ended;
static const char *list_path, *out_path;

static int by_address(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static void entered(unsigned vcpu, void *data)
{
	struct function *f = data;

	(void)vcpu;
	if (f->address == from && !ended)
		counting = true;
	f->count += counting;
}

static void end_reached(unsigned vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	counting = false;
	ended = true;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	const size_t insns = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < insns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const struct function key = { .address = qemu_plugin_insn_vaddr(insn) };
		struct function *f =
			bsearch(&key, functions, function_count, sizeof(functions[0]), by_address);

		if (f)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, entered,
							       QEMU_PLUGIN_CB_NO_REGS, f);
		if (key.address == until)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end_reached,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void ends(qemu_plugin_id_t id, void *data)
{
	FILE *out = fopen(out_path, "we");

	(void)id;
	(void)data;
	if (!out) {
		perror(out_path);
		return;
	}
	for (size_t i = 0; i < function_count; i++)
		if (functions[i].count)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", functions[i].address,
				functions[i].count);
	if (fclose(out) != 0)
		perror(out_path);
}

static bool list_read(void)
{
	FILE *list = fopen(list_path, "re");
	char line[64];

	while (list && function_count < FUNCTIONS_MAX && fgets(line, sizeof(line), list))
		functions[function_count++].address = strtoull(line, NULL, 16);
	if (list)
		fclose(list);
	return function_count > 0;
}

static bool take_argument(char *arg)
{
	if (strncmp(arg, "list=", 5) == 0)
		list_path = strdup(arg + 5);
	else if (strncmp(arg, "out=", 4) == 0)
		out_path = strdup(arg + 4);
	else if (strncmp(arg, "from=", 5) == 0)
		from = strtoull(arg + 5, NULL, 16);
	else if (strncmp(arg, "until=", 6) == 0)
		until = strtoull(arg + 6, NULL, 16);
	else
		return false;
	return true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	if (!info->system_emulation || strcmp(info->target_name, "x86_64") != 0) {
		fprintf(stderr, "functions: needs qemu-system-x86_64\n");
		return -1;
	}
	for (int i = 0; i < argc; i++) {
		if (!take_argument(argv[i])) {
			fprintf(stderr, "functions: bad argument: %s\n", argv[i]);
			return -1;
		}
	}
	if (!out_path || !list_path || !from || !until || !list_read()) {
		fprintf(stderr, "functions: list=, from=, until= and out= are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ends, NULL);
	return 0;
}
