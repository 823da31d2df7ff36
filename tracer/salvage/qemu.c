/* QEMU's "info registers -a" as registers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/salvage/salvage.h"

/* "RIP=ffff..." in one CPU's part of the text. */
static uint64_t value_of(const char *text, const char *end, const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = text; at + length < end; at++)
		if (strncmp(at, name, length) == 0 &&
		    (at == text || at[-1] == ' ' || at[-1] == '\n'))
			return strtoull(at + length, NULL, 16);
	return 0;
}

bool qemu_registers(const char *text, unsigned cpu, struct salvage_cpu *out)
{
	char title[24];
	const char *end;

	*out = (struct salvage_cpu){ 0 };
	snprintf(title, sizeof(title), "CPU#%u", cpu);
	text = text ? strstr(text, title) : NULL;
	if (!text)
		return false;
	end = strstr(text + 4, "CPU#");
	if (!end)
		end = text + strlen(text);
	out->cr2 = value_of(text, end, "CR2=");
	out->cr3 = value_of(text, end, "CR3=");
	out->registers = (struct salvage_registers){
		.rip = value_of(text, end, "RIP="),
		.rsp = value_of(text, end, "RSP="),
		.rbp = value_of(text, end, "RBP="),
		.rax = value_of(text, end, "RAX="),
		.rbx = value_of(text, end, "RBX="),
		.rcx = value_of(text, end, "RCX="),
		.rdx = value_of(text, end, "RDX="),
		.rsi = value_of(text, end, "RSI="),
		.rdi = value_of(text, end, "RDI="),
		.r8 = value_of(text, end, "R8 ="),
		.r9 = value_of(text, end, "R9 ="),
		.r10 = value_of(text, end, "R10="),
		.r11 = value_of(text, end, "R11="),
		.r12 = value_of(text, end, "R12="),
		.r13 = value_of(text, end, "R13="),
		.r14 = value_of(text, end, "R14="),
		.r15 = value_of(text, end, "R15="),
		.rflags = value_of(text, end, "RFL="),
		.cs = value_of(text, end, "CS ="),
		.ss = value_of(text, end, "SS ="),
	};
	return out->registers.rip != 0;
}
