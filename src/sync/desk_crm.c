/*
 * desk_crm.c - orders about CRMs: tried first, then saved, the password in the file of saved
 * passwords. A new CRM is saved with logging off: what is logged is an order of its own.
 */
#include "config.h"

#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/crm/profile.h"
#include "crmail/net/cancel.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/record.h"
#include "crmail/store/store.h"
#include "crmail/sync/crm_sync.h"
#include "crmail/sync/grant.h"

#include "crm_sync.h"
#include "crm_try.h"

#define ACCOUNTS_MAX 64

/* An order about a CRM while it is carried out. */
struct crm_work {
	struct desk *d;
	struct order *o;
	struct arena a;
	struct crm_row *row; /* of the CRM that is there already; NULL = a new one */
	struct setting *had; /* its settings */
	size_t n_had;
	struct crm_profile *profile;
	struct secret password;
	struct crm_found found;
};

static const char *had_setting(const struct crm_work *k, const char *key)
{
	for (size_t i = 0; i < k->n_had; i++)
		if (!strcmp(k->had[i].key, key))
			return k->had[i].value;
	return NULL;
}

static int read_known(struct crm_work *k, struct err *e)
{
	struct store_reader *r = NULL;
	if (!k->o->crm)
		return 0;
	if (store_reader_open(k->d->o.store, &r, e))
		return -1;
	int rc = crm_get(r, &k->a, k->o->crm, &k->row, e) ||
		 crm_settings(r, &k->a, k->o->crm, &k->had, &k->n_had, e);
	store_reader_close(r);
	if (rc || k->row)
		return rc ? -1 : 0;
	return err_set(e, ERR_NOTFOUND, "%s", _("This CRM is not there any more."));
}

static const char *profile_name(const struct crm_work *k)
{
	return k->row ? k->row->profile : order_field(k->o, DESK_PROFILE);
}

/* ---- the trial ------------------------------------------------------------------------------- */

static struct crm_config *config_of(struct crm_work *k, const struct setting *v, size_t n_v,
	const char *url, size_t *n)
{
	struct crm_config *c = arena_array(&k->a, n_v + 1, sizeof(*c));
	*n = 0;
	for (size_t i = 0; i < n_v; i++)
		if (v[i].value)
			c[(*n)++] = (struct crm_config){v[i].key, v[i].value};
	c[(*n)++] = (struct crm_config){"url", url};
	return c;
}

static int try_crm(struct crm_work *k, const struct setting *v, size_t n_v, const char *url,
	struct err *e)
{
	size_t n = 0;
	const char *name = order_field(k->o, DESK_NAME);
	struct crm_trial t = {.name = name ? name : k->row->name,
		.profile = k->profile,
		.password = &k->password,
		.program = k->d->o.program,
		.clock = k->d->o.clock,
		.cancel = k->d->cancel,
		.deadline_ms = k->d->o.deadline_ms,
		.step = desk_set_step,
		.ctx = k->d,
		.arena = &k->a};
	t.config = config_of(k, v, n_v, url, &n);
	t.n_config = n;
	int64_t start = clock_mono_ms();
	int rc = crm_try(&t, &k->found, &k->o->answer.field, e);
	log_line(LOG_NOTE, "desk", "CRM tried in %lld ms: %s", (long long)(clock_mono_ms() - start),
		rc ? err_code_name(e->code) : "ok");
	if (rc)
		return -1;
	k->o->answer.field = DESK_NO_FIELD;
	return desk_check_cancel(k->d, e);
}

static bool is_same(const char *a, const char *b)
{
	return !a || !b || !strcmp(a, b);
}

/* What was pulled and linked belongs to one organisation for good. */
static int check_organization(const struct crm_work *k, struct err *e)
{
	if (!k->row || is_same(k->row->organization_id, k->found.organization_id))
		return 0;
	return err_set(e, ERR_CONFLICT, "%s",
		_("That sign-in belongs to another organisation: connect it as a CRM of its own."));
}

/* ---- the password ---------------------------------------------------------------------------- */

/* What was typed, what the command prints, or what is saved already. */
static int find_password(struct crm_work *k, struct err *e)
{
	const struct order *o = k->o;
	const char *saved = had_setting(k, "secret");
	const char *command = had_setting(k, "secret_command");
	if (!crm_profile_first_secret(k->profile))
		return 0;
	if (order_field(o, DESK_PASSWORD) || order_field(o, DESK_COMMAND) || (!saved && !command))
		return desk_find_password(k->d, k->o, &k->password, e);
	if (command) {
		const struct secret_source src = {.command = command};
		const struct secret_helper h = {.program = k->d->o.program,
			.deadline_ms = k->d->o.deadline_ms,
			.cancel_fd = net_cancel_fd(k->d->cancel)};
		k->o->answer.field = DESK_COMMAND;
		return secret_ask(&h, &src, &k->password, e);
	}
	if (desk_open_secrets(k->d, k->o, saved, e))
		return -1;
	k->o->answer.field = DESK_PASSWORD;
	return secret_store_get(k->d->o.secrets, saved, &k->password, e);
}

static bool is_typed(const struct crm_work *k)
{
	return crm_profile_first_secret(k->profile) && order_field(k->o, DESK_PASSWORD);
}

static int check_place(struct crm_work *k, struct err *e)
{
	return desk_check_secrets(k->d, k->o, desk_place(k->d, had_setting(k, "secret")), e);
}

static const char *whose(const struct crm_work *k)
{
	const char *name = order_field(k->o, DESK_NAME);
	return name ? name : k->row ? k->row->name : NULL;
}

/* Under the name it had, else a new one: *name is what goes into the settings. */
static int keep_password(struct crm_work *k, char name[DESK_SECRET_NAME], struct err *e)
{
	const char *saved = desk_place(k->d, had_setting(k, "secret"));
	name[0] = '\0';
	if (!is_typed(k))
		return 0;
	if (desk_open_secrets(k->d, k->o, saved, e))
		return -1;
	if (!saved)
		return desk_save_password(k->d->o.secrets, whose(k), &k->password, name, e);
	memcpy(name, saved, strnlen(saved, DESK_SECRET_NAME - 1) + 1);
	return secret_store_put(k->d->o.secrets, saved, &k->password, e);
}

static void drop_password(struct crm_work *k, const char *name)
{
	struct err ignored = ERR_INIT;
	if (!name || !*name)
		return;
	grant_note(k->d->o.secrets, name, true);
	if (secret_store_revoke(k->d->o.secrets, name, NULL, &ignored))
		log_line(LOG_WARN, "desk", "crm %lld: password not erased: %s",
			(long long)k->o->crm, err_code_name(ignored.code));
}

/* The token that its worker kept, if there is one. */
static void drop_token(struct crm_work *k)
{
	struct crm_sync s = {.id = k->row->id, .secret_entry = had_setting(k, "secret")};
	struct err e = ERR_INIT;
	size_t n = 0;
	const struct crm_config *config = config_of(k, k->had, k->n_had, k->row->url, &n);
	if (!k->row->url || crm_sync_profile(k->row->profile, k->d->o.share_dir, &s.profile, &e))
		return;
	crm_secret_name_token(&s, config, n);
	drop_password(k, s.token_entry);
	crm_profile_free(s.profile);
	arena_release(&s.keep);
}

/* ---- saving ---------------------------------------------------------------------------------- */

/* The words of the order, empty ones as "drop it", and the common ones; room for two more. */
static struct setting *settings_of(struct crm_work *k, size_t *n)
{
	const struct order *o = k->o;
	struct setting *v = arena_array(&k->a, o->n_words + 5, sizeof(*v));
	*n = 0;
	for (size_t i = 0; i < o->n_words; i++)
		v[(*n)++] = (struct setting){
			o->words[i][0].p, o->words[i][1].len ? o->words[i][1].p : NULL};
	v[(*n)++] = (struct setting){"insecure-http", order_field(o, DESK_CLEAR)};
	v[(*n)++] = (struct setting){"ca", order_field(o, DESK_CA)};
	return v;
}

static const char *url_of(struct crm_work *k)
{
	const char *url = order_field(k->o, DESK_URL);
	size_t n = url ? strlen(url) : 0;
	while (n && url[n - 1] == '/')
		n--;
	return url ? arena_strndup(&k->a, url, n) : NULL;
}

static int add_row(struct crm_work *k, const char *url, const struct setting *v, size_t n,
	struct err *e)
{
	struct setting *given = arena_array(&k->a, n + 1, sizeof(*given));
	size_t n_given = 0;
	const struct crm_row row = {.name = order_field(k->o, DESK_NAME),
		.profile = profile_name(k),
		.url = url,
		.organization_id = k->found.organization_id,
		.log_side = "off",
		.log_since = clock_now(k->d->o.clock)};
	for (size_t i = 0; i < n; i++)
		if (v[i].value)
			given[n_given++] = v[i];
	return crm_add(k->d->o.store, &row, given, n_given, &k->o->answer.crm, e) ||
			       record_set_abilities(k->d->o.store, k->o->answer.crm,
				       crm_write_abilities(k->profile), e)
		       ? -1
		       : 0;
}

static int save_row(struct crm_work *k, const char *url, struct setting *v, size_t n,
	const char *secret, struct err *e)
{
	const struct crm_row row = {.name = order_field(k->o, DESK_NAME), .url = url};
	const char *command = order_field(k->o, DESK_COMMAND);
	if (*secret)
		v[n++] = (struct setting){"secret", secret};
	if (*secret || command) /* of the two, the one that was given last */
		v[n++] = (struct setting){"secret_command", *secret ? NULL : command};
	if (!k->row)
		return add_row(k, url, v, n, e);
	k->o->answer.crm = k->row->id;
	return crm_change(k->d->o.store, k->row->id, &row, v, n, e);
}

static int bind_accounts(struct crm_work *k, struct err *e)
{
	int64_t ids[ACCOUNTS_MAX];
	size_t n = 0;
	struct span rest = span_of(order_field(k->o, DESK_ACCOUNTS)), word;
	if (!k->o->v[DESK_ACCOUNTS].p) /* not given: as it is */
		return 0;
	while (n < ACCOUNTS_MAX && span_next(&rest, ' ', &word))
		if (span_to_i64(word, 1, INT64_MAX, &ids[n]))
			n++;
	return crm_bind_accounts(k->d->o.store, k->o->answer.crm, ids, n, e);
}

static int put(struct crm_work *k, struct err *e)
{
	size_t n = 0;
	char name[DESK_SECRET_NAME];
	const char *url = url_of(k);
	struct setting *v = settings_of(k, &n);
	bool is_remote = crm_profile_is_remote(k->profile);
	if (is_remote && (find_password(k, e) || (is_typed(k) && check_place(k, e)) ||
				 try_crm(k, v, n, url, e) || check_organization(k, e)))
		return -1;
	desk_set_step(k->d, DESK_SAVING);
	if (keep_password(k, name, e))
		return -1;
	if (save_row(k, url, v, n, name, e)) {
		if (!k->row)
			drop_password(k, name);
		return -1;
	}
	return bind_accounts(k, e);
}

static int sign_in(struct crm_work *k, struct err *e)
{
	char name[DESK_SECRET_NAME];
	const struct crm_row as_it_is = {.name = NULL};
	if (!crm_profile_first_secret(k->profile))
		return err_set(e, ERR_UNSUPPORTED, "%s", _("This CRM has no password."));
	if (desk_find_password(k->d, k->o, &k->password, e) || check_place(k, e) ||
		try_crm(k, k->had, k->n_had, k->row->url, e) || check_organization(k, e))
		return -1;
	desk_set_step(k->d, DESK_SAVING);
	if (keep_password(k, name, e))
		return -1;
	const struct setting v[] = {{"secret", name}, {"secret_command", NULL}};
	return crm_change(k->d->o.store, k->row->id, &as_it_is, v, ARRAY_SIZE(v), e);
}

static int set_logging(struct crm_work *k, struct err *e)
{
	const struct order *o = k->o;
	struct crm_row c = {.log_side = order_field(o, DESK_LOG_SIDE),
		.log_mode = order_field(o, DESK_LOG_MODE),
		.log_level = order_field(o, DESK_LOG_LEVEL),
		.log_since = k->row->log_since};
	const char *since = order_field(o, DESK_LOG_SINCE);
	if (since && !str_to_i64(since, 0, INT64_MAX, &c.log_since))
		return err_set(e, ERR_USAGE, "%s", _("The day to begin at is not understood."));
	return crm_set_logging(k->d->o.store, k->row->id, &c, e);
}

/* The row first, as with accounts: a password without a CRM is of no use to anybody. */
static int remove_crm(struct crm_work *k, struct err *e)
{
	if (crm_remove(k->d->o.store, k->row->id, e))
		return -1;
	drop_password(k, had_setting(k, "secret"));
	drop_token(k);
	return 0;
}

static int carry_out(struct crm_work *k, struct err *e)
{
	if (read_known(k, e))
		return -1;
	if (!k->row && (k->o->kind != DESK_CRM_PUT || !profile_name(k)))
		return err_set(e, ERR_NOTFOUND, "%s", _("This CRM is not there any more."));
	switch ((int)k->o->kind) {
	case DESK_CRM_PAUSE:
	case DESK_CRM_RESUME:
		return crm_pause(k->d->o.store, k->row->id, k->o->kind == DESK_CRM_PAUSE, e);
	case DESK_CRM_REMOVE:
		return remove_crm(k, e);
	case DESK_CRM_LOG:
		return set_logging(k, e);
	default:
		break;
	}
	if (crm_sync_profile(profile_name(k), k->d->o.share_dir, &k->profile, e))
		return -1;
	return k->o->kind == DESK_CRM_PUT ? put(k, e) : sign_in(k, e);
}

int desk_do_crm(struct desk *d, struct order *o, struct err *e)
{
	struct crm_work k = {.d = d, .o = o, .a = ARENA_INIT, .password = SECRET_INIT};
	int rc = carry_out(&k, e);
	crm_profile_free(k.profile);
	secret_release(&k.password);
	arena_release(&k.a);
	return rc;
}
