/* Bytes and strings.  Copies move 8 bytes at a time: under TCG a `rep movsb`
 * costs one instruction a byte. */
#ifndef KERNEL_LIB_STRING_H
#define KERNEL_LIB_STRING_H

#include "kernel/lib/types.h"

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *p, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
/* Copy s into to[size], always terminated; true if it fitted. */
bool string_copy(char *to, size_t size, const char *s);
/* Decimal or 0x-hex number at s; *end is set behind it. */
uint64_t string_number(const char *s, const char **end);

#endif
