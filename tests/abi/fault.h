/* Doing what faults, and telling what came of it. */
#ifndef TESTS_ABI_FAULT_H
#define TESTS_ABI_FAULT_H

struct fault {
	int signal; /* 0: nothing happened */
	int code;   /* si_code */
	void *addr; /* si_addr */
};

/* Run act(argument) with handlers for the fault signals. */
struct fault fault_try(void (*act)(void *), void *argument);
struct fault fault_read(const void *address);
struct fault fault_write(void *address);
/* Call what is at the address, as a function without arguments. */
struct fault fault_call(void *address);

#endif
