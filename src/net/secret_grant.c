/*
 * secret_grant.c - this side of the jobs about tokens: asks a branch of the helper, and waits for
 * it as long as somebody wants to know.
 */
#include "config.h"

#include "crmail/net/secret.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/entry.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"

#include "helper.h"
#include "vault.h"
#include "wait.h"

#define DEADLINE_MS 75000 /* two exchanges with a provider, each at its longest, and some */

/* ---- errors on their way --------------------------------------------------------------------- */

void helper_add_err(struct secret *out, const struct err *e)
{
	secret_set(out, (const char *)e, sizeof *e); /* both ends are this same binary */
}

int helper_read_err(const struct secret *in, struct err *e)
{
	if (in->len != sizeof *e)
		return err_set(e, ERR_IO, _("The sign-in helper broke off."));
	memcpy(e, in->p, sizeof *e);
	e->msg[sizeof e->msg - 1] = '\0';
	return -1;
}

/* ---- a job ----------------------------------------------------------------------------------- */

static int read_within(int fd, void *to, size_t n, struct net_cancel *cancel, int64_t deadline,
	struct err *e)
{
	unsigned char *p = to;
	while (n) {
		struct err late = ERR_INIT;
		if (net_wait(fd, POLLIN, cancel, deadline, "", &late))
			return late.code == ERR_CANCELLED
				       ? err_set(e, ERR_CANCELLED, _("Cancelled."))
				       : err_set(e, ERR_NET, _("The sign-in took too long."));
		ssize_t got = read(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(e, ERR_IO, _("The sign-in helper broke off."));
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

int helper_read_answer(int fd, struct net_cancel *cancel, enum vault_status *st, int *sys,
	struct secret *value, struct err *e)
{
	unsigned char head[9];
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	if (read_within(fd, head, sizeof head, cancel, deadline, e))
		return -1;
	size_t n = helper_get_u32(head);
	if (n < 5 || n > HELPER_MAX || head[4] >= VAULT_STATUS_COUNT)
		return err_set(e, ERR_IO, _("The sign-in helper broke off."));
	*st = (enum vault_status)head[4];
	*sys = (int)helper_get_u32(head + 5);
	n -= 5;
	char *p = xcalloc(1, n + 1);
	int rc = read_within(fd, p, n, cancel, deadline, e);
	if (!rc)
		secret_set(value, p, n);
	secret_wipe(p, n);
	free(p);
	return rc;
}

/* The keyring may be another by now than it was when it was asked last. */
static void look_at_keyring(struct secret_store *s, const char *name, const struct err *why)
{
	if (!entry_is_in_keyring(name))
		return;
	if (!why)
		secret_store_note_keyring(s, VAULT_OK);
	else if (why->code == ERR_IO)
		secret_store_ask_keyring(s);
}

static int ask_branch(const struct helper_child *branch, enum helper_op op,
	const struct helper_field *f, size_t n, struct err *e)
{
	if (helper_ask(branch, op, f, n) == 0)
		return 0;
	if (errno == EMSGSIZE)
		return err_set(e, ERR_TOOBIG, _("The request for a token is too long."));
	return err_set(e, ERR_IO, _("The sign-in helper broke off."));
}

static int run(struct secret_store *s, enum helper_op op, const struct helper_field *f, size_t n,
	struct net_cancel *cancel, struct secret *value, struct err *e)
{
	struct helper_child branch = {.pid = -1, .to = -1, .from = -1};
	const char *name = op == HELPER_DEVICE ? NULL : f[0].p;
	enum vault_status st = VAULT_IO;
	int sys = 0;
	if (secret_store_branch(s, name, &branch.to, e))
		return -1;
	int rc = ask_branch(&branch, op, f, n, e)
			 ? -1
			 : helper_read_answer(branch.to, cancel, &st, &sys, value, e);
	close(branch.to);
	if (!rc && st != VAULT_OK)
		rc = helper_read_err(value, e);
	look_at_keyring(s, name, rc ? e : NULL);
	return rc;
}

static int run_text(struct secret_store *s, enum helper_op op, const struct helper_field *f,
	size_t n, struct net_cancel *cancel, struct buf *out, struct err *e)
{
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	if (run(s, op, f, n, cancel, &value, e))
		return -1;
	buf_add(out, value.p, value.len);
	return out->failed ? err_set(e, ERR_TOOBIG, _("The answer to the sign-in is too long."))
			   : 0;
}

int secret_store_grant(struct secret_store *s, const char *name, const char *request,
	struct net_cancel *cancel, struct buf *out, struct err *e)
{
	const struct helper_field f[] = {{name, strlen(name)}, {request, strlen(request)}};
	return run_text(s, HELPER_GRANT, f, 2, cancel, out, e);
}

int secret_store_device(struct secret_store *s, const char *request, struct net_cancel *cancel,
	struct buf *out, struct err *e)
{
	const struct helper_field f = {request, strlen(request)};
	return run_text(s, HELPER_DEVICE, &f, 1, cancel, out, e);
}

int secret_store_token(struct secret_store *s, const char *name, const char *refused,
	struct net_cancel *cancel, struct secret *out, struct err *e)
{
	const struct helper_field f[] = {
		{name, strlen(name)}, {refused ? refused : "", refused ? strlen(refused) : 0}};
	return run(s, HELPER_TOKEN, f, 2, cancel, out, e);
}

int secret_store_revoke(struct secret_store *s, const char *name, struct net_cancel *cancel,
	struct err *e)
{
	CLEANUP(secret_release) struct secret none = SECRET_INIT;
	const struct helper_field f = {name, strlen(name)};
	return run(s, HELPER_REVOKE, &f, 1, cancel, &none, e);
}

int secret_store_sweep(struct secret_store *s, const char *kept, struct err *e)
{
	struct helper_child branch = {.pid = -1, .to = -1, .from = -1};
	const struct helper_field f = {kept, strlen(kept)};
	if (secret_store_branch(s, NULL, &branch.to, e))
		return -1;
	int rc = ask_branch(&branch, HELPER_SWEEP, &f, 1, e);
	close(branch.to);
	return rc;
}
