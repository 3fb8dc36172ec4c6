/*
 * desk_relay.c - orders about the relay that an account sends through: it is tried and let in, then
 * its key is saved, then the account is told; the other way round when it goes.
 */
#include "config.h"

#include "desk_private.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"
#include "crmail/sync/relay_join.h"

struct account { /* in the arena */
	const struct account_row *row;
	const char *ca, *key; /* key: entry of the saved one */
};

static int load(struct desk *d, int64_t id, struct arena *a, struct account *out, struct err *e)
{
	struct store_reader *r = NULL;
	struct account_row *rows = NULL;
	size_t n = 0;
	if (store_reader_open(d->o.store, &r, e))
		return -1;
	int rc = account_list(r, a, &rows, &n, e);
	for (size_t i = 0; !rc && i < n; i++)
		if (rows[i].id == id)
			out->row = &rows[i];
	out->ca = account_setting(r, a, id, "ca");
	out->key = account_setting(r, a, id, "relay_secret");
	store_reader_close(r);
	if (rc || out->row)
		return rc;
	return err_set(e, ERR_NOTFOUND, _("The account is gone."));
}

bool desk_forget_key(struct desk *d, int64_t account, const char *entry)
{
	struct err why = ERR_INIT;
	if (!entry || secret_store_erase(d->o.secrets, entry, &why) == 0)
		return true;
	log_line(LOG_WARN, "desk", "account %lld: key of the relay not erased: %s",
		(long long)account, err_code_name(why.code));
	return false;
}

struct joining {
	struct desk *d;
	struct relay_join j;
};

static int join(void *ctx, int paste_fd, struct err *e)
{
	struct joining *what = ctx;
	what->j.paste_fd = paste_fd;
	return relay_join(&what->j, e);
}

static int try_relay(struct desk *d, struct order *o, const struct account *a,
	const struct secret *key, struct err *e)
{
	struct joining what = {.d = d,
		.j = {.url = order_field(o, DESK_URL),
			.user = order_field(o, DESK_USER),
			.key = key,
			.account = a->row->id,
			.email = a->row->email,
			.ca = a->ca,
			.paste_fd = -1,
			.prompt = desk_prompt,
			.ctx = d,
			.cancel = d->cancel,
			.clock = d->o.clock,
			.deadline_ms = d->o.deadline_ms}};
	desk_set_step(d, DESK_JOINING);
	int64_t start = clock_mono_ms();
	int rc = desk_with_paste(d, join, &what, e);
	log_line(LOG_NOTE, "desk", "relay tried in %lld ms: %s",
		(long long)(clock_mono_ms() - start), rc ? err_code_name(e->code) : "ok");
	if (rc && e->code == ERR_AUTH)
		o->answer.field = DESK_PASSWORD;
	else if (rc)
		o->answer.field = DESK_URL;
	return rc ? -1 : desk_check_cancel(d, e);
}

static int keep(struct desk *d, struct order *o, const struct account *a, const struct secret *key,
	struct err *e)
{
	char entry[DESK_SECRET_NAME] = "";
	bool is_typed = order_field(o, DESK_PASSWORD) != NULL;
	if (is_typed && (desk_open_secrets(d, o, NULL, e) ||
				desk_save_password(d->o.secrets, a->row->email, key, entry, e)))
		return -1;
	const struct relay_settings v = {.url = order_field(o, DESK_URL),
		.user = order_field(o, DESK_USER),
		.key = is_typed ? entry : NULL,
		.key_command = is_typed ? NULL : order_field(o, DESK_COMMAND)};
	if (relay_keep(d->o.store, a->row->id, &v, e)) {
		desk_forget_key(d, a->row->id, is_typed ? entry : NULL);
		return -1;
	}
	desk_forget_key(d, a->row->id, a->key);
	return 0;
}

static int put(struct desk *d, struct order *o, const struct account *a, struct err *e)
{
	CLEANUP(secret_release) struct secret key = SECRET_INIT;
	if (desk_find_password(d, o, &key, e) ||
		(order_field(o, DESK_PASSWORD) && desk_check_secrets(d, o, NULL, e)) ||
		try_relay(d, o, a, &key, e))
		return -1;
	desk_set_step(d, DESK_SAVING);
	return keep(d, o, a, &key, e);
}

int desk_do_relay(struct desk *d, struct order *o, struct err *e)
{
	static const struct relay_settings none = {.url = NULL};
	struct arena arena = ARENA_INIT;
	struct account a = {.row = NULL};
	int rc = load(d, o->account, &arena, &a, e);
	if (!rc && o->kind == DESK_RELAY_PUT)
		rc = put(d, o, &a, e);
	else if (!rc && (rc = relay_keep(d->o.store, o->account, &none, e)) == 0)
		o->answer.left =
			desk_forget_key(d, o->account, a.key) ? DESK_LEFT_NOTHING : DESK_LEFT_KEY;
	arena_release(&arena);
	return rc;
}
