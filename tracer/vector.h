/* Interrupts and exceptions by the names that reports, exports and the viewer give them. */
#ifndef TRACER_VECTOR_H
#define TRACER_VECTOR_H

/* "timer", "general protection", "device 65", "vector 77".  Good until the same thread's
 * next call. */
const char *vector_label(unsigned vector);

#endif
