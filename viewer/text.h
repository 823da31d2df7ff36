/* The one gate between bytes that others wrote and a terminal.
 *
 * Names, paths and data come from the guest and from a file that may be forged.
 * Whatever reaches a screen or a line of output goes through text_clean, which
 * gives code points that each take one cell and do nothing but show: what could
 * move the cursor, turn the reading direction, hide, or start an escape sequence
 * is spelled out instead ("\x1b", "<U+202E>"). */
#ifndef VIEWER_TEXT_H
#define VIEWER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Clean length bytes into out, at most cap code points; returns how many.  A
 * spelled-out character is kept whole or left out.  With ascii, every code point
 * is below 0x7f. */
size_t text_clean(uint32_t *out, size_t cap, const char *bytes, size_t length, bool ascii);

/* The nearest ASCII for a glyph that the viewer itself draws with, '?' for others. */
uint32_t text_ascii(uint32_t glyph);

/* UTF-8 of a code point, at most 4 bytes into out; returns how many. */
size_t text_encode(uint32_t point, char out[4]);

/* Print format cleaned to file, without a final newline.  At most 2047 bytes
 * before cleaning; longer text is cut. */
void text_print(FILE *file, bool ascii, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
