#include "kernel/arch/x86_64/regs.h"
#include "kernel/drivers/port.h"

#define DEBUG_EXIT       0x501 /* isa-debug-exit as ringscope starts it */
#define DEBUG_EXIT_VALUE 0x10  /* QEMU's status is 2 * value + 1 */
#define PM1A_Q35         0x604 /* ACPI PM1a control: of q35, and of pc (PIIX4) */
#define PM1A_PC          0xb004
#define PM1_SLEEP_ENABLE 0x2000 /* ACPI 4.8.3.2.1; sleep type 0 is off on both */

void power_off(void)
{
	port_write32(DEBUG_EXIT, DEBUG_EXIT_VALUE);
	port_write16(PM1A_Q35, PM1_SLEEP_ENABLE);
	port_write16(PM1A_PC, PM1_SLEEP_ENABLE);
	for (;;)
		asm volatile("cli; hlt");
}
