/*
 * account.c - `crmail account add|sign-in|relay|list|remove`: connected mailboxes without a screen.
 */
#include "config.h"

#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/oauth.h"
#include "crmail/net/secret.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"
#include "crmail/sync/desk.h"
#include "crmail/sync/grant.h"

#include "account_grant.h"
#include "account_relay.h"
#include "account_words.h"
#include "args.h"
#include "ask_secret.h"
#include "discovered.h"

#define MAX_SETTINGS (CLI_LIST_MAX + 16)
/* Kinds of account; what they ask for is in oauth/google.json and oauth/microsoft.json. */
#define GMAIL "gmail"
#define GRAPH "graph"

struct account_args {
	const char *email, *real_name, *imap, *smtp, *user, *password_command, *tls, *ca;
	const char *maildir, *sendmail, *history, *password_fd, *oauth, *port;
	const char *client, *tenant; /* as which program crmail signs in; net/oauth.h */
	const char *url, *key_command;
	bool is_tested, by_device, takes_found, is_gmail, is_graph, is_off, has_contacts;
	struct cli_list set, rest;
};

/* Of a service on the web; NULL = another. */
static const char *web_kind(const struct account_args *a)
{
	return a->is_gmail ? GMAIL : a->is_graph ? GRAPH : NULL;
}

struct settings {
	struct setting v[MAX_SETTINGS];
	char keys[CLI_LIST_MAX][64];
	size_t n;
};

static void put(struct settings *s, const char *key, const char *value)
{
	if (value)
		s->v[s->n++] = (struct setting){key, value};
}

static int put_words(struct settings *s, const struct cli_list *words, struct err *e)
{
	for (size_t i = 0; i < words->n; i++) {
		const char *value;
		if (!cli_split_setting(words->v[i], s->keys[i], sizeof s->keys[i], &value))
			return err_set(e, ERR_USAGE, _("\"%s\" is not KEY=VALUE."), words->v[i]);
		put(s, s->keys[i], value);
	}
	return 0;
}

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static bool is_host_port(const char *s)
{
	int64_t port;
	const char *colon = strrchr(s, ':');
	return colon && colon != s && str_to_i64(colon + 1, 1, 65535, &port);
}

/* 993 and 465 mean implicit TLS, 143 and 587 STARTTLS; other ports say nothing. */
static bool needs_tls_word(const char *host_port)
{
	static const char *const usual[] = {"993", "465", "143", "587"};
	return !is_one_of(strrchr(host_port, ':') + 1, usual, ARRAY_SIZE(usual));
}

/* A terminal can be asked; what is needed otherwise is said. */
static int check_password(const struct account_args *a, struct err *e)
{
	if (a->password_command && a->password_fd)
		return err_set(e, ERR_USAGE,
			_("Give --password-command or --password-fd, not both."));
	if (a->password_command || a->password_fd || cli_can_ask())
		return 0;
	return err_set(e, ERR_USAGE, _("--password-command is needed with --imap."));
}

static int check_set(const struct cli_list *words, struct err *e)
{
	char key[64];
	const char *value;
	for (size_t i = 0; i < words->n; i++) {
		if (!cli_split_setting(words->v[i], key, sizeof(key), &value))
			return err_set(e, ERR_USAGE, _("\"%s\" is not KEY=VALUE."), words->v[i]);
		if (account_word_check(key, value, e))
			return -1;
	}
	return 0;
}

static int check_args(const struct account_args *a, struct err *e)
{
	static const char *const tls_words[] = {"implicit", "starttls", "insecure-none"};
	if (a->rest.n != 2)
		return err_set(e, ERR_USAGE, _("Name the account: crmail account add NAME ..."));
	if (!a->email || !strchr(a->email, '@'))
		return err_set(e, ERR_USAGE, _("--email needs your address."));
	if (a->is_graph && (a->imap || a->smtp || a->user || a->tls))
		return err_set(e, ERR_USAGE,
			_("With --graph neither servers nor a user are named."));
	if (a->is_gmail && a->is_graph)
		return err_set(e, ERR_USAGE, _("Give --gmail or --graph, not both."));
	if (a->is_gmail && (a->imap || a->smtp || a->by_device))
		return err_set(e, ERR_USAGE,
			_("With --gmail there is neither --imap, --smtp nor --device."));
	if (!a->oauth && (a->imap ? a->maildir != NULL : a->smtp && !a->maildir))
		return err_set(e, ERR_USAGE, _("Give either --imap and --smtp, or --maildir."));
	if ((a->imap && !is_host_port(a->imap)) || (a->smtp && !is_host_port(a->smtp)))
		return err_set(e, ERR_USAGE, _("--imap and --smtp need HOST:PORT."));
	if (a->oauth && (a->maildir || a->password_command || a->password_fd))
		return err_set(e, ERR_USAGE,
			_("With --oauth there is neither a password nor a --maildir."));
	if (a->imap && !a->oauth && check_password(a, e))
		return -1;
	if (!a->tls &&
		((a->imap && needs_tls_word(a->imap)) || (a->smtp && needs_tls_word(a->smtp))))
		return err_set(e, ERR_USAGE,
			_("--tls is needed: implicit or starttls cannot be told from these "
			  "ports."));
	if (a->tls && !is_one_of(a->tls, tls_words, ARRAY_SIZE(tls_words)))
		return err_set(e, ERR_USAGE, _("--tls is implicit, starttls or insecure-none."));
	if (a->history && account_word_check("history", a->history, e))
		return -1;
	return check_set(&a->set, e);
}

static char *absolute_path(const char *path)
{
	return path ? realpath(path, NULL) : NULL;
}

static int find_password(struct cli *c, const struct account_args *a, struct secret *out,
	struct err *e)
{
	const struct secret_helper h = {
		.program = c->program, .deadline_ms = c->deadline_ms, .cancel_fd = -1};
	const struct secret_source src = {.command = a->password_command};
	if (a->password_command)
		return secret_ask(&h, &src, out, e);
	return cli_ask_secret(a->password_fd, _("Password of the account:"), out, e);
}

static int test_account(struct cli *c, const struct account_args *a, const char *ca,
	const struct secret *password, struct err *e)
{
	const struct account_trial t = {.name = a->rest.v[1],
		.email = a->email,
		.imap = a->imap,
		.smtp = a->smtp,
		.user = a->user,
		.tls = a->tls,
		.ca = ca,
		.password = password,
		.trust = c->trust,
		.clock = c->clock,
		.deadline_ms = c->deadline_ms};
	enum desk_field where;
	return account_try(&t, &where, e);
}

/* A password that no command prints is asked for and saved; with --test, what is needed for that
 * is found whoever has it. *name gets the entry of a saved one, else stays empty. */
static int settle_password(struct cli *c, const struct account_args *a, const char *ca,
	char name[DESK_SECRET_NAME], struct err *e)
{
	CLEANUP(secret_release) struct secret password = SECRET_INIT;
	if (!a->imap || (a->password_command && !a->is_tested))
		return 0;
	if (find_password(c, a, &password, e) ||
		(a->is_tested && test_account(c, a, ca, &password, e)))
		return -1;
	if (a->password_command)
		return 0;
	return cli_open_secrets(c, NULL, e) ||
			       desk_save_password(c->secrets, a->email, &password, name, e)
		       ? -1
		       : 0;
}

/* Signs in and tries the servers: the provider's own, unless others are named. */
static int obtain_grant(struct cli *c, struct account_args *a, const struct oauth_provider *p,
	const char *ca, char secret[DESK_SECRET_NAME], struct err *e)
{
	if (!web_kind(a)) {
		a->imap = a->imap ? a->imap : p->imap;
		a->smtp = a->smtp ? a->smtp : p->smtp;
	}
	if (!a->imap && !web_kind(a))
		return err_set(e, ERR_USAGE,
			_("--imap and --smtp are needed: %s names no servers."), p->title);
	const struct account_grant g = {.provider = p,
		.by_device = a->by_device,
		.port = a->port,
		.trial = {.name = a->rest.v[1],
			.email = a->email,
			.imap = a->imap,
			.smtp = a->smtp,
			.user = a->user,
			.tls = a->tls,
			.ca = ca,
			.kind = web_kind(a),
			.api = p->api}};
	return account_grant_obtain(c, &g, secret, e);
}

static void forget_secret(struct cli *c, const char *secret)
{
	struct err ignored = ERR_INIT;
	if (secret[0])
		IGNORE_RESULT(secret_store_revoke(c->secrets, secret, NULL, &ignored),
			"an entry that no account names");
}

/* Stays, also when signing in fails: it need not be given again. */
static int keep_client(struct cli *c, const struct account_args *a, struct err *e)
{
	const struct oauth_client given = {.id = a->client, .tenant = a->tenant};
	if (!a->client && !a->tenant)
		return 0;
	if (!a->oauth)
		return err_set(e, ERR_USAGE,
			_("--client-id and --tenant are for --gmail, --graph and --oauth."));
	return oauth_client_keep(c->config_dir, a->oauth, &given, e);
}

static int add_account(struct cli *c, struct account_args *a, struct err *e)
{
	CLEANUP(oauth_provider_free) struct oauth_provider *provider = NULL;
	char secret[DESK_SECRET_NAME] = "";
	struct settings s = {.n = 0};
	int64_t id = 0;
	CLEANUP(free_str) char *ca = absolute_path(a->ca);
	CLEANUP(free_str) char *maildir = absolute_path(a->maildir);
	if (a->ca && !ca)
		return err_set(e, ERR_USAGE, _("There is no file %s."), a->ca);
	if (a->maildir && !maildir)
		return err_set(e, ERR_USAGE, _("There is no folder %s."), a->maildir);
	if (keep_client(c, a, e))
		return -1;
	if (a->oauth && oauth_provider_load(c->share_dir, c->config_dir, a->oauth, web_kind(a),
				&provider, e))
		return -1;
	if (a->oauth ? obtain_grant(c, a, provider, ca, secret, e)
		     : settle_password(c, a, ca, secret, e))
		return -1;
	put(&s, "oauth", a->oauth);
	put(&s, "api", web_kind(a) ? provider->api : NULL);
	put(&s, "imap", a->imap);
	put(&s, "smtp", a->smtp);
	put(&s, "user", a->user);
	put(&s, "password_command", a->password_command);
	put(&s, "secret", secret[0] ? secret : NULL);
	put(&s, "tls", a->tls);
	put(&s, "ca", ca);
	put(&s, "maildir", maildir);
	put(&s, "sendmail", a->sendmail);
	put(&s, "history", a->history);
	if (put_words(&s, &a->set, e))
		return -1;
	const struct account_row row = {
		.name = a->rest.v[1],
		.kind = web_kind(a) ? web_kind(a)
			: a->imap   ? "imap"
				    : "maildir",
		.email = a->email,
		.real_name = a->real_name,
		.status = ACCOUNT_OFFLINE,
		.added_at = clock_now(c->clock),
	};
	if (account_add(c->store, &row, s.v, s.n, &id, e) == 0)
		return 0;
	forget_secret(c, secret);
	return -1;
}

/* Signing in takes a person's minutes: what would fail afterwards is looked at before. */
static int check_name(struct cli *c, const char *name, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct account_row *row = NULL;
	if (store_reader_open(c->store, &r, e))
		return -1;
	int rc = account_find(r, &a, name, &row, e);
	store_reader_close(r);
	if (rc || !row)
		return rc;
	return err_set(e, ERR_CONFLICT, _("There is an account of that name already."));
}

/* Without servers, a provider or a folder: what is found for the address. */
static int find_servers(struct cli *c, struct account_args *a, struct offer *found, struct err *e)
{
	bool is_typed = !a->password_command && !a->password_fd && cli_can_ask();
	if (a->oauth || a->imap || a->maildir)
		return 0;
	const struct discovered_wish wish = {.email = a->email,
		.is_sure = a->takes_found || is_typed,
		.has_client = a->client != NULL};
	if (discovered_choose(c, &wish, found, e))
		return -1;
	a->oauth = found->oauth[0] ? found->oauth : NULL;
	a->is_gmail = strcmp(found->kind, GMAIL) == 0;
	a->is_graph = strcmp(found->kind, GRAPH) == 0;
	a->imap = found->imap[0] ? found->imap : NULL;
	a->smtp = found->smtp[0] ? found->smtp : NULL;
	a->tls = found->tls[0] && !a->tls ? found->tls : a->tls;
	a->user = found->user[0] && !a->user ? found->user : a->user;
	return check_args(a, e);
}

static int run_add(struct cli *c, struct account_args *a)
{
	struct offer found;
	struct err e = ERR_INIT;
	if (!a->oauth && web_kind(a))
		a->oauth = a->is_gmail ? "google" : "microsoft";
	if (check_args(a, &e))
		return cli_fail(c, &e);
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (check_name(c, a->rest.v[1], &e) || find_servers(c, a, &found, &e) ||
		add_account(c, a, &e))
		return cli_fail(c, &e);
	fprintf(c->err, _("Account %s is set up. Next: crmail sync --once, or just crmail.\n"),
		a->rest.v[1]);
	return CLI_OK;
}

/* With what the caller opened, or opened for reading alone. */
static int with_accounts(struct cli *c, struct arena *a, struct account_row **rows, size_t *n)
{
	struct store_reader *r = NULL;
	struct err e = ERR_INIT;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	int rc = account_list(r, a, rows, n, &e);
	store_reader_close(r);
	return rc ? cli_fail(c, &e) : CLI_OK;
}

static int run_list(struct cli *c)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct account_row *rows = NULL;
	size_t n = 0;
	int code = with_accounts(c, &a, &rows, &n);
	for (size_t i = 0; code == CLI_OK && i < n; i++)
		fprintf(c->out, "%s\t%s\t%s\n", rows[i].name, rows[i].kind, rows[i].email);
	return code;
}

struct saved {              /* in the arena */
	const char *secret; /* NULL = the account has none */
	bool is_grant;
	const char *relay_key; /* likewise */
};

static struct saved saved_of(struct cli *c, struct arena *a, int64_t account)
{
	struct store_reader *r = NULL;
	struct err ignored = ERR_INIT;
	struct saved s = {.secret = NULL};
	if (store_reader_open(c->store, &r, &ignored))
		return s;
	s.secret = account_setting(r, a, account, "secret");
	s.is_grant = account_setting(r, a, account, "oauth") != NULL;
	s.relay_key = account_setting(r, a, account, "relay_secret");
	store_reader_close(r);
	return s;
}

/* A password is not worth asking for a passphrase, to erase it. */
static int end_saved(struct cli *c, const struct saved *s, struct err *e)
{
	bool is_asked_for = s->is_grant || c->passphrase_fd;
	if (is_asked_for && cli_open_secrets(c, s->secret, e))
		return -1;
	return secret_store_revoke(c->secrets, s->secret, NULL, e);
}

static void explain_left(const struct saved *s, bool is_noted, struct err *e)
{
	if (s->is_grant && is_noted)
		err_wrap(e, "%s",
			_("The account is removed, and stays signed in at the provider until the "
			  "saved passwords or the keyring are opened next, or you end it there, "
			  "among the apps of your account"));
	else if (s->is_grant)
		err_wrap(e, "%s",
			_("The account is removed, but its sign-in was not taken back (the "
			  "provider lists it among the apps of your account there)"));
	else
		err_wrap(e, "%s",
			is_noted ? _("The account is removed; its saved password is forgotten when "
				     "the saved passwords or the keyring are opened next")
				 : _("The account is removed, but its saved password was not "
				     "forgotten"));
}

/* The account is gone either way; what stays is to be known. */
static int remove_one(struct cli *c, struct arena *a, int64_t account)
{
	struct err e = ERR_INIT;
	const struct saved s = saved_of(c, a, account);
	grant_note(c->secrets, s.secret, true);
	if (account_remove(c->store, account, &e))
		return cli_fail(c, &e);
	account_relay_forget(c, s.relay_key);
	if (!s.secret || end_saved(c, &s, &e) == 0)
		return CLI_OK;
	bool is_noted = secret_store_has_left(c->secrets, s.secret);
	explain_left(&s, is_noted, &e);
	if (s.is_grant || !is_noted)
		return cli_fail(c, &e);
	fprintf(c->err, "%s\n", e.msg);
	return CLI_OK;
}

static int run_remove(struct cli *c, const char *name)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct account_row *rows = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	int code = cli_open_store(c);
	if (code == CLI_OK)
		code = with_accounts(c, &a, &rows, &n);
	if (code != CLI_OK)
		return code;
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return remove_one(c, &a, rows[i].id);
	err_set(&e, ERR_NOTFOUND, _("There is no account %s."), name);
	return cli_fail(c, &e);
}

int cli_account(struct cli *c, int argc, char **argv)
{
	struct account_args a = {0};
	const struct cli_arg table[] = {
		{.name = "--email", .value = &a.email},
		{.name = "--real-name", .value = &a.real_name},
		{.name = "--imap", .value = &a.imap},
		{.name = "--smtp", .value = &a.smtp},
		{.name = "--user", .value = &a.user},
		{.name = "--password-command", .value = &a.password_command},
		{.name = "--password-fd", .value = &a.password_fd},
		{.name = "--oauth", .value = &a.oauth},
		{.name = "--graph", .flag = &a.is_graph},
		{.name = "--gmail", .flag = &a.is_gmail},
		{.name = "--device", .flag = &a.by_device},
		{.name = "--port", .value = &a.port},
		{.name = "--client-id", .value = &a.client},
		{.name = "--tenant", .value = &a.tenant},
		{.name = "--test", .flag = &a.is_tested},
		{.name = "--found", .flag = &a.takes_found},
		{.name = "--url", .value = &a.url},
		{.name = "--key-command", .value = &a.key_command},
		{.name = "--off", .flag = &a.is_off},
		{.name = "--contacts", .flag = &a.has_contacts},
		{.name = "--tls", .value = &a.tls},
		{.name = "--ca", .value = &a.ca},
		{.name = "--maildir", .value = &a.maildir},
		{.name = "--sendmail", .value = &a.sendmail},
		{.name = "--history", .value = &a.history},
		{.name = "--set", .list = &a.set},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("account");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &a.rest, &e))
		return cli_usage(c, v, e.msg);
	const char *what = a.rest.n ? a.rest.v[0] : "";
	if (strcmp(what, "add") == 0)
		return run_add(c, &a);
	if (strcmp(what, "sign-in") == 0 && a.rest.n == 2)
		return account_grant_again(c, a.rest.v[1], a.by_device, a.port, a.has_contacts);
	if (strcmp(what, "relay") == 0 && a.rest.n == 2) {
		const struct account_relay r = {.name = a.rest.v[1],
			.url = a.url,
			.user = a.user,
			.key_command = a.key_command,
			.key_fd = a.password_fd,
			.port = a.port,
			.is_off = a.is_off};
		return account_relay(c, &r);
	}
	if (strcmp(what, "list") == 0 && a.rest.n == 1)
		return run_list(c);
	if (strcmp(what, "remove") == 0 && a.rest.n == 2)
		return run_remove(c, a.rest.v[1]);
	return cli_usage(c, v, NULL);
}
