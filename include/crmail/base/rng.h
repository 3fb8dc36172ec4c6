/*
 * rng.h - randomness: jitter, ids, boundaries. Seeded from the system, or from a fixed seed in
 * tests. Locked inside: any thread. Not for keys: secrets take RAND_bytes directly.
 */
#ifndef CRMAIL_RNG_H
#define CRMAIL_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng;

struct rng *rng_new(uint64_t seed); /* 0: from the system */
void rng_free(struct rng *r);
uint64_t rng_u64(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n);        /* n > 0 */
void rng_hex(struct rng *r, char *out, size_t chars); /* writes chars + final 0 */

#endif
