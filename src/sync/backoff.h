/*
 * backoff.h - how long to leave something alone after it failed, and who may ask for it sooner.
 * A struct retry belongs to one thread.
 */
#ifndef CRMAIL_BACKOFF_H
#define CRMAIL_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct rng;

/* Seconds: 2, 4, 8 ... at most 15 minutes, with a third of jitter either way [R9]. */
int64_t backoff_s(struct rng *r, uint32_t failures);

struct retry {
	uint32_t failures;    /* in a row */
	int64_t until_ms;     /* monotonic; 0 = now */
	bool only_on_request; /* credentials, certificates: trying by itself would lock one out */
	bool is_rate;         /* the server asked for patience: nobody may ask for it sooner */
};

/* Retry-After counts where the server said it; what needs the user waits 5 minutes at least. */
void retry_note_failure(struct retry *r, const struct err *e, struct rng *rng, int64_t now_ms);
void retry_note_success(struct retry *r);
/* Somebody acted (`is_explicit`: asked for a sync by its name): whether to try at once. */
bool retry_may_hurry(const struct retry *r, bool is_explicit);

#endif
