/* Names in rules, as numbers: what the lists in schemas/ call things. */
#ifndef TRACER_VM_RULE_NAMES_H
#define TRACER_VM_RULE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* Set the bits of an event, or of a group of events as "syscall".  False: no such. */
bool rule_event_add(uint64_t events[4], const char *name);
/* -1: there is none by this name. */
int rule_call_number(const char *name);
int rule_signal_number(const char *name); /* SIGINT or INT */
int rule_error_number(const char *name);

#endif
