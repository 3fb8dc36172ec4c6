/*
 * contacts.c - an account's address book into a CRM without a remote. Which of the two has a person
 * already is the importer's to find (store/people.h), who changed the provider's.
 */
#include "config.h"

#include "crmail/sync/contacts.h"

#include <inttypes.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/secret.h"
#include "crmail/provider/contacts.h"
#include "crmail/provider/provider.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"

struct run {
	const struct contacts_order *o;
	struct arena a; /* settings */
	const struct account_row *row;
	const char *secret; /* name of the account's sign-in */
	const char *before; /* the cursor of the last import into this CRM; NULL = none */
	struct account_conf conf;
	const struct provider_ops *ops;
	struct provider *provider;
	struct people_importer *importer;
	char *cursor; /* owned */
	struct contacts_result *out;
};

static int ask_token(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	const struct run *r = ctx;
	CLEANUP(secret_release) struct secret token = SECRET_INIT;
	if (!r->secret)
		return err_set(e, ERR_AUTH, _("No sign-in is saved for account %s: sign in again."),
			r->row->name);
	if (secret_store_token(r->o->secrets, r->secret, refused, r->o->cancel, &token, e))
		return -1;
	buf_add(out, token.p, token.len);
	return 0;
}

/* "CRM CURSOR" */
static const char *cursor_of(const char *setting, int64_t crm)
{
	struct span rest = span_of(setting ? setting : ""), word;
	int64_t of = 0;
	return span_next(&rest, ' ', &word) && span_to_i64(word, 1, INT64_MAX, &of) && of == crm &&
			       rest.len
		       ? rest.p
		       : NULL;
}

static int load(struct run *r, struct store_reader *reader, struct err *e)
{
	const struct contacts_order *o = r->o;
	struct account_row *rows = NULL;
	size_t n = 0;
	if (account_list(reader, &r->a, &rows, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == o->account)
			r->row = &rows[i];
	if (!r->row)
		return err_set(e, ERR_NOTFOUND, _("The account is gone."));
	int64_t id = o->account;
	r->secret = account_setting(reader, &r->a, id, "secret");
	r->before = cursor_of(account_setting(reader, &r->a, id, "contacts_at"), o->import.crm);
	r->conf = (struct account_conf){.account = id,
		.name = r->row->name,
		.kind = r->row->kind,
		.email = r->row->email,
		.api = account_setting(reader, &r->a, id, "api"),
		.ca_file = account_setting(reader, &r->a, id, "ca"),
		.token = ask_token,
		.password_ctx = r,
		.cancel = o->cancel,
		.deadline_ms = o->deadline_ms,
		.clock = o->clock,
		.trust = o->trust};
	r->ops = provider_by_kind(r->row->kind);
	if (r->ops && r->ops->contacts)
		return 0;
	return err_set(e, ERR_UNSUPPORTED,
		_("Account %s has no address book that crmail can read: Gmail and Microsoft 365 "
		  "accounts have one."),
		r->row->name);
}

static int explain(const struct run *r, struct err *e)
{
	if (e->code != ERR_AUTH || e->sys != 403)
		return -1;
	err_set(e, ERR_AUTH,
		_("The sign-in of account %s does not cover its contacts: crmail account sign-in "
		  "%s --contacts asks for them."),
		r->row->name, r->row->name);
	e->sys = 403;
	return -1;
}

static int tell_one(void *ctx, const struct person *p, struct err *e)
{
	const struct run *r = ctx;
	return people_importer_add(r->importer, p, e);
}

static void set_cursor(struct run *r, const char *cursor)
{
	char *copy = cursor ? xstrdup(cursor) : NULL;
	free_str(&r->cursor);
	r->cursor = copy;
}

static int read_page(struct run *r, bool *more, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct prov_contacts_sink to = {.one = tell_one, .ctx = r};
	struct prov_contacts_page page;
	if (r->ops->contacts(r->provider, r->cursor, &a, &to, &page, e))
		return -1;
	r->out->n_gone += (int64_t)page.n_gone;
	set_cursor(r, page.cursor);
	*more = page.more;
	return 0;
}

/* A cursor that is not taken any more means everyone, once. */
static int read_all(struct run *r, struct err *e)
{
	bool more = true, is_anew = !r->before;
	set_cursor(r, r->before);
	while (more) {
		struct err why = ERR_INIT;
		if (read_page(r, &more, &why) == 0)
			continue;
		*e = why;
		if (why.code != ERR_CONFLICT || !r->cursor || (is_anew && !r->before))
			return explain(r, e);
		err_clear(e);
		log_line(LOG_NOTE, "contacts", "account %lld: everyone is read again",
			(long long)r->o->account);
		is_anew = true;
		r->before = NULL;
		r->out->n_gone = 0;
		set_cursor(r, NULL);
	}
	r->out->is_changes = !is_anew;
	return 0;
}

static int keep_cursor(struct run *r, struct err *e)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	if (r->o->import.only_look)
		return 0;
	if (r->cursor)
		buf_addf(&b, "%" PRId64 " %s", r->o->import.crm, r->cursor);
	return account_set(r->o->store, r->o->account, "contacts_at", r->cursor ? b.p : NULL, e);
}

static int import(struct run *r, struct err *e)
{
	if (r->ops->open(&r->provider, &r->conf, e))
		return -1;
	int rc = people_importer_open(&r->importer, r->o->store, &r->o->import, e);
	if (!rc) {
		rc = read_all(r, e) || people_importer_end(r->importer, e);
		r->out->counts = *people_importer_counts(r->importer);
	}
	people_importer_close(r->importer);
	r->ops->close(r->provider);
	return rc || keep_cursor(r, e) ? -1 : 0;
}

int contacts_import(const struct contacts_order *o, struct contacts_result *out, struct err *e)
{
	struct run r = {.o = o, .a = ARENA_INIT, .out = out};
	struct store_reader *reader = NULL;
	*out = (struct contacts_result){.n_gone = 0};
	if (store_reader_open(o->store, &reader, e))
		return -1;
	int rc = load(&r, reader, e);
	store_reader_close(reader);
	if (!rc)
		rc = import(&r, e);
	log_line(LOG_NOTE, "contacts", "account %lld: %lld new, %lld updated: %s",
		(long long)o->account, (long long)out->counts.n[PEOPLE_NEW],
		(long long)out->counts.n[PEOPLE_UPDATED], rc ? err_code_name(e->code) : "ok");
	free_str(&r.cursor);
	arena_release(&r.a);
	return rc ? -1 : 0;
}
