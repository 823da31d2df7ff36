/* The oracle: a QEMU plugin that counts what the guest's CPUs executed, so that
 * the trace's counts have something to answer to that the kernel cannot fool.
 *
 *   -plugin oracle.so,out=FILE[,addr=HEX:NAME]...     names may repeat: one sum
 *
 * Counted: each syscall executed in the lower half of the address space, each
 * sysret, iret and CR3 load in the upper half (so the firmware's are left out),
 * and each execution of the instruction at a named address (the entry of an
 * exception vector, say).  When QEMU ends, FILE gets a line "name count" for each.
 *
 * A callback runs before its instruction, so one that faults is counted too; of
 * those above only sysret and iret can, and a kernel that lets them is broken. */
#include "tests/oracle/plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VCPUS_MAX     64
#define COUNTERS_MAX  32
#define ADDRESSES_MAX 512
#define KERNEL_HALF   0xffff800000000000ull

/* One count for each virtual CPU: their threads do not share a cache line. */
struct counter {
	char name[48];
	struct {
		uint64_t count;
		char pad[56];
	} vcpu[VCPUS_MAX];
};

/* One instruction by its place; several may share a counter. */
struct address {
	uint64_t addr;
	struct counter *counter;
};

enum { SYSCALL, SYSRET, IRET, CR3_LOAD, CLASSES };

int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static struct counter counters[COUNTERS_MAX] = {
	[SYSCALL] = { .name = "syscall" },
	[SYSRET] = { .name = "sysret" },
	[IRET] = { .name = "iret" },
	[CR3_LOAD] = { .name = "cr3_load" },
};
static unsigned counters_used = CLASSES;
static struct address addresses[ADDRESSES_MAX];
static unsigned addresses_used;
static char out_path[4096];

static bool is_legacy_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 ||
	       byte == 0x26 || byte == 0x2e || byte == 0x36 || byte == 0x3e || byte == 0x64 ||
	       byte == 0x65;
}

/* Which counter an instruction belongs to by its bytes (64-bit code), or -1.
 * Opcodes: SDM vol. 2, SYSCALL, SYSRET, IRET, MOV to control registers. */
static int classify(const uint8_t *code, size_t size)
{
	uint8_t rex = 0;

	while (size > 0 && is_legacy_prefix(*code))
		code++, size--;
	if (size > 0 && (*code & 0xf0) == 0x40)
		rex = *code++, size--;
	if (size >= 1 && code[0] == 0xcf)
		return IRET;
	if (size < 2 || code[0] != 0x0f)
		return -1;
	if (code[1] == 0x05)
		return SYSCALL;
	if (code[1] == 0x07)
		return SYSRET;
	if (code[1] == 0x22 && size >= 3 && (rex & 4) == 0 && (code[2] >> 3 & 7) == 3)
		return CR3_LOAD;
	return -1;
}

static void count(unsigned vcpu, void *data)
{
	struct counter *counter = data;

	if (vcpu < VCPUS_MAX)
		counter->vcpu[vcpu].count++;
}

static void watch(struct qemu_plugin_insn *insn, struct counter *counter)
{
	qemu_plugin_register_vcpu_insn_exec_cb(insn, count, QEMU_PLUGIN_CB_NO_REGS, counter);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	const size_t insns = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < insns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint64_t addr = qemu_plugin_insn_vaddr(insn);
		const int class =
			classify(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));

		if (class >= 0 && (class == SYSCALL) == (addr < KERNEL_HALF))
			watch(insn, &counters[class]);
		for (unsigned a = 0; a < addresses_used; a++)
			if (addresses[a].addr == addr)
				watch(insn, addresses[a].counter);
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
	for (unsigned c = 0; c < counters_used; c++) {
		uint64_t sum = 0;

		for (unsigned vcpu = 0; vcpu < VCPUS_MAX; vcpu++)
			sum += counters[c].vcpu[vcpu].count;
		fprintf(out, "%s %" PRIu64 "\n", counters[c].name, sum);
	}
	if (fclose(out) != 0)
		perror(out_path);
}

/* The counter of this name, made if there is none; NULL: no room. */
static struct counter *counter_named(const char *name)
{
	const size_t length = strlen(name);

	for (unsigned c = 0; c < counters_used; c++)
		if (strcmp(counters[c].name, name) == 0)
			return &counters[c];
	if (counters_used == COUNTERS_MAX || length == 0 || length >= sizeof(counters->name))
		return NULL;
	memcpy(counters[counters_used].name, name, length + 1);
	return &counters[counters_used++];
}

/* "HEX:NAME" */
static bool add_address(const char *text)
{
	struct address *address = &addresses[addresses_used];
	char *colon;

	if (addresses_used == ADDRESSES_MAX)
		return false;
	address->addr = strtoull(text, &colon, 16);
	if (address->addr == 0 || *colon != ':')
		return false;
	address->counter = counter_named(colon + 1);
	if (!address->counter)
		return false;
	addresses_used++;
	return true;
}

static bool take_argument(const char *arg)
{
	if (strncmp(arg, "addr=", 5) == 0)
		return add_address(arg + 5);
	if (strncmp(arg, "out=", 4) != 0 || strlen(arg + 4) >= sizeof(out_path))
		return false;
	memcpy(out_path, arg + 4, strlen(arg + 4) + 1);
	return true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	if (!info->system_emulation || strcmp(info->target_name, "x86_64") != 0) {
		fprintf(stderr, "oracle: needs qemu-system-x86_64\n");
		return -1;
	}
	for (int i = 0; i < argc; i++) {
		if (!take_argument(argv[i])) {
			fprintf(stderr, "oracle: bad argument: %s\n", argv[i]);
			return -1;
		}
	}
	if (!out_path[0]) {
		fprintf(stderr, "oracle: out=FILE is missing\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ends, NULL);
	return 0;
}
