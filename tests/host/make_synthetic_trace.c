/* make_synthetic_trace OUT.db [RECORDS]: a trace file to look at without a guest. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/host/synthetic.h"

int main(int argc, char **argv)
{
	static struct synthetic s;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: make_synthetic_trace OUT.db [RECORDS]\n");
		return 2;
	}
	if (!synthetic_open(&s, argv[1], 2))
		return 2;
	synthetic_tale(&s, argc == 3 ? strtoull(argv[2], NULL, 10) : 1000);
	return synthetic_close(&s, true, 0) ? 0 : 2;
}
