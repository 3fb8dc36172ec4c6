/* backoff.c - jittered exponential backoff, and when it may be cut short. */
#include "config.h"

#include "backoff.h"

#include "crmail/base/err.h"
#include "crmail/base/rng.h"

#define BACKOFF_MAX_S 900
#define USER_NEEDED_S 300

int64_t backoff_s(struct rng *r, uint32_t failures)
{
	int64_t base = failures < 9 ? (int64_t)2 << failures : BACKOFF_MAX_S;
	if (base > BACKOFF_MAX_S)
		base = BACKOFF_MAX_S;
	int64_t third = base / 3;
	return base - third + (int64_t)rng_below(r, (uint64_t)(2 * third + 1));
}

void retry_note_failure(struct retry *r, const struct err *e, struct rng *rng, int64_t now_ms)
{
	int64_t wait_ms = backoff_s(rng, r->failures) * 1000;
	r->only_on_request = e->code == ERR_AUTH || e->code == ERR_TLS;
	r->is_rate = e->code == ERR_RATE;
	if (r->only_on_request && wait_ms < USER_NEEDED_S * 1000)
		wait_ms += USER_NEEDED_S * 1000;
	if (e->after_ms)
		wait_ms = e->after_ms;
	r->failures++;
	r->until_ms = now_ms + wait_ms;
}

void retry_note_success(struct retry *r)
{
	*r = (struct retry){.failures = 0};
}

bool retry_may_hurry(const struct retry *r, bool is_explicit)
{
	return !r->is_rate && (is_explicit || !r->only_on_request);
}
