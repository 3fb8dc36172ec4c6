/*
 * why_text.c - why a mail is or is not logged, in words. Pure: no query.
 */
#include "config.h"

#include "crmail/store/why.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"

static const struct {
	const char *word;
	const char *sentence;
} reasons[] = {
	{"internal", N_("Not logged: everybody in it belongs to your organisation.")},
	{"role-sender", N_("Not logged: it comes from a role address.")},
	{"automated", N_("Not logged: it was sent by a machine or a mailing list.")},
	{"never-log", N_("Not logged: its people are on the never-log list.")},
	{"ambiguous", N_("Not logged yet: an address in it belongs to several contacts.")},
	{"unknown", N_("Not logged: nobody in it is known to the CRM.")},
	{"off", N_("Not logged: logging is off.")},
	{"before-start", N_("Not logged: it is older than the day logging started.")},
	{"found", N_("Not logged: it is older than what is synced, and came by a search.")},
	{"not-a-reply", N_("Not logged: you have not written in this conversation.")},
	{"not-in-crm", N_("Not logged yet: the CRM does not have the contact or partner yet.")},
	{"folder", N_("Not logged: it lies in a folder whose mail is not logged.")},
	{"private", N_("Not logged: the conversation is private.")},
	{"skipped", N_("Not logged: you said so.")},
	{"unlinked", N_("Not logged: you took its contact or partner away.")},
	{"deleted", N_("Not logged any more: its entry was deleted in the CRM.")},
};

const char *log_reason(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (!strcmp(reasons[i].word, word))
			return _(reasons[i].sentence);
	return _("Not logged.");
}

const char *link_kind_name(enum link_kind k)
{
	switch (k) {
	case LINK_CONTACT:
		return "contact";
	case LINK_PARTNER:
		return "partner";
	case LINK_LEAD:
		return "lead";
	case LINK_DEAL:
		return "deal";
	}
	return "none";
}

static const struct {
	const char *word, *text;
} rules[] = {
	{"unknown", N_("nobody in the CRM has this address")},
	{"address", N_("has this address")},
	{"chosen", N_("you said so")},
	{"domain", N_("has this domain")},
	{"lead", N_("a lead has this address")},
	{"role", N_("an address of a function, not of a person")},
	{"free-mail", N_("nobody in the CRM has this address; its domain is nobody's company")},
	{"own", N_("you")},
	{"internal", N_("of your organisation")},
	{"unlinked", N_("you took the link away")},
};

static const char *several_text(enum stranger_kind several)
{
	switch (several) {
	case STRANGER_CONTACTS:
		return _("several contacts have this address");
	case STRANGER_PARTNERS:
		return _("several partners have this domain");
	case STRANGER_LEADS:
		return _("several leads have this address");
	case STRANGER_UNKNOWN:
		break;
	}
	return "";
}

void why_add_rule(const struct why_person *p, struct buf *out)
{
	if (!strcmp(p->rule, "several"))
		buf_addstr(out, several_text(p->several));
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(rules[i].word, p->rule))
			buf_addstr(out, _(rules[i].text));
	if (p->is_never)
		buf_addf(out, "; %s", _("is never logged"));
}

static const struct why_entry *first_of(const struct why *w, enum log_state state)
{
	for (size_t i = 0; i < w->n_entries; i++)
		if (w->entries[i].state == state)
			return &w->entries[i];
	return NULL;
}

void why_add_sum(const struct why *w, struct buf *out)
{
	const struct why_entry *parked = first_of(w, LOG_PARKED);
	const struct why_entry *logged = first_of(w, LOG_LOGGED);
	if (w->is_waiting && w->is_paused)
		buf_addstr(out, _("The CRM is paused: it will be looked at when you resume it."));
	else if (w->is_waiting)
		buf_addstr(out, _("It is being looked at."));
	else if (parked)
		/* TRANSLATORS: what the CRM answered. */
		buf_addf(out, _("Not logged: the CRM refused it: %s"),
			parked->reason ? parked->reason : "");
	else if (w->word && logged)
		buf_addstr(out, _("It stands in the CRM, but would not be logged now."));
	else if (w->word)
		buf_addstr(out, log_reason(w->word));
	else if (first_of(w, LOG_QUEUED))
		buf_addstr(out, _("It waits to be logged."));
	else if (logged)
		buf_addstr(out, _("It is logged."));
	else if (first_of(w, LOG_NOT))
		buf_addstr(out, log_reason("deleted"));
	else
		buf_addstr(out, _("It stands in the timeline."));
}

const char *suggest_text(enum suggest_why w)
{
	switch (w) {
	case SUGGEST_NUMBER:
		return _("its number stands in the mail");
	case SUGGEST_DEAL_NAME:
	case SUGGEST_PARTNER_NAME:
		return _("its name stands in the mail");
	case SUGGEST_ONLY_DEAL:
		return _("the one open deal");
	}
	return "";
}
