/* The guest program as the target of its own execve. */
#ifndef TESTS_GUEST_SELF_H
#define TESTS_GUEST_SELF_H

#define SELF_PATH "/proc/self/exe"
#define SELF_EXIT "--exit" /* guest --exit: leave at once with 0 */

#endif
