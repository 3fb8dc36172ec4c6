/*
 * crm_fault.c - a request to the CRM had no good answer: is this one given up, and when is it tried
 * again. The same for mail's entries and for what the user writes.
 */
#include "config.h"

#include "crm_sync.h"

#include "crmail/base/clock.h"

#define MAX_ATTEMPTS 12     /* server faults for one item before it is parked */
#define ATTEMPTS_IN_ORDER 3 /* until then a fault holds the queue up, afterwards only the item */
#define MAX_WAIT_S 3600

static int64_t wait_of(uint32_t attempts)
{
	int64_t wait = 30;
	for (uint32_t i = 0; i < attempts && wait < MAX_WAIT_S; i++)
		wait *= 2;
	return wait < MAX_WAIT_S ? wait : MAX_WAIT_S;
}

struct crm_fault crm_fault_of(const struct crm_sync *s, const struct err *why, uint32_t attempts,
	bool may_be_there)
{
	struct crm_fault f = {.not_before = 0};
	bool is_fault = why->code == ERR_PROTO || why->code == ERR_TOOBIG;
	bool is_refused = why->scope == ERR_ITEM && why->retry == RETRY_NEVER;
	f.is_final = is_refused || (is_fault && attempts + 1 >= MAX_ATTEMPTS);
	f.is_doubtful =
		may_be_there || (!is_refused && why->code != ERR_AUTH && why->code != ERR_RATE);
	if (is_fault && attempts + 1 >= ATTEMPTS_IN_ORDER)
		f.not_before = clock_now(s->options.clock) + wait_of(attempts);
	return f;
}
