/*
 * account_try.c - whether an account's settings can read and send, without a row of it. What is
 * kept afterwards is desk.c's.
 */
#include "config.h"

#include "crmail/sync/desk.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/net/secret.h"
#include "crmail/provider/provider.h"
#include "crmail/provider/transport.h"

#include "session.h"

static int give_password(void *ctx, struct buf *out, struct err *e)
{
	const struct account_trial *t = ctx;
	if (!t->password || !t->password->p)
		return err_set(e, ERR_AUTH, _("A password is needed."));
	buf_add(out, t->password->p, t->password->len);
	return 0;
}

static int give_token(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	const struct account_trial *t = ctx;
	CLEANUP(secret_release) struct secret token = SECRET_INIT;
	if (secret_store_token(t->secrets, t->grant, refused, t->cancel, &token, e))
		return -1;
	buf_add(out, token.p, token.len);
	return 0;
}

/* What failed where, and what can be done about it. */
static int explain(const struct account_trial *t, enum desk_field server, enum desk_field *where,
	struct err *e)
{
	const char *what = server == DESK_IMAP ? _("Reading") : _("Sending");
	const char *hint = "";
	*where = server;
	switch ((int)e->code) {
	case ERR_AUTH:
		*where = DESK_PASSWORD;
		hint = t->grant ? "" : _("Check user and password.");
		break;
	case ERR_NET:
		hint = _("Check host and port.");
		break;
	case ERR_TLS:
		hint = _("Check host, port and encryption.");
		break;
	default:
		break;
	}
	struct err plain = *e;
	err_set(e, plain.code, "%s: %s %s", what, plain.msg, hint);
	size_t n = strlen(e->msg);
	while (n && e->msg[n - 1] == ' ')
		e->msg[--n] = '\0';
	e->sys = plain.sys;
	return -1;
}

static int try_reading(const struct account_trial *t, enum desk_field *where, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *kind = t->kind ? t->kind : "imap";
	const struct provider_ops *ops = provider_by_kind(kind);
	struct account_conf c = {.name = t->name,
		.kind = kind,
		.api = t->api,
		.email = t->email,
		.ca_file = t->ca,
		.user = t->user,
		.password = give_password,
		.password_ctx = (void *)t,
		.token = t->grant ? give_token : NULL,
		.cancel = t->cancel,
		.deadline_ms = t->deadline_ms,
		.clock = t->clock,
		.trust = t->trust};
	struct folder_list list = {0};
	struct provider *p = NULL;
	*where = DESK_IMAP;
	if (!t->kind && session_split_host(&a, t->imap, &c.host, &c.port, e))
		return -1;
	c.tls = session_tls_mode(t->tls, c.port);
	if (ops->open(&p, &c, e))
		return explain(t, DESK_IMAP, where, e);
	int rc = ops->folders(p, &a, &list, e);
	ops->close(p);
	return rc ? explain(t, DESK_IMAP, where, e) : 0;
}

static int try_sending(const struct account_trial *t, enum desk_field *where, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct transport_conf c = {.kind = "smtp",
		.ca_file = t->ca,
		.user = t->user || !t->grant ? t->user : t->email,
		.password = give_password,
		.token = t->grant ? give_token : NULL,
		.password_ctx = (void *)t,
		.deadline_ms = t->deadline_ms,
		.trust = t->trust};
	struct transport *tr = NULL;
	*where = DESK_SMTP;
	if (session_split_host(&a, t->smtp, &c.host, &c.port, e))
		return -1;
	c.tls = session_tls_mode(t->tls, c.port);
	if (transport_open(&tr, &c, e))
		return explain(t, DESK_SMTP, where, e);
	if (t->hold)
		t->hold(t->ctx, tr);
	int rc = transport_test(tr, t->email, e);
	if (t->hold)
		t->hold(t->ctx, NULL);
	transport_close(tr);
	return rc ? explain(t, DESK_SMTP, where, e) : 0;
}

static void say_step(const struct account_trial *t, enum desk_step step)
{
	if (t->step)
		t->step(t->ctx, step);
}

int account_try(const struct account_trial *t, enum desk_field *where, struct err *e)
{
	say_step(t, DESK_READING);
	if (try_reading(t, where, e))
		return -1;
	if (!t->smtp)
		return 0;
	say_step(t, DESK_SENDING);
	return try_sending(t, where, e);
}
