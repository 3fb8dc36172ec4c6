/*
 * secrets.c - `crmail secrets`: where the passwords and sign-ins of accounts and CRMs lie; unlocks
 * the keyring, and moves them from the file to the keyring or back.
 */
#include "config.h"

#include "secrets.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/entry.h"
#include "crmail/base/i18n.h"
#include "crmail/net/secret.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/store.h"
#include "crmail/sync/crm_sync.h"
#include "crmail/sync/grant.h"
#include "crmail/sync/seat.h"

#include "args.h"
#include "verbs.h"

struct owner { /* of a saved secret, or of a command that prints one */
	const char *name, *email;
	int64_t account, crm; /* one of them 0 */
	const char *secret, *command;
	const char *setting; /* that names the secret */
};

struct owners { /* in the arena */
	struct arena a;
	struct owner *v;
	size_t n;
};

/* Its own, and that of the relay it sends through. */
static void add_account(struct owners *o, struct store_reader *r, const struct account_row *row)
{
	static const char *const settings[][2] = {
		{"secret", "password_command"}, {"relay_secret", "relay_key_command"}};
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		struct owner one = {.name = row->name,
			.email = row->email,
			.account = row->id,
			.setting = settings[i][0],
			.secret = account_setting(r, &o->a, row->id, settings[i][0]),
			.command = account_setting(r, &o->a, row->id, settings[i][1])};
		if (i == 0 || one.secret || one.command)
			o->v[o->n++] = one;
	}
}

static int read_owners(struct cli *c, struct owners *o, struct err *e)
{
	struct store_reader *r = NULL;
	struct account_row *accounts = NULL;
	struct crm_row *crms = NULL;
	size_t n_accounts = 0, n_crms = 0;
	if (store_reader_open(c->store, &r, e))
		return -1;
	int rc = account_list(r, &o->a, &accounts, &n_accounts, e) ||
				 crm_list(r, &o->a, &crms, &n_crms, e)
			 ? -1
			 : 0;
	o->v = arena_array(&o->a, 2 * n_accounts + n_crms + 1, sizeof *o->v);
	for (size_t i = 0; !rc && i < n_accounts; i++)
		add_account(o, r, &accounts[i]);
	for (size_t i = 0; !rc && i < n_crms; i++)
		o->v[o->n++] = (struct owner){.name = crms[i].name,
			.crm = crms[i].id,
			.setting = "secret",
			.secret = crm_setting(r, &o->a, crms[i].id, "secret"),
			.command = crm_setting(r, &o->a, crms[i].id, "secret_command")};
	store_reader_close(r);
	return rc;
}

/* ---- where they are -------------------------------------------------------------------------- */

void secrets_print_place(struct cli *c)
{
	struct err why = ERR_INIT;
	bool needs_passphrase = false;
	int rc = secret_store_check(c->secrets, NULL, &needs_passphrase, &why);
	if (rc)
		fprintf(c->out, _("New passwords go into the keyring. %s\n"), why.msg);
	else if (secret_store_saves_in_keyring(c->secrets))
		fprintf(c->out, "%s\n", _("New passwords go into the keyring, which is open."));
	else
		fprintf(c->out, "%s\n",
			_("New passwords go into the encrypted file; no keyring is used."));
}

static const char *word_of(const struct owner *o)
{
	if (!o->account)
		return "crm";
	return strcmp(o->setting, "secret") == 0 ? "account" : "relay";
}

static const char *place_of(const struct owner *o)
{
	if (o->secret)
		return entry_is_in_keyring(o->secret) ? "keyring" : "file";
	return o->command ? "command" : "-";
}

static int print_places(struct cli *c, struct err *e)
{
	struct owners all = {.a = ARENA_INIT};
	int rc = read_owners(c, &all, e);
	if (!rc)
		secrets_print_place(c);
	for (size_t i = 0; !rc && i < all.n; i++)
		fprintf(c->out, "%s\t%s\t%s\n", all.v[i].name, word_of(&all.v[i]),
			place_of(&all.v[i]));
	arena_release(&all.a);
	return rc;
}

/* ---- moving them ----------------------------------------------------------------------------- */

struct adoption {
	struct cli *c;
	const struct owner *o;
};

static int adopt(void *ctx, const char *to, struct err *e)
{
	const struct adoption *d = ctx;
	const char *from = d->o->secret;
	if (!d->o->account)
		return crm_move_secret(d->c->store, d->o->crm, from, to, e);
	return strcmp(d->o->setting, "secret") == 0
		       ? account_move_secret(d->c->store, d->o->account, from, to, e)
		       : account_set(d->c->store, d->o->account, d->o->setting, to, e);
}

static int adopt_token(void *ctx, const char *to, struct err *e)
{
	(void)ctx; /* its name follows from that of the password */
	(void)to;
	(void)e;
	return 0;
}

/* A CRM's refresh token lies beside its password. Before that: whoever looks in between finds none,
 * and signs in with the password. */
static int move_token(struct cli *c, const struct owner *o, struct err *e)
{
	const struct crm_sync_options options = {.store = c->store,
		.clock = c->clock,
		.program = c->program,
		.share_dir = c->share_dir,
		.only_looks = true,
		.vault = c->secrets};
	struct crm_sync *s = NULL;
	struct err why = ERR_INIT;
	char to[ENTRY_MAX];
	if (crm_sync_open(&s, &options, o->crm, e))
		return -1;
	entry_name_elsewhere(to, crm_sync_token_entry(s), o->name);
	int rc =
		secret_store_move(c->secrets, crm_sync_token_entry(s), to, adopt_token, NULL, &why);
	crm_sync_close(s);
	if (!rc || why.code == ERR_AUTH) /* it has none */
		return 0;
	*e = why;
	return -1;
}

static int move_one(struct cli *c, const struct owner *o, struct err *e)
{
	struct adoption d = {c, o};
	char to[ENTRY_MAX];
	entry_name_elsewhere(to, o->secret, o->email ? o->email : o->name);
	grant_note(c->secrets, o->secret, false); /* each, until the other counts */
	grant_note(c->secrets, to, false);
	if ((o->crm && move_token(c, o, e)) ||
		secret_store_move(c->secrets, o->secret, to, adopt, &d, e))
		return err_wrap(e, "%s", o->name);
	if (o->account)
		seat_hurry(c->data_dir, o->account);
	return 0;
}

/* The first that fails ends it: what was moved is moved, the rest lies where it lay. */
static int move_all(struct cli *c, bool to_keyring, struct err *e)
{
	struct owners all = {.a = ARENA_INIT};
	unsigned long moved = 0;
	int rc = read_owners(c, &all, e);
	for (size_t i = 0; !rc && i < all.n; i++) {
		const struct owner *o = &all.v[i];
		if (!o->secret || entry_is_in_keyring(o->secret) == to_keyring)
			continue;
		if (!moved && secret_store_state(c->secrets) != SECRET_STORE_OPEN)
			rc = cli_open_file(c, e);
		rc = rc || move_one(c, o, e) ? -1 : 0;
		moved += rc == 0;
	}
	if (!rc)
		fprintf(c->out,
			ngettext("%lu saved sign-in was moved.\n",
				"%lu saved sign-ins were moved.\n", moved),
			moved);
	arena_release(&all.a);
	return rc;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static int unlock(struct cli *c, struct err *e)
{
	if (secret_store_unlock_keyring(c->secrets, NULL, e))
		return -1;
	grant_tidy_left(c->store, c->secrets);
	seat_hurry(c->data_dir, 0);
	fprintf(c->out, "%s\n", _("The keyring is open."));
	return 0;
}

int cli_secrets(struct cli *c, int argc, char **argv)
{
	struct cli_list words = {.n = 0};
	const struct cli_arg table[] = {{.name = NULL}};
	const struct cli_verb *v = cli_verb_find("secrets");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &words, &e))
		return cli_usage(c, v, e.msg);
	const char *what = words.n ? words.v[0] : "list", *to = words.n == 2 ? words.v[1] : "";
	bool is_move = !strcmp(what, "move") && (!strcmp(to, "keyring") || !strcmp(to, "file"));
	bool is_known = words.n < 2 && (!strcmp(what, "list") || !strcmp(what, "unlock"));
	if (!is_move && !is_known)
		return cli_usage(c, v, NULL);
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	int rc = is_move                   ? move_all(c, !strcmp(to, "keyring"), &e)
		 : !strcmp(what, "unlock") ? unlock(c, &e)
					   : print_places(c, &e);
	return rc ? cli_fail(c, &e) : CLI_OK;
}
