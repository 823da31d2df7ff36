/* Words every layer uses: address types, helpers on numbers, attributes. */
#ifndef KERNEL_LIB_TYPES_H
#define KERNEL_LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t ssize_t;

/* A physical address.  Wrapped, so that it cannot be dereferenced by mistake. */
typedef struct {
	uint64_t raw;
} phys_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1ull << PAGE_SHIFT)
#define PAGE_MASK  (PAGE_SIZE - 1)

#define ALIGN_DOWN(x, a)                ((x) & ~((uint64_t)(a)-1))
#define ALIGN_UP(x, a)                  (((x) + (uint64_t)(a)-1) & ~((uint64_t)(a)-1))
#define ARRAY_SIZE(a)                   (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)                       ((a) < (b) ? (a) : (b))
#define MAX(a, b)                       ((a) > (b) ? (a) : (b))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define noreturn    __attribute__((noreturn))
/* A function without the place for a hook (trace/function.h). */
#define unhooked          __attribute__((no_instrument_function))
#define printf_like(f, a) __attribute__((format(printf, f, a)))

#endif
