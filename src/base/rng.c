/* rng.c - randomness for jitter, ids and boundaries: xoshiro256** seeded by splitmix64. Not for
 * keys or secrets. */
#include "config.h"

#include "crmail/base/rng.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "crmail/base/err.h"
#include "crmail/base/mem.h"

struct rng {
	pthread_mutex_t lock;
	uint64_t s[4];
};

static uint64_t splitmix(uint64_t *x)
{
	uint64_t z = *x += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

struct rng *rng_new(uint64_t seed)
{
	struct rng *r = xcalloc(1, sizeof(*r));

	pthread_mutex_init(&r->lock, NULL);
	if (!seed)
		/* Up to 256 bytes are never cut short once the pool is up. */
		BUG_ON(getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed));
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix(&seed);
	return r;
}

void rng_free(struct rng *r)
{
	if (!r)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static uint64_t rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

uint64_t rng_u64(struct rng *r)
{
	pthread_mutex_lock(&r->lock);
	uint64_t *s = r->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	pthread_mutex_unlock(&r->lock);
	return result;
}

/* Values of the last, incomplete stretch of n are drawn again, so that none is favoured. */
uint64_t rng_below(struct rng *r, uint64_t n)
{
	BUG_ON(!n);
	uint64_t limit = UINT64_MAX - UINT64_MAX % n, v;
	do {
		v = rng_u64(r);
	} while (v >= limit);
	return v % n;
}

void rng_hex(struct rng *r, char *out, size_t chars)
{
	uint64_t v = 0;

	for (size_t i = 0; i < chars; i++, v >>= 4) {
		if (i % 16 == 0)
			v = rng_u64(r);
		out[i] = "0123456789abcdef"[v & 15];
	}
	out[chars] = '\0';
}
