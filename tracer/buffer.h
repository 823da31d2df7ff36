/* A string that grows, for text whose length depends on guest bytes.
 *
 * Start with zeroes ({ 0 }), end with buffer_free.  data is NUL-terminated once
 * anything was appended; buffer_text never gives NULL.  If memory runs out or
 * BUFFER_LIMIT is reached the rest is dropped. */
#ifndef TRACER_BUFFER_H
#define TRACER_BUFFER_H

#include <stddef.h>

#define BUFFER_LIMIT (64u << 20)

struct buffer {
	char *data;
	size_t length, size;
};

void buffer_free(struct buffer *b);
void buffer_clear(struct buffer *b);
const char *buffer_text(const struct buffer *b);

void buffer_append(struct buffer *b, const void *bytes, size_t count);
void buffer_string(struct buffer *b, const char *text);
void buffer_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes between double quotes, unprintable ones escaped as in C. */
void buffer_quote(struct buffer *b, const void *bytes, size_t count);
/* Text as it is, but each byte that could command a terminal replaced by '?'. */
void buffer_clean(struct buffer *b, const char *text);
/* Text as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void buffer_json(struct buffer *b, const char *text);
/* Text for XML and HTML, between tags or in a quoted attribute: the five special
 * characters as references; control characters other than newline and tab, and what
 * is not UTF-8, as U+FFFD. */
void buffer_markup(struct buffer *b, const char *text);
/* Text as a field of CSV (RFC 4180). */
void buffer_csv(struct buffer *b, const char *text);

#endif
