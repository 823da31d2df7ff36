#include "kernel/ipc/shared_memory.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "kernel/fs/huge_file.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/print.h"
#include "kernel/mm/object.h"

/* Beside the permissions in shm_perm.mode; shmctl(2). */
#define MODE_DESTROYED 01000
#define MODE_LOCKED    02000

#define HUGETLB_SHM_GROUP 0 /* sysctl vm.hugetlb_shm_group of Linux */

/* Locks: [I] at birth   [t] table.lock */
struct segment {
	struct sysv_object object;   /* first */
	struct ref refs;             /* the table's, each region's */
	struct pages *pages;         /* [I] */
	uint64_t size;               /* [I] bytes asked for */
	unsigned huge_shift;         /* [I] as of map_file */
	uint64_t attached;           /* [t] regions that show it */
	int64_t atime, dtime, ctime; /* [t] */
	uint32_t creator, last;      /* [t] processes: who made it, who attached last */
};

static struct sysv_table table = SYSV_TABLE("shared memory", SHM_SEGMENTS_MAX);

static struct segment *segment_of(struct sysv_object *o)
{
	return container_of(o, struct segment, object);
}

static void segment_put(void *file)
{
	struct segment *g = file;

	if (!ref_put(&g->refs))
		return;
	pages_put(g->pages);
	kfree(g);
}

static void segment_get(void *file)
{
	ref_get(&((struct segment *)file)->refs);
}

/* --- as a mapped file ------------------------------------------------------------- */

static void segment_path(void *file, char *to, size_t size)
{
	print_text(to, size, "/SYSV%08x (deleted)", (unsigned)((struct segment *)file)->object.key);
}

/* One region more or less shows it.  The last one of a removed segment drops it: its
 * own reference is still there. */
static void segment_mapped(void *file, int change)
{
	struct segment *g = file;
	bool gone = false, last;

	spin_lock(&table.lock);
	g->attached += (uint64_t)(int64_t)change;
	*(change > 0 ? &g->atime : &g->dtime) = sysv_now();
	g->last = sysv_pid();
	if (!g->attached && g->object.mode & MODE_DESTROYED && !g->object.removed) {
		sysv_remove(&table, &g->object);
		gone = true;
	}
	spin_unlock(&table.lock);
	last = gone && ref_put(&g->refs);
	KASSERT(!last);
}

static const struct map_file segment_file = {
	.get = segment_get,
	.put = segment_put,
	.path = segment_path,
	.mapped = segment_mapped,
};

/* --- shmget ------------------------------------------------------------------------ */

/* What a segment of huge pages needs beside: 0 or -errno. */
static int huge_check(const struct sysv_request *r)
{
	if (!huge_shift(r->flags))
		return -EINVAL;
	if (!credentials_have(r->credentials, CAP_IPC_LOCK) &&
	    !credentials_in_group(r->credentials, HUGETLB_SHM_GROUP))
		return -EPERM;
	return r->flags & SHM_NORESERVE ? 0 : -ENOMEM; /* none is set aside */
}

/* 0 or -errno: may there be such a segment? */
static int segment_check(const struct sysv_request *r)
{
	if (!r->size || r->size > SHM_SIZE_MAX || r->size > INT64_MAX)
		return -EINVAL;
	if (r->flags & SHM_HUGETLB)
		return huge_check(r);
	if (!(r->flags & SHM_NORESERVE) && (r->size - 1) >> PAGE_SHIFT >= page_count_total())
		return -ENOMEM;
	return 0;
}

static struct sysv_object *segment_create(const struct sysv_request *r, int *error)
{
	struct segment *g;

	*error = segment_check(r);
	if (*error)
		return NULL;
	*error = -ENOMEM;
	g = kmalloc(sizeof(*g));
	if (!g)
		return NULL;
	ref_init(&g->refs, 1);
	g->size = r->size;
	g->ctime = sysv_now();
	g->creator = sysv_pid();
	if (r->flags & SHM_HUGETLB) {
		g->huge_shift = huge_shift(r->flags);
		g->pages = huge_pages_create(ALIGN_UP(r->size, 1ull << g->huge_shift));
	} else {
		g->pages = pages_create(NULL, NULL, ALIGN_UP(r->size, PAGE_SIZE));
	}
	if (g->pages)
		return &g->object;
	kfree(g);
	return NULL;
}

static void segment_discard(struct sysv_object *o)
{
	segment_put(segment_of(o));
}

static int segment_serves(const struct sysv_object *o, uint64_t size)
{
	return container_of(o, const struct segment, object)->size < size ? -EINVAL : 0;
}

int shared_memory_get(int32_t key, uint64_t size, unsigned flags, const struct credentials *c)
{
	struct sysv_request r = {
		.key = key,
		.flags = flags,
		.credentials = c,
		.size = size,
		.create = segment_create,
		.serves = segment_serves,
		.discard = segment_discard,
	};

	return sysv_get(&table, &r);
}

/* --- shmat, shmdt ------------------------------------------------------------------ */

/* The segment, if c may attach it that way; with a reference. */
static int segment_find(int id, unsigned wanted, const struct credentials *c, struct segment **out)
{
	struct sysv_object *o;
	int error;

	spin_lock(&table.lock);
	error = sysv_find(&table, id, &o);
	if (!error)
		error = sysv_permission(o, c, wanted);
	if (!error) {
		*out = segment_of(o);
		segment_get(*out);
	}
	spin_unlock(&table.lock);
	return error;
}

/* Where to map: MAP_* flags for *addr, or -EINVAL. */
static int place_flags(uint64_t *addr, unsigned flags)
{
	if (!*addr)
		return flags & SHM_REMAP ? -EINVAL : MAP_SHARED;
	if (*addr & PAGE_MASK) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		*addr = ALIGN_DOWN(*addr, PAGE_SIZE);
		if (!*addr && flags & SHM_REMAP)
			return -EINVAL;
	}
	return MAP_SHARED | (flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE);
}

int64_t shared_memory_attach(struct space *s, int id, uint64_t addr, unsigned flags,
			     const struct credentials *c)
{
	bool readonly = flags & SHM_RDONLY, exec = flags & SHM_EXEC;
	struct map_file file = segment_file;
	int map_flags = place_flags(&addr, flags), prot = PROT_READ;
	struct segment *g;
	int64_t result;

	if (map_flags < 0)
		return map_flags;
	result = segment_find(id, (readonly ? 0444 : 0666) | (exec ? 0111 : 0), c, &g);
	if (result)
		return result;
	prot |= (readonly ? 0 : PROT_WRITE) | (exec ? PROT_EXEC : 0);
	file.pages = g->pages;
	file.file = g;
	file.may_write = !readonly;
	file.huge_shift = (uint8_t)g->huge_shift;
	if (file.huge_shift) /* shmget looked whether they are there */
		map_flags |= space_file_flags(&file) | MAP_NORESERVE;
	result = space_map(s, addr, pages_size(g->pages), prot, map_flags, &file, 0);
	segment_put(g);
	return result == -EEXIST ? -EINVAL : result;
}

int shared_memory_detach(struct space *s, uint64_t addr)
{
	return addr & PAGE_MASK ? -EINVAL : space_unmap_file(s, addr, segment_put);
}

/* --- shmctl ------------------------------------------------------------------------- */

static void segment_destroy(struct segment *g)
{
	g->object.key = IPC_PRIVATE; /* nobody finds it by its key any more */
	g->object.mode |= MODE_DESTROYED;
	if (!g->attached)
		sysv_remove(&table, &g->object);
}

int shared_memory_control(int id, int command, const struct ipc64_perm *perm,
			  const struct credentials *c)
{
	struct sysv_object *o;
	struct segment *gone = NULL;
	int error;

	spin_lock(&table.lock);
	error = sysv_find(&table, id, &o);
	if (!error)
		error = sysv_owned(o, c);
	if (!error && command == IPC_RMID) {
		segment_destroy(segment_of(o));
		gone = o->removed ? segment_of(o) : NULL;
	} else if (!error && command == IPC_SET) {
		sysv_set(o, perm);
		segment_of(o)->ctime = sysv_now();
	} else if (!error && command == SHM_LOCK) {
		o->mode |= MODE_LOCKED;
	} else if (!error) {
		o->mode &= ~(unsigned)MODE_LOCKED;
	}
	spin_unlock(&table.lock);
	if (gone)
		segment_put(gone);
	return error;
}

static void segment_tell(const struct segment *g, struct shmid64_ds *out)
{
	*out = (struct shmid64_ds){
		.shm_segsz = g->size,
		.shm_atime = g->atime,
		.shm_dtime = g->dtime,
		.shm_ctime = g->ctime,
		.shm_cpid = (int)g->creator,
		.shm_lpid = (int)g->last,
		.shm_nattch = g->attached,
	};
	sysv_tell(&g->object, &out->shm_perm);
}

int shared_memory_stat(int id, int command, const struct credentials *c, struct shmid64_ds *out)
{
	struct sysv_object *o;
	int result;

	spin_lock(&table.lock);
	result = sysv_find_stat(&table, id, command, command == SHM_STAT_ANY ? NULL : c, &o);
	if (!result) {
		segment_tell(segment_of(o), out);
		result = command == IPC_STAT ? 0 : o->id;
	}
	spin_unlock(&table.lock);
	return result;
}

int shared_memory_info(struct shm_info *out)
{
	struct sysv_object *o;
	int last;

	*out = (struct shm_info){ 0 };
	spin_lock(&table.lock);
	out->used_ids = (int)table.count;
	for (uint64_t at = 0; (o = index_next(&table.objects, &at)); at++) {
		out->shm_tot += pages_size(segment_of(o)->pages) >> PAGE_SHIFT;
		out->shm_rss += pages_resident(segment_of(o)->pages);
	}
	last = sysv_last_place(&table);
	spin_unlock(&table.lock);
	return last;
}

void sysv_shm_text(struct text *out)
{
	struct sysv_object *o;

	text_add(out,
		 "       key      shmid perms                  size  cpid  lpid nattch   uid   "
		 "gid  cuid  cgid      atime      dtime      ctime                   rss"
		 "                  swap\n");
	spin_lock(&table.lock);
	for (uint64_t at = 0; (o = index_next(&table.objects, &at)); at++) {
		const struct segment *g = segment_of(o);

		text_add(out, "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u ", o->key, o->id,
			 o->mode, g->size, g->creator, g->last, g->attached, o->uid, o->gid,
			 o->cuid, o->cgid);
		text_add(out, "%10ld %10ld %10ld %21lu %21u\n", g->atime, g->dtime, g->ctime,
			 pages_resident(g->pages) << PAGE_SHIFT, 0u);
	}
	spin_unlock(&table.lock);
}
