/* Rows of the benchmark: what one operation costs, in ticks of the TSC.  Under
 * QEMU's -icount shift=0 a tick is one instruction.
 *
 * A row prepares what it needs, hands an operation to row_loop as often as it
 * likes, and cleans up.  Whatever cannot be had ends the program. */
#ifndef TESTS_BENCH_ROW_H
#define TESTS_BENCH_ROW_H

#include <stddef.h>
#include <stdint.h>

/* An open, empty folder of ours and a file in it, in memory; made by main. */
#define BENCH_FOLDER "/tmp/bench"
#define BENCH_FILE   BENCH_FOLDER "/file"
#define FILE_BYTES   (8u << 20)

struct row {
	const char *name;
	void (*measure)(void);
};

/* The rows of each file, ended by a name NULL. */
extern const struct row call_rows[], file_rows[], memory_rows[], message_rows[], process_rows[],
	signal_rows[];

/* This program, for what has to be executed. */
extern const char *bench_program;

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Run operation(argument) count times in ten batches, after one to warm up, and
 * add what they took.  An operation that stands for n counts has `of` n. */
void row_loop(void (*operation)(void *argument), void *argument, unsigned count, unsigned of);
/* Add a batch that was timed otherwise: the ticks of so many operations. */
void row_batch(uint64_t spent, uint64_t operations);
/* Take this much of each operation away: what the row is not about. */
void row_less(double each);

/* What has been added so far per operation, and a new beginning: for row_less. */
double row_take(void);

/* End with a message unless ok. */
void must(int ok, const char *what);

#endif
