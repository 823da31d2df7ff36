/* Memory for many small things that are freed together. */
#ifndef TRACER_ANALYSIS_SLAB_H
#define TRACER_ANALYSIS_SLAB_H

#include <stddef.h>

#define SLAB_BYTES (1u << 20)

struct slab; /* NULL: none yet */

/* Some of the latest slab, or of a new one; not cleared.  NULL without memory, or if size is
 * more than SLAB_BYTES. */
void *slab_take(struct slab **latest, size_t size);
/* It and all before it. */
void slabs_free(struct slab *latest);

#endif
