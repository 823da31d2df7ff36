#include "tracer/crc.h"

#include <pthread.h>
#include <string.h>

/* table[k][b]: the CRC of byte b followed by k zero bytes. */
static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void table_fill(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
		table[0][b] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (int b = 0; b < 256; b++)
			table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xff];
}

#if defined(__x86_64__)
/* SSE4.2 has this polynomial as an instruction (SDM vol. 2, CRC32). */
__attribute__((target("sse4.2"))) static uint32_t crc_hardware(uint32_t crc, const uint8_t *p,
							       size_t count)
{
	uint64_t sum = crc, word;

	for (; count >= 8; p += 8, count -= 8) {
		memcpy(&word, p, 8);
		sum = __builtin_ia32_crc32di(sum, word);
	}
	crc = (uint32_t)sum;
	while (count--)
		crc = __builtin_ia32_crc32qi(crc, *p++);
	return crc;
}

static int hardware(void)
{
	return __builtin_cpu_supports("sse4.2");
}
#else
static uint32_t crc_hardware(uint32_t crc, const uint8_t *p, size_t count)
{
	(void)p;
	(void)count;
	return crc;
}

static int hardware(void)
{
	return 0;
}
#endif

static uint32_t crc_table(uint32_t crc, const uint8_t *p, size_t count)
{
	pthread_once(&table_once, table_fill);
	for (; count >= 8; p += 8, count -= 8) {
		crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		       (uint32_t)p[3] << 24;
		crc = table[7][crc & 0xff] ^ table[6][crc >> 8 & 0xff] ^
		      table[5][crc >> 16 & 0xff] ^ table[4][crc >> 24] ^ table[3][p[4]] ^
		      table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
	}
	while (count--)
		crc = crc >> 8 ^ table[0][(crc ^ *p++) & 0xff];
	return crc;
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t count)
{
	crc = ~crc;
	crc = hardware() ? crc_hardware(crc, bytes, count) : crc_table(crc, bytes, count);
	return ~crc;
}
