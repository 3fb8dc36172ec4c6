/* backoff.h - how long to wait after the n-th failure. Any thread. */
#ifndef CRMAIL_BACKOFF_H
#define CRMAIL_BACKOFF_H

#include <stdint.h>

struct rng;

/* Seconds: 2, 4, 8 ... at most 15 minutes, with a third of jitter either way [R9]. */
int64_t backoff_s(struct rng *r, uint32_t failures);

#endif
