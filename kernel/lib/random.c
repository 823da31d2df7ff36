/* ChaCha20 (RFC 8439) in counter mode.  Each call takes whole blocks of the key
 * stream by one atomic add, so that no lock is needed. */
#include "kernel/lib/random.h"

#include "kernel/lib/string.h"

#define BLOCK_BYTES 64

static uint32_t key[8];
static uint64_t block_counter; /* [a] */

static uint32_t rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

static void quarter(uint32_t *s, unsigned a, unsigned b, unsigned c, unsigned d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

static void block_make(uint64_t counter, uint32_t out[16])
{
	uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

	memcpy(start + 4, key, sizeof(key));
	start[12] = (uint32_t)counter;
	start[13] = (uint32_t)(counter >> 32);
	memcpy(out, start, sizeof(start));
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < 4; i++)
			quarter(out, i, 4 + i, 8 + i, 12 + i);
		for (unsigned i = 0; i < 4; i++)
			quarter(out, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
	}
	for (unsigned i = 0; i < 16; i++)
		out[i] += start[i];
}

void random_init(uint64_t seed)
{
	for (unsigned i = 0; i < 8; i += 2) {
		key[i] = (uint32_t)seed ^ i;
		key[i + 1] = (uint32_t)(seed >> 32) ^ i;
	}
}

void random_bytes(void *to, size_t size)
{
	uint64_t blocks = (size + BLOCK_BYTES - 1) / BLOCK_BYTES;
	uint64_t counter = __atomic_fetch_add(&block_counter, blocks, __ATOMIC_RELAXED);
	uint32_t out[16];

	while (size) {
		size_t n = MIN(size, (size_t)BLOCK_BYTES);

		block_make(counter++, out);
		memcpy(to, out, n);
		to = (char *)to + n;
		size -= n;
	}
}
