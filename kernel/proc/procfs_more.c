/* More files of a process in /proc: memory region by region, start-up facts, bytes
 * moved, what the OOM killer would think of it. */
#include <linux/auxvec.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/page.h"
#include "kernel/proc/procfs.h"
#include "kernel/proc/tree.h"

#define KIB_A_PAGE   (PAGE_SIZE / 1024ul)
#define OOM_SCORE_OF 1000 /* all of memory */
#define POINTERS_MAX (1u << 20)
#define CHUNK_PAGES  512u

_Static_assert(2 * PROC_AUXV_PAIRS >= SPACE_AUXILIARY_WORDS, "room for what prctl gave");

/* --- the auxiliary vector: behind the environment's pointers ----------------------- */

/* The address behind the next NULL pointer from at on, or 0. */
static uint64_t pointers_skip(struct space *space, uint64_t at)
{
	uint64_t word = 1;

	for (unsigned n = 0; word; n++, at += sizeof(word)) {
		if (n > POINTERS_MAX || space_read(space, at, &word, sizeof(word), true) < 8)
			return 0;
	}
	return at;
}

unsigned proc_auxv_read(struct space *space, uint64_t pairs[2 * PROC_AUXV_PAIRS])
{
	uint64_t at = space_marks(space)->start;
	unsigned n = 0;

	if (space_auxiliary(space, pairs)) {
		while (n < SPACE_AUXILIARY_WORDS / 2 && pairs[2 * n++] != AT_NULL)
			;
		return n;
	}
	at = at ? pointers_skip(space, at + sizeof(uint64_t)) : 0; /* argc, argv */
	at = at ? pointers_skip(space, at) : 0;
	while (at && n < PROC_AUXV_PAIRS) {
		uint64_t *pair = pairs + 2 * n;

		if (space_read(space, at, pair, 2 * sizeof(*pair), true) < 2 * sizeof(*pair))
			break;
		n++;
		at += 2 * sizeof(*pair);
		if (pair[0] == AT_NULL)
			break;
	}
	return n;
}

int proc_auxv_text(struct process *p, struct text *out)
{
	struct space *space = process_space(p);
	uint64_t pairs[2 * PROC_AUXV_PAIRS];

	if (!space)
		return 0;
	text_bytes(out, pairs, proc_auxv_read(space, pairs) * 2 * sizeof(*pairs));
	space_put(space);
	return 0;
}

/* --- smaps ------------------------------------------------------------------------- */

struct sums { /* in KiB */
	uint64_t size, resident, shared, private_clean, private_dirty, anonymous, pinned;
};

static uint64_t pages_there(struct space *space, const struct region_info *r)
{
	uint8_t *map = kmalloc(CHUNK_PAGES);
	uint64_t count = 0;

	for (uint64_t at = r->start; map && at < r->end;) {
		uint64_t n = MIN((r->end - at) >> PAGE_SHIFT, (uint64_t)CHUNK_PAGES);

		if (space_residence(space, at, n, map))
			break;
		for (uint64_t k = 0; k < n; k++)
			count += map[k] & 1;
		at += n << PAGE_SHIFT;
	}
	kfree(map);
	return count;
}

/* A region without protection holds nothing, and reservations are large. */
static struct sums region_sums(struct space *space, const struct region_info *r)
{
	struct sums s = { .size = (r->end - r->start) >> 10 };

	if (r->prot)
		s.resident = pages_there(space, r) * KIB_A_PAGE;
	if (r->shared)
		s.shared = s.resident;
	else if (r->path[0] && !(r->prot & PROT_WRITE))
		s.private_clean = s.resident;
	else
		s.private_dirty = s.resident;
	if (!r->path[0])
		s.anonymous = s.resident;
	s.pinned = r->pinned ? s.resident : 0;
	return s;
}

static void sums_add(struct sums *to, const struct sums *s)
{
	to->size += s->size;
	to->resident += s->resident;
	to->shared += s->shared;
	to->private_clean += s->private_clean;
	to->private_dirty += s->private_dirty;
	to->anonymous += s->anonymous;
	to->pinned += s->pinned;
}

static void sums_text(const struct sums *s, struct text *out)
{
	const struct {
		const char *name;
		uint64_t kib;
	} lines[] = {
		{ "Rss:", s->resident },
		{ "Pss:", s->resident },
		{ "Pss_Dirty:", s->private_dirty },
		{ "Shared_Clean:", s->shared },
		{ "Shared_Dirty:", 0 },
		{ "Private_Clean:", s->private_clean },
		{ "Private_Dirty:", s->private_dirty },
		{ "Referenced:", s->resident },
		{ "Anonymous:", s->anonymous },
		{ "LazyFree:", 0 },
		{ "AnonHugePages:", 0 },
		{ "ShmemPmdMapped:", 0 },
		{ "FilePmdMapped:", 0 },
		{ "Shared_Hugetlb:", 0 },
		{ "Private_Hugetlb:", 0 },
		{ "Swap:", 0 },
		{ "SwapPss:", 0 },
		{ "Locked:", s->pinned },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		text_add(out, "%-16s%8lu kB\n", lines[i].name, lines[i].kib);
}

static void region_text(struct space *space, const struct region_info *r, struct text *out)
{
	unsigned page_kib = r->huge_shift ? 1u << (r->huge_shift - 10) : KIB_A_PAGE;
	struct sums s = region_sums(space, r);

	proc_maps_line(r, out);
	text_add(out, "%-16s%8lu kB\n", "Size:", s.size);
	text_add(out, "KernelPageSize: %8u kB\nMMUPageSize:    %8u kB\n", page_kib, page_kib);
	sums_text(&s, out);
	text_add(out, "THPeligible:    0\nVmFlags:%s%s%s%s mr mw me%s%s\n",
		 r->prot & PROT_READ ? " rd" : "", r->prot & PROT_WRITE ? " wr" : "",
		 r->prot & PROT_EXEC ? " ex" : "", r->shared ? " sh" : "", r->stack ? " gd" : "",
		 r->huge_shift ? " de nr ht" : "");
}

int proc_smaps_text(struct process *p, bool whole, struct text *out)
{
	struct space *space = process_space(p);
	struct sums all = { 0 };
	uint64_t first = 0, last = 0;
	struct region_info r;

	if (!space)
		return 0;
	for (uint64_t at = 0; space_region(space, at, &r) && !out->failed; at = r.end) {
		struct sums s;

		if (!whole) {
			region_text(space, &r, out);
			continue;
		}
		s = region_sums(space, &r);
		sums_add(&all, &s);
		first = first ? first : r.start;
		last = r.end;
	}
	if (whole) {
		text_add(out, "%08lx-%08lx ---p 00000000 00:00 0 %23s[rollup]\n", first, last, "");
		sums_text(&all, out);
	}
	space_put(space);
	return 0;
}

/* --- the rest ---------------------------------------------------------------------- */

int proc_io_text(struct process *p, struct text *out)
{
	text_add(out, "rchar: %lu\nwchar: %lu\nsyscr: %lu\nsyscw: %lu\n", p->read_bytes,
		 p->written_bytes, p->reads, p->writes);
	text_add(out, "read_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n");
	return 0;
}

int proc_oom_score_text(struct process *p, struct text *out)
{
	struct space *space = process_space(p);
	struct space_usage usage = { 0 };
	int64_t score;

	if (space) {
		space_usage(space, &usage);
		space_put(space);
	}
	/* As Linux since 5.8: from 0 to 2000, 666 for a process without memory. */
	score = (int64_t)(usage.resident * OOM_SCORE_OF / page_count_total()) + p->oom_adjust;
	score = (OOM_SCORE_OF + score) * 2 / 3;
	text_add(out, "%ld\n", (long)(p->oom_adjust == -OOM_SCORE_OF ? 0 : MAX(score, 0l)));
	return 0;
}

int proc_children_text(struct process *p, struct text *out)
{
	struct process *child;

	tree_lock();
	list_for_each_entry(child, &p->children, sibling)
		text_add(out, "%u ", child->pid);
	tree_unlock();
	return 0;
}

int proc_oom_adjust_set(struct process *p, const char *text)
{
	bool negative = text[0] == '-';
	const char *end;
	uint64_t number = string_number(text + negative, &end);
	int adjust = negative ? -(int)number : (int)number;

	if (end == text + negative || *end || number > OOM_SCORE_OF)
		return -EINVAL;
	if (!caller_can(CAP_SYS_RESOURCE) && adjust < p->oom_adjust)
		return -EACCES;
	p->oom_adjust = adjust;
	return 0;
}
