/*
 * crm_log.c - the log queue, oldest first, one entry after the other. An entry is marked before
 * its request leaves, so that a crash in between is known as a doubt; the answer decides: done,
 * parked with the CRM's reason, or later.
 */
#include "config.h"

#include "crm_sync.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/activity.h"

#define AT_ONCE 20 /* entries; then what the user wrote goes first */

struct saving {
	struct crm_sync *s;
	int64_t activity;
};

static int save_journal(void *ctx, const char *journal, struct err *e)
{
	const struct saving *x = ctx;
	return activity_save(x->s->options.store, x->activity, journal, e);
}

/* The request had no good answer. 0 = go on with the next entry, -1 = stop the pass. */
static int settle(struct crm_sync *s, const struct activity_row *x, bool may_be_there,
	const struct err *why, struct err *e)
{
	struct crm_fault f = crm_fault_of(s, why, x->attempts, may_be_there);
	if (f.is_final) {
		log_line(LOG_NOTE, "crm", "activity %lld parked: %s", (long long)x->id,
			err_code_name(why->code));
		return activity_park(s->options.store, x->id, f.is_doubtful, why->msg, e);
	}
	if (activity_defer(s->options.store, x->id, f.not_before, f.is_doubtful, e))
		return -1;
	*e = *why;
	return -1;
}

static int log_one(struct crm_sync *s, struct arena *a, const struct activity_row *x,
	struct crm_report *out, struct err *e)
{
	struct saving saving = {s, x->id};
	const struct crm_log_item item = {
		.key = x->key,
		.as_message = !strcmp(s->row->log_side, "message"),
		.is_out = x->is_out,
		.at = x->at,
		.subject = x->subject,
		.body = x->body,
		.message_id = x->message_id,
		.contact_id = x->contact_id,
		.partner_id = x->partner_id,
		.lead_id = x->lead_id,
		.deal_id = x->deal_id,
	};
	bool may_be_there = x->is_doubtful;
	const struct crm_attempt st = {
		.is_doubtful = x->is_doubtful,
		.journal = x->journal,
		.save = save_journal,
		.ctx = &saving,
		.may_be_there = &may_be_there,
	};
	const char *crm_id = NULL;
	struct err why = ERR_INIT;
	if (activity_begin(s->options.store, x->id, &why)) {
		if (why.code == ERR_NOTFOUND) /* taken back a moment ago */
			return 0;
		*e = why;
		return -1;
	}
	if (crm_log(s->crm, a, &item, &st, &crm_id, &why))
		return settle(s, x, may_be_there, &why, e);
	out->logged++;
	return activity_done(s->options.store, x->id, crm_id, e);
}

int crm_log_some(struct crm_sync *s, struct crm_report *out, bool *more, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	*more = true;
	for (int i = 0; i < AT_ONCE; i++) {
		struct activity_row *x = NULL;
		arena_reset(&a);
		if (activity_due(s->reader, &a, s->id, clock_now(s->options.clock), &x, e))
			return -1;
		*more = x != NULL;
		if (!x)
			return 0;
		if (crm_sync_stops(s))
			return err_set(e, ERR_CANCELLED, _("Stopped."));
		if (log_one(s, &a, x, out, e))
			return -1;
	}
	return 0;
}
