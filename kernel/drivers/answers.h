/* The answers of the host's file servers, kept so that an exact run can be run again
 * without the host (schemas/answers.h).  Only in runs of one CPU, with the clock stopped. */
#ifndef KERNEL_DRIVERS_ANSWERS_H
#define KERNEL_DRIVERS_ANSWERS_H

#include "kernel/drivers/virtio_9p.h"

/* They lie in the size bytes at area, which nobody else uses; at boot, once. */
void answers_init(void *area, uint64_t size);
/* The kept answer to the next message, in its parts and `written`; false: there is none,
 * the host is to be asked.  Panics where another question was asked in the recording. */
bool answers_give(struct virtio_9p_message *m);
/* Keep the answer that the message has now, if answers are kept. */
void answers_keep(const struct virtio_9p_message *m);

#endif
