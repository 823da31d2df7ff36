/* Our standard input on its way to the guest's input port, as messages
 * (schemas/trace.h): bytes, the end, the window's size. */
#ifndef TRACER_VM_INPUT_H
#define TRACER_VM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_BYTES 4096

struct input {
	int from, to;
	bool terminal; /* from is a raw terminal: watch for the escape */
	bool ended;    /* from gave its end */
	bool end_sent;
	bool window;      /* a size is to be sent */
	bool key;         /* Ctrl-] f was typed; the reader of this resets it */
	unsigned escapes; /* Ctrl-] in a row */
	uint64_t escape_ns;
	size_t start, end; /* bytes of message held */
	char message[INPUT_BYTES + 32];
};

void input_init(struct input *in, int from, int to, bool terminal);
bool input_wants_read(const struct input *in);
bool input_wants_write(const struct input *in);
/* False: the user asked to leave, by three Ctrl-] within a second.  Ctrl-] f sets
 * key; the f goes no further. */
bool input_read(struct input *in);
void input_write(struct input *in);

#endif
