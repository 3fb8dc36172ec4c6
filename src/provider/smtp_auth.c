/* smtp_auth.c - AUTH (RFC 4954): PLAIN and LOGIN with a password, OAUTHBEARER and XOAUTH2 with a
 * token. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "crmail/base/i18n.h"
#include "crmail/base/late.h"
#include "crmail/net/stream.h"
#include "sasl.h"
#include "smtp.h"

#define CREDENTIAL_MOST 1024 /* bytes of user name and password each */

/* Sends base64 of the bytes after `before`, wiping every copy that was made. */
static int send_encoded(struct smtp *s, const char *before, const char *p, size_t n,
	struct smtp_reply *r, struct err *e)
{
	char line[4 * CREDENTIAL_MOST];
	size_t used = strlen(before);

	memcpy(line, before, used);
	smtp_trace(s, "AUTH", strlen("AUTH"), 1);
	int len = EVP_EncodeBlock((unsigned char *)line + used, (const unsigned char *)p, (int)n);
	used += (size_t)len;
	memcpy(line + used, "\r\n", 2);
	int rc = stream_write(s->stream, line, used + 2, e);
	explicit_bzero(line, sizeof(line));
	return rc || smtp_read_reply(s, NULL, r, e) ? -1 : 0;
}

static int auth_plain(struct smtp *s, const char *password, size_t n, struct smtp_reply *r,
	struct err *e)
{
	char text[2 * CREDENTIAL_MOST + 2]; /* "\0user\0password" */
	size_t user = strlen(s->user);

	text[0] = '\0';
	memcpy(text + 1, s->user, user + 1);
	memcpy(text + user + 2, password, n);
	int rc = send_encoded(s, "AUTH PLAIN ", text, user + 2 + n, r, e);
	explicit_bzero(text, sizeof(text));
	return rc;
}

static int auth_login(struct smtp *s, const char *password, size_t n, struct smtp_reply *r,
	struct err *e)
{
	if (smtp_command(s, r, e, "AUTH LOGIN"))
		return -1;
	if (r->code != 334)
		return 0;
	if (send_encoded(s, "", s->user, strlen(s->user), r, e))
		return -1;
	return r->code == 334 ? send_encoded(s, "", password, n, r, e) : 0;
}

static int auth_result(struct smtp *s, const struct smtp_reply *r, struct err *e)
{
	if (smtp_is_ok(r))
		return 0;
	if (smtp_is_temporary(r))
		return smtp_refusal(s, r, e);
	err_set(e, ERR_AUTH, _("%s refused the user name or password."), s->host);
	e->sys = r->code;
	return -1;
}

static int sign_in_with(struct smtp *s, const struct buf *password, struct err *e)
{
	struct smtp_reply r;

	if (password->failed || password->len > CREDENTIAL_MOST ||
		strlen(s->user) > CREDENTIAL_MOST)
		return err_set(e, ERR_AUTH, _("The user name or password is too long."));
	int rc = s->caps & SMTP_AUTH_PLAIN ? auth_plain(s, password->p, password->len, &r, e)
					   : auth_login(s, password->p, password->len, &r, e);
	return rc ? -1 : auth_result(s, &r, e);
}

static int sign_in_by_password(struct smtp *s, struct err *e)
{
	struct buf password = BUF_SECRET_INIT(CREDENTIAL_MOST);

	if (!(s->caps & (SMTP_AUTH_PLAIN | SMTP_AUTH_LOGIN)))
		return err_set(e, ERR_AUTH, _("%s offers no way to sign in with a password."),
			s->host);
	int rc = s->password(s->password_ctx, &password, e);
	if (!rc)
		rc = sign_in_with(s, &password, e);
	buf_release(&password);
	return rc;
}

/* The server describes an error before it refuses (RFC 7628 3.2.3); what it says there is not
 * kept. */
static int authenticate(struct smtp *s, enum sasl_mech m, const struct buf *token,
	struct smtp_reply *r, struct err *e)
{
	struct buf line = BUF_SECRET_INIT(SASL_MESSAGE_MAX);
	const struct sasl_who who = {s->user, s->host, s->port, token};
	buf_addf(&line, "AUTH %s ", sasl_name(m));
	sasl_add_initial(&line, m, &who);
	buf_addstr(&line, "\r\n");
	smtp_trace(s, "AUTH", strlen("AUTH"), 1);
	int rc = line.failed ? err_set(e, ERR_AUTH, _("The user name or password is too long."))
			     : stream_write(s->stream, line.p, line.len, e);
	buf_release(&line);
	if (rc || smtp_read_reply(s, NULL, r, e))
		return -1;
	return r->code == 334 ? smtp_command(s, r, e, "%s", sasl_dismissal(m)) : 0;
}

static int ask_and_authenticate(struct smtp *s, enum sasl_mech m, const char *refused,
	struct buf *token, struct smtp_reply *r, struct err *e)
{
	return s->token(s->password_ctx, refused, token, e) || authenticate(s, m, token, r, e) ? -1
											       : 0;
}

/* A token that is refused may have ended, or been taken back, before its time: once a new one. */
static int sign_in_by_token(struct smtp *s, struct err *e)
{
	CLEANUP(buf_release) struct buf token = BUF_SECRET_INIT(SASL_TOKEN_MAX);
	CLEANUP(buf_release) struct buf again = BUF_SECRET_INIT(SASL_TOKEN_MAX);
	enum sasl_mech m =
		sasl_choose(s->caps & SMTP_AUTH_OAUTHBEARER, s->caps & SMTP_AUTH_XOAUTH2);
	struct smtp_reply r;
	if (m == SASL_NONE)
		return sasl_unsupported(s->host, e);
	if (stream_check_private(s->stream, e) || ask_and_authenticate(s, m, NULL, &token, &r, e))
		return -1;
	if (r.code / 100 == 5 && ask_and_authenticate(s, m, token.p, &again, &r, e))
		return -1;
	if (smtp_is_ok(&r))
		return 0;
	if (smtp_is_temporary(&r))
		return smtp_refusal(s, &r, e);
	err_set(e, ERR_AUTH, _("%s did not accept the sign-in: sign in again."), s->host);
	e->sys = r.code;
	return -1;
}

int smtp_sign_in(struct smtp *s, struct err *e)
{
	if (late_load_crypto(e)) /* without TLS nobody has asked yet */
		return -1;
	return s->token ? sign_in_by_token(s, e) : sign_in_by_password(s, e);
}
