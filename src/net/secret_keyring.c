/*
 * secret_keyring.c - what takes more of the keyring than one entry: unlocking it, and moving
 * secrets into it or out of it. Both in a branch of the helper, so that nobody else waits.
 */
#include "config.h"

#include "crmail/net/secret.h"

#include <string.h>
#include <unistd.h>

#include "crmail/base/entry.h"
#include "crmail/base/i18n.h"

#include "helper.h"

static int ask(struct secret_store *s, const struct helper_child *branch, enum helper_op op,
	const struct helper_field *f, size_t n, struct net_cancel *cancel, struct err *e)
{
	CLEANUP(secret_release) struct secret said = SECRET_INIT;
	enum vault_status st = VAULT_IO;
	int sys = 0;
	if (helper_ask(branch, op, f, n))
		return err_set(e, ERR_IO, _("The sign-in helper broke off."));
	if (helper_read_answer(branch->to, cancel, &st, &sys, &said, e))
		return -1;
	if (op == HELPER_KEYRING)
		secret_store_note_keyring(s, st);
	return op == HELPER_COPY && st ? helper_read_err(&said, e)
				       : secret_store_say(s, st, sys, e);
}

int secret_store_unlock_keyring(struct secret_store *s, struct net_cancel *cancel, struct err *e)
{
	struct helper_child branch = {.pid = -1, .to = -1, .from = -1};
	if (secret_store_branch(s, NULL, &branch.to, e))
		return -1;
	int rc = ask(s, &branch, HELPER_KEYRING, NULL, 0, cancel, e);
	close(branch.to);
	return rc;
}

static int move(struct secret_store *s, const struct helper_child *branch, const char *from,
	const char *to, int (*adopt)(void *ctx, const char *to, struct err *e), void *ctx,
	struct err *e)
{
	const struct helper_field names[] = {{from, strlen(from)}, {to, strlen(to)}};
	struct err ignored = ERR_INIT;
	if (ask(s, branch, HELPER_COPY, names, 2, NULL, e) == 0 && adopt(ctx, to, e) == 0)
		return ask(s, branch, HELPER_DROP, names, 1, NULL, e);
	IGNORE_RESULT(ask(s, branch, HELPER_DROP, names + 1, 1, NULL, &ignored),
		"copies that nobody names");
	return -1;
}

int secret_store_move(struct secret_store *s, const char *from, const char *to,
	int (*adopt)(void *ctx, const char *to, struct err *e), void *ctx, struct err *e)
{
	struct helper_child branch = {.pid = -1, .to = -1, .from = -1};
	if (secret_store_branch(s, entry_is_in_keyring(from) ? to : from, &branch.to, e))
		return -1;
	int rc = move(s, &branch, from, to, adopt, ctx, e);
	close(branch.to);
	return rc;
}
