/*
 * session.c - connecting, signing in, selecting; libetpan's stream driver over ours; and the
 * translation of its numbers to errors.
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"
#include "crmail/net/secret.h"
#include "crmail/net/stream.h"

#define STREAM_BUFFER 65536

/* ---- the driver: libetpan reads and writes through our stream ------------------------------------ */

static struct imap_session *low_session(mailstream_low *low)
{
	return low->data;
}

static ssize_t low_read(mailstream_low *low, void *p, size_t n)
{
	struct imap_session *s = low_session(low);
	size_t got = 0;
	if (s->io.read(s->io.ctx, p, n, &got, &s->io_error))
		return -1; /* never 0: libetpan would ask again for ever */
	if (imap_limits_feed(&s->limits, p, got))
		return (ssize_t)got;
	err_set(&s->io_error, ERR_PROTO, _("%s sent an answer beyond all limits."), s->conf->host);
	return -1;
}

static ssize_t low_write(mailstream_low *low, const void *p, size_t n)
{
	struct imap_session *s = low_session(low);
	return s->io.write(s->io.ctx, p, n, &s->io_error) ? -1 : (ssize_t)n;
}

static int low_close(mailstream_low *low)
{
	(void)low; /* the session closes its stream itself */
	return 0;
}

static int low_fd(mailstream_low *low)
{
	const struct imap_session *s = low_session(low);
	return s->stream ? stream_fd(s->stream) : -1;
}

static void low_free(mailstream_low *low)
{
	free(low);
}

static void low_cancel(mailstream_low *low)
{
	net_cancel_trigger(low_session(low)->cancel);
}

static mailstream_low_driver low_driver = {
	.mailstream_read = low_read,
	.mailstream_write = low_write,
	.mailstream_close = low_close,
	.mailstream_get_fd = low_fd,
	.mailstream_free = low_free,
	.mailstream_cancel = low_cancel,
};

static int read_stream(void *ctx, void *p, size_t max, size_t *got, struct err *e)
{
	return stream_read_some(ctx, p, max, got, e);
}

static int write_stream(void *ctx, const void *p, size_t n, struct err *e)
{
	return stream_write(ctx, p, n, e);
}

/* ---- errors --------------------------------------------------------------------------------------- */

int imap_fail(struct imap_session *s, int rc, const char *what, struct err *e)
{
	if (s->io_error.code != ERR_NONE) {
		*e = s->io_error;
		s->io_error = ERR_INIT;
		e->scope = ERR_ACCOUNT;
		return -1;
	}
	switch (rc) {
	case MAILIMAP_ERROR_STREAM:
		err_set(e, ERR_NET, _("The connection to %s broke."), s->conf->host);
		e->scope = ERR_ACCOUNT;
		return -1;
	case MAILIMAP_ERROR_PARSE:
	case MAILIMAP_ERROR_PROTOCOL:
	case MAILIMAP_ERROR_FATAL:
	case MAILIMAP_ERROR_BAD_STATE:
		err_set(e, ERR_PROTO, _("%s gave an answer that cannot be understood (%s)."),
			s->conf->host, what);
		e->scope = ERR_ACCOUNT; /* the parser is lost: connect anew */
		e->sys = rc;
		return -1;
	default: /* a plain NO or BAD */
		err_set(e, ERR_PROTO, _("%s refused %s."), s->conf->host, what);
		e->scope = ERR_ITEM;
		e->sys = rc;
		return -1;
	}
}

static bool is_ok(int rc)
{
	return rc == MAILIMAP_NO_ERROR || rc == MAILIMAP_NO_ERROR_AUTHENTICATED ||
	       rc == MAILIMAP_NO_ERROR_NON_AUTHENTICATED;
}

/* ---- connecting ----------------------------------------------------------------------------------- */

/* Not mailimap_has_extension(), which trusts every entry of the list to have a name. */
static bool has_capability(const struct mailimap_capability_data *d, const char *name)
{
	for (clistiter *i = d->cap_list ? clist_begin(d->cap_list) : NULL; i; i = clist_next(i)) {
		const struct mailimap_capability *cap = clist_content(i);
		if (cap && cap->cap_type == MAILIMAP_CAPABILITY_NAME && cap->cap_data.cap_name &&
			str_casecmp(cap->cap_data.cap_name, name) == 0)
			return true;
	}
	return false;
}

static int read_caps(struct imap_session *s, struct err *e)
{
	static const struct {
		const char *name;
		unsigned cap;
	} table[] = {
		{"UIDPLUS", CAP_UIDPLUS},
		{"MOVE", CAP_MOVE},
		{"CONDSTORE", CAP_CONDSTORE},
		{"QRESYNC", CAP_QRESYNC},
		{"IDLE", CAP_IDLE},
		{"SPECIAL-USE", CAP_SPECIAL_USE},
		{"X-GM-EXT-1", CAP_GMAIL},
	};
	/* Not mailimap_capability(): libetpan 1.9.4 reads a NULL there when the server's OK comes
	 * without the list. What an earlier answer said (before TLS, before LOGIN) is forgotten. */
	struct mailimap_connection_info *info = s->m->imap_connection_info;
	if (info->imap_capability)
		mailimap_capability_data_free(info->imap_capability);
	info->imap_capability = NULL;
	int rc = mailimap_custom_command(s->m, "CAPABILITY");
	info = s->m->imap_connection_info;
	if (is_ok(rc) && !info->imap_capability)
		rc = MAILIMAP_ERROR_PROTOCOL;
	if (!is_ok(rc))
		return imap_fail(s, rc, "CAPABILITY", e);
	s->caps = 0;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (has_capability(info->imap_capability, table[i].name))
			s->caps |= table[i].cap;
	if (s->caps & CAP_QRESYNC) /* RFC 7162: QRESYNC implies CONDSTORE */
		s->caps |= CAP_CONDSTORE;
	return 0;
}

/* RFC 3501 section 6.2.1. What arrived in the clear is forgotten; stream_start_tls() refuses
 * bytes that were put behind the server's OK. */
static int start_tls(struct imap_session *s, struct err *e)
{
	int rc = mailimap_starttls(s->m);
	if (!is_ok(rc)) {
		imap_fail(s, rc, "STARTTLS", e);
		if (e->code == ERR_PROTO)
			err_set(e, ERR_TLS, _("%s does not offer encryption (STARTTLS)."),
				s->conf->host);
		return -1;
	}
	if (s->m->imap_stream->read_buffer_len)
		return err_set(e, ERR_TLS, _("%s sent data before encryption began."),
			s->conf->host);
	return stream_start_tls(s->stream, e);
}

static int login(struct imap_session *s, struct err *e)
{
	CLEANUP(buf_release) struct buf password = BUF_INIT(4096);
	if (s->conf->password(s->conf->password_ctx, &password, e))
		return -1;
	int rc = mailimap_login(s->m, s->conf->user ? s->conf->user : s->conf->email, password.p);
	secret_wipe(password.p, password.len);
	if (is_ok(rc))
		return 0;
	imap_fail(s, rc, "LOGIN", e);
	if (rc == MAILIMAP_ERROR_LOGIN && e->code == ERR_PROTO) {
		err_set(e, ERR_AUTH, _("%s did not accept the user name or password."),
			s->conf->host);
		e->scope = ERR_ACCOUNT;
	}
	return -1;
}

static int greet(struct imap_session *s, struct err *e)
{
	mailstream_low *low = mailstream_low_new(s, &low_driver);
	mailstream *stream = low ? mailstream_new(low, STREAM_BUFFER) : NULL;
	if (!stream)
		return err_set(e, ERR_BUG, _("Cannot start an IMAP connection."));
	int rc = mailimap_connect(s->m, stream);
	if (!is_ok(rc))
		return imap_fail(s, rc, _("the connection"), e);
	if (s->conf->tls == TLS_STARTTLS && start_tls(s, e))
		return -1;
	if (rc != MAILIMAP_NO_ERROR_AUTHENTICATED && login(s, e))
		return -1;
	return read_caps(s, e);
}

static struct imap_session *session_new(const struct account_conf *c)
{
	struct imap_session *s = xcalloc(1, sizeof *s);
	s->base.ops = provider_by_kind("imap");
	s->conf = c;
	s->own_cancel = c->cancel ? NULL : net_cancel_new();
	s->cancel = c->cancel ? c->cancel : s->own_cancel;
	s->list = ARENA_INIT;
	s->m = mailimap_new(0, NULL);
	return s;
}

static int start(struct imap_session *s, struct err *e)
{
	if (!s->m)
		return err_set(e, ERR_BUG, _("Cannot start an IMAP connection."));
	return greet(s, e);
}

int imap_open_over(struct imap_session **out, const struct account_conf *c, struct imap_io io,
	struct err *e)
{
	struct imap_session *s = session_new(c);
	s->io = io;
	if (start(s, e)) {
		imap_close(&s->base);
		return -1;
	}
	*out = s;
	return 0;
}

int imap_open(struct provider **out, const struct account_conf *c, struct err *e)
{
	struct imap_session *s = session_new(c);
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
	int rc = stream_open(&s->stream, &sc, e);
	s->io = (struct imap_io){read_stream, write_stream, s->stream};
	if (rc || start(s, e)) {
		e->scope = ERR_ACCOUNT;
		imap_close(&s->base);
		return -1;
	}
	*out = &s->base;
	return 0;
}

void imap_close(struct provider *p)
{
	struct imap_session *s = imap_of(p);
	if (s->m && s->m->imap_stream && s->stream && s->io_error.code == ERR_NONE &&
		!net_cancel_is_set(s->cancel))
		mailimap_logout(s->m);
	if (s->m)
		mailimap_free(s->m);
	stream_close(s->stream);
	net_cancel_free(s->own_cancel);
	arena_release(&s->list);
	free(s->selected.folder);
	free(s);
}

void imap_cancel(struct provider *p)
{
	net_cancel_trigger(imap_of(p)->cancel);
}

/* ---- selecting ------------------------------------------------------------------------------------ */

/* RFC 3501 makes UIDNEXT optional: then the highest UID tells. */
static int find_uidnext(struct imap_session *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	uint32_t *uids = NULL;
	size_t n = 0;
	if (s->selected.exists &&
		imap_search_uids(s, &a, mailimap_search_key_new_all(), &uids, &n, e))
		return -1;
	s->selected.uidnext = n ? uids[n - 1] + 1 : 1;
	return 0;
}

int imap_select(struct imap_session *s, const char *folder, struct err *e)
{
	uint64_t modseq = 0;
	free(s->selected.folder);
	s->selected = (struct imap_selected){0};
	int rc = s->caps & CAP_CONDSTORE ? mailimap_select_condstore(s->m, folder, &modseq)
					 : mailimap_select(s->m, folder);
	if (!is_ok(rc)) {
		imap_fail(s, rc, "SELECT", e);
		if (e->scope == ERR_ITEM)
			e->scope = ERR_FOLDER;
		return -1;
	}
	const struct mailimap_selection_info *info = s->m->imap_selection_info;
	s->selected = (struct imap_selected){
		.folder = xstrdup(folder),
		.uidvalidity = info->sel_uidvalidity,
		.uidnext = info->sel_uidnext,
		.exists = info->sel_has_exists ? info->sel_exists : 0,
		.modseq = modseq,
	};
	return s->selected.uidnext ? 0 : find_uidnext(s, e);
}

int imap_need(struct imap_session *s, const char *folder, struct err *e)
{
	if (s->selected.folder && strcmp(s->selected.folder, folder) == 0)
		return 0;
	return imap_select(s, folder, e);
}
