/*
 * log.c - writing the entry of a mail to the CRM, once: the mail's values for the profile's steps.
 */
#include "config.h"

#include "engine.h"

#include "crmail/base/i18n.h"

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
	r.v[r.n++] = (struct var){.name = "email.date", .type = VAR_INT, .number = it->at};
	const char *id = NULL;
	if (run_perform(&r, &id, e))
		return -1;
	if (!id)
		return run_not_shown(e);
	*crm_id = id;
	return 0;
}
