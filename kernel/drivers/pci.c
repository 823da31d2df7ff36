#include <linux/pci_regs.h>

#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/regs.h"
#include "kernel/debug/log.h"
#include "kernel/drivers/pci.h"
#include "kernel/mm/mapped.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u
#define SLOTS          32
#define BARS           6

/* Bus addresses for devices that firmware left without: in the PCI hole of every
 * QEMU PC, below the I/O and local APICs, above what its firmware hands out. */
#define WINDOW_START 0xfe000000u
#define WINDOW_END   0xfec00000u

static uint32_t window_next = WINDOW_START;

static void config_select(const struct pci_device *d, unsigned offset)
{
	port_write32(CONFIG_ADDRESS, CONFIG_ENABLE | (uint32_t)d->slot << 11 | (offset & 0xfc));
}

uint32_t pci_read32(const struct pci_device *d, unsigned offset)
{
	config_select(d, offset);
	return port_read32(CONFIG_DATA);
}

uint16_t pci_read16(const struct pci_device *d, unsigned offset)
{
	config_select(d, offset);
	return port_read16(CONFIG_DATA + (offset & 2));
}

uint8_t pci_read8(const struct pci_device *d, unsigned offset)
{
	config_select(d, offset);
	return port_read8(CONFIG_DATA + (offset & 3));
}

void pci_write32(const struct pci_device *d, unsigned offset, uint32_t v)
{
	config_select(d, offset);
	port_write32(CONFIG_DATA, v);
}

void pci_write16(const struct pci_device *d, unsigned offset, uint16_t v)
{
	config_select(d, offset);
	port_write16(CONFIG_DATA + (offset & 2), v);
}

bool pci_find(uint16_t vendor, int *slot, struct pci_device *out)
{
	while (++*slot < SLOTS) {
		*out = (struct pci_device){ .slot = *slot };
		out->vendor = pci_read16(out, PCI_VENDOR_ID);
		if (out->vendor == vendor) {
			out->device = pci_read16(out, PCI_DEVICE_ID);
			return true;
		}
	}
	return false;
}

/* --- Base address registers ----------------------------------------------------- */

static bool bar_is_64(uint32_t value)
{
	return (value & PCI_BASE_ADDRESS_MEM_TYPE_MASK) == PCI_BASE_ADDRESS_MEM_TYPE_64;
}

/* Size of the memory BAR at offset; decoding is off. */
static uint64_t bar_probe(const struct pci_device *d, unsigned offset, uint32_t low)
{
	uint32_t high = 0;
	uint64_t mask = 0xffffffff00000000ull;

	pci_write32(d, offset, ~0u);
	mask |= pci_read32(d, offset) & PCI_BASE_ADDRESS_MEM_MASK;
	pci_write32(d, offset, low);
	if (bar_is_64(low)) {
		high = pci_read32(d, offset + 4);
		pci_write32(d, offset + 4, ~0u);
		mask = (mask & 0xffffffff) | (uint64_t)pci_read32(d, offset + 4) << 32;
		pci_write32(d, offset + 4, high);
	}
	return mask & 0xffffffff ? ~mask + 1 : 0;
}

/* An address for the BAR if it has none.  False: the window is full. */
static bool bar_place(struct pci_device *d, unsigned index, uint32_t low)
{
	unsigned offset = PCI_BASE_ADDRESS_0 + index * 4;
	uint64_t at = low & PCI_BASE_ADDRESS_MEM_MASK;

	if (bar_is_64(low))
		at |= (uint64_t)pci_read32(d, offset + 4) << 32;
	if (!at) {
		at = ALIGN_UP(window_next, MAX(d->bar_size[index], PAGE_SIZE));
		if (at + d->bar_size[index] > WINDOW_END)
			return false;
		window_next = at + d->bar_size[index];
		pci_write32(d, offset, at);
		if (bar_is_64(low))
			pci_write32(d, offset + 4, 0);
	}
	d->bar[index] = at;
	return true;
}

bool pci_enable(struct pci_device *d)
{
	uint16_t command = pci_read16(d, PCI_COMMAND);

	pci_write16(d, PCI_COMMAND, command & ~PCI_COMMAND_MEMORY);
	for (unsigned i = 0; i < BARS; i++) {
		uint32_t low = pci_read32(d, PCI_BASE_ADDRESS_0 + i * 4);

		if (low & PCI_BASE_ADDRESS_SPACE_IO)
			continue;
		d->bar_size[i] = bar_probe(d, PCI_BASE_ADDRESS_0 + i * 4, low);
		if (d->bar_size[i] && !bar_place(d, i, low)) {
			log_line(LOG_ERROR, "pci: no address space for slot %u BAR %u", d->slot, i);
			return false;
		}
		i += bar_is_64(low);
	}
	pci_write16(d, PCI_COMMAND, command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	return true;
}

/* --- Capabilities ------------------------------------------------------------------- */

unsigned pci_capability(const struct pci_device *d, uint8_t id, unsigned after)
{
	unsigned at;

	if (!(pci_read16(d, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	at = pci_read8(d, after ? after + PCI_CAP_LIST_NEXT : PCI_CAPABILITY_LIST) & ~3u;
	for (unsigned i = 0; at >= PCI_STD_HEADER_SIZEOF && i < 48; i++) {
		if (pci_read8(d, at + PCI_CAP_LIST_ID) == id)
			return at;
		at = pci_read8(d, at + PCI_CAP_LIST_NEXT) & ~3u;
	}
	return 0;
}

bool pci_msix_bind(const struct pci_device *d, unsigned entry, unsigned vector)
{
	unsigned at = pci_capability(d, PCI_CAP_ID_MSIX, 0);
	uint16_t flags = at ? pci_read16(d, at + PCI_MSIX_FLAGS) : 0;
	uint32_t table = at ? pci_read32(d, at + PCI_MSIX_TABLE) : 0;
	unsigned bar = table & PCI_MSIX_TABLE_BIR;
	uint64_t offset = (table & PCI_MSIX_TABLE_OFFSET) + entry * PCI_MSIX_ENTRY_SIZE;
	volatile uint32_t *words;

	if (!at || entry > (flags & PCI_MSIX_FLAGS_QSIZE) || bar >= BARS ||
	    offset + PCI_MSIX_ENTRY_SIZE > d->bar_size[bar])
		return false;
	words = mapped_device((phys_t){ d->bar[bar] + offset }, PCI_MSIX_ENTRY_SIZE);
	if (!words)
		return false;
	words[PCI_MSIX_ENTRY_LOWER_ADDR / 4] = irq_msi_address();
	words[PCI_MSIX_ENTRY_UPPER_ADDR / 4] = irq_msi_address() >> 32;
	words[PCI_MSIX_ENTRY_DATA / 4] = irq_msi_data(vector);
	words[PCI_MSIX_ENTRY_VECTOR_CTRL / 4] = 0;
	pci_write16(d, at + PCI_MSIX_FLAGS, flags | PCI_MSIX_FLAGS_ENABLE);
	return true;
}
