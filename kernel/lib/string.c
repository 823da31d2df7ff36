#include "kernel/lib/string.h"

typedef uint64_t __attribute__((may_alias, aligned(1))) word_t;

/* Eight words a turn: under TCG each instruction counts, the loop's own included. */
#define TURN 64

/* Copy the whole words of n bytes, upwards; the bytes done.  Right also when to is
 * less than from and they overlap. */
static inline size_t words_copy(char *to, const char *from, size_t n)
{
	size_t i = 0;

	for (; i + TURN <= n; i += TURN) {
		word_t *d = (word_t *)(to + i);
		const word_t *s = (const word_t *)(from + i);

		d[0] = s[0];
		d[1] = s[1];
		d[2] = s[2];
		d[3] = s[3];
		d[4] = s[4];
		d[5] = s[5];
		d[6] = s[6];
		d[7] = s[7];
	}
	for (; i + 8 <= n; i += 8)
		*(word_t *)(to + i) = *(const word_t *)(from + i);
	return i;
}

void *memcpy(void *to, const void *from, size_t n)
{
	char *d = to;
	const char *s = from;
	size_t i = words_copy(d, s, n);

	if (i < n && n >= 8) {
		*(word_t *)(d + n - 8) = *(const word_t *)(s + n - 8);
		return to;
	}
	for (; i < n; i++)
		d[i] = s[i];
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	char *d = to;
	const char *s = from;

	if (d <= s || d >= s + n) {
		for (size_t i = words_copy(d, s, n); i < n; i++)
			d[i] = s[i];
		return to;
	}
	for (; n >= 8; n -= 8)
		*(word_t *)(d + n - 8) = *(const word_t *)(s + n - 8);
	while (n--)
		d[n] = s[n];
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	char *at = to;
	uint64_t word = (uint8_t)byte * 0x0101010101010101ull;
	size_t i = 0;

	for (; i + TURN <= n; i += TURN) {
		word_t *d = (word_t *)(at + i);

		d[0] = word;
		d[1] = word;
		d[2] = word;
		d[3] = word;
		d[4] = word;
		d[5] = word;
		d[6] = word;
		d[7] = word;
	}
	for (; i + 8 <= n; i += 8)
		*(word_t *)(at + i) = word;
	for (; i < n; i++)
		at[i] = byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < n; i++) {
		if (x[i] != y[i])
			return x[i] - y[i];
	}
	return 0;
}

void *memchr(const void *p, int byte, size_t n)
{
	const uint8_t *s = p;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == (uint8_t)byte)
			return (void *)(s + i);
	}
	return NULL;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; a++, b++, n--)
		;
	return n ? (uint8_t)*a - (uint8_t)*b : 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++) {
		if (!*s)
			return NULL;
	}
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

bool string_copy(char *to, size_t size, const char *s)
{
	size_t n = strlen(s);
	size_t keep = n < size ? n : size - 1;

	memcpy(to, s, keep);
	to[keep] = 0;
	return keep == n;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

uint64_t string_number(const char *s, const char **end)
{
	int base = 10;
	uint64_t v = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	for (; digit_value(*s) < base; s++)
		v = v * base + digit_value(*s);
	if (end)
		*end = s;
	return v;
}
