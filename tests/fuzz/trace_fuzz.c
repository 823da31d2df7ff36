/* A whole trace file of any bytes, opened and read as every command does. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	FILE *f;

	fuzz_path_clear();
	f = fopen(fuzz_path(), "w");
	if (!f || fwrite(bytes, 1, size, f) != size || fclose(f))
		abort(); /* /dev/shm is full: not the reader's fault, but no test either */
	fuzz_read_trace(fuzz_path());
	fuzz_path_clear();
	return 0;
}
