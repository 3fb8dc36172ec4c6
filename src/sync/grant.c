/* grant.c - signing in at a provider and trying what came of it. */
#include "config.h"

#include "crmail/sync/grant.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/log.h"
#include "crmail/net/secret.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/store.h"

/* It goes to its end also when nobody waits for it any more, as after a cancel; and should the code
 * be redeemed just now, after that. */
static void take_back(const struct grant_order *o, const char *entry)
{
	struct err why = ERR_INIT;
	grant_note(o->trial.secrets, entry, true);
	if (secret_store_revoke(o->trial.secrets, entry, o->trial.cancel, &why))
		log_line(LOG_WARN, "grant", "not revoked: %s", err_code_name(why.code));
}

void grant_note(struct secret_store *secrets, const char *entry, bool goes)
{
	struct err why = ERR_INIT;
	if (entry && secret_store_note(secrets, entry, goes, &why))
		log_line(LOG_WARN, "grant", "not noted: %s", err_code_name(why.code));
}

static int sign_in(const struct grant_order *o, const char *entry, struct err *e)
{
	const struct oauth_sign_in s = {.provider = o->provider,
		.store = o->trial.secrets,
		.entry = entry,
		.email = o->trial.email,
		.port = o->port,
		.paste_fd = o->paste_fd,
		.cancel = o->trial.cancel,
		.prompt = o->prompt,
		.ctx = o->ctx};
	int64_t start = clock_mono_ms();
	int rc = o->by_device ? oauth_sign_in_device(&s, e) : oauth_sign_in_browser(&s, e);
	log_line(LOG_NOTE, "grant", "sign-in took %lld ms: %s",
		(long long)(clock_mono_ms() - start), rc ? err_code_name(e->code) : "ok");
	return rc;
}

int grant_obtain(const struct grant_order *o, char entry[DESK_SECRET_NAME], struct err *e)
{
	struct account_trial t = o->trial;
	enum desk_field where;
	t.grant = entry;
	if (desk_name_secret(t.secrets, t.email, entry, e))
		return -1;
	grant_note(t.secrets, entry, false);
	if (sign_in(o, entry, e) == 0 && account_try(&t, &where, e) == 0)
		return 0;
	take_back(o, entry);
	return -1;
}

static void add_kept(struct buf *out, const struct setting *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].key, "secret") == 0 || strcmp(v[i].key, "relay_secret") == 0)
			buf_addf(out, "%s\n", v[i].value);
}

/* False: not all of them are known, and what is not would be ended. */
static bool list_kept(struct store *store, struct buf *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct account_row *rows = NULL;
	struct crm_row *crms = NULL;
	size_t n = 0, n_crms = 0;
	if (store_reader_open(store, &r, e))
		return false;
	int rc = account_list(r, &a, &rows, &n, e) || crm_list(r, &a, &crms, &n_crms, e);
	struct setting *v = NULL;
	size_t n_set = 0;
	for (size_t i = 0; !rc && i < n; i++)
		if (!(rc = account_settings(r, &a, rows[i].id, &v, &n_set, e)))
			add_kept(out, v, n_set);
	for (size_t i = 0; !rc && i < n_crms; i++)
		if (!(rc = crm_settings(r, &a, crms[i].id, &v, &n_set, e)))
			add_kept(out, v, n_set);
	store_reader_close(r);
	return !rc && !out->failed;
}

void grant_tidy(struct store *store, struct secret_store *secrets)
{
	CLEANUP(buf_release) struct buf kept = BUF_INIT((size_t)64 << 10);
	struct err why = ERR_INIT;
	if (!list_kept(store, &kept, &why) || secret_store_sweep(secrets, kept.p, &why))
		log_line(LOG_WARN, "grant", "left-over sign-ins not looked for: %s",
			err_code_name(why.code));
}

void grant_tidy_left(struct store *store, struct secret_store *secrets)
{
	if (secrets && secret_store_has_left(secrets, NULL))
		grant_tidy(store, secrets);
}
