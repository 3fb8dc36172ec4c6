/*
 * account_relay.c - `crmail account relay NAME`: makes an account send through a relay, after the
 * relay has been let into the mailbox and that is known to be the account's own; or no more.
 */
#include "config.h"

#include "account_relay.h"

#include <stdio.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/cli/cli.h"
#include "crmail/net/secret.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"
#include "crmail/sync/relay_join.h"
#include "crmail/sync/seat.h"

#include "account_grant.h"
#include "ask_secret.h"
#include "verbs.h"

struct account { /* in the arena */
	const struct account_row *row;
	const char *ca, *key; /* key: entry of the saved one */
};

/* What a command prints, or a person types; that is saved. */
static int find_key(struct cli *c, const struct account_relay *o, struct secret *out, struct err *e)
{
	const struct secret_helper h = {
		.program = c->program, .deadline_ms = c->deadline_ms, .cancel_fd = -1};
	const struct secret_source src = {.command = o->key_command};
	if (o->key_command)
		return secret_ask(&h, &src, out, e);
	return cli_ask_secret(o->key_fd, _("Key of the relay:"), out, e);
}

void account_relay_forget(struct cli *c, const char *entry)
{
	struct err why = ERR_INIT;
	if (entry &&
		(cli_open_secrets(c, entry, &why) || secret_store_erase(c->secrets, entry, &why)))
		fprintf(c->err, _("The saved key of the relay stays: %s\n"), why.msg);
}

static int save(struct cli *c, const struct account *a, const struct account_relay *o,
	const struct secret *key, struct err *e)
{
	char entry[DESK_SECRET_NAME] = "";
	bool is_saved = !o->is_off && !o->key_command;
	if (is_saved && (cli_open_secrets(c, NULL, e) ||
				desk_save_password(c->secrets, a->row->email, key, entry, e)))
		return -1;
	const struct relay_settings v = {.url = o->is_off ? NULL : o->url,
		.user = o->is_off ? NULL : o->user,
		.key = is_saved ? entry : NULL,
		.key_command = o->is_off ? NULL : o->key_command};
	if (relay_keep(c->store, a->row->id, &v, e)) {
		account_relay_forget(c, is_saved ? entry : NULL);
		return -1;
	}
	account_relay_forget(c, a->key);
	return 0;
}

static int try_and_save(struct cli *c, const struct account *a, const struct account_relay *o,
	struct err *e)
{
	CLEANUP(secret_release) struct secret key = SECRET_INIT;
	struct account_asking ask = {.c = c, .can_paste = cli_can_ask()};
	int64_t port = 0;
	if (o->port && !str_to_i64(o->port, 1024, 65535, &port))
		return err_set(e, ERR_USAGE, _("--port is a number from 1024 to 65535."));
	const struct relay_join j = {.url = o->url,
		.user = o->user,
		.key = &key,
		.account = a->row->id,
		.email = a->row->email,
		.ca = a->ca,
		.port = (int)port,
		.paste_fd = ask.can_paste ? STDIN_FILENO : -1,
		.prompt = account_grant_prompt,
		.ctx = &ask,
		.clock = c->clock,
		.deadline_ms = c->deadline_ms};
	return find_key(c, o, &key, e) || relay_join(&j, e) || save(c, a, o, &key, e) ? -1 : 0;
}

static int find(struct cli *c, struct arena *a, const char *name, struct account *out,
	struct err *e)
{
	struct store_reader *r = NULL;
	struct account_row *row = NULL;
	if (store_reader_open(c->store, &r, e))
		return -1;
	int rc = account_find(r, a, name, &row, e);
	if (!rc && row)
		*out = (struct account){.row = row,
			.ca = account_setting(r, a, row->id, "ca"),
			.key = account_setting(r, a, row->id, "relay_secret")};
	store_reader_close(r);
	if (rc || row)
		return rc;
	return err_set(e, ERR_NOTFOUND, _("There is no account %s."), name);
}

int account_relay(struct cli *c, const struct account_relay *o)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct account found = {.row = NULL};
	struct err e = ERR_INIT;
	if (!o->is_off && (!o->url || !o->user))
		return cli_usage(c, cli_verb_find("account"), _("A relay needs --url and --user."));
	if (!o->is_off && !o->key_command && !o->key_fd && !cli_can_ask())
		return cli_usage(c, cli_verb_find("account"),
			_("A relay needs --key-command or --password-fd."));
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (find(c, &a, o->name, &found, &e) ||
		(o->is_off ? save(c, &found, o, NULL, &e) : try_and_save(c, &found, o, &e)))
		return cli_fail(c, &e);
	seat_hurry(c->data_dir, found.row->id);
	if (!o->is_off)
		fprintf(c->err, _("Account %s sends through the relay from now on.\n"), o->name);
	return CLI_OK;
}
