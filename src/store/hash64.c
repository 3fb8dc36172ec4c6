/* hash64.c - FNV-1a with a final mix (MurmurHash3's fmix64), so that all bits depend on all. */
#include "config.h"

#include "hash64.h"

int64_t hash64(const char *p, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	h ^= h >> 33;
	return h ? (int64_t)h : 1;
}
