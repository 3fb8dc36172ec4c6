/*
 * account_grant.c - the person's part of signing in at a provider, without a screen: what is
 * opened, printed and copied, and what may be pasted back.
 */
#include "config.h"

#include "account_grant.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/browse.h"
#include "crmail/base/buf.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/cli/cli.h"
#include "crmail/net/secret.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"
#include "crmail/sync/grant.h"
#include "crmail/sync/seat.h"

#include "ask_secret.h"

/* OSC 52: terminals that do not know it show nothing. */
static void copy(FILE *to, const char *url)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(65536);
	base64_add(&text, url, strlen(url));
	if (isatty(fileno(to)) && !text.failed)
		fprintf(to, "\033]52;c;%s\a", text.p);
}

static void say_code(FILE *to, const struct oauth_prompt *p)
{
	fprintf(to,
		/* TRANSLATORS: the placeholders are an address and a code */
		_("On any device, open\n\n  %s\n\nand type this code there:\n\n  %s\n\n"), p->url,
		p->user_code);
}

static void say_address(const struct account_asking *a, const struct oauth_prompt *p)
{
	FILE *to = a->c->out;
	bool is_open = browse_open(p->url);
	fprintf(to, "%s\n\n  %s\n\n",
		is_open ? _("Sign in with the browser. Should none have opened, open this address:")
			: _("Open this address in a browser to sign in:"),
		p->url);
	if (a->can_paste)
		fputs(_("With a browser on another machine: paste the address here that it ends "
			"at, "
			"even if it shows nothing there, and press Enter.\n"),
			to);
}

void account_grant_prompt(void *ctx, const struct oauth_prompt *p)
{
	const struct account_asking *a = ctx;
	if (p->user_code)
		say_code(a->c->out, p);
	else
		say_address(a, p);
	copy(a->c->out, p->user_code ? p->user_code : p->url);
	fflush(a->c->out);
}

int account_grant_obtain(struct cli *c, const struct account_grant *g, char entry[DESK_SECRET_NAME],
	struct err *e)
{
	struct account_asking a = {.c = c, .can_paste = !g->by_device && cli_can_ask()};
	int64_t port = 0;
	if (g->port && !str_to_i64(g->port, 1024, 65535, &port))
		return err_set(e, ERR_USAGE, _("--port is a number from 1024 to 65535."));
	if (cli_open_secrets(c, NULL, e))
		return -1;
	if (secret_store_state(c->secrets) == SECRET_STORE_OPEN)
		grant_tidy(c->store, c->secrets);
	else
		grant_tidy_left(c->store, c->secrets);
	struct grant_order o = {.provider = g->provider,
		.by_device = g->by_device,
		.port = (int)port,
		.paste_fd = a.can_paste ? STDIN_FILENO : -1,
		.prompt = account_grant_prompt,
		.ctx = &a,
		.trial = g->trial};
	o.trial.secrets = c->secrets;
	o.trial.trust = c->trust;
	o.trial.clock = c->clock;
	o.trial.deadline_ms = c->deadline_ms;
	return grant_obtain(&o, entry, e);
}

/* ---- once more ------------------------------------------------------------------------------- */

struct known { /* in the arena */
	const struct account_row *row;
	const char *oauth, *secret;
	bool has_contacts; /* they are asked for, too, now or before */
	struct account_trial trial;
};

static int load(struct cli *c, struct arena *a, const char *name, struct known *k, struct err *e)
{
	struct store_reader *r = NULL;
	struct account_row *row = NULL;
	if (store_reader_open(c->store, &r, e))
		return -1;
	int rc = account_find(r, a, name, &row, e);
	if (!rc && row) {
		int64_t id = row->id;
		*k = (struct known){.row = row,
			.oauth = account_setting(r, a, id, "oauth"),
			.secret = account_setting(r, a, id, "secret"),
			.has_contacts = account_setting(r, a, id, "contacts") != NULL,
			.trial = {.name = row->name,
				.email = row->email,
				.imap = account_setting(r, a, id, "imap"),
				.smtp = account_setting(r, a, id, "smtp"),
				.user = account_setting(r, a, id, "user"),
				.tls = account_setting(r, a, id, "tls"),
				.ca = account_setting(r, a, id, "ca"),
				.kind = strcmp(row->kind, "imap") == 0 ? NULL : row->kind,
				.api = account_setting(r, a, id, "api")}};
	}
	store_reader_close(r);
	if (rc)
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, _("There is no account %s."), name);
	if (!k->oauth)
		return err_set(e, ERR_UNSUPPORTED,
			_("Account %s has a password: nothing is to be signed in to with a "
			  "browser."),
			name);
	return 0;
}

static int sign_in_again(struct cli *c, const struct known *k, const char *provider,
	struct account_grant *g, struct err *e)
{
	CLEANUP(oauth_provider_free) struct oauth_provider *p = NULL;
	struct err old = ERR_INIT;
	char entry[DESK_SECRET_NAME];
	if (oauth_provider_load(c->share_dir, c->config_dir, provider, k->trial.kind, &p, e) ||
		(k->has_contacts && oauth_provider_add_contacts(p, e)))
		return -1;
	g->provider = p;
	g->trial = k->trial;
	if (account_grant_obtain(c, g, entry, e))
		return -1;
	grant_note(c->secrets, k->secret, true);
	if ((k->has_contacts && account_set(c->store, k->row->id, "contacts", "yes", e)) ||
		account_set(c->store, k->row->id, "secret", entry, e)) {
		IGNORE_RESULT(secret_store_revoke(c->secrets, entry, NULL, &old),
			"the error that counts is known");
		return -1;
	}
	if (account_set_status(c->store, k->row->id, ACCOUNT_OFFLINE, NULL, 0, e))
		return -1;
	/* What was refused is refused here, too: it only has to be forgotten. */
	if (k->secret && secret_store_revoke(c->secrets, k->secret, NULL, &old))
		log_line(LOG_NOTE, "grant", "the old one: %s", err_code_name(old.code));
	return 0;
}

int account_grant_again(struct cli *c, const char *name, bool by_device, const char *port,
	bool has_contacts)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct account_grant g = {.by_device = by_device, .port = port};
	struct known k = {.row = NULL};
	struct err e = ERR_INIT;
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	int rc = load(c, &a, name, &k, &e);
	k.has_contacts = k.has_contacts || has_contacts;
	if (rc || sign_in_again(c, &k, k.oauth, &g, &e))
		return cli_fail(c, &e);
	seat_hurry(c->data_dir, k.row->id);
	fprintf(c->err, _("Account %s is signed in.\n"), name);
	return CLI_OK;
}
