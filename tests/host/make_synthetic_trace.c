/* make_synthetic_trace OUT.db [RECORDS [CALLS]]: a trace file to look at without a guest;
 * CALLS more of getppid at its end. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/host/synthetic.h"

int main(int argc, char **argv)
{
	static struct synthetic s;

	if (argc < 2 || argc > 4) {
		fprintf(stderr, "usage: make_synthetic_trace OUT.db [RECORDS [CALLS]]\n");
		return 2;
	}
	if (!synthetic_open(&s, argv[1], 2))
		return 2;
	synthetic_tale(&s, argc > 2 ? strtoull(argv[2], NULL, 10) : 1000);
	for (long calls = argc > 3 ? atol(argv[3]) : 0; calls > 0; calls--) {
		synthetic_call(&s, 0, 110, 0, 0, 0, 0, 0, 0, 0);
		synthetic_return(&s, 0, 1);
	}
	return synthetic_close(&s, true, 0) ? 0 : 2;
}
