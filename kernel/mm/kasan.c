#include "kernel/mm/kasan.h"

#if KERNEL_KASAN

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/mm/object.h"

#define UNIT 8

void *__real_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__real_memset(void *to, int byte, size_t n);
int __real_memcmp(const void *a, const void *b, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);
void *__wrap_memset(void *to, int byte, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);

static uint8_t *shadow; /* [I] NULL: too early to check */
static uint64_t base, extent;

/* --- the shadow ------------------------------------------------------------------- */

void kasan_init(uint8_t *memory, const void *first, size_t size)
{
	base = (uint64_t)first;
	extent = size;
	shadow = memory;
}

static bool covered(uint64_t addr, size_t size)
{
	return shadow && addr - base < extent && size <= extent - (addr - base);
}

void kasan_forbid(const void *start, size_t size, uint8_t why)
{
	uint64_t addr = (uint64_t)start;

	if (covered(addr, size))
		__real_memset(&shadow[(addr - base) / UNIT], why, (size + UNIT - 1) / UNIT);
}

void kasan_allow(const void *start, size_t size)
{
	uint64_t addr = (uint64_t)start;

	if (!covered(addr, size))
		return;
	__real_memset(&shadow[(addr - base) / UNIT], 0, size / UNIT);
	if (size % UNIT)
		shadow[(addr + size - base) / UNIT] = (uint8_t)(size % UNIT);
}

/* --- the check -------------------------------------------------------------------- */

static const char *reason(uint8_t why)
{
	switch (why) {
	case KASAN_PAGE_FREE:
		return "use of a free page";
	case KASAN_OBJECT_FREE:
		return "use after free";
	default:
		return "out of bounds";
	}
}

static noreturn void kasan_report(uint64_t addr, size_t size, bool write, uint64_t from)
{
	uint8_t why = shadow[(addr - base) / UNIT];
	struct object_owner o;

	if (why < UNIT) /* the first bytes are fine, what follows is not */
		why = MAX(shadow[(addr + size - 1 - base) / UNIT], (uint8_t)UNIT);
	shadow = NULL; /* the panic is not checked any more */
	if (object_owner_find((const void *)addr, &o))
		panic("kasan: %s: %s of %lu bytes at %lx by %lx: object %lx of %s, allocated by "
		      "%lx, freed by %lx",
		      reason(why), write ? "write" : "read", size, addr, from, o.start, o.cache,
		      o.allocated_by, o.freed_by);
	panic("kasan: %s: %s of %lu bytes at %lx by %lx", reason(why), write ? "write" : "read",
	      size, addr, from);
}

/* The last byte of the access is allowed, and so is all before it in the same unit. */
static inline bool allowed(uint64_t last)
{
	uint8_t s = shadow[(last - base) / UNIT];

	return !s || (s < UNIT && (last & (UNIT - 1)) < s);
}

static void kasan_look(uint64_t addr, size_t size, bool write, uint64_t from)
{
	uint64_t last = addr + size - 1;

	if (!size || !covered(addr, size))
		return;
	for (uint64_t at = addr | (UNIT - 1); at < last; at += UNIT)
		if (shadow[(at - base) / UNIT])
			kasan_report(at & ~(uint64_t)(UNIT - 1), size, write, from);
	if (!allowed(last))
		kasan_report(addr, size, write, from);
}

#define CALLER ((uint64_t)__builtin_return_address(0))

void kasan_check(const void *start, size_t size, bool write)
{
	kasan_look((uint64_t)start, size, write, CALLER);
}

/* --- what the compiler calls: -fsanitize=kernel-address ----------------------------- */

#define ACCESS(size)                                                                               \
	void __asan_load##size##_noabort(uint64_t addr);                                           \
	void __asan_store##size##_noabort(uint64_t addr);                                          \
	void __asan_load##size##_noabort(uint64_t addr)                                            \
	{                                                                                          \
		kasan_look(addr, size, false, CALLER);                                             \
	}                                                                                          \
	void __asan_store##size##_noabort(uint64_t addr)                                           \
	{                                                                                          \
		kasan_look(addr, size, true, CALLER);                                              \
	}

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void __asan_loadN_noabort(uint64_t addr, size_t size);
void __asan_storeN_noabort(uint64_t addr, size_t size);
void __asan_handle_no_return(void);

void __asan_loadN_noabort(uint64_t addr, size_t size)
{
	kasan_look(addr, size, false, CALLER);
}

void __asan_storeN_noabort(uint64_t addr, size_t size)
{
	kasan_look(addr, size, true, CALLER);
}

void __asan_handle_no_return(void)
{
}

/* --- lib/string.c, linked with --wrap ------------------------------------------------ */

void *__wrap_memcpy(void *to, const void *from, size_t n)
{
	kasan_look((uint64_t)from, n, false, CALLER);
	kasan_look((uint64_t)to, n, true, CALLER);
	return __real_memcpy(to, from, n);
}

void *__wrap_memmove(void *to, const void *from, size_t n)
{
	kasan_look((uint64_t)from, n, false, CALLER);
	kasan_look((uint64_t)to, n, true, CALLER);
	return __real_memmove(to, from, n);
}

void *__wrap_memset(void *to, int byte, size_t n)
{
	kasan_look((uint64_t)to, n, true, CALLER);
	return __real_memset(to, byte, n);
}

int __wrap_memcmp(const void *a, const void *b, size_t n)
{
	kasan_look((uint64_t)a, n, false, CALLER);
	kasan_look((uint64_t)b, n, false, CALLER);
	return __real_memcmp(a, b, n);
}

#endif
