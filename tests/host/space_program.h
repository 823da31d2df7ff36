/* A program in an address space on the fake machine, access by access: what the tests of
 * spaces share. */
#ifndef TESTS_HOST_SPACE_PROGRAM_H
#define TESTS_HOST_SPACE_PROGRAM_H

#include "kernel/mm/space.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define BASE 0x10000000ull
#define P(n) (BASE + (n)*PAGE_SIZE)

/* Run s on a CPU (NULL: nothing). */
void run_on(unsigned cpu, struct space *s);

/* An access of the program on this CPU: its byte, or NULL with the cause. */
char *touch(struct space *s, uint64_t addr, unsigned access, int *cause);
/* What the program reads (-cause: it cannot); what comes of writing (0 or -cause). */
int get(struct space *s, uint64_t addr);
int put(struct space *s, uint64_t addr, int value);

/* n pages at addr. */
int64_t map_at(struct space *s, uint64_t addr, uint64_t n, int prot, int flags);

/* Once in a program. */
int space_start(void **state);
/* Around each test: what it took must be back. */
int space_before(void **state);
int space_after(void **state);

#endif
