/* The program as the first process of a Linux machine; elsewhere this does nothing. */
#ifndef TESTS_BENCH_LINUX_H
#define TESTS_BENCH_LINUX_H

/* Mount what the rows need; ftrace: record raw_syscalls, sched and exceptions.
 * Comes back in a child; when that ends, the machine does. */
void linux_begin(int ftrace);

#endif
