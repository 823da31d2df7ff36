/* Memory that only one CPU writes: changed by single instructions without LOCK,
 * so that an interrupt or NMI on that CPU comes before or after, never between.
 * Other CPUs may read it.  x86 keeps the order of stores; the compiler is held to
 * it where a function says so.
 *
 * ThreadSanitizer cannot see into assembly: there, and where the host is no
 * x86-64, the same operations are the compiler's own. */
#ifndef KERNEL_ARCH_LOCAL_H
#define KERNEL_ARCH_LOCAL_H

#include "kernel/lib/types.h"

#if defined(__x86_64__)

/* Ticks in which the machine's time stood still (clock_stop): they are in no time that
 * anything in the kernel reads. */
extern uint64_t local_time_stopped;

/* The time stamp counter without those ticks. */
static inline uint64_t local_time(void)
{
	uint64_t time;

	/* RDTSC clears the high halves of both.  As one piece, since a record is in order
	 * only if its time is read between two accesses, and in few instructions. */
	asm volatile("rdtsc\n\tshlq $32, %%rdx\n\torq %%rax, %%rdx\n\tsubq %1, %%rdx"
		     : "=&d"(time)
		     : "m"(local_time_stopped)
		     : "rax", "cc");
	return time;
}

#else

static inline uint64_t local_time(void)
{
	static uint64_t time;

	return __atomic_add_fetch(&time, 1, __ATOMIC_RELAXED);
}

#endif

#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)

/* *p = to if it is from; true if it was.  Orders all memory accesses. */
static inline bool local_cmpxchg(uint64_t *p, uint64_t from, uint64_t to)
{
	bool same;

	asm volatile("cmpxchgq %3, %1" : "=@ccz"(same), "+m"(*p), "+a"(from) : "r"(to) : "memory");
	return same;
}

/* *p += n, ordered after all stores before it. */
static inline void local_add_release(uint64_t *p, uint64_t n)
{
	asm volatile("addq %1, %0" : "+m"(*p) : "er"(n) : "memory");
}

/* *p += n, for counters: no order. */
static inline void local_add(uint64_t *p, uint64_t n)
{
	asm volatile("addq %1, %0" : "+m"(*p) : "er"(n));
}

#else

static inline bool local_cmpxchg(uint64_t *p, uint64_t from, uint64_t to)
{
	return __atomic_compare_exchange_n(p, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static inline void local_add_release(uint64_t *p, uint64_t n)
{
	__atomic_fetch_add(p, n, __ATOMIC_RELEASE);
}

static inline void local_add(uint64_t *p, uint64_t n)
{
	__atomic_fetch_add(p, n, __ATOMIC_RELAXED);
}

#endif

static inline uint64_t local_load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

#endif
