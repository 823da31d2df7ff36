/* abi [--list] [PATTERN...]: what programs may expect of Linux x86-64, case by case.
 * Prints the same on Linux and in the guest; exit status 0 if no case failed. */
#include "tests/abi/case.h"

#include <string.h>

#include "tests/abi/probe.h"

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], PROBE_ARGUMENT) == 0)
		return probe_main(argc, argv);
	return case_main(argc, argv, "abi", NULL);
}
