/* The abi program as the target of its own execve: it reports what it was given. */
#ifndef TESTS_ABI_PROBE_H
#define TESTS_ABI_PROBE_H

#define PROBE_ARGUMENT "--probe" /* abi --probe KIND [ARGUMENT...] */

int probe_main(int argc, char **argv);

#endif
