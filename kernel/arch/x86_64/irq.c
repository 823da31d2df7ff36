#include "kernel/arch/x86_64/irq.h"

#include "kernel/arch/x86_64/frame.h"

struct irq_line {
	irq_handler_fn handler;
	void *data;
};

static struct irq_line lines[VECTOR_DEVICE_END - VECTOR_DEVICE];
static unsigned lines_used; /* boot only */

unsigned irq_vector_alloc(irq_handler_fn handler, void *data)
{
	if (lines_used == VECTOR_DEVICE_END - VECTOR_DEVICE)
		return 0;
	lines[lines_used] = (struct irq_line){ handler, data };
	return VECTOR_DEVICE + lines_used++;
}

uint64_t irq_msi_address(void)
{
	return 0xfee00000; /* physical destination: APIC id 0 */
}

uint32_t irq_msi_data(unsigned vector)
{
	return vector; /* fixed delivery, edge */
}

bool irq_dispatch(unsigned vector)
{
	struct irq_line *l = &lines[vector - VECTOR_DEVICE];

	if (vector < VECTOR_DEVICE || vector >= VECTOR_DEVICE_END || !l->handler)
		return false;
	l->handler(l->data);
	return true;
}
