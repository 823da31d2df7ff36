#include "viewer/text.h"

#include <stdarg.h>
#include <string.h>

/* Decode one code point strictly (no overlong forms, surrogates or values past
 * the end); returns its bytes, 0 if the first byte starts nothing valid. */
static size_t point_decode(const unsigned char *bytes, size_t length, uint32_t *point)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need = bytes[0] < 0x80         ? 1
		      : bytes[0] >> 5 == 0x06 ? 2
		      : bytes[0] >> 4 == 0x0e ? 3
		      : bytes[0] >> 3 == 0x1e ? 4
					      : 0;

	if (need == 0 || need > length)
		return 0;
	*point = need == 1 ? bytes[0] : bytes[0] & (0x7fu >> need);
	for (size_t i = 1; i < need; i++) {
		if (bytes[i] >> 6 != 2)
			return 0;
		*point = *point << 6 | (bytes[i] & 0x3f);
	}
	if (*point < least[need] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return need;
}

/* Scripts whose characters take one cell in every terminal and do not combine,
 * and the lines, blocks and arrows that the viewer draws with. */
static bool point_plain(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} plain[] = {
		{ 0x20, 0x7e },     { 0xa1, 0xac },     { 0xae, 0x24f },    { 0x386, 0x3ce },
		{ 0x400, 0x482 },   { 0x48a, 0x52f },   { 0x2010, 0x2015 }, { 0x2018, 0x201f },
		{ 0x2022, 0x2022 }, { 0x2026, 0x2026 }, { 0x2190, 0x2193 }, { 0x2500, 0x259f },
		{ 0x25b2, 0x25b2 }, { 0x25b6, 0x25b6 }, { 0x25bc, 0x25bc }, { 0x25c0, 0x25c0 },
		{ 0x25cf, 0x25cf },
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (point >= plain[i].first && point <= plain[i].last)
			return true;
	return false;
}

uint32_t text_ascii(uint32_t glyph)
{
	static const struct {
		uint32_t glyph;
		char ascii;
	} table[] = {
		{ 0x2500, '-' }, { 0x2501, '=' }, { 0x2502, '|' }, { 0x2503, '|' }, { 0x2506, ':' },
		{ 0x2508, '.' }, { 0x250a, ':' }, { 0x250f, '+' }, { 0x2513, '+' }, { 0x2517, '+' },
		{ 0x251b, '+' }, { 0x252f, '+' }, { 0x2534, '+' }, { 0x253c, '+' }, { 0x2550, '=' },
		{ 0x256a, '#' }, { 0x256b, '#' }, { 0x2588, '#' }, { 0x2591, '.' }, { 0x2592, 'x' },
		{ 0x2593, '%' }, { 0x2190, '<' }, { 0x2191, '^' }, { 0x2192, '>' }, { 0x2193, 'v' },
		{ 0x25b2, '^' }, { 0x25b6, '>' }, { 0x25bc, 'v' }, { 0x25c0, '<' }, { 0x25cf, 'o' },
		{ 0x2026, '~' }, { 0x00b7, '.' }, { 0x2014, '-' }, { 0x2013, '-' },
	};

	if (glyph < 0x7f)
		return glyph;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].glyph == glyph)
			return (uint32_t)table[i].ascii;
	return glyph >= 0x2500 && glyph <= 0x257f ? '+' : '?';
}

size_t text_clean(uint32_t *out, size_t cap, const char *bytes, size_t length, bool ascii)
{
	size_t used = 0;

	for (size_t at = 0; at < length;) {
		const unsigned char *here = (const unsigned char *)bytes + at;
		char spelled[16];
		uint32_t point = 0;
		size_t taken = point_decode(here, length - at, &point);
		size_t cells;

		if (taken > 0 && point_plain(point) &&
		    (!ascii || text_ascii(point) != '?' || point == '?')) {
			if (used == cap)
				break;
			out[used++] = ascii ? text_ascii(point) : point;
			at += taken;
			continue;
		}
		if (taken == 0 || point < 0xa0)
			snprintf(spelled, sizeof(spelled), "\\x%02x", taken == 0 ? here[0] : point);
		else
			snprintf(spelled, sizeof(spelled), "<U+%04X>", point);
		cells = strlen(spelled);
		if (cells > cap - used)
			break;
		for (size_t i = 0; i < cells; i++)
			out[used++] = (unsigned char)spelled[i];
		at += taken == 0 ? 1 : taken;
	}
	return used;
}

size_t text_encode(uint32_t point, char out[4])
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

void text_print(FILE *file, bool ascii, const char *format, ...)
{
	char raw[2048];
	uint32_t points[4096];
	va_list list;
	size_t count;

	va_start(list, format);
	vsnprintf(raw, sizeof(raw), format, list);
	va_end(list);
	count = text_clean(points, sizeof(points) / sizeof(points[0]), raw, strlen(raw), ascii);
	for (size_t i = 0; i < count; i++) {
		char bytes[4];

		fwrite(bytes, 1, text_encode(points[i], bytes), file);
	}
}
