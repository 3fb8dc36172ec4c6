/*
 * desk.c - orders about accounts and CRMs, one after the other on a thread of its own: what is
 * tried, what is saved where, and in which order so that nothing half done stays. The trial itself
 * is account_try.c's; what is done to CRMs is desk_crm.c's.
 */
#include "config.h"

#include "crmail/sync/desk.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/entry.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/late.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"
#include "crmail/net/discover.h"
#include "crmail/net/secret.h"
#include "crmail/provider/transport.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"
#include "crmail/sync/grant.h"

#include "crm_try.h"
#include "desk_private.h"

#define FIRST_NUMBER ((int64_t)1 << 40) /* apart from those of other asks */

const char *order_field(const struct order *o, enum desk_field f)
{
	return o->v[f].p && o->v[f].len ? o->v[f].p : NULL;
}

static void post(struct desk *d, enum event_type type, int64_t number)
{
	const struct event ev = {.type = type, .arg = number};
	if (d->o.events)
		event_post(d->o.events, &ev);
}

void desk_set_step(void *desk, enum desk_step step)
{
	struct desk *d = desk;
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < DESK_ORDERS; i++)
		if (d->orders[i].number == d->running)
			d->orders[i].answer.step = step;
	pthread_mutex_unlock(&d->lock);
	post(d, EV_PROGRESS, 0);
}

static void hold_transport(void *ctx, struct transport *t)
{
	struct desk *d = ctx;
	pthread_mutex_lock(&d->lock);
	d->transport = t;
	if (t && net_cancel_is_set(d->cancel)) /* came between reading and sending */
		transport_cancel(t);
	pthread_mutex_unlock(&d->lock);
}

/* ---- one order ------------------------------------------------------------------------------- */

int order_fail_at(struct order *o, enum desk_field f, struct err *e, const char *why)
{
	o->answer.field = f;
	return err_set(e, ERR_USAGE, "%s", why);
}

int desk_find_password(struct desk *d, struct order *o, struct secret *out, struct err *e)
{
	const struct secret_source src = {.command = order_field(o, DESK_COMMAND)};
	const struct secret_helper h = {.program = d->o.program,
		.deadline_ms = d->o.deadline_ms,
		.cancel_fd = net_cancel_fd(d->cancel)};
	if (order_field(o, DESK_PASSWORD)) {
		secret_set(out, o->v[DESK_PASSWORD].p, o->v[DESK_PASSWORD].len);
		return 0;
	}
	if (!src.command)
		return order_fail_at(o, DESK_PASSWORD, e, _("A password is needed."));
	o->answer.field = DESK_COMMAND;
	if (secret_ask(&h, &src, out, e))
		return -1;
	o->answer.field = DESK_NO_FIELD;
	return 0;
}

static int open_file(struct desk *d, struct order *o, struct err *e)
{
	o->answer.field = DESK_PASSPHRASE;
	if (!order_field(o, DESK_PASSPHRASE))
		return err_set(e, ERR_AUTH, _("A passphrase is needed."));
	int rc = secret_store_unlock(d->o.secrets, &o->v[DESK_PASSPHRASE], e);
	if (!rc && d->o.opened)
		d->o.opened(d->o.ctx, &o->v[DESK_PASSPHRASE]);
	secret_release(&o->v[DESK_PASSPHRASE]); /* the order may last for minutes yet */
	if (rc)
		return -1;
	o->answer.field = DESK_NO_FIELD;
	grant_tidy(d->o.store, d->o.secrets);
	return 0;
}

int desk_open_secrets(struct desk *d, struct order *o, const char *entry, struct err *e)
{
	bool needs_passphrase = false;
	if (secret_store_check(d->o.secrets, entry, &needs_passphrase, e))
		return -1;
	return needs_passphrase ? open_file(d, o, e) : 0;
}

int desk_check_secrets(struct desk *d, struct order *o, const char *entry, struct err *e)
{
	bool needs_passphrase = false;
	if (secret_store_check(d->o.secrets, entry, &needs_passphrase, e))
		return -1;
	return needs_passphrase && secret_store_state(d->o.secrets) == SECRET_STORE_LOCKED
		       ? open_file(d, o, e)
		       : 0;
}

int desk_check_cancel(const struct desk *d, struct err *e)
{
	return net_cancel_is_set(d->cancel) ? err_set(e, ERR_CANCELLED, "%s", _("Cancelled.")) : 0;
}

void desk_prepare_trial(struct desk *d, struct account_trial *t)
{
	t->trust = d->o.trust;
	t->clock = d->o.clock;
	t->cancel = d->cancel;
	t->deadline_ms = d->o.deadline_ms;
	t->step = desk_set_step;
	t->hold = hold_transport;
	t->ctx = d;
}

static int try_settings(struct desk *d, struct order *o, const struct account_trial *t,
	struct err *e)
{
	struct account_trial trial = *t;
	desk_prepare_trial(d, &trial);
	int64_t start = clock_mono_ms();
	int rc = account_try(&trial, &o->answer.field, e);
	log_line(LOG_NOTE, "desk", "settings tried in %lld ms: %s",
		(long long)(clock_mono_ms() - start), rc ? err_code_name(e->code) : "ok");
	if (rc)
		return -1;
	o->answer.field = DESK_NO_FIELD;
	return desk_check_cancel(d, e);
}

int desk_name_secret(struct secret_store *s, const char *whose, char name[DESK_SECRET_NAME],
	struct err *e)
{
	unsigned char raw[ENTRY_ID / 2];
	char id[ENTRY_ID + 1];
	if (late_load_crypto(e))
		return -1;
	if (RAND_bytes(raw, sizeof raw) != 1)
		return err_set(e, ERR_IO, _("The system gives no random numbers."));
	for (size_t i = 0; i < sizeof raw; i++) {
		id[2 * i] = "0123456789abcdef"[raw[i] >> 4];
		id[2 * i + 1] = "0123456789abcdef"[raw[i] & 15];
	}
	id[ENTRY_ID] = '\0';
	entry_name(name, secret_store_saves_in_keyring(s), whose ? whose : "", id);
	return 0;
}

int desk_save_password(struct secret_store *s, const char *whose, const struct secret *password,
	char name[DESK_SECRET_NAME], struct err *e)
{
	if (desk_name_secret(s, whose, name, e))
		return -1;
	grant_note(s, name, false);
	return secret_store_put(s, name, password, e);
}

static int check_name(struct desk *d, struct order *o, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct account_row *row = NULL;
	if (store_reader_open(d->o.store, &r, e))
		return -1;
	int rc = account_find(r, &a, order_field(o, DESK_NAME), &row, e);
	store_reader_close(r);
	if (rc || !row)
		return rc;
	return order_fail_at(o, DESK_NAME, e, _("There is an account of that name already."));
}

/* api: the base address of a service on the web; NULL = none. */
static int save_account(struct desk *d, struct order *o, const char *secret, const char *api,
	struct err *e)
{
	struct setting v[11];
	size_t n = 0;
	static const struct {
		enum desk_field field;
		const char *key;
	} map[] = {{DESK_IMAP, "imap"}, {DESK_SMTP, "smtp"}, {DESK_USER, "user"},
		{DESK_COMMAND, "password_command"}, {DESK_TLS, "tls"}, {DESK_CA, "ca"},
		{DESK_OAUTH, "oauth"}, {DESK_HISTORY, "history"}};
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (order_field(o, map[i].field) && !(secret && map[i].field == DESK_COMMAND))
			v[n++] = (struct setting){map[i].key, order_field(o, map[i].field)};
	if (secret)
		v[n++] = (struct setting){"secret", secret};
	if (api)
		v[n++] = (struct setting){"api", api};
	const struct account_row row = {.name = order_field(o, DESK_NAME),
		.kind = order_field(o, DESK_KIND) ? order_field(o, DESK_KIND) : "imap",
		.email = order_field(o, DESK_EMAIL),
		.real_name = order_field(o, DESK_REAL_NAME),
		.status = ACCOUNT_OFFLINE,
		.added_at = clock_now(d->o.clock)};
	return account_add(d->o.store, &row, v, n, &o->answer.account, e);
}

static struct account_trial trial_of(const struct order *o)
{
	return (struct account_trial){.name = order_field(o, DESK_NAME),
		.email = order_field(o, DESK_EMAIL),
		.imap = order_field(o, DESK_IMAP),
		.smtp = order_field(o, DESK_SMTP),
		.user = order_field(o, DESK_USER),
		.tls = order_field(o, DESK_TLS),
		.ca = order_field(o, DESK_CA),
		.kind = order_field(o, DESK_KIND)};
}

/* Kept before it is used: whoever has to try again need not type it again. */
static int keep_client(struct desk *d, struct order *o, struct err *e)
{
	const struct oauth_client c = {.id = order_field(o, DESK_CLIENT),
		.secret = order_field(o, DESK_CLIENT_SECRET),
		.tenant = order_field(o, DESK_TENANT)};
	if (!c.id && !c.tenant)
		return 0;
	o->answer.field = DESK_CLIENT;
	if (oauth_client_keep(d->o.config_dir, order_field(o, DESK_OAUTH), &c, e))
		return -1;
	o->answer.field = DESK_NO_FIELD;
	return 0;
}

static int add_by_grant(struct desk *d, struct order *o, struct err *e)
{
	CLEANUP(buf_release) struct buf api = BUF_INIT(2048);
	char entry[DESK_SECRET_NAME];
	struct account_trial t = trial_of(o);
	if (check_name(d, o, e) || keep_client(d, o, e) ||
		desk_obtain_grant(d, o, order_field(o, DESK_OAUTH), &t, &api, entry, e))
		return -1;
	desk_set_step(d, DESK_SAVING);
	if (save_account(d, o, entry, api.len ? api.p : NULL, e) == 0)
		return 0;
	desk_revoke_grant(d, 0, entry);
	return -1;
}

static int do_add(struct desk *d, struct order *o, struct err *e)
{
	CLEANUP(secret_release) struct secret password = SECRET_INIT;
	char name[DESK_SECRET_NAME] = "";
	struct account_trial t = trial_of(o);
	t.password = &password;
	if (order_field(o, DESK_OAUTH))
		return add_by_grant(d, o, e);
	bool is_kept = order_field(o, DESK_PASSWORD) != NULL;
	if (check_name(d, o, e) || desk_find_password(d, o, &password, e) ||
		(is_kept && desk_check_secrets(d, o, NULL, e)) || try_settings(d, o, &t, e))
		return -1;
	desk_set_step(d, DESK_SAVING);
	if (!is_kept)
		return save_account(d, o, NULL, NULL, e);
	if (desk_open_secrets(d, o, NULL, e) ||
		desk_save_password(d->o.secrets, t.email, &password, name, e))
		return -1;
	if (save_account(d, o, name, NULL, e) == 0)
		return 0;
	struct err ignored = ERR_INIT;
	IGNORE_RESULT(secret_store_revoke(d->o.secrets, name, NULL, &ignored),
		"an entry nobody names");
	return -1;
}

/* What is known of an account, for trying it again. */
struct known {
	struct arena a;
	const struct account_row *row;
	const char *imap, *smtp, *user, *tls, *ca, *secret, *command, *oauth, *api, *relay_key;
};

static int load_known(struct desk *d, int64_t account, struct known *k, struct err *e)
{
	struct store_reader *r = NULL;
	struct account_row *rows = NULL;
	size_t n = 0;
	if (store_reader_open(d->o.store, &r, e))
		return -1;
	int rc = account_list(r, &k->a, &rows, &n, e);
	for (size_t i = 0; !rc && i < n; i++)
		if (rows[i].id == account)
			k->row = &rows[i];
	k->imap = account_setting(r, &k->a, account, "imap");
	k->smtp = account_setting(r, &k->a, account, "smtp");
	k->user = account_setting(r, &k->a, account, "user");
	k->tls = account_setting(r, &k->a, account, "tls");
	k->ca = account_setting(r, &k->a, account, "ca");
	k->secret = account_setting(r, &k->a, account, "secret");
	k->command = account_setting(r, &k->a, account, "password_command");
	k->oauth = account_setting(r, &k->a, account, "oauth");
	k->api = account_setting(r, &k->a, account, "api");
	k->relay_key = account_setting(r, &k->a, account, "relay_secret");
	store_reader_close(r);
	if (rc || k->row)
		return rc;
	return err_set(e, ERR_NOTFOUND, _("The account is gone."));
}

const char *desk_place(struct desk *d, const char *entry)
{
	bool is_gone = entry_is_in_keyring(entry) &&
		       secret_store_ask_keyring(d->o.secrets) == SECRET_KEYRING_NONE;
	return is_gone ? NULL : entry;
}

/* A password command gives way to a password that was typed. */
static int keep_password(struct desk *d, const struct known *k, const char *entry,
	const struct secret *password, struct err *e)
{
	char name[DESK_SECRET_NAME];
	if (entry ? secret_store_put(d->o.secrets, entry, password, e)
		  : desk_save_password(d->o.secrets, k->row->email, password, name, e))
		return -1;
	if (!entry && account_set(d->o.store, k->row->id, "secret", name, e))
		return -1;
	return k->command ? account_set(d->o.store, k->row->id, "password_command", NULL, e) : 0;
}

/* The new grant has a name of its own: the old one goes only when the new one works. */
static int sign_in_by_grant(struct desk *d, struct order *o, const struct known *k,
	const struct account_trial *t, struct err *e)
{
	char entry[DESK_SECRET_NAME];
	if (desk_obtain_grant(d, o, k->oauth, t, NULL, entry, e))
		return -1;
	desk_set_step(d, DESK_SAVING);
	grant_note(d->o.secrets, k->secret, true);
	if (account_set(d->o.store, k->row->id, "secret", entry, e)) {
		desk_revoke_grant(d, k->row->id, entry);
		return -1;
	}
	o->answer.account = k->row->id;
	if (k->secret)
		desk_revoke_grant(d, k->row->id, k->secret);
	return 0;
}

static int sign_in(struct desk *d, struct order *o, const struct known *k, struct err *e)
{
	CLEANUP(secret_release) struct secret password = SECRET_INIT;
	const struct account_trial t = {.name = k->row->name,
		.email = k->row->email,
		.imap = k->imap,
		.smtp = k->smtp,
		.user = k->user,
		.tls = k->tls,
		.ca = k->ca,
		.kind = strcmp(k->row->kind, "imap") == 0 ? NULL : k->row->kind,
		.api = k->api,
		.password = &password};
	if (k->oauth)
		return sign_in_by_grant(d, o, k, &t, e);
	if (!k->imap)
		return err_set(e, ERR_UNSUPPORTED, _("This account has no password."));
	const char *entry = desk_place(d, k->secret);
	if (desk_find_password(d, o, &password, e) || desk_check_secrets(d, o, entry, e) ||
		try_settings(d, o, &t, e))
		return -1;
	desk_set_step(d, DESK_SAVING);
	if (desk_open_secrets(d, o, entry, e))
		return -1;
	o->answer.account = k->row->id;
	return keep_password(d, k, entry, &password, e);
}

static int do_sign_in(struct desk *d, struct order *o, struct err *e)
{
	struct known k = {.a = ARENA_INIT};
	int rc = load_known(d, o->account, &k, e) || sign_in(d, o, &k, e);
	arena_release(&k.a);
	return rc ? -1 : 0;
}

/* The row first: a password without an account is of no use to anybody, the other way round the
 * account would ask for it. */
static int do_remove(struct desk *d, struct order *o, struct err *e)
{
	struct known k = {.a = ARENA_INIT};
	int rc = load_known(d, o->account, &k, e);
	if (!rc)
		grant_note(d->o.secrets, k.secret, true);
	if (!rc)
		rc = o->kind == DESK_REMOVE ? account_remove(d->o.store, o->account, e)
					    : account_detach(d->o.store, o->account, e);
	if (!rc)
		o->answer.left = desk_end_secret(d, o->account, k.secret, k.oauth != NULL);
	if (!rc && !desk_forget_key(d, o->account, k.relay_key) && !o->answer.left)
		o->answer.left = DESK_LEFT_KEY;
	arena_release(&k.a);
	return rc;
}

static int find_offers(struct desk *d, struct order *o, struct err *e)
{
	const struct discover_conf c = {.share_dir = d->o.share_dir,
		.config_dir = d->o.config_dir,
		.trust = d->o.trust,
		.cancel = d->cancel,
		.deadline_ms = d->o.deadline_ms};
	const char *email = order_field(o, DESK_EMAIL);
	o->answer.field = DESK_EMAIL;
	return discover(&c, email ? email : "", &o->answer.offers, e);
}

static int do_order(struct desk *d, struct order *o, struct err *e)
{
	o->answer.account = o->account;
	o->answer.crm = o->crm;
	switch (o->kind) {
	case DESK_ADD:
		return do_add(d, o, e);
	case DESK_SIGN_IN:
		return do_sign_in(d, o, e);
	case DESK_UNLOCK:
		return open_file(d, o, e);
	case DESK_UNLOCK_KEYRING:
		if (secret_store_unlock_keyring(d->o.secrets, d->cancel, e))
			return -1;
		grant_tidy_left(d->o.store, d->o.secrets);
		return 0;
	case DESK_FIND:
		return find_offers(d, o, e);
	case DESK_PAUSE:
	case DESK_RESUME:
		return account_pause(d->o.store, o->account, o->kind == DESK_PAUSE, e);
	case DESK_DETACH:
	case DESK_REMOVE:
		return do_remove(d, o, e);
	case DESK_CONTACTS:
		return desk_import_contacts(d, o, e);
	case DESK_RELAY_PUT:
	case DESK_RELAY_OFF:
		return desk_do_relay(d, o, e);
	case DESK_CRM_PUT:
	case DESK_CRM_LOG:
	case DESK_CRM_SIGN_IN:
	case DESK_CRM_PAUSE:
	case DESK_CRM_RESUME:
	case DESK_CRM_REMOVE:
		return desk_do_crm(d, o, e);
	}
	return 0;
}

static void wipe_fields(struct order *o)
{
	for (size_t i = 0; i < DESK_FIELD_COUNT; i++)
		secret_release(&o->v[i]);
	for (size_t i = 0; i < o->n_words; i++) {
		secret_release(&o->words[i][0]);
		secret_release(&o->words[i][1]);
	}
	o->n_words = 0;
}

/* ---- the thread ------------------------------------------------------------------------------ */

static struct order *oldest_waiting(struct desk *d)
{
	struct order *first = NULL;
	for (size_t i = 0; i < DESK_ORDERS; i++) {
		struct order *o = &d->orders[i];
		if (o->number && o->answer.step == DESK_WAITING &&
			(!first || o->number < first->number))
			first = o;
	}
	return first;
}

/* With the lock held; the order is the thread's own until it is done, but for answer.step. */
static void run_one(struct desk *d, struct order *o)
{
	struct err e = ERR_INIT;
	d->running = o->number;
	net_cancel_reset(d->cancel);
	bool is_cancelled = o->is_cancelled;
	o->answer.step = DESK_SAVING;
	pthread_mutex_unlock(&d->lock);
	o->answer.field = DESK_NO_FIELD;
	if (is_cancelled)
		err_set(&e, ERR_CANCELLED, _("Cancelled."));
	else if (do_order(d, o, &e) == 0 && d->o.changed && o->kind != DESK_FIND)
		d->o.changed(d->o.ctx, o->kind, o->answer.account);
	wipe_fields(o);
	pthread_mutex_lock(&d->lock);
	o->answer.error = e;
	o->answer.step = DESK_DONE;
	d->running = 0;
	post(d, EV_REPLY, o->number);
}

/* So that a form knows whether it has to ask for a passphrase. */
static void find_keyring(struct desk *d)
{
	struct err ignored = ERR_INIT;
	bool needs_passphrase = false;
	if (!d->o.secrets)
		return;
	IGNORE_RESULT(secret_store_check(d->o.secrets, NULL, &needs_passphrase, &ignored),
		"said when something is to be saved");
	if (secret_store_saves_in_keyring(d->o.secrets))
		post(d, EV_PROGRESS, 0);
	if (secret_store_keyring(d->o.secrets) == SECRET_KEYRING_OPEN)
		grant_tidy_left(d->o.store, d->o.secrets);
}

static void *run(void *desk)
{
	struct desk *d = desk;
	find_keyring(d);
	pthread_mutex_lock(&d->lock);
	while (!d->is_stopping) {
		struct order *o = oldest_waiting(d);
		if (o)
			run_one(d, o);
		else
			pthread_cond_wait(&d->wake, &d->lock);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

int desk_open(struct desk **out, const struct desk_options *o, struct err *e)
{
	struct desk *d = xcalloc(1, sizeof *d);
	sigset_t all, old;
	d->o = *o;
	d->next = FIRST_NUMBER;
	d->cancel = net_cancel_new();
	d->paste_fd = -1;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->wake, NULL);
	sigfillset(&all); /* signals belong to the UI thread */
	pthread_sigmask(SIG_BLOCK, &all, &old);
	int rc = pthread_create(&d->thread, NULL, run, d);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc) {
		desk_close(d);
		return err_sys(e, ERR_IO, rc, _("Cannot start background work"));
	}
	d->is_running = true;
	*out = d;
	return 0;
}

/* With the lock held. */
static void stop_trial(struct desk *d)
{
	net_cancel_trigger(d->cancel);
	if (d->transport)
		transport_cancel(d->transport);
}

void desk_close(struct desk *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->is_stopping = true;
	stop_trial(d);
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
	if (d->is_running)
		pthread_join(d->thread, NULL);
	for (size_t i = 0; i < DESK_ORDERS; i++)
		wipe_fields(&d->orders[i]);
	net_cancel_free(d->cancel);
	pthread_cond_destroy(&d->wake);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* ---- orders ---------------------------------------------------------------------------------- */

/* A free place, else that of the oldest order that is done; NULL = all are waiting. */
static struct order *place_for(struct desk *d)
{
	struct order *best = NULL;
	for (size_t i = 0; i < DESK_ORDERS; i++) {
		struct order *o = &d->orders[i];
		if (!o->number)
			return o;
		if (o->answer.step == DESK_DONE && (!best || o->number < best->number))
			best = o;
	}
	return best;
}

static struct order *find(struct desk *d, int64_t number)
{
	for (size_t i = 0; number && i < DESK_ORDERS; i++)
		if (d->orders[i].number == number)
			return &d->orders[i];
	return NULL;
}

static void copy_words(struct order *o, const struct desk_order *order)
{
	for (size_t i = 0; i < order->n_words && i < DESK_WORDS_MAX; i++) {
		const struct desk_word *w = &order->words[i];
		secret_set(&o->words[i][0], w->key, strlen(w->key));
		secret_set(&o->words[i][1], w->value, strlen(w->value));
		o->n_words = i + 1;
	}
}

int64_t desk_order(struct desk *d, const struct desk_order *order)
{
	pthread_mutex_lock(&d->lock);
	struct order *o = place_for(d);
	int64_t number = o ? d->next++ : 0;
	if (o) {
		*o = (struct order){.number = number,
			.kind = order->kind,
			.account = order->account,
			.crm = order->crm,
			.answer = {.field = DESK_NO_FIELD}};
		for (size_t i = 0; i < DESK_FIELD_COUNT; i++)
			if (order->v[i])
				secret_set(&o->v[i], order->v[i], strlen(order->v[i]));
		copy_words(o, order);
		pthread_cond_signal(&d->wake);
	}
	pthread_mutex_unlock(&d->lock);
	return number;
}

bool desk_look(struct desk *d, int64_t number, struct desk_answer *out)
{
	pthread_mutex_lock(&d->lock);
	const struct order *o = find(d, number);
	bool is_done = o && o->answer.step == DESK_DONE;
	if (is_done)
		*out = o->answer;
	else if (o) { /* the rest is being written */
		*out = o->answer.step == DESK_BROWSING ? d->prompt
						       : (struct desk_answer){.url = ""};
		out->step = o->answer.step;
		out->field = DESK_NO_FIELD;
	}
	pthread_mutex_unlock(&d->lock);
	return o != NULL;
}

void desk_cancel(struct desk *d, int64_t number)
{
	pthread_mutex_lock(&d->lock);
	struct order *o = find(d, number);
	if (o)
		o->is_cancelled = true;
	if (o && d->running == number)
		stop_trial(d);
	pthread_mutex_unlock(&d->lock);
}

enum desk_secrets desk_secrets(struct desk *d)
{
	switch (secret_store_state(d->o.secrets)) {
	case SECRET_STORE_NONE:
		return DESK_SECRETS_NONE;
	case SECRET_STORE_LOCKED:
		return DESK_SECRETS_LOCKED;
	case SECRET_STORE_OPEN:
		return DESK_SECRETS_OPEN;
	}
	return DESK_SECRETS_NONE;
}

enum desk_keyring desk_keyring(struct desk *d)
{
	switch (secret_store_keyring(d->o.secrets)) {
	case SECRET_KEYRING_UNKNOWN:
	case SECRET_KEYRING_NONE:
		return DESK_KEYRING_NONE;
	case SECRET_KEYRING_LOCKED:
		return DESK_KEYRING_LOCKED;
	case SECRET_KEYRING_SLOW:
		return DESK_KEYRING_SLOW;
	case SECRET_KEYRING_OPEN:
		return DESK_KEYRING_OPEN;
	}
	return DESK_KEYRING_NONE;
}

bool desk_saves_in_keyring(struct desk *d)
{
	return secret_store_saves_in_keyring(d->o.secrets);
}

int desk_profiles(struct desk *d, const char *name, struct arena *a, struct desk_profile **out,
	size_t *n, struct err *e)
{
	if (name) {
		*out = arena_array(a, 1, sizeof(**out));
		*n = 1;
		return crm_profile_describe(name, d->o.share_dir, a, *out, e);
	}
	return crm_profile_all(d->o.share_dir, a, out, n, e);
}
