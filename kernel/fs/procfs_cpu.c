/* /proc/cpuinfo, as Linux lays it out. */
#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/fs/procfs_tree.h"
#include "kernel/lib/string.h"

#define BITS 32

/* Names of Linux (cpufeatures.h) for the bits of a CPUID leaf: SDM vol. 2A, AMD's APM
 * vol. 3 for 0x8000000n.  NULL: not shown, or not a feature. */
static const char *const leaf1_d[BITS] = {
	"fpu",  "vme",  "de",   "pse", "tsc",  "msr", "pae",   "mce", "cx8",     "apic", NULL,
	"sep",  "mtrr", "pge",  "mca", "cmov", "pat", "pse36", "pn",  "clflush", NULL,   "dts",
	"acpi", "mmx",  "fxsr", "sse", "sse2", "ss",  "ht",    "tm",  "ia64",    "pbe",
};
static const char *const leaf1_c[BITS] = {
	"pni",    "pclmulqdq",  "dtes64", "monitor", "ds_cpl",
	"vmx",    "smx",        "est",    "tm2",     "ssse3",
	"cid",    "sdbg",       "fma",    "cx16",    "xtpr",
	"pdcm",   NULL,         "pcid",   "dca",     "sse4_1",
	"sse4_2", "x2apic",     "movbe",  "popcnt",  "tsc_deadline_timer",
	"aes",    "xsave",      NULL,     "avx",     "f16c",
	"rdrand", "hypervisor",
};
static const char *const extended_d[BITS] = {
	[11] = "syscall", [19] = "mp",     [20] = "nx", [22] = "mmxext",   [25] = "fxsr_opt",
	[26] = "pdpe1gb", [27] = "rdtscp", [29] = "lm", [30] = "3dnowext", [31] = "3dnow",
};
static const char *const extended_c[BITS] = {
	[0] = "lahf_lm", [2] = "svm",         [4] = "cr8_legacy",    [5] = "abm",
	[6] = "sse4a",   [7] = "misalignsse", [8] = "3dnowprefetch",
};
static const char *const leaf7_b[BITS] = {
	[0] = "fsgsbase", [3] = "bmi1",        [5] = "avx2",  [7] = "smep",    [8] = "bmi2",
	[9] = "erms",     [10] = "invpcid",    [14] = "mpx",  [18] = "rdseed", [19] = "adx",
	[20] = "smap",    [23] = "clflushopt", [24] = "clwb", [29] = "sha_ni",
};
static const char *const leaf7_c[BITS] = {
	[2] = "umip", [3] = "pku", [4] = "ospke", [9] = "vaes", [16] = "la57", [22] = "rdpid",
};

static void flags_add(struct text *out, uint32_t set, const char *const names[BITS])
{
	for (unsigned i = 0; i < BITS; i++) {
		if (set >> i & 1 && names[i])
			text_add(out, " %s", names[i]);
	}
}

static void flags_show(struct text *out)
{
	struct cpuid basic = cpuid(1, 0), extended = cpuid(0x80000001, 0), more = cpuid(7, 0);

	text_add(out, "flags\t\t:");
	flags_add(out, basic.d, leaf1_d);
	flags_add(out, extended.d, extended_d);
	flags_add(out, basic.c, leaf1_c);
	flags_add(out, extended.c, extended_c);
	flags_add(out, more.b, leaf7_b);
	flags_add(out, more.c, leaf7_c);
	text_add(out, "\nbugs\t\t:\n");
}

/* The name of the processor: leaves 0x80000002 to 4, SDM vol. 2A, CPUID. */
static void model_name(char name[49])
{
	for (unsigned i = 0; i < 3; i++) {
		struct cpuid r = cpuid(0x80000002 + i, 0);

		memcpy(name + 16 * i, &r, 16);
	}
	name[48] = 0;
}

static void identity_show(struct text *out, const struct cpu *c)
{
	struct cpuid vendor = cpuid(0, 0), version = cpuid(1, 0);
	char name[49], maker[13] = "";

	memcpy(maker, &vendor.b, 4);
	memcpy(maker + 4, &vendor.d, 4);
	memcpy(maker + 8, &vendor.c, 4);
	model_name(name);
	text_add(out, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", c->id,
		 maker, (version.a >> 8 & 15) + (version.a >> 20 & 255),
		 (version.a >> 4 & 15) | (version.a >> 12 & 0xf0));
	text_add(out, "model name\t: %s\nstepping\t: %u\n", name, version.a & 15);
}

static void cpu_show(struct text *out, const struct cpu *c)
{
	struct cpuid basic = cpuid(0, 0), sizes = cpuid(0x80000008, 0),
		     cache = cpuid(0x80000006, 0);
	unsigned line = (cpuid(1, 0).b >> 8 & 0xff) * 8;
	uint64_t khz = clock_tsc_hz() / 1000;

	identity_show(out, c);
	text_add(out, "cpu MHz\t\t: %lu.%03lu\ncache size\t: %u KB\n", khz / 1000, khz % 1000,
		 cache.c >> 16);
	text_add(out,
		 "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n"
		 "apicid\t\t: %u\ninitial apicid\t: %u\nfpu\t\t: yes\nfpu_exception\t: yes\n"
		 "cpuid level\t: %u\nwp\t\t: yes\n",
		 cpu_count, c->id, cpu_count, c->apic_id, c->apic_id, basic.a);
	flags_show(out);
	text_add(out,
		 "bogomips\t: %lu.%02lu\nclflush size\t: %u\ncache_alignment\t: %u\n"
		 "address sizes\t: %u bits physical, %u bits virtual\npower management:\n\n",
		 khz / 500, khz / 5 % 100, line, line, sizes.a & 0xff, sizes.a >> 8 & 0xff);
}

int procfs_cpuinfo_show(const struct proc_node *n, struct text *out)
{
	for (uint32_t i = 0; i < cpu_count; i++)
		cpu_show(out, cpus[i]);
	return 0;
}
