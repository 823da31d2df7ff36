#include "tracer/salvage/watch.h"

#include <unistd.h>

/* The mark of a CPU that may be stuck; 0: it is not. */
static uint64_t mark_of(const struct guest *g, unsigned cpu)
{
	const uint64_t base = g->cpu[cpu];
	const uint64_t thread = guest_member(g, base, SALVAGE_cpu_thread);

	if (!base || !guest_member(g, base, SALVAGE_cpu_online) ||
	    guest_member(g, base, SALVAGE_cpu_in_user) ||
	    !guest_member(g, thread, SALVAGE_thread_tid))
		return 0;
	/* One that waits for us to take its records has no other to tell. */
	return guest_member(g, base, SALVAGE_cpu_mark) ^
	       guest_member(g, base, SALVAGE_cpu_wait_ticks);
}

int watch_look(struct watch *w, const struct ram *m, uint64_t now, uint64_t patience)
{
	const unsigned cpus = w->guest.cpus;
	int stuck = -1;

	/* Until all CPUs are up it is looked for again. */
	if (!w->found || cpus < w->guest.page.hello.cpus)
		w->found = guest_find(&w->guest, m, NULL) == 0;
	for (unsigned i = 0; w->found && i < w->guest.cpus; i++) {
		const uint64_t mark = mark_of(&w->guest, i);

		if (!mark || mark != w->mark[i] || i >= cpus) {
			w->mark[i] = mark;
			w->since[i] = now;
		} else if (stuck < 0 && now - w->since[i] > patience) {
			stuck = (int)i;
		}
	}
	return stuck;
}

/* Where the kernel has the suspect. */
static bool suspect_find(const struct watch *w, uint64_t *phys)
{
	/* Both lie in the kernel's image, so below the cut of memory. */
	return w->found && guest_physical(&w->guest, w->guest.page.suspect, phys) &&
	       *phys < w->guest.page.image_end - w->guest.page.image_base;
}

bool watch_suspect(const struct watch *w, int fd, int cpu)
{
	const uint32_t suspect = cpu < 0 ? 1 | SALVAGE_SILENT : (uint32_t)cpu + 1;
	uint64_t phys;

	return suspect_find(w, &phys) &&
	       pwrite(fd, &suspect, sizeof(suspect), (off_t)phys) == (ssize_t)sizeof(suspect);
}

bool watch_acquitted(const struct watch *w, int fd)
{
	uint32_t suspect;
	uint64_t phys;

	return suspect_find(w, &phys) &&
	       pread(fd, &suspect, sizeof(suspect), (off_t)phys) == (ssize_t)sizeof(suspect) &&
	       !suspect;
}
