/*
 * session.c - connecting, signing in, selecting a folder.
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"
#include "crmail/net/stream.h"

#include "etpan.h"
#include "idle.h"

#define GREETING_MAX ((uint64_t)256 << 10) /* bytes */

/* ---- beginning ------------------------------------------------------------------------------- */

static int simple(struct imap_session *s, const char *command, struct err *e)
{
	struct imap_command c = imap_command(s, command);
	imap_add(&c, "%s", command);
	return imap_run(&c, NULL, NULL, e);
}

/* RFC 3501 section 6.2.1. What arrived in the clear is forgotten; stream_start_tls() refuses
 * bytes that were put behind the server's OK. */
static int start_tls(struct imap_session *s, struct err *e)
{
	if (simple(s, "STARTTLS", e)) {
		if (imap_is_refusal(e)) {
			err_set(e, ERR_TLS, _("%s does not offer encryption (STARTTLS)."),
				s->conf->host);
			e->scope = ERR_ACCOUNT;
		}
		return -1;
	}
	s->caps = 0;
	if (imap_wire_has_buffered(&s->wire))
		return err_set(e, ERR_TLS, _("%s sent data before encryption began."),
			s->conf->host);
	return stream_start_tls(s->stream, e);
}

/* RFC 2971: the name and version of the program, nothing about its user. */
static void send_id(struct imap_session *s)
{
	struct err ignored = ERR_INIT;
	struct imap_command c = imap_command(s, "ID");
	imap_add(&c, "ID (\"name\" \"crmail\" \"version\" \"%s\")", PACKAGE_VERSION);
	if (imap_run(&c, NULL, NULL, &ignored))
		s->caps &= ~(unsigned)CAP_ID; /* a dead connection shows at the next command */
}

/* RFC 7162 section 3.2.3: QRESYNC counts only once it was enabled. */
static int enable(struct imap_session *s, struct err *e)
{
	if (!(s->caps & CAP_QRESYNC))
		return 0;
	if (s->caps & CAP_ENABLE) {
		if (simple(s, "ENABLE QRESYNC", e) == 0)
			return 0;
		if (!imap_is_refusal(e))
			return -1;
		err_clear(e);
	}
	s->caps &= ~(unsigned)CAP_QRESYNC;
	return 0;
}

static bool is_greeting(const char *word)
{
	return strcmp(word, "OK") == 0 || strcmp(word, "PREAUTH") == 0 || strcmp(word, "BYE") == 0;
}

/* The greeting: OK, or PREAUTH when the server knows us already. Odd lines before it are passed
 * over like anywhere. */
static int greet(struct imap_session *s, bool *is_known, struct err *e)
{
	struct imap_untagged u;
	struct imap_lex lex;
	char word[32];
	s->wire.budget = GREETING_MAX;
	do {
		if (imap_next(s, &u, &lex, word, e))
			return -1;
	} while (s->answer.kind == ANSWER_UNTAGGED && !is_greeting(word));
	*is_known = strcmp(word, "PREAUTH") == 0;
	if (s->answer.kind == ANSWER_UNTAGGED && (*is_known || strcmp(word, "OK") == 0))
		return 0;
	if (s->answer.kind == ANSWER_UNTAGGED && strcmp(word, "BYE") == 0)
		err_set(e, ERR_NET, _("%s takes no connection just now."), s->conf->host);
	else
		err_set(e, ERR_PROTO, _("%s gave an answer that cannot be understood (%s)."),
			s->conf->host, _("the connection"));
	e->scope = ERR_ACCOUNT;
	return -1;
}

static int sign_in(struct imap_session *s, struct err *e)
{
	bool is_known = false;
	if (greet(s, &is_known, e))
		return -1;
	if (s->conf->tls == TLS_STARTTLS && start_tls(s, e))
		return -1;
	if ((!is_known && imap_sign_in(s, e)) || imap_ask_caps(s, e))
		return -1;
	if (s->caps & CAP_ID)
		send_id(s);
	return enable(s, e);
}

/* ---- connecting ------------------------------------------------------------------------------ */

static int read_stream(void *ctx, void *p, size_t max, size_t *got, struct err *e)
{
	return stream_read_some(ctx, p, max, got, e);
}

static int write_stream(void *ctx, const void *p, size_t n, struct err *e)
{
	return stream_write(ctx, p, n, e);
}

static struct imap_session *session_new(const struct account_conf *c)
{
	struct imap_session *s = xcalloc(1, sizeof *s);
	s->base.ops = provider_by_kind("imap");
	s->conf = c;
	s->own_cancel = c->cancel ? NULL : net_cancel_new();
	s->cancel = c->cancel ? c->cancel : s->own_cancel;
	s->list = ARENA_INIT;
	s->answer.mem = ARENA_INIT;
	return s;
}

static void forget_folder(struct imap_session *s)
{
	free(s->selected.folder);
	free(s->selected.permanent);
	s->selected = (struct imap_selected){0};
}

static int connect_stream(struct imap_session *s, struct err *e)
{
	const struct account_conf *c = s->conf;
	const struct stream_conf sc = {
		.host = c->host,
		.port = c->port,
		.use_tls = c->tls == TLS_IMPLICIT,
		.ca_file = c->ca_file,
		.trust = c->trust,
		.cancel = s->cancel,
		.connect_ms = c->deadline_ms,
		.io_ms = c->deadline_ms,
	};
	int line_ms = c->deadline_ms > 0 ? c->deadline_ms : STREAM_DEFAULT_MS;
	if (stream_open(&s->stream, &sc, e))
		return -1;
	imap_wire_init(&s->wire, (struct imap_io){read_stream, write_stream, s->stream}, c->host,
		line_ms);
	return 0;
}

static int start(struct imap_session *s, struct err *e)
{
	s->is_dead = false;
	if (connect_stream(s, e) == 0 && sign_in(s, e) == 0)
		return 0;
	s->is_dead = true;
	e->scope = ERR_ACCOUNT;
	return -1;
}

int imap_open_over(struct imap_session **out, const struct account_conf *c, struct imap_io io,
	struct err *e)
{
	struct imap_session *s = session_new(c);
	imap_wire_init(&s->wire, io, c->host, 0);
	if (sign_in(s, e)) {
		s->is_dead = true;
		imap_close(&s->base);
		return -1;
	}
	*out = s;
	return 0;
}

int imap_open(struct provider **out, const struct account_conf *c, struct err *e)
{
	struct imap_session *s = session_new(c);
	if (start(s, e)) {
		imap_close(&s->base);
		return -1;
	}
	*out = &s->base;
	return 0;
}

static void disconnect(struct imap_session *s)
{
	imap_etpan_free(s->etpan);
	s->etpan = NULL;
	stream_close(s->stream);
	s->stream = NULL;
	imap_wire_release(&s->wire);
	forget_folder(s);
	s->is_dead = true;
}

int imap_reopen(struct imap_session *s, struct err *e)
{
	if (!s->stream)
		return err_set(e, ERR_NET, _("The connection to %s broke."), s->conf->host);
	disconnect(s);
	return start(s, e);
}

void imap_close(struct provider *p)
{
	struct imap_session *s = imap_of(p);
	struct err ignored = ERR_INIT;
	imap_idle_close(s->idle);
	if (!s->is_dead && s->stream && !net_cancel_is_set(s->cancel)) {
		struct imap_command c = imap_command(s, "LOGOUT");
		imap_add(&c, "LOGOUT");
		if (imap_send(&c, &ignored))
			s->is_dead = true; /* it is closed either way */
	}
	disconnect(s);
	imap_answer_release(&s->answer);
	net_cancel_free(s->own_cancel);
	arena_release(&s->list);
	free(s);
}

void imap_cancel(struct provider *p)
{
	net_cancel_trigger(imap_of(p)->cancel);
}

/* ---- selecting ------------------------------------------------------------------------------- */

/* RFC 3501 makes UIDNEXT optional: then the highest UID tells. */
static int find_uidnext(struct imap_session *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	uint32_t *uids = NULL;
	size_t n = 0;
	if (s->selected.exists && imap_search_all(s, &a, &uids, &n, e))
		return -1;
	s->selected.uidnext = n ? uids[n - 1] + 1 : 1;
	return 0;
}

static int try_select(struct imap_session *s, const char *folder, const struct imap_since *since,
	struct err *e)
{
	struct imap_command c = imap_command(s, "SELECT");
	bool asks = since && s->caps & CAP_QRESYNC;
	forget_folder(s);
	imap_add(&c, "SELECT ");
	imap_add_folder(&c, folder);
	if (asks) /* RFC 7162 section 3.2.5.2 */
		imap_add(&c, " (QRESYNC (%u %llu))", since->uidvalidity,
			(unsigned long long)since->modseq);
	else if (s->caps & CAP_CONDSTORE)
		imap_add(&c, " (CONDSTORE)");
	return imap_run(&c, asks ? since->on : NULL, asks ? since->ctx : NULL, e);
}

int imap_select_since(struct imap_session *s, const char *folder, const struct imap_since *since,
	struct err *e)
{
	int rc = try_select(s, folder, since, e);
	if (rc && imap_is_refusal(e) && s->caps & CAP_CONDSTORE) { /* promised, and not kept? */
		struct err again = ERR_INIT;
		unsigned caps = s->caps;
		s->caps &= ~(unsigned)(CAP_CONDSTORE | CAP_QRESYNC);
		rc = try_select(s, folder, NULL, &again);
		if (rc)
			s->caps = caps;
		*e = again;
	}
	if (rc) {
		if (e->scope == ERR_ITEM)
			e->scope = ERR_FOLDER;
		return -1;
	}
	s->selected.folder = xstrdup(folder);
	return s->selected.uidnext ? 0 : find_uidnext(s, e);
}

int imap_select(struct imap_session *s, const char *folder, struct err *e)
{
	return imap_select_since(s, folder, NULL, e);
}

int imap_need(struct imap_session *s, const char *folder, struct err *e)
{
	if (s->selected.folder && strcmp(s->selected.folder, folder) == 0)
		return 0;
	return imap_select(s, folder, e);
}

int imap_need_as_of(struct imap_session *s, const char *folder, const char *cursor, struct err *e)
{
	uint32_t validity = imap_cursor_validity(cursor);
	if (imap_need(s, folder, e))
		return -1;
	if (validity && validity != s->selected.uidvalidity)
		return err_set(e, ERR_CONFLICT, _("The server has renumbered the folder."));
	return 0;
}
