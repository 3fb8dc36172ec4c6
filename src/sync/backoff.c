/* backoff.c - jittered exponential backoff; nothing else. */
#include "config.h"

#include "backoff.h"

#include "crmail/base/rng.h"

#define BACKOFF_MAX_S 900

int64_t backoff_s(struct rng *r, uint32_t failures)
{
	int64_t base = failures < 9 ? (int64_t)2 << failures : BACKOFF_MAX_S;
	if (base > BACKOFF_MAX_S)
		base = BACKOFF_MAX_S;
	int64_t third = base / 3;
	return base - third + (int64_t)rng_below(r, (uint64_t)(2 * third + 1));
}
