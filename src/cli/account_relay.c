/*
 * account_relay.c - `crmail account relay NAME`: makes an account send through a relay, after the
 * relay has been let into the mailbox and that is known to be the account's own; or no more.
 */
#include "config.h"

#include "account_relay.h"

#include <string.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/cli/cli.h"
#include "crmail/net/oauth_visit.h"
#include "crmail/net/secret.h"
#include "crmail/provider/relay.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"

#include "account_grant.h"
#include "ask_secret.h"
#include "verbs.h"

#define REDIRECT "http://127.0.0.1/relay"

struct asked {
	struct cli *c;
	const char *command;
};

static int give_key(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	const struct asked *k = ctx;
	CLEANUP(secret_release) struct secret key = SECRET_INIT;
	const struct secret_helper h = {
		.program = k->c->program, .deadline_ms = k->c->deadline_ms, .cancel_fd = -1};
	const struct secret_source src = {.command = k->command};
	if (refused)
		return err_set(e, ERR_AUTH, _("The relay did not accept the key."));
	if (secret_ask(&h, &src, &key, e))
		return -1;
	buf_add(out, key.p, key.len);
	return 0;
}

static int visit(struct cli *c, struct relay *r, struct oauth_listener *l, const char *title,
	struct err *e)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(16384);
	CLEANUP(buf_release) struct buf code = BUF_INIT(4096);
	CLEANUP(buf_release) struct buf state = BUF_INIT(4096);
	CLEANUP(free_str)
	char *redirect = xasprintf("http://127.0.0.1:%d/relay", oauth_listener_port(l));
	struct account_asking ask = {.c = c, .can_paste = cli_can_ask()};
	struct oauth_visit v = {.title = title,
		.paste_fd = ask.can_paste ? STDIN_FILENO : -1,
		.prompt = account_grant_prompt,
		.ctx = &ask};
	if (relay_authorize(r, redirect, &url, e))
		return -1;
	v.url = url.p;
	if (oauth_visit(l, &v, &code, &state, e))
		return -1;
	return relay_finish(r, redirect, code.p, state.p, e);
}

/* The person lets it in, where nobody has yet. */
static int let_in(struct cli *c, struct relay *r, const struct account_relay *o, const char *email,
	struct err *e)
{
	CLEANUP(buf_release) struct buf theirs = BUF_INIT(1000);
	struct oauth_listener *l = NULL;
	bool is_connected = false;
	int64_t port = 0;
	if (o->port && !str_to_i64(o->port, 1024, 65535, &port))
		return err_set(e, ERR_USAGE, _("--port is a number from 1024 to 65535."));
	if (relay_profile(r, &is_connected, &theirs, e))
		return -1;
	if (is_connected)
		return relay_check(r, email, e);
	if (oauth_listener_open(&l, REDIRECT, (int)port, e))
		return -1;
	int rc = visit(c, r, l, _("the relay"), e) || relay_check(r, email, e) ? -1 : 0;
	oauth_listener_finish(l, rc ? e->msg : NULL);
	oauth_listener_close(l);
	return rc;
}

static int save(struct cli *c, int64_t account, const struct account_relay *o, struct err *e)
{
	const struct setting all[] = {
		{"relay_user", o->user}, {"relay_key_command", o->key_command}, {"relay", o->url}};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (account_set(c->store, account, all[i].key, o->is_off ? NULL : all[i].value, e))
			return -1;
	return 0;
}

static int try_and_save(struct cli *c, const struct account_row *row, const char *ca,
	const struct account_relay *o, struct err *e)
{
	struct asked key = {.c = c, .command = o->key_command};
	const struct relay_conf conf = {.base = o->url,
		.user = o->user,
		.account = row->id,
		.ca_file = ca,
		.key = give_key,
		.key_ctx = &key,
		.clock = c->clock,
		.deadline_ms = c->deadline_ms};
	struct relay *r = NULL;
	if (relay_open(&r, &conf, e))
		return -1;
	int rc = let_in(c, r, o, row->email, e);
	relay_close(r);
	return rc ? -1 : save(c, row->id, o, e);
}

static int find(struct cli *c, struct arena *a, const char *name, struct account_row **row,
	const char **ca, struct err *e)
{
	struct store_reader *r = NULL;
	if (store_reader_open(c->store, &r, e))
		return -1;
	int rc = account_find(r, a, name, row, e);
	if (!rc && *row)
		*ca = account_setting(r, a, (*row)->id, "ca");
	store_reader_close(r);
	if (rc || *row)
		return rc;
	return err_set(e, ERR_NOTFOUND, _("There is no account %s."), name);
}

int account_relay(struct cli *c, const struct account_relay *o)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct account_row *row = NULL;
	const char *ca = NULL;
	struct err e = ERR_INIT;
	if (!o->is_off && (!o->url || !o->user || !o->key_command))
		return cli_usage(c, cli_verb_find("account"),
			_("A relay needs --url, --user and --key-command."));
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (find(c, &a, o->name, &row, &ca, &e) ||
		(o->is_off ? save(c, row->id, o, &e) : try_and_save(c, row, ca, o, &e)))
		return cli_fail(c, &e);
	if (!o->is_off)
		fprintf(c->err, _("Account %s sends through the relay from now on.\n"), o->name);
	return CLI_OK;
}
