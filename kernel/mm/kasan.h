/* Address checks of the kernel's own accesses (preset `kasan`): the compiler calls in
 * here before each load and store, and what is not allocated there ends in a panic that
 * says so.
 *
 * A byte of shadow stands for 8 bytes of the direct map: 0 all of them may be touched,
 * 1 to 7 the first so many, else why not (KASAN_*).  The kernel's image, stacks and
 * devices lie elsewhere and are not looked at.  What checks and what allocates is itself
 * compiled without checks: see kernel/CMakeLists.txt. */
#ifndef KERNEL_MM_KASAN_H
#define KERNEL_MM_KASAN_H

#include "kernel/lib/types.h"

#ifndef KERNEL_KASAN /* on the host */
#define KERNEL_KASAN 0
#endif

#define KASAN_PAGE_FREE   0xff
#define KASAN_RED_ZONE    0xfe /* behind an object, or between objects */
#define KASAN_OBJECT_FREE 0xfb

/* Kept free behind each object: who allocated and who freed it. */
#define KASAN_TRAILER (KERNEL_KASAN ? 16 : 0)

#if KERNEL_KASAN

/* shadow: size / 8 zeroed bytes for the size bytes from first on. */
void kasan_init(uint8_t *shadow, const void *first, size_t size);
/* start is a multiple of 8; kasan_allow ends exactly at size. */
void kasan_forbid(const void *start, size_t size, uint8_t why);
void kasan_allow(const void *start, size_t size);
/* What the compiler does not see: user.c's copies. */
void kasan_check(const void *start, size_t size, bool write);
/* object was freed; gives back one that waited long enough, or NULL. */
void *kasan_quarantine(void *object);
/* Objects that wait there: freed, but not given back yet. */
uint64_t kasan_waiting(void);
/* Who allocated or freed an object of a cache whose objects take `size` bytes each. */
void kasan_owner_set(size_t size, void *object, bool freed, uint64_t by);
void kasan_owner_get(size_t size, const void *object, uint64_t *allocated_by, uint64_t *freed_by);
/* A use after free. */
void kasan_provoke(void);

#else

static inline void kasan_init(uint8_t *shadow, const void *first, size_t size)
{
}

static inline void kasan_forbid(const void *start, size_t size, uint8_t why)
{
}

static inline void kasan_allow(const void *start, size_t size)
{
}

static inline void kasan_check(const void *start, size_t size, bool write)
{
}

static inline void *kasan_quarantine(void *object)
{
	return object;
}

static inline uint64_t kasan_waiting(void)
{
	return 0;
}

static inline void kasan_owner_set(size_t size, void *object, bool freed, uint64_t by)
{
}

static inline void kasan_owner_get(size_t size, const void *object, uint64_t *allocated_by,
				   uint64_t *freed_by)
{
	*allocated_by = *freed_by = 0;
}

static inline void kasan_provoke(void)
{
}

#endif
#endif
