#include "tracer/analysis/manifest.h"

#include <stdio.h>
#include <string.h>

#include "tracer/store/meta.h"

static const char *const names[MANIFEST_FACTS] = {
	[MANIFEST_COMPILER] = "kernel_compiler",
	[MANIFEST_QEMU] = "qemu_version",
	[MANIFEST_CPUS] = "cpus",
	[MANIFEST_MEMORY] = "memory_mib",
	[MANIFEST_ICOUNT] = "icount",
	[MANIFEST_SETTINGS] = "settings",
	[MANIFEST_INPUTS] = "inputs",
	[MANIFEST_SEED] = "seed",
};

const char *manifest_name(enum manifest_fact fact)
{
	return names[fact];
}

int manifest_by_name(const char *name)
{
	for (int i = 0; i < MANIFEST_FACTS; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

void manifest_read(struct manifest *m, sqlite3 *db)
{
	for (unsigned i = 0; i < MANIFEST_FACTS; i++) {
		meta_text(db, names[i], m->fact[i], sizeof(m->fact[i]));
		m->fact[i][strcspn(m->fact[i], "\n")] = 0;
	}
}

bool manifest_equal(const struct manifest *a, const struct manifest *b, bool any_seed, char *what,
		    size_t size)
{
	for (unsigned i = 0; i < MANIFEST_FACTS; i++) {
		if ((any_seed && i == MANIFEST_SEED) || strcmp(a->fact[i], b->fact[i]) == 0)
			continue;
		snprintf(what, size, "%s: %s and %s", names[i],
			 a->fact[i][0] ? a->fact[i] : "unknown",
			 b->fact[i][0] ? b->fact[i] : "unknown");
		return false;
	}
	return true;
}
