/*
 * secret_keyring.c - what is asked of the keyring: its entries, its state, unlocking it, and moving
 * secrets into it or out of it. Each in a branch of the helper: a keyring that stands still holds
 * up nobody but who asks for what lies there.
 */
#include "config.h"

#include "crmail/net/secret.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/entry.h"
#include "crmail/base/i18n.h"

#include "helper.h"

struct request { /* borrowed; `cancel` NULL = cannot be */
	enum helper_op op;
	const struct helper_field *f;
	size_t n;
	struct net_cancel *cancel;
};

static int ask(struct secret_store *s, const struct helper_child *branch, const struct request *r,
	struct secret *value, struct err *e)
{
	enum vault_status st = VAULT_IO;
	int sys = 0;
	if (helper_ask(branch, r->op, r->f, r->n))
		return errno == EMSGSIZE ? secret_store_say(s, VAULT_TOO_BIG, 0, e)
					 : err_set(e, ERR_IO, _("The sign-in helper broke off."));
	if (helper_read_answer(branch->to, r->cancel, &st, &sys, value, e))
		return -1;
	if (r->op != HELPER_COPY && r->op != HELPER_DROP)
		secret_store_note_keyring(s, st);
	return r->op == HELPER_COPY && st ? helper_read_err(value, e)
					  : secret_store_say(s, st, sys, e);
}

static int ask_in_branch(struct secret_store *s, const struct request *r, struct secret *value,
	struct err *e)
{
	struct helper_child branch = {.pid = -1, .to = -1, .from = -1};
	if (secret_store_branch(s, NULL, &branch.to, e))
		return -1;
	int rc = ask(s, &branch, r, value, e);
	close(branch.to);
	return rc;
}

int secret_store_ask_of_keyring(struct secret_store *s, enum helper_op op,
	const struct helper_field *f, size_t n, struct secret *value, struct err *e)
{
	const struct request r = {op, f, n, NULL};
	return ask_in_branch(s, &r, value, e);
}

int secret_store_unlock_keyring(struct secret_store *s, struct net_cancel *cancel, struct err *e)
{
	CLEANUP(secret_release) struct secret none = SECRET_INIT;
	const struct request r = {HELPER_KEYRING, NULL, 0, cancel};
	return ask_in_branch(s, &r, &none, e);
}

static int ask_once(struct secret_store *s, const struct helper_child *branch, enum helper_op op,
	const struct helper_field *f, size_t n, struct err *e)
{
	CLEANUP(secret_release) struct secret said = SECRET_INIT;
	const struct request r = {op, f, n, NULL};
	return ask(s, branch, &r, &said, e);
}

static int move(struct secret_store *s, const struct helper_child *branch, const char *from,
	const char *to, int (*adopt)(void *ctx, const char *to, struct err *e), void *ctx,
	struct err *e)
{
	const struct helper_field names[] = {{from, strlen(from)}, {to, strlen(to)}};
	struct err ignored = ERR_INIT;
	if (ask_once(s, branch, HELPER_COPY, names, 2, e) == 0 && adopt(ctx, to, e) == 0)
		return ask_once(s, branch, HELPER_DROP, names, 1, e);
	IGNORE_RESULT(ask_once(s, branch, HELPER_DROP, names + 1, 1, &ignored),
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
