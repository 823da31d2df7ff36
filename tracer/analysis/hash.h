/* 64-bit hashes of what is compared between recordings: FNV-1a with a final mix
 * (of MurmurHash3), by Fowler, Noll, Vo and Appleby.  Not for hostile keys' sake:
 * two things with one hash would only be taken for the same. */
#ifndef TRACER_ANALYSIS_HASH_H
#define TRACER_ANALYSIS_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_START 0xcbf29ce484222325ull

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ at[i]) * 0x100000001b3ull;
	return hash;
}

static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text));
}

/* Add a number to a hash. */
static inline uint64_t hash_number(uint64_t hash, uint64_t number)
{
	hash ^= number;
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdull;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ull;
	return hash ^ hash >> 33;
}

/* A hash of a number of which neighbours come in turn: so that they are near in a map. */
static inline uint64_t hash_near(uint32_t number)
{
	return (hash_number(0, number >> 3) & ~7ull) | (number & 7);
}

#endif
