#include "kernel/drivers/virtio.h"

#include <linux/pci_regs.h>
#include <linux/virtio_config.h>

#include "kernel/debug/log.h"
#include "kernel/mm/mapped.h"
#include "kernel/mm/page.h"

#define VENDOR_VIRTIO       0x1af4
#define DEVICE_MODERN       0x1040 /* + type */
#define DEVICE_TRANSITIONAL 0x1000 /* below DEVICE_MODERN: the subsystem id is the type */
#define RESET_READS         100000 /* a device that is not reset by then never will be */

static bool type_matches(const struct pci_device *d, unsigned type)
{
	if (d->device >= DEVICE_MODERN)
		return d->device == DEVICE_MODERN + type;
	return d->device >= DEVICE_TRANSITIONAL && pci_read16(d, PCI_SUBSYSTEM_ID) == type;
}

/* Map the structure that a vendor capability describes; it has at least size bytes. */
static volatile void *structure_map(struct virtio_device *v, unsigned capability, uint32_t size,
				    uint64_t *length)
{
	unsigned bar = pci_read8(&v->pci, capability + VIRTIO_PCI_CAP_BAR);
	uint32_t offset = pci_read32(&v->pci, capability + VIRTIO_PCI_CAP_OFFSET);

	*length = pci_read32(&v->pci, capability + VIRTIO_PCI_CAP_LENGTH);
	if (bar >= 6 || !v->pci.bar[bar] || *length < size ||
	    offset + *length > v->pci.bar_size[bar])
		return NULL;
	return mapped_device((phys_t){ v->pci.bar[bar] + offset }, *length);
}

static void structures_find(struct virtio_device *v)
{
	uint64_t length;

	for (unsigned at = 0; (at = pci_capability(&v->pci, PCI_CAP_ID_VNDR, at));) {
		switch (pci_read8(&v->pci, at + VIRTIO_PCI_CAP_CFG_TYPE)) {
		case VIRTIO_PCI_CAP_COMMON_CFG:
			v->common = structure_map(v, at, sizeof(*v->common), &length);
			break;
		case VIRTIO_PCI_CAP_NOTIFY_CFG:
			v->notify = structure_map(v, at, sizeof(uint16_t), &v->notify_size);
			v->notify_multiplier = pci_read32(&v->pci, at + VIRTIO_PCI_NOTIFY_CAP_MULT);
			break;
		case VIRTIO_PCI_CAP_DEVICE_CFG:
			v->config = structure_map(v, at, 1, &length);
			break;
		}
	}
}

/* Virtio 1.0, 3.1.1: reset, acknowledge, features. */
static bool features_agree(struct virtio_device *v, uint64_t *wanted)
{
	volatile struct virtio_pci_common_cfg *c = v->common;
	uint64_t offered;

	c->device_status = 0;
	for (unsigned i = 0; c->device_status && i < RESET_READS; i++)
		;
	c->device_status = VIRTIO_CONFIG_S_ACKNOWLEDGE;
	c->device_status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	c->device_feature_select = 0;
	offered = c->device_feature;
	c->device_feature_select = 1;
	offered |= (uint64_t)c->device_feature << 32;
	if (!(offered & 1ull << VIRTIO_F_VERSION_1))
		return false;
	*wanted &= offered;
	c->guest_feature_select = 0;
	c->guest_feature = *wanted;
	c->guest_feature_select = 1;
	c->guest_feature = (*wanted | 1ull << VIRTIO_F_VERSION_1) >> 32;
	c->device_status |= VIRTIO_CONFIG_S_FEATURES_OK;
	return c->device_status & VIRTIO_CONFIG_S_FEATURES_OK;
}

bool virtio_open(struct virtio_device *v, unsigned type, int *slot, uint64_t *wanted)
{
	*v = (struct virtio_device){ 0 };
	while (pci_find(VENDOR_VIRTIO, slot, &v->pci)) {
		if (!type_matches(&v->pci, type))
			continue;
		if (!pci_enable(&v->pci))
			return false;
		structures_find(v);
		if (v->common && v->notify && v->config && features_agree(v, wanted))
			return true;
		log_line(LOG_ERROR, "virtio: the device in slot %d has no usable modern interface",
			 *slot);
		return false;
	}
	return false;
}

bool virtio_queue(struct virtio_device *v, unsigned index, unsigned limit, unsigned entry,
		  struct virtqueue *q)
{
	volatile struct virtio_pci_common_cfg *c = v->common;
	unsigned entries;
	uint64_t notify;
	struct page *page;

	if (index >= c->num_queues)
		return false;
	c->queue_select = index;
	entries = MIN(c->queue_size, MIN(limit, QUEUE_ENTRIES_MAX));
	notify = (uint64_t)c->queue_notify_off * v->notify_multiplier;
	if (!entries || entries & (entries - 1) || notify + 2 > v->notify_size)
		return false;
	page = page_alloc();
	if (!page)
		return false;
	queue_init(q, page_data(page), entries);
	q->index = index;
	q->notify = (volatile uint16_t *)(v->notify + notify);
	c->queue_size = entries;
	c->queue_msix_vector = entry;
	c->queue_desc_lo = page_phys(page).raw;
	c->queue_desc_hi = page_phys(page).raw >> 32;
	c->queue_avail_lo = virt_to_phys(q->available).raw;
	c->queue_avail_hi = virt_to_phys(q->available).raw >> 32;
	c->queue_used_lo = virt_to_phys((const void *)q->used).raw;
	c->queue_used_hi = virt_to_phys((const void *)q->used).raw >> 32;
	c->queue_enable = 1;
	return true;
}

void virtio_start(struct virtio_device *v)
{
	v->common->device_status |= VIRTIO_CONFIG_S_DRIVER_OK;
}
