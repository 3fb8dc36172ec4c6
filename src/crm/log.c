/*
 * log.c - writing the entry of a mail to the CRM, once: the mail's values for the profile's steps;
 * and looking whether the CRM makes such entries itself.
 */
#include "config.h"

#include "engine.h"

#include "crmail/base/i18n.h"

#define MAX_LOOKED_AT 5 /* mails of the CRM */

int crm_log(struct crm *c, struct arena *a, const struct crm_log_item *it,
	const struct crm_attempt *st, const char **crm_id, struct err *e)
{
	const struct profile_steps *log = &c->profile->log[it->as_message];
	if (!log->steps)
		return err_set(e, ERR_UNSUPPORTED, _("This CRM's profile cannot log mail."));
	struct run r = {.c = c, .what = log, .a = a, .attempt = st};
	run_add(&r, "key", it->key);
	run_add(&r, "email.subject", it->subject);
	run_add(&r, "email.body", it->body);
	run_add(&r, "email.direction", it->is_out ? "out" : "in");
	run_add(&r, "email.message_id", it->message_id);
	run_add(&r, "contact.id", it->contact_id);
	run_add(&r, "partner.id", it->partner_id);
	run_add(&r, "lead.id", it->lead_id);
	run_add(&r, "deal.id", it->deal_id);
	r.v[r.n++] = (struct var){.name = "email.date", .type = VAR_INT, .number = it->at};
	const char *id = NULL;
	if (run_perform(&r, &id, e))
		return -1;
	if (!id)
		return run_not_shown(e);
	*crm_id = id;
	return 0;
}

/* Whether there is an activity for that mail. */
static int look_for_one(struct crm *c, const char *message_id, struct crm_maker_found *out,
	struct err *e)
{
	struct var v = {.name = "email.message_id", .type = VAR_TEXT, .text = message_id};
	struct var_scope scope = {.v = &v, .n = 1};
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	if (crm_call(c, c->profile->made, &scope, &j, e))
		return -1;
	out->mails++;
	out->activities += j && record_text(&a, json_at(j, c->profile->made_found));
	return 0;
}

int crm_look_for_maker(struct crm *c, struct crm_maker_found *out, struct err *e)
{
	const struct crm_profile *p = c->profile;
	struct crm_maker_found found = {.mails = 0};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(json_free) cJSON *j = NULL;
	if (p->recent && crm_call(c, p->recent, NULL, &j, e))
		return -1;
	const cJSON *list = j ? json_at(j, p->recent_records) : NULL;
	const cJSON *one;
	cJSON_ArrayForEach(one, list)
	{
		const char *id = record_text(&a, json_at(one, p->recent_id));
		if (found.mails == MAX_LOOKED_AT)
			break;
		if (id && look_for_one(c, id, &found, e))
			return -1;
	}
	if (found.mails)
		found.maker = found.activities ? CRM_MAKER_CRM : CRM_MAKER_NOBODY;
	*out = found;
	return 0;
}
