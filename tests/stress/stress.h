/* A kind of work is a CASE (tests/abi/case.h) whose body is one turn: some milliseconds
 * that leave nothing behind.  Workers do turns until the time is over; several workers
 * do the same kind at once, each in a process and a directory of its own.
 *
 *   CASE(pipe_of_many)
 *   {
 *           int writers = 1 + random_below(4);
 *           ...
 *           CHECK(sum == wanted);
 *   }
 *
 * What is random comes from the seed and the worker's number; time and the scheduler
 * still make two runs differ.  Threads do not call random_below: give each a seed. */
#ifndef TESTS_STRESS_STRESS_H
#define TESTS_STRESS_STRESS_H

#include <stdint.h>

#include "tests/abi/case.h"

enum { PAGE = 4096 };

#define SELF_PATH "/proc/self/exe"
#define SELF_EXIT "--exit" /* stress --exit N: exit with N at once */

/* 0 to limit - 1; limit is not 0. */
uint32_t random_below(uint32_t limit);
/* The same from a seed of the caller's own. */
uint32_t random_from(uint64_t *seed, uint32_t limit);
/* Read-write memory that children share; zeroed; unmapped by the caller. */
void *shared_map(size_t size);
/* A directory in which all workers of a kind meet: it exists. */
const char *shared_folder(void);
/* read or write all of it; fails the case otherwise. */
void read_all(int fd, void *to, size_t size);
void write_all(int fd, const void *from, size_t size);

#endif
