/* A user address space: sorted regions and a page table.
 *
 * Locks: each space has a spin lock, see space_state.h.  Functions take what they
 * need; callers hold nothing and have interrupts on, unless said.  All but
 * space_get, space_activate and space_tlb_interrupt may sleep.  Errors are negative
 * errno values as Linux gives them. */
#ifndef KERNEL_MM_SPACE_H
#define KERNEL_MM_SPACE_H

#include "kernel/mm/pages.h"

struct space;

/* What a mapping of a file keeps and shows: handed down by fs/. */
struct map_file {
	struct pages *pages;
	void *file;              /* fs's reference, kept while mapped */
	void (*get)(void *file); /* does not sleep */
	void (*put)(void *file);
	/* Path for /proc/PID/maps and the trace; cut to size. */
	void (*path)(void *file, char *to, size_t size);
	/* One region more (1) or less (-1) shows it; does not sleep.  NULL: nobody counts. */
	void (*mapped)(void *file, int change);
	bool may_write;     /* shared writable mapping is allowed */
	uint8_t huge_shift; /* log2 of the size of its huge pages; 0: it has none */
};

struct space *space_create(void); /* one reference; NULL without memory */
/* fork: a copy whose private pages are shared until written. */
struct space *space_clone(struct space *s);
/* Tells s from all other spaces that ever were. */
uint64_t space_serial(const struct space *s);
void space_get(struct space *s);
void space_put(struct space *s); /* the last one frees everything */

/* At every switch of threads: the next one on this CPU works in s, NULL: in none (the
 * tables loaded last stay, unused).  Interrupts off. */
void space_activate(struct space *s);

/* The MAP_* flags that a mapping of this file needs, if it has huge pages. */
int space_file_flags(const struct map_file *file);
/* mmap: PROT_*, MAP_* of Linux, with the file's space_file_flags; file NULL for anonymous.
 * The address, or -errno. */
int64_t space_map(struct space *s, uint64_t addr, uint64_t length, int prot, int flags,
		  const struct map_file *file, uint64_t offset);
int space_unmap(struct space *s, uint64_t addr, uint64_t length);
/* Unmap what is left of the mapping that began at addr of a file with this put: 0 or
 * -EINVAL. */
int space_unmap_file(struct space *s, uint64_t addr, void (*put)(void *file));
int space_protect(struct space *s, uint64_t addr, uint64_t length, int prot);
int64_t space_remap(struct space *s, uint64_t old, uint64_t old_length, uint64_t new_length,
		    int flags, uint64_t new_addr);
int space_advise(struct space *s, uint64_t addr, uint64_t length, int advice);
/* The stack region, growing down to limit bytes; [heap] for brk. */
int space_map_stack(struct space *s, uint64_t top, uint64_t initial, uint64_t limit, bool exec);
void space_set_heap(struct space *s, uint64_t start);
uint64_t space_brk(struct space *s, uint64_t addr); /* the break afterwards */

/* Where things are, for exec and /proc/PID/stat. */
struct space_marks {
	uint64_t code_start, code_end, data_start, data_end, stack_start, heap_start, heap_end;
	uint64_t args_start, args_end, env_start, env_end;
	uint64_t start; /* the stack pointer the program began with; stays */
};
struct space_marks *space_marks(struct space *s);
/* As prctl(PR_SET_MM): would these do, or they do from now on; 0, or -EINVAL for what no
 * program may map, is not in order, or more than RLIMIT_DATA. */
int space_marks_check(struct space *s, const struct space_marks *m);
int space_marks_set(struct space *s, const struct space_marks *m);
/* One of them, by its offset; mapped: -EFAULT if nothing is mapped there nor above. */
int space_mark_set(struct space *s, size_t mark, uint64_t addr, bool mapped);
/* The auxiliary vector that prctl gave; false: none, it is where exec left it. */
#define SPACE_AUXILIARY_WORDS 52 /* AT_VECTOR_SIZE of Linux */
int space_auxiliary_set(struct space *s, const uint64_t words[SPACE_AUXILIARY_WORDS]);
bool space_auxiliary(struct space *s, uint64_t words[SPACE_AUXILIARY_WORDS]);
/* Does a region show this object? */
bool space_shows(struct space *s, const struct pages *object);

/* A page fault of a program or of user.c.  Returns FAULT_* (schemas/enums.def):
 * handled for DEMAND_ZERO..SPURIOUS; *frame is the page frame number.  Interrupts
 * on; may sleep. */
int space_fault(struct space *s, uint64_t addr, unsigned error, uint64_t *frame);

/* Copy to or from another space (exec, ptrace, /proc/PID/mem) whether or not it
 * is loaded; faults pages in; force ignores protection.  Bytes copied. */
size_t space_write(struct space *s, uint64_t addr, const void *from, size_t n, bool force);
size_t space_read(struct space *s, uint64_t addr, void *to, size_t n, bool force);

#define REGION_PATH 1024 /* of a longer one the end is kept */

/* Regions in order, for /proc/PID/maps: the first one that ends after addr. */
struct region_info {
	uint64_t start, end, offset;
	int prot;
	bool shared, stack, heap, pinned, anonymous; /* anonymous: private, no file */
	uint8_t huge_shift;                          /* as of map_file */
	char path[REGION_PATH];
};
bool space_region(struct space *s, uint64_t addr, struct region_info *out);
/* Sizes in pages: of all regions, of the frames in the tables and of those that are
 * objects'; of regions that are private, writable and no stack; stacks; pinned ones. */
struct space_usage {
	uint64_t size, resident, shared, data, stack, pinned;
};
void space_usage(struct space *s, struct space_usage *out);
/* Which pages of [addr, addr + count pages) are in memory: a byte 0 or 1 for each; 0, or
 * -ENOMEM at a hole. */
int space_residence(struct space *s, uint64_t addr, uint64_t count, uint8_t *out);

/* 1: the page at addr is in the tables; 0: it is not yet; -EFAULT at a hole. */
int space_page_mapped(struct space *s, uint64_t addr);

/* RLIMIT_AS, _DATA, _STACK and _MEMLOCK in bytes; UINT64_MAX: none.  pinned is 0 for who
 * may not pin at all (-EPERM). */
struct space_limits {
	uint64_t total, data, stack, pinned;
};
void space_limits_set(struct space *s, const struct space_limits *l);

/* mlock2, munlock, mlockall, munlockall. */
int space_pin(struct space *s, uint64_t addr, uint64_t length, bool on_fault);
int space_unpin(struct space *s, uint64_t addr, uint64_t length);
int space_pin_all(struct space *s, bool now, bool future, bool on_fault);
void space_unpin_all(struct space *s);

/* mbind and get_mempolicy: the policy of regions, which with one node changes nothing.
 * 0; -EFAULT where nothing is mapped. */
int space_policy_set(struct space *s, uint64_t addr, uint64_t length, uint16_t policy);
int space_policy_get(struct space *s, uint64_t addr, uint16_t *policy);
/* remap_file_pages: let [addr, addr + length) show the object from page `index` on. */
int space_remap_pages(struct space *s, uint64_t addr, uint64_t length, uint64_t index);
/* A file shrank or got a hole: unmap its pages [first, end) in every space; copies:
 * private copies of them, too. */
void space_object_unmap(struct pages *o, uint64_t first, uint64_t end, bool copies);
/* Unmap the pages of a file that no program touched since the last time; force: all.  What
 * is pinned or may be written to stays. */
void space_object_age(struct pages *o, bool force);
/* Take the private memory of s away; whoever comes to touch it gets FAULT_BUS. */
void space_reap(struct space *s);
bool space_reaped(const struct space *s);
/* Frames mapped, without a lock. */
uint64_t space_frames(const struct space *s);

/* For core files: the first run of pages at or behind addr that are kept, in the region
 * that ends behind addr (start == end == region_end: none of that region is).  Kept are
 * private pages that are in memory, shared ones without a file, and the first page of a
 * mapped file.  False: no region ends behind addr. */
struct space_run {
	uint64_t start, end, region_start, region_end;
	int prot;
	bool file;
};
bool space_dump_run(struct space *s, uint64_t addr, struct space_run *out);
/* Copy the page at addr, which nothing is done for to be there; false: it is not. */
bool space_peek(struct space *s, uint64_t addr, void *page);

void space_init(void);
/* VECTOR_IPI_TLB arrived. */
void space_tlb_interrupt(void);

#endif
