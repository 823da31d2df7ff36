/* A virtio device over PCI, modern interface only: virtio 1.0, 3.1 and 4.1;
 * <linux/virtio_pci.h>.  Boot only, one CPU. */
#ifndef KERNEL_DRIVERS_VIRTIO_H
#define KERNEL_DRIVERS_VIRTIO_H

#include <linux/virtio_pci.h>

#include "kernel/drivers/pci.h"
#include "kernel/drivers/virtqueue.h"

struct virtio_device {
	struct pci_device pci;
	volatile struct virtio_pci_common_cfg *common;
	volatile void *config; /* of the device type */
	volatile unsigned char *notify;
	uint64_t notify_size;
	uint32_t notify_multiplier;
};

/* Find the next device of this type (<linux/virtio_ids.h>) behind *slot (at first -1),
 * reset it, agree on features: VERSION_1 and those of wanted that it offers (*wanted
 * tells).  False when there is none, or with a log line when it is unusable. */
bool virtio_open(struct virtio_device *v, unsigned type, int *slot, uint64_t *wanted);
/* Set up queue index (at most limit entries) with MSI-X table entry `entry`
 * (VIRTIO_MSI_NO_VECTOR: it is polled).  False: no such queue, or no memory. */
bool virtio_queue(struct virtio_device *v, unsigned index, unsigned limit, unsigned entry,
		  struct virtqueue *q);
/* All queues are there: the device may work. */
void virtio_start(struct virtio_device *v);

#endif
