#include "kernel/trace/crc.h"

uint32_t crc32c(uint32_t crc, const void *bytes, size_t count)
{
	const unsigned char *p = bytes;
	uint64_t state = ~crc;

	for (; count >= 8; count -= 8, p += 8)
		asm("crc32q %1, %0" : "+r"(state) : "m"(*(const uint64_t *)(const void *)p));
	for (; count; count--, p++)
		asm("crc32b %1, %k0" : "+r"(state) : "m"(*p));
	return ~(uint32_t)state;
}
