/* The guest's memory as an ELF core that `gdb kernel.elf vmcore` opens: the kernel's
 * addresses, and each CPU and thread as one of gdb's threads. */
#ifndef TRACER_SALVAGE_VMCORE_H
#define TRACER_SALVAGE_VMCORE_H

#include "tracer/salvage/salvage.h"

/* Write it to path, sparse, and beside it path.gdb, commands of gdb's own language that
 * give the threads their names: `ps`, `cpu N`, `task TID`.  registers: as QEMU tells
 * them, for CPUs that saved none; NULL unknown.  0 or 2. */
int vmcore_write(const char *path, const struct ram *m, const char *registers, struct error *why);

#endif
