/*
 * crm_test.c - trying what works with a CRM: sign in, one page of each object, who makes the
 * activities. Reads only, stores nothing.
 */
#include "config.h"

#include "crm_sync.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/crm/profile.h"

/* A sentence for the person; the failure itself has its own. */
static const char *advice_for(const struct err *e)
{
	switch (e->code) {
	case ERR_AUTH:
		return e->scope == ERR_ACCOUNT
			       ? _("Check the user and the password, then try again.")
			       : _("Ask whoever runs the CRM for the right to read this.");
	case ERR_NOTFOUND:
		return _("The CRM has no such thing at this address: check --url, or use a profile "
			 "that fits it.");
	case ERR_NET:
		return _("Check the address (--url) and the network.");
	case ERR_TLS:
		return _("Check the address; for a private certificate authority set ca=FILE.");
	case ERR_RATE:
		return _("Wait until then; nothing is lost.");
	case ERR_PROTO:
	case ERR_PARSE:
		return e->retry == RETRY_LATER
			       ? _("If it stays like this, what answers is not the CRM: check "
				   "--url.")
			       : _("The CRM's tables differ from what the profile expects: use a "
				   "profile that fits it.");
	case ERR_USAGE:
	case ERR_UNSUPPORTED:
		return _("Set it with crmail crm add --set.");
	case ERR_NONE:
	case ERR_BUG:
	case ERR_CANCELLED:
	case ERR_CONFLICT:
	case ERR_IO:
	case ERR_DB:
	case ERR_TOOBIG:
	case ERR_CODE_COUNT:
		break;
	}
	return NULL;
}

static void try_object(struct crm_sync *s, struct arena *a, enum crm_object o,
	struct crm_finding *f)
{
	struct crm_page page;
	*f = (struct crm_finding){
		.object = crm_object_name(o), .is_needed = o == CRM_CONTACT || o == CRM_PARTNER};
	if (crm_pull(s->crm, o, NULL, a, &page, &f->error)) {
		f->advice = advice_for(&f->error);
		return;
	}
	f->rows = page.n;
	f->has_more = page.more;
}

static void try_maker(struct crm_sync *s, struct crm_test *out)
{
	bool by_message = !strcmp(s->row->log_side, "message");
	if (crm_look_for_maker(s->crm, &out->maker, &out->maker_error))
		return;
	if (out->maker.maker == CRM_MAKER_CRM && !strcmp(s->row->log_side, "activity"))
		out->maker_advice =
			_("The CRM makes the activity of a mail itself: with --log activity "
			  "there would be two of each. Use --log message.");
	else if (out->maker.maker == CRM_MAKER_NOBODY && by_message)
		out->maker_advice =
			_("The CRM has mails without activities: it does not make them itself. "
			  "Use --log activity.");
}

void crm_sync_test(struct crm_sync *s, struct arena *a, struct crm_test *out)
{
	*out = (struct crm_test){.abilities = crm_profile_abilities(s->profile)};
	if (!s->is_remote)
		return;
	if (crm_whoami(s->crm, &out->me, &out->error)) {
		out->advice = advice_for(&out->error);
		return;
	}
	for (int o = 0; o < CRM_OBJECT_COUNT && !crm_sync_stops(s); o++)
		if (crm_has(s->crm, (enum crm_object)o))
			try_object(s, a, (enum crm_object)o, &out->v[out->n++]);
	try_maker(s, out);
}
