/*
 * session.c - one account's configuration, connection and folder plan. What is done with it
 * stands in pull.c, bodies.c, push.c and send.c.
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"
#include "crmail/provider/roles.h"
#include "crmail/provider/transport.h"
#include "crmail/store/account.h"
#include "crmail/store/audit.h"
#include "crmail/store/ingest.h"
#include "crmail/store/store.h"
#include "crmail/sync/grant.h"
#include "crmail/sync/org_settings.h"

#include "worker.h"

#define WAIT_MAX_MS 3600000
#define UNSEEN_AT_ONCE 500 /* ids */

/* By its name of this moment: since the connection began it may have moved to the keyring, or
 * another process may have signed in again. NULL = none is saved. */
static const char *secret_name(const struct session *s, struct arena *a)
{
	return s->host->secrets ? account_setting(s->reader, a, s->account, "secret") : NULL;
}

static int ask_password(void *ctx, struct buf *out, struct err *e)
{
	const struct session *s = ctx;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(secret_release) struct secret secret = SECRET_INIT;
	const struct secret_source src = {.command = s->password_command};
	const char *name = s->password_command ? NULL : secret_name(s, &a);
	if (!s->password_command && !name)
		return err_set(e, ERR_AUTH,
			_("No password is saved for account %s: sign in again."), s->conf.name);
	if (s->password_command ? secret_ask(&s->helper, &src, &secret, e)
				: secret_store_get(s->host->secrets, name, &secret, e))
		return -1;
	buf_add(out, secret.p, secret.len);
	return 0;
}

int session_ask_relay_key(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	const struct session *s = ctx;
	CLEANUP(secret_release) struct secret key = SECRET_INIT;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct secret_source src = {.command = s->relay_key_command};
	const char *name = src.command || !s->host->secrets
				   ? NULL
				   : account_setting(s->reader, &a, s->account, "relay_secret");
	if (refused || (!src.command && !name))
		return err_set(e, ERR_AUTH,
			_("The relay of account %s does not accept its key: R on the accounts "
			  "screen takes another."),
			s->conf.name);
	if (name ? secret_store_get(s->host->secrets, name, &key, e)
		 : secret_ask(&s->helper, &src, &key, e))
		return -1;
	buf_add(out, key.p, key.len);
	return 0;
}

int session_ask_token(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	const struct session *s = ctx;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(secret_release) struct secret token = SECRET_INIT;
	const char *name = secret_name(s, &a);
	if (!name)
		return err_set(e, ERR_AUTH, _("No sign-in is saved for account %s: sign in again."),
			s->conf.name);
	if (secret_store_token(s->host->secrets, name, refused, s->worker->cancel, &token, e))
		return -1;
	buf_add(out, token.p, token.len);
	return 0;
}

/* For services that cannot tell what changed. */
static int known_messages(void *ctx, const char *server_name, const char *const *ids, size_t n_ids,
	struct arena *a, const struct prov_flag **out, size_t *n, struct err *e)
{
	const struct session *s = ctx;
	struct ingest_flag *known = NULL;
	const struct session_folder *f = NULL;
	*n = 0;
	*out = NULL;
	for (size_t i = 0; server_name && !f && i < s->n_folders; i++)
		if (strcmp(s->folders[i].server_name, server_name) == 0)
			f = &s->folders[i];
	if (server_name && !f)
		return 0;
	if (f ? ingest_known(s->reader, a, f->id, ids, n_ids, &known, n, e)
	      : ingest_known_of_account(s->reader, a, s->account, ids, n_ids, &known, n, e))
		return -1;
	struct prov_flag *v = arena_array(a, *n ? *n : 1, sizeof *v);
	for (size_t k = 0; k < *n; k++)
		v[k] = (struct prov_flag){.id = known[k].server_id, .flags = known[k].flags};
	*out = v;
	return 0;
}

static int unseen_messages(void *ctx, const char *after, struct arena *a, const char *const **ids,
	size_t *n, struct err *e)
{
	const struct session *s = ctx;
	return ingest_unseen_of_account(s->reader, a, s->account, after, UNSEEN_AT_ONCE, ids, n, e);
}

/* "host:port" into the configuration; IPv6 literals stand in brackets. */
int session_split_host(struct arena *a, const char *text, const char **host, int *port,
	struct err *e)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	int64_t n = 0;
	if (!colon || !str_to_i64(colon + 1, 1, 65535, &n))
		return err_set(e, ERR_USAGE, _("\"%s\" is not HOST:PORT."), text ? text : "");
	const char *start = text[0] == '[' ? text + 1 : text;
	const char *end = text[0] == '[' && colon > text && colon[-1] == ']' ? colon - 1 : colon;
	*host = arena_strndup(a, start, (size_t)(end - start));
	*port = (int)n;
	return 0;
}

/* Never later than what is here already: mail that has grown older than the window must be found
 * again when it was moved, or its folder renumbered. */
static int history_since(const struct session *s, int64_t days, int64_t *out, struct err *e)
{
	int64_t oldest = 0;
	*out = 0;
	if (days == INT64_MAX)
		return 0;
	if (ingest_oldest(s->reader, s->account, &oldest, e))
		return -1;
	*out = clock_now(s->host->clock) - days * 86400;
	if (oldest && oldest < *out)
		*out = oldest;
	return 0;
}

enum tls_mode session_tls_mode(const char *word, int port)
{
	if (word && strcmp(word, "insecure-none") == 0)
		return TLS_INSECURE_NONE;
	if (word && strcmp(word, "starttls") == 0)
		return TLS_STARTTLS;
	if (word && strcmp(word, "implicit") == 0)
		return TLS_IMPLICIT;
	return port == 143 || port == 587 ? TLS_STARTTLS : TLS_IMPLICIT;
}

enum tls_mode session_tls_of(const struct session *s, int port)
{
	return session_tls_mode(s->tls_word, port);
}

static const char *setting(struct session *s, const char *key)
{
	return account_setting(s->reader, &s->keep, s->account, key);
}

static int64_t option(struct session *s, const struct account_row *row, enum org_option o)
{
	return org_option_read(s->reader, &s->keep, row, o).value;
}

static int load_conf(struct session *s, struct err *e)
{
	struct account_row *rows = NULL;
	size_t n = 0;
	if (account_list(s->reader, &s->keep, &rows, &n, e))
		return -1;
	const struct account_row *row = NULL;
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == s->account)
			row = &rows[i];
	if (!row)
		return err_set(e, ERR_NOTFOUND, _("The account is gone."));
	struct account_conf *c = &s->conf;
	*c = (struct account_conf){.name = row->name};
	c->kind = row->kind;
	c->email = row->email;
	c->ca_file = setting(s, "ca");
	c->user = setting(s, "user");
	c->maildir = setting(s, "maildir");
	c->api = setting(s, "api");
	if (history_since(s, option(s, row, ORG_HISTORY_DAYS), &c->history_since, e))
		return -1;
	c->deadline_ms = s->host->deadline_ms;
	c->idle_ms = s->host->deadline_ms; /* 0 but in tests */
	c->clock = s->host->clock;
	c->trust = s->host->trust;
	c->account = s->account;
	c->cancel = s->worker->cancel;
	c->known = known_messages;
	c->unseen = unseen_messages;
	c->known_ctx = s;
	c->password = ask_password;
	c->password_ctx = s;
	s->password_command = setting(s, "password_command");
	s->oauth = setting(s, "oauth");
	c->token = s->oauth ? session_ask_token : NULL;
	s->smtp = setting(s, "smtp");
	s->sendmail = setting(s, "sendmail");
	s->relay = setting(s, "relay");
	s->relay_user = setting(s, "relay_user");
	s->relay_key_command = setting(s, "relay_key_command");
	s->sent_copy = setting(s, "sent_copy");
	s->body_limit = (uint64_t)option(s, row, ORG_BODY_LIMIT_KB) << 10;
	s->interval_ms = option(s, row, ORG_INTERVAL_MINUTES) * 60000;
	const char *imap = setting(s, "imap");
	if (imap && session_split_host(&s->keep, imap, &c->host, &c->port, e))
		return -1;
	s->tls_word = setting(s, "tls");
	c->tls = session_tls_of(s, c->port);
	s->ops = provider_by_kind(c->kind);
	return 0;
}

int session_init(struct session *s, struct worker *w, struct err *e)
{
	*s = (struct session){.host = w->host,
		.account = w->id,
		.keep = ARENA_INIT,
		.list = ARENA_INIT,
		.flight = {.a = ARENA_INIT},
		.worker = w,
		.body_batch = SIZE_MAX};
	s->helper = (struct secret_helper){.program = w->host->program,
		.cancel_fd = net_cancel_fd(w->cancel),
		.deadline_ms = w->host->deadline_ms};
	if (store_reader_open(w->host->store, &s->reader, e))
		return -1;
	return load_conf(s, e);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static const char *value_of(const struct setting *v, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].key, key) == 0)
			return v[i].value;
	return NULL;
}

/* Each mail goes as the settings of its moment say, also while the connection to read stands. What
 * cannot be read is no other way. */
void session_refresh_way(struct session *s)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err unread = ERR_INIT;
	struct setting *v = NULL;
	size_t n = 0;
	const struct {
		const char *key, **now;
	} all[] = {{"smtp", &s->smtp}, {"sendmail", &s->sendmail}, {"relay", &s->relay},
		{"relay_user", &s->relay_user}, {"relay_key_command", &s->relay_key_command}};
	if (account_settings(s->reader, &a, s->account, &v, &n, &unread))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		const char *value = value_of(v, n, all[i].key);
		if (is_same(value, *all[i].now))
			continue;
		session_close_transport(s);
		*all[i].now = arena_strdup(&s->keep, value);
	}
}

void session_close_transport(struct session *s)
{
	worker_set_transport(s->worker, NULL);
	transport_close(s->transport);
	s->transport = NULL;
}

void session_release(struct session *s)
{
	struct err e = ERR_INIT;
	if (session_land(s, &e))
		log_line(LOG_WARN, "sync", "account %lld: the last batch was not stored: %s",
			(long long)s->account, err_code_name(e.code));
	session_disconnect(s);
	session_close_transport(s);
	if (s->reader)
		store_reader_close(s->reader);
	arena_release(&s->keep);
	arena_release(&s->list);
	*s = (struct session){.keep = ARENA_INIT, .list = ARENA_INIT, .flight = {.a = ARENA_INIT}};
}

/* Settings may have changed since the last connection: a new password command, another host. */
static int reload_conf(struct session *s, struct err *e)
{
	session_close_transport(s);
	arena_reset(&s->keep);
	return load_conf(s, e);
}

/* The audit is no reason to fail: what is not noted is at least in the log. */
static void note_sign_in(struct session *s, const struct err *why)
{
	struct err e = ERR_INIT;
	if (audit_sign_in(s->host->store, s->account, 0, why, &e))
		log_line(LOG_WARN, "sync", "account %lld: sign-in not noted: %s",
			(long long)s->account, err_code_name(e.code));
}

int session_connect(struct session *s, struct err *e)
{
	if (s->provider)
		return 0;
	if (reload_conf(s, e))
		return -1;
	if (!s->ops)
		return err_set(e, ERR_UNSUPPORTED, _("Accounts of kind %s do not sync."),
			s->conf.kind);
	int64_t start = clock_mono_ms();
	if (s->ops->open(&s->provider, &s->conf, e)) {
		s->provider = NULL;
		log_line(LOG_WARN, "sync", "account %lld: no connection: %s (sys %d)",
			(long long)s->account, err_code_name(e->code), e->sys);
		if (e->code == ERR_AUTH)
			note_sign_in(s, e);
		return -1;
	}
	note_sign_in(s, NULL);
	grant_tidy_left(s->host->store, s->host->secrets);
	s->folders_known = false;
	s->is_account_wide = s->ops->caps(s->provider) & PROV_ACCOUNT_CURSOR;
	s->connected_at = clock_now(s->host->clock);
	log_line(LOG_NOTE, "sync", "account %lld connected in %lld ms", (long long)s->account,
		(long long)(clock_mono_ms() - start));
	return 0;
}

void session_disconnect(struct session *s)
{
	if (s->provider)
		s->ops->close(s->provider);
	s->provider = NULL;
	s->folders_known = false;
}

int session_wait(struct session *s, int64_t until_ms, struct err *e)
{
	bool has_news = false;
	int64_t left = until_ms == INT64_MAX ? WAIT_MAX_MS : until_ms - clock_mono_ms();
	int ms = left < 0 ? 0 : left > WAIT_MAX_MS ? WAIT_MAX_MS : (int)left;
	if (!s->provider || !(s->ops->caps(s->provider) & PROV_PUSH)) {
		if (ms)
			worker_sleep(s->worker, until_ms);
		return 0;
	}
	if (s->ops->wait(s->provider, s->worker->wake_fd, ms, &has_news, e))
		return -1;
	if (has_news)
		session_pull_role(s, FOLDER_INBOX);
	return 0;
}

void session_drop(struct session *s)
{
	net_cancel_trigger(s->worker->cancel);
	session_disconnect(s);
	net_cancel_reset(s->worker->cancel); /* a request to stop stands in the worker */
}

const struct err *session_trouble(const struct session *s)
{
	if (s->sending_error.code != ERR_NONE)
		return &s->sending_error;
	if (s->folder_error.code != ERR_NONE)
		return &s->folder_error;
	return s->bodies_error.code != ERR_NONE ? &s->bodies_error : NULL;
}

void session_hurry(struct session *s)
{
	session_pull_all(s);
	retry_note_success(&s->sending);
	s->folder_error = s->bodies_error = s->sending_error = ERR_INIT;
	s->troubled_folder = s->bodies_at = s->missing_at = s->sends_at = 0;
	for (size_t i = 0; i < s->n_folders; i++)
		s->folders[i].failures = 0;
}

void session_lost_bodies(struct session *s)
{
	s->is_missing_known = false;
	for (size_t i = 0; i < s->n_folders; i++)
		s->folders[i].bodies_below = INT64_MAX;
}

/* What is known of a folder survives a reconnect, so that a line that breaks often costs no more
 * than what was not done yet; new mail is looked for at once. */
static struct session_folder folder_state(const struct session_folder *before, size_t n,
	const struct folder_row *row)
{
	for (size_t i = 0; i < n; i++) {
		if (before[i].id != row->id)
			continue;
		struct session_folder f = before[i];
		if (row->role == FOLDER_INBOX && !f.failures)
			f.next_pull_at = 0;
		return f;
	}
	return (struct session_folder){
		.id = row->id,
		.is_listing = true, /* an earlier listing may have been cut short */
		.bodies_below = INT64_MAX,
	};
}

static int adopt_folders(struct session *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct folder_row *rows = NULL;
	size_t n = 0, n_before = s->n_folders;
	if (folder_list(s->reader, &a, s->account, &rows, &n, e))
		return -1;
	struct session_folder *before = arena_array(&a, n_before + 1, sizeof *before);
	if (n_before)
		memcpy(before, s->folders, n_before * sizeof *before);
	arena_reset(&s->list);
	s->folders = arena_array(&s->list, n ? n : 1, sizeof *s->folders);
	s->n_folders = 0;
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].is_synced)
			continue;
		struct session_folder f = folder_state(before, n_before, &rows[i]);
		f.name = arena_strdup(&s->list, rows[i].name);
		f.server_name = arena_strdup(&s->list, rows[i].server_name);
		f.role = rows[i].role;
		if (s->is_account_wide && f.role != FOLDER_INBOX)
			f.next_pull_at = INT64_MAX; /* the inbox's pages tell of it */
		s->folders[s->n_folders++] = f;
	}
	s->report.folders = (int64_t)s->n_folders;
	s->folders_known = true;
	s->is_missing_known = false;
	return 0;
}

int session_list_folders(struct session *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct folder_list list = {0};
	if (s->ops->folders(s->provider, &a, &list, e))
		return -1;
	struct folder_in *in = arena_array(&a, list.n ? list.n : 1, sizeof *in);
	size_t n = 0;
	for (size_t i = 0; i < list.n; i++)
		if (!list.v[i].no_select)
			in[n++] = (struct folder_in){
				list.v[i].name, list.v[i].server_name, list.v[i].role};
	if (list.is_cut)
		log_line(LOG_WARN, "sync",
			"account %lld: more than %zu folders: the rest is left out",
			(long long)s->account, list.n);
	int rc = list.is_cut ? folder_add_list(s->host->store, s->account, in, n, e)
			     : folder_put_list(s->host->store, s->account, in, n, e);
	return rc || adopt_folders(s, e) ? -1 : 0;
}

const struct session_folder *session_folder_of(const struct session *s, enum folder_role role)
{
	for (size_t i = 0; i < s->n_folders; i++)
		if (s->folders[i].role == role)
			return &s->folders[i];
	return NULL;
}

int session_need_role(struct session *s, enum folder_role role, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *new_id = NULL;
	const struct op create = {.kind = OP_FOLDER_CREATE,
		.account = s->account,
		.to_folder = role_default_name(role)};
	if (session_folder_of(s, role))
		return 0;
	if (s->ops->apply(s->provider, &create, &a, &new_id, e) || session_list_folders(s, e))
		return -1;
	if (session_folder_of(s, role))
		return 0;
	return err_set(e, ERR_NOTFOUND, _("The server made the folder %s and does not show it."),
		role_default_name(role));
}

/* Whoever asks in the middle of a listing wants to know of what came since it began. */
static void ask_folder(struct session_folder *f)
{
	f->next_pull_at = 0;
	f->is_asked_midway = f->is_midway;
}

void session_pull_all(struct session *s)
{
	for (size_t i = 0; i < s->n_folders; i++)
		if (!s->is_account_wide || s->folders[i].role == FOLDER_INBOX)
			ask_folder(&s->folders[i]);
}

void session_pull_role(struct session *s, enum folder_role role)
{
	for (size_t i = 0; i < s->n_folders; i++)
		if (s->folders[i].role == (s->is_account_wide ? FOLDER_INBOX : role))
			ask_folder(&s->folders[i]);
}

void session_pull_named(struct session *s, const char *server_name)
{
	if (s->is_account_wide)
		session_pull_role(s, FOLDER_INBOX);
	for (size_t i = 0; !s->is_account_wide && i < s->n_folders; i++)
		if (strcmp(s->folders[i].server_name, server_name) == 0)
			s->folders[i].next_pull_at = 0;
}

void session_note_due(struct session *s, int64_t due)
{
	if (due && (!s->next_due || due < s->next_due))
		s->next_due = due;
}

void session_note_ask(struct session *s, int64_t at)
{
	if (!s->asks_at || at < s->asks_at)
		s->asks_at = at;
}

static int64_t mono_of(const struct session *s, int64_t due, int64_t now_ms)
{
	return due ? now_ms + (due * 1000 - clock_now_ms(s->host->clock)) : INT64_MAX;
}

int64_t session_next_wake(const struct session *s, int64_t now_ms)
{
	int64_t at = INT64_MAX;
	for (size_t i = 0; i < s->n_folders; i++)
		if (s->folders[i].next_pull_at < at)
			at = s->folders[i].next_pull_at;
	if (s->bodies_at && s->bodies_at < at)
		at = s->bodies_at;
	if (s->sending.until_ms && s->sending.until_ms < at)
		at = s->sending.until_ms;
	int64_t due = mono_of(s, s->next_due, now_ms), ask = mono_of(s, s->asks_at, now_ms);
	if (ask < due)
		due = ask;
	return due < at ? due : at;
}
