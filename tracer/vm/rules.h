/* What to record and what triggers, as the user writes it, compiled into the rules
 * that the guest takes (struct trace_rule of schemas/trace.h).
 *
 *   FILTER  := TERM...                       a record is kept if all terms hold
 *   TRIGGER := "signal" NAMES TERM... | "syscall" NAMES TERM... | "crash" TERM...
 *            | "latency" NAMES OP TIME TERM... | "key"
 *   TERM    := KEY OP VALUE                  spaces only between terms, or round OP
 *   KEY     := event call result latency path pid tid program
 *   OP      := = != and, for result and latency, < <= > >=
 *   VALUE   := with = and !=: one of NAME,NAME,...; TIME is 5ms, 20us, 1s, 300ns
 *
 * Several filters: a record is kept if one of them keeps it. */
#ifndef TRACER_VM_RULES_H
#define TRACER_VM_RULES_H

#include <stdbool.h>

#include "schemas/trace.h"
#include "tracer/error.h"

struct rules {
	unsigned count;
	struct trace_rule rule[TRACE_RULES_MAX];
	bool key; /* a key triggers, too */
};

/* Add what text says to r.  0, or status 2 and why.  r is as before then. */
int rules_filter(struct rules *r, const char *text, struct error *why);
int rules_trigger(struct rules *r, const char *text, struct error *why);
/* Remove all rules of an action. */
void rules_clear(struct rules *r, enum trace_rule_action action);
/* Set index and count of each, for sending. */
void rules_number(struct rules *r);

#endif
