/* PCI by the configuration ports, bus 0 only: QEMU's machines have no other bus
 * unless asked.  Firmware may have assigned no addresses: pci_enable does it.
 * Boot only, one CPU.  Registers: PCI Local Bus 3.0, chapter 6; <linux/pci_regs.h>. */
#ifndef KERNEL_DRIVERS_PCI_H
#define KERNEL_DRIVERS_PCI_H

#include "kernel/lib/types.h"

struct pci_device {
	uint8_t slot; /* device number on bus 0, function 0 */
	uint16_t vendor, device;
	uint64_t bar[6]; /* bus address of memory BARs once enabled; 0: none */
	uint64_t bar_size[6];
};

/* The next device of this vendor after *slot (start with -1); false: no more. */
bool pci_find(uint16_t vendor, int *slot, struct pci_device *out);
/* Give each memory BAR an address, switch memory and bus mastering on.  False
 * with a log line: no address space left. */
bool pci_enable(struct pci_device *d);

uint8_t pci_read8(const struct pci_device *d, unsigned offset);
uint16_t pci_read16(const struct pci_device *d, unsigned offset);
uint32_t pci_read32(const struct pci_device *d, unsigned offset);
void pci_write16(const struct pci_device *d, unsigned offset, uint16_t v);
void pci_write32(const struct pci_device *d, unsigned offset, uint32_t v);

/* Offset of the capability with this id after `after` (0: the first), or 0. */
unsigned pci_capability(const struct pci_device *d, uint8_t id, unsigned after);

/* Bind MSI-X table entry to an interrupt vector and switch MSI-X on. */
bool pci_msix_bind(const struct pci_device *d, unsigned entry, unsigned vector);

#endif
