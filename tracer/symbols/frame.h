/* How the caller of a function is found on the stack: the rules that a file's call-frame
 * information (.eh_frame, .debug_frame) gives for one of its addresses.  Registers have
 * their DWARF numbers: System V ABI for AMD64, figure 3.36. */
#ifndef TRACER_SYMBOLS_FRAME_H
#define TRACER_SYMBOLS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_REGISTERS 17u
#define FRAME_RBP       6u
#define FRAME_RSP       7u
#define FRAME_RIP       16u
#define FRAME_CFA       17u /* as a base: the canonical frame address */

/* A number made of a register or the CFA: base + offset, or what memory has there. */
struct frame_place {
	uint8_t base;
	bool memory;
	int32_t offset;
};

enum frame_how { FRAME_SAME, FRAME_UNDEFINED, FRAME_VALUE };

struct frame_rules {
	bool signal; /* the caller was interrupted there: its address is no return address */
	struct frame_place cfa;
	struct {
		uint8_t how; /* enum frame_how */
		struct frame_place value;
	} caller[FRAME_REGISTERS]; /* rbx, rbp, rsp, r12-r15 and rip; others are FRAME_SAME */
};

/* The rules for an address of a file.  False: it has none, or such as are not understood. */
struct Dwarf_CFI_s; /* libdw's */
bool frame_rules_find(struct Dwarf_CFI_s *information, uint64_t address, struct frame_rules *out);
/* As text of at most size bytes, and back; false: it does not fit, or is none. */
bool frame_rules_print(const struct frame_rules *f, char *text, size_t size);
bool frame_rules_read(const char *text, struct frame_rules *out);

#endif
