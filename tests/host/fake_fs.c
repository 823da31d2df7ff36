#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/errno.h>

#include "kernel/arch/x86_64/clock.h"
#include "kernel/lib/assert.h"
#include "kernel/debug/log.h"
#include "kernel/fs/async.h"
#include "kernel/fs/epoll.h"
#include "kernel/fs/lease.h"
#include "kernel/fs/notify.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/user.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait.h"

#define FAKE_PAGES 512 /* of one object */

unsigned fake_pieces, fake_fail_in;

static struct cpu fake_cpu;
static struct thread fake_thread;

struct cpu *this_cpu(void)
{
	return &fake_cpu;
}

struct thread *current(void)
{
	return &fake_thread;
}

void panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

void log_line(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

/* The rest of kernel/lib/string.c is in libc. */
bool string_copy(char *to, size_t size, const char *s)
{
	return (size_t)snprintf(to, size, "%s", s) < size;
}

/* Each moment is later than the one before. */
uint64_t clock_now(void)
{
	static uint64_t now;

	return ++now;
}

uint64_t clock_realtime_base(void)
{
	return 1000000000;
}

/* --- memory --------------------------------------------------------------------- */

static void *piece(size_t size)
{
	if (fake_fail_in && --fake_fail_in == 0)
		return NULL;
	fake_pieces++;
	return calloc(1, size);
}

static void piece_free(void *p)
{
	KASSERT(fake_pieces);
	fake_pieces--;
	free(p);
}

void *kmalloc(size_t size)
{
	return piece(size);
}

void kfree(void *p)
{
	if (p)
		piece_free(p);
}

struct object_cache {
	size_t size;
};

struct object_cache *object_cache_create(const char *name, size_t size, size_t align)
{
	static struct object_cache caches[8];
	static unsigned used;

	(void)name;
	(void)align;
	KASSERT(used < ARRAY_SIZE(caches));
	caches[used].size = size;
	return &caches[used++];
}

void *object_alloc(struct object_cache *c)
{
	return piece(c->size);
}

void object_free(struct object_cache *c, void *object)
{
	(void)c;
	piece_free(object);
}

/* A frame and its struct page in one. */
struct fake_page {
	struct page page;
	char bytes[PAGE_SIZE];
};

struct page *page_alloc(void)
{
	struct fake_page *p = piece(sizeof(*p));

	if (!p)
		return NULL;
	ref_init(&p->page.refs, 1);
	return &p->page;
}

void page_put(struct page *p)
{
	if (ref_put(&p->refs))
		piece_free(container_of(p, struct fake_page, page));
}

phys_t page_phys(const struct page *p)
{
	return (phys_t){ (uint64_t)container_of(p, struct fake_page, page)->bytes };
}

uint64_t page_count_total(void)
{
	return 1000;
}

uint64_t page_count_free(void)
{
	return 900;
}

struct pages {
	struct ref refs;
	uint64_t size;
	struct page *at[FAKE_PAGES];
};

struct pages *pages_create(const struct pages_source *source, void *owner, uint64_t size)
{
	struct pages *o = piece(sizeof(*o));

	(void)source;
	(void)owner;
	if (!o)
		return NULL;
	ref_init(&o->refs, 1);
	o->size = size;
	return o;
}

static void pages_drop(struct pages *o, uint64_t first)
{
	for (; first < FAKE_PAGES; first++) {
		if (o->at[first])
			page_put(o->at[first]);
		o->at[first] = NULL;
	}
}

void pages_put(struct pages *o)
{
	if (!ref_put(&o->refs))
		return;
	pages_drop(o, 0);
	piece_free(o);
}

void pages_punch(struct pages *o, uint64_t first, uint64_t end)
{
	for (; first < MIN(end, (uint64_t)FAKE_PAGES); first++) {
		if (o->at[first])
			page_put(o->at[first]);
		o->at[first] = NULL;
	}
}

bool pages_seek(struct pages *o, uint64_t *index, bool data)
{
	while (*index < FAKE_PAGES && (o->at[*index] != NULL) != data)
		++*index;
	return *index < FAKE_PAGES;
}

/* Contents live in memory only. */
void pages_dirty(struct pages *o, uint64_t index, struct page *p)
{
	(void)o;
	(void)index;
	(void)p;
}

void pages_resize(struct pages *o, uint64_t size)
{
	struct page *last = size >> PAGE_SHIFT < FAKE_PAGES ? o->at[size >> PAGE_SHIFT] : NULL;

	if (size < o->size && last)
		memset((char *)page_data(last) + (size & PAGE_MASK), 0,
		       PAGE_SIZE - (size & PAGE_MASK));
	if (size < o->size)
		pages_drop(o, (size + PAGE_MASK) >> PAGE_SHIFT);
	o->size = size;
}

struct page *pages_find(struct pages *o, uint64_t index, bool create, int *error)
{
	*error = 0;
	if (index >= FAKE_PAGES) {
		*error = create ? -ENOMEM : 0;
		return NULL;
	}
	if (!o->at[index] && create)
		o->at[index] = page_alloc();
	if (o->at[index])
		page_get(o->at[index]);
	else if (create)
		*error = -ENOMEM;
	return o->at[index];
}

/* Nothing is ever mapped here. */
bool pages_deny_writers(struct pages *o)
{
	(void)o;
	return true;
}

uint64_t pages_resident(const struct pages *o)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < FAKE_PAGES; i++)
		n += o->at[i] != NULL;
	return n;
}

/* --- the program: it has no memory that can be reached ---------------------------- */

int user_copy_in(void *to, uint64_t from, size_t n)
{
	(void)to;
	(void)from;
	return n ? -EFAULT : 0;
}

int user_copy_out(uint64_t to, const void *from, size_t n)
{
	(void)to;
	(void)from;
	return n ? -EFAULT : 0;
}

int user_zero(uint64_t to, size_t n)
{
	(void)to;
	return n ? -EFAULT : 0;
}

/* --- locks: one thread, so one that is held is a bug ------------------------------ */

void spin_init(struct spinlock *l, enum lock_rank rank, const char *name)
{
	*l = (struct spinlock){ .rank = rank, .name = name };
}

void spin_lock(struct spinlock *l)
{
	KASSERT(!l->held && l->rank);
	l->held = 1;
}

void spin_unlock(struct spinlock *l)
{
	KASSERT(l->held);
	l->held = 0;
}

void mutex_init(struct mutex *m)
{
	m->held = 0;
}

void mutex_lock(struct mutex *m)
{
	KASSERT(!m->held);
	m->held = 1;
}

void mutex_unlock(struct mutex *m)
{
	KASSERT(m->held);
	m->held = 0;
}

void wait_queue_init(struct wait_queue *q)
{
	(void)q;
}

void wait_begin(struct wait *w, struct wait_queue *q, unsigned why)
{
	(void)q;
	(void)why;
	*w = (struct wait){ 0 };
}

/* Nothing will ever happen: as if a signal came. */
int wait_sleep(struct wait *w)
{
	(void)w;
	return -EINTR;
}

int wait_sleep_until(struct wait *w, uint64_t deadline)
{
	(void)w;
	return deadline ? -ETIMEDOUT : -EINTR;
}

void wait_end(struct wait *w)
{
	(void)w;
}

void wait_wake_all(struct wait_queue *q)
{
	(void)q;
}

void sched_yield(void)
{
}

void epoll_forget(struct file *f)
{
}

/* --- watchers: there are none --------------------------------------------------- */

uint32_t notify_watches;

void notify_path_watched(const struct path *p, uint32_t mask)
{
	(void)p;
	(void)mask;
	abort();
}

void notify_name_watched(struct inode *dir, const char *name, size_t length, struct inode *i,
			 uint32_t mask, uint32_t cookie)
{
	(void)dir;
	(void)name;
	(void)length;
	(void)i;
	(void)mask;
	(void)cookie;
	abort();
}

void notify_inode_watched(struct inode *i, uint32_t mask)
{
	(void)i;
	(void)mask;
	abort();
}

void notify_gone_watched(struct inode *i)
{
	(void)i;
	abort();
}

void notify_unmount_watched(struct super *s)
{
	(void)s;
	abort();
}

uint32_t notify_cookie(void)
{
	abort();
}

/* --- signals for files: nobody asks for any -------------------------------------- */

void async_forget(struct file *f)
{
	(void)f;
}

/* --- leases: nobody has one -------------------------------------------------------- */

int lease_break_held(struct inode *i, uint32_t flags)
{
	(void)i;
	(void)flags;
	abort();
}

void lease_release_held(struct file *f)
{
	(void)f;
	abort();
}
