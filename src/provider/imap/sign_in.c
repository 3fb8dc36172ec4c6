/*
 * sign_in.c - telling the server who we are: LOGIN with a password, AUTHENTICATE with a token.
 */
#include "config.h"

#include "session.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/net/stream.h"

#include "src/provider/sasl.h"

/* What an earlier answer said (before TLS, before LOGIN) is forgotten. A server that does not list
 * its capabilities has none. */
int imap_ask_caps(struct imap_session *s, struct err *e)
{
	s->caps = 0;
	struct imap_command c = imap_command(s, "CAPABILITY");
	imap_add(&c, "CAPABILITY");
	return imap_run(&c, NULL, NULL, e);
}

static const char *user_of(const struct imap_session *s)
{
	return s->conf->user ? s->conf->user : s->conf->email;
}

static int login(struct imap_session *s, struct err *e)
{
	CLEANUP(buf_release) struct buf password = BUF_SECRET_INIT(4096);
	if (s->conf->password(s->conf->password_ctx, &password, e))
		return -1;
	struct imap_command c = imap_command(s, "LOGIN");
	imap_add(&c, "LOGIN ");
	imap_add_string(&c, user_of(s), strlen(user_of(s)));
	imap_add(&c, " ");
	imap_add_string(&c, password.p, password.len);
	int rc = imap_run(&c, NULL, NULL, e);
	if (rc && imap_is_refusal(e)) {
		err_set(e, ERR_AUTH, _("%s did not accept the user name or password."),
			s->conf->host);
		e->scope = ERR_ACCOUNT;
	}
	return rc;
}

/* ---- with a token ---------------------------------------------------------------------------- */

static enum sasl_mech mech_of(const struct imap_session *s)
{
	return sasl_choose(s->caps & CAP_OAUTHBEARER, s->caps & CAP_XOAUTH2);
}

static int authenticate(struct imap_session *s, const struct buf *token, struct err *e)
{
	enum sasl_mech m = mech_of(s);
	bool at_once = s->caps & CAP_SASL_IR;
	struct buf initial = BUF_SECRET_INIT(SASL_MESSAGE_MAX);
	const struct sasl_who who = {user_of(s), s->conf->host, s->conf->port, token};
	sasl_add_initial(&initial, m, &who);
	const char *const lines[] = {initial.p, sasl_dismissal(m)};
	struct imap_command c = imap_command(s, "AUTHENTICATE");
	imap_add(&c, "AUTHENTICATE %s", sasl_name(m));
	if (at_once)
		buf_addf(&c.out, " %s", initial.p);
	int rc = imap_run_sasl(&c, lines + at_once, 2 - at_once, e);
	buf_release(&initial);
	return rc;
}

/* Not what says that the server cannot look just now. */
static bool is_token_refused(const struct imap_session *s, const struct err *e)
{
	return imap_is_refusal(e) && e->code != ERR_RATE &&
	       strcmp(s->code.name, "UNAVAILABLE") != 0;
}

static int fail(const struct imap_session *s, struct err *e)
{
	err_set(e, ERR_AUTH, _("%s did not accept the sign-in: sign in again."), s->conf->host);
	e->scope = ERR_ACCOUNT;
	return -1;
}

/* A token that is refused may have ended, or been taken back, before its time: once a new one. */
static int sign_in_by_token(struct imap_session *s, struct err *e)
{
	CLEANUP(buf_release) struct buf token = BUF_SECRET_INIT(SASL_TOKEN_MAX);
	CLEANUP(buf_release) struct buf again = BUF_SECRET_INIT(SASL_TOKEN_MAX);
	if ((s->stream && stream_check_private(s->stream, e)) || imap_ask_caps(s, e))
		return -1;
	if (mech_of(s) == SASL_NONE)
		return sasl_unsupported(s->conf->host, e);
	int rc =
		s->conf->token(s->conf->password_ctx, NULL, &token, e) || authenticate(s, &token, e)
			? -1
			: 0;
	if (rc && is_token_refused(s, e)) {
		err_clear(e);
		rc = s->conf->token(s->conf->password_ctx, token.p, &again, e) ||
				     authenticate(s, &again, e)
			     ? -1
			     : 0;
	}
	return rc && is_token_refused(s, e) ? fail(s, e) : rc;
}

int imap_sign_in(struct imap_session *s, struct err *e)
{
	return s->conf->token ? sign_in_by_token(s, e) : login(s, e);
}
