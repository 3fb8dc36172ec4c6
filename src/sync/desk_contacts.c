/*
 * desk_contacts.c - the order that takes an account's address book into the CRM kept on this
 * computer (sync/contacts.h).
 */
#include "config.h"

#include "desk_private.h"

#include "crmail/base/i18n.h"
#include "crmail/crm/match.h"
#include "crmail/store/account.h"
#include "crmail/store/people.h"
#include "crmail/store/store.h"
#include "crmail/sync/contacts.h"

/* A CRM that is made for them is used by the account that they are from, unless that has one. */
static int find_crm(struct desk *d, struct order *o, struct store_reader *r, int64_t *crm,
	struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct account_row *v = NULL;
	size_t n = 0;
	if (people_find_crm(r, NULL, crm, e) || *crm)
		return *crm ? 0 : -1;
	if (people_make_crm(d->o.store, NULL, crm, e) || account_list(r, &a, &v, &n, e))
		return -1;
	o->answer.people.is_unused = true;
	for (size_t i = 0; i < n; i++) {
		if (v[i].id != o->account || v[i].crm)
			continue;
		o->answer.people.is_unused = false;
		return account_bind_crm(d->o.store, v[i].id, *crm, e);
	}
	return 0;
}

static int open_sign_in(struct desk *d, struct order *o, struct store_reader *r, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *entry = account_setting(r, &a, o->account, "secret");
	return entry ? desk_open_secrets(d, o, entry, e) : 0;
}

int desk_import_contacts(struct desk *d, struct order *o, struct err *e)
{
	struct contacts_result r = {.n_gone = 0};
	struct store_reader *reader = NULL;
	struct contacts_order c = {.store = d->o.store,
		.account = o->account,
		.import = {.is_freemail = match_is_freemail},
		.secrets = d->o.secrets,
		.trust = d->o.trust,
		.clock = d->o.clock,
		.cancel = d->cancel,
		.deadline_ms = d->o.deadline_ms};
	struct err ignored = ERR_INIT;
	if (store_reader_open(d->o.store, &reader, e))
		return -1;
	int rc = open_sign_in(d, o, reader, e) || find_crm(d, o, reader, &c.import.crm, e);
	store_reader_close(reader);
	if (rc)
		return -1;
	rc = contacts_import(&c, &r, e);
	const int64_t *n = r.counts.n;
	o->answer.people.n_new = n[PEOPLE_NEW];
	o->answer.people.n_updated = n[PEOPLE_UPDATED];
	o->answer.people.n_same = n[PEOPLE_SAME];
	o->answer.people.n_repeated = n[PEOPLE_REPEATED];
	o->answer.people.n_skipped = n[PEOPLE_SKIPPED];
	if (rc && e->code == ERR_AUTH && e->sys == 403) {
		IGNORE_RESULT(account_set(d->o.store, o->account, "contacts", "yes", &ignored),
			"the sentence names the command that does it, too");
		e->sys = 403;
	}
	return rc;
}
