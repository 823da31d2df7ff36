/* QEMU keeps snapshots of a machine in a qcow2 image, which need not be a disk of it. */
#ifndef TRACER_DEBUG_SNAPSHOT_H
#define TRACER_DEBUG_SNAPSHOT_H

#include "tracer/error.h"

/* Make an empty image.  0 or status 2. */
int snapshot_image(const char *path, struct error *why);

#endif
