/* The trace on the wire: frames from the rings to the host, and what the host
 * asks.  One CPU at a time serves it, for all rings, so that the blocks of an idle
 * CPU get out too; the others go on without waiting for it.  Never sleeps. */
#ifndef KERNEL_TRACE_WIRE_H
#define KERNEL_TRACE_WIRE_H

#include "kernel/trace/trace.h"

/* Take back sent buffers, read what the host asks, send complete blocks as far as
 * credit and the queue allow.  Any context but NMI; returns at once if another CPU
 * is at it.  May call trace_stop_hook.  True: something was asked of each CPU; the
 * others have been interrupted for it, this one has yet to look (trace_tick). */
bool wire_service(void);
/* This CPU put new rules in force, which is told to the host once all CPUs did: the
 * caller goes on to wire_service, or whoever serves the wire now does it for it. */
void wire_state_changed(void);
/* As trace_listen. */
bool wire_listen(bool on);
/* A trigger fired: freeze flight recorders.  Any context. */
void wire_trigger(void);
/* The host takes blocks or will, so waiting for it makes sense. */
bool wire_is_wanted(void);
/* No host has the port open now, and what the ring holds is kept for the next one. */
bool wire_is_away(void);
/* Hosts that took the port after the first one. */
uint32_t wire_hosts(void);

#endif
