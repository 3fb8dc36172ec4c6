/* smtp_session.c - reaching a submission server: greeting, EHLO, STARTTLS. No mail is spoken
 * of here. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"
#include "crmail/net/stream.h"
#include "smtp.h"
#include "transport_kinds.h"

/* An address literal that says nothing of the user's network (RFC 5321 4.1.1.1). */
#define OUR_NAME "[127.0.0.1]"
#define GOODBYE_MS 500

static bool has_word(const char *words, const char *word)
{
	struct span rest = span_of(words), one;

	while (span_next(&rest, ' ', &one)) {
		if (span_caseeq(one, word))
			return true;
	}
	return false;
}

static const struct cap_name {
	const char *name;
	enum smtp_cap cap;
} cap_names[] = {
	{"PIPELINING", SMTP_PIPELINING},
	{"8BITMIME", SMTP_8BITMIME},
	{"SMTPUTF8", SMTP_UTF8},
	{"SIZE", SMTP_SIZE},
	{"DSN", SMTP_DSN},
	{"STARTTLS", SMTP_STARTTLS},
};

static void take_cap(struct smtp *s, const char *words)
{
	size_t n = strcspn(words, " =");
	struct span name = {words, n};

	for (size_t i = 0; i < ARRAY_SIZE(cap_names); i++) {
		if (span_caseeq(name, cap_names[i].name))
			s->caps |= cap_names[i].cap;
	}
	if (span_caseeq(name, "SIZE") && words[n] == ' ' &&
		!str_to_i64(words + n + 1, 0, INT64_MAX, &s->size_limit))
		s->size_limit = 0;
	if (span_caseeq(name, "AUTH")) { /* also "AUTH=PLAIN LOGIN" of old servers */
		const char *mechs = words + n + (words[n] != '\0');
		s->caps |= has_word(mechs, "PLAIN") ? SMTP_AUTH_PLAIN : 0;
		s->caps |= has_word(mechs, "LOGIN") ? SMTP_AUTH_LOGIN : 0;
		s->caps |= has_word(mechs, "XOAUTH2") ? SMTP_AUTH_XOAUTH2 : 0;
		s->caps |= has_word(mechs, "OAUTHBEARER") ? SMTP_AUTH_OAUTHBEARER : 0;
	}
}

static int say_hello(struct smtp *s, struct err *e)
{
	static const char hello[] = "EHLO " OUR_NAME "\r\n";
	struct smtp_reply r;

	s->caps = 0;
	s->size_limit = 0;
	if (stream_write(s->stream, hello, sizeof(hello) - 1, e) ||
		smtp_read_reply(s, take_cap, &r, e))
		return -1;
	return smtp_is_ok(&r) ? 0 : smtp_refusal(s, &r, e);
}

static int take_greeting(struct smtp *s, struct err *e)
{
	struct smtp_reply r;

	if (smtp_read_reply(s, NULL, &r, e))
		return -1;
	if (!smtp_is_ok(&r))
		return smtp_refusal(s, &r, e);
	s->files_sent = strstr(r.text, " gsmtp") || strstr(r.text, "Microsoft ESMTP MAIL Service");
	return 0;
}

static int secure(struct smtp *s, struct err *e)
{
	struct smtp_reply r;

	if (!(s->caps & SMTP_STARTTLS))
		return err_set(e, ERR_TLS,
			_("%s does not offer encryption (STARTTLS); nothing was sent."), s->host);
	if (smtp_command(s, &r, e, "STARTTLS"))
		return -1;
	if (!smtp_is_ok(&r)) {
		err_set(e, ERR_TLS, _("%s refused to begin encryption; nothing was sent."),
			s->host);
		if (smtp_is_temporary(&r))
			e->retry = RETRY_LATER;
		return -1;
	}
	/* What was said before counts no more (RFC 3207 4.2). */
	return stream_start_tls(s->stream, e) || say_hello(s, e) ? -1 : 0;
}

static int connect_anew(struct smtp *s, struct err *e)
{
	struct stream_conf c = {.host = s->host,
		.port = s->port,
		.use_tls = s->tls == TLS_IMPLICIT,
		.ca_file = s->ca_file,
		.trust = s->trust,
		.cancel = s->base.cancel,
		.connect_ms = s->deadline_ms,
		.io_ms = s->deadline_ms};

	if (stream_open(&s->stream, &c, e))
		return -1;
	if (take_greeting(s, e) || say_hello(s, e) || (s->tls == TLS_STARTTLS && secure(s, e)) ||
		(s->user && smtp_sign_in(s, e))) {
		smtp_drop(s);
		return -1;
	}
	return 0;
}

/* A connection kept from the last mail may have been closed by the server meanwhile. */
static bool is_alive(struct smtp *s)
{
	struct err ignored = ERR_INIT;
	struct smtp_reply r;

	return s->stream && !smtp_command(s, &r, &ignored, "RSET") && smtp_is_ok(&r);
}

int smtp_connect(struct smtp *s, struct err *e)
{
	if (is_alive(s))
		return 0;
	smtp_drop(s);
	return connect_anew(s, e);
}

void smtp_drop(struct smtp *s)
{
	stream_close(s->stream);
	s->stream = NULL;
}

void smtp_disconnect(struct smtp *s)
{
	struct err ignored = ERR_INIT;

	if (s->stream) {
		stream_set_io_ms(s->stream, GOODBYE_MS);
		IGNORE_RESULT(stream_write(s->stream, "QUIT\r\n", 6, &ignored), "only politeness");
	}
	smtp_drop(s);
}

static int check_conf(const struct transport_conf *c, struct err *e)
{
	if (!c->host || !*c->host || c->port < 1 || c->port > 65535)
		return err_set(e, ERR_USAGE, _("The mail server needs a host and a port."));
	if (c->user && !c->password && !c->token)
		return err_set(e, ERR_USAGE, _("The mail server needs a password."));
	return 0;
}

static int smtp_open(struct transport **out, const struct transport_conf *c, struct err *e)
{
	if (check_conf(c, e))
		return -1;
	struct smtp *s = xcalloc(1, sizeof(*s));
	s->host = xstrdup(c->host);
	s->port = c->port;
	s->ca_file = c->ca_file ? xstrdup(c->ca_file) : NULL;
	s->user = c->user ? xstrdup(c->user) : NULL;
	s->tls = c->tls;
	s->password = c->password;
	s->token = c->token;
	s->password_ctx = c->password_ctx;
	s->deadline_ms = c->deadline_ms > 0 ? c->deadline_ms : STREAM_DEFAULT_MS;
	s->trust = c->trust;
	*out = &s->base;
	return 0;
}

static void smtp_close(struct transport *t)
{
	struct smtp *s = (struct smtp *)t;

	smtp_disconnect(s);
	free(s->host);
	free(s->ca_file);
	free(s->user);
	free(s);
}

static bool smtp_files_sent(const struct transport *t)
{
	return ((const struct smtp *)t)->files_sent;
}

const struct transport_ops smtp_ops = {
	.kind = "smtp",
	.open = smtp_open,
	.close = smtp_close,
	.send = smtp_send,
	.test = smtp_test,
	.files_sent = smtp_files_sent,
};
