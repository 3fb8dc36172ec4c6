/*
 * send.c - from table outbox to the transport: each mail once. "handed" is committed just before
 * the last byte; what became of a mail that dies after that is doubt.c's [R26], the copy in Sent
 * sent_copy.c's.
 */
#include "config.h"

#include "session.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/provider/transport.h"
#include "crmail/store/outbox.h"

#include "backoff.h"
#include "doubt.h"
#include "sent_copy.h"
#include "worker.h"

/* An account of a service that sends by itself needs no other way, but may have one. */
static const char *transport_kind(const struct session *s)
{
	if (s->relay)
		return "relay";
	if (s->smtp)
		return "smtp";
	return s->sendmail ? "sendmail" : transport_has_kind(s->conf.kind) ? s->conf.kind : NULL;
}

/* Another relay, or another user there, knows nothing of what this one was handed. */
const char *session_sending_way(const struct session *s, struct arena *a)
{
	if (s->relay)
		return arena_printf(a, "relay %s %s", s->relay, s->relay_user ? s->relay_user : "");
	return transport_kind(s);
}

int session_open_transport(struct session *s, struct err *e)
{
	if (s->transport)
		return 0;
	struct transport_conf c = {
		.kind = transport_kind(s),
		.account = s->account,
		.api = s->conf.api,
		.ca_file = s->conf.ca_file,
		.user = s->conf.user || !s->oauth ? s->conf.user : s->conf.email,
		.password = s->conf.password,
		.token = s->conf.token,
		.password_ctx = s->conf.password_ctx,
		.command = s->sendmail,
		.deadline_ms = s->conf.deadline_ms,
		.trust = s->conf.trust,
	};
	if (s->relay) {
		c.api = s->relay;
		c.user = s->relay_user;
		c.token = session_ask_relay_key;
		c.clock = s->host->clock;
	}
	if (!c.kind)
		return err_set(e, ERR_USAGE, _("Account %s has no way to send mail."),
			s->conf.name);
	if (s->smtp && !s->relay && session_split_host(&s->keep, s->smtp, &c.host, &c.port, e))
		return -1;
	c.tls = session_tls_of(s, c.port);
	if (transport_open(&s->transport, &c, e))
		return -1;
	worker_set_transport(s->worker, s->transport);
	return 0;
}

/* ---- one mail -------------------------------------------------------------------------------- */

struct sending {
	struct session *s;
	struct outbox_row *row;
	const struct transport_mail *m;
	struct arena *a;
	const char *way;
};

static enum recipient_state state_of(enum transport_rcpt t)
{
	switch (t) {
	case TRANSPORT_RCPT_ACCEPTED:
		return RCPT_ACCEPTED;
	case TRANSPORT_RCPT_REFUSED:
		return RCPT_REFUSED;
	case TRANSPORT_RCPT_PENDING:
	case TRANSPORT_RCPT_DEFERRED:
		return RCPT_PENDING;
	}
	return RCPT_PENDING;
}

static const struct outbox_recipient *recipients_of(struct arena *a, const struct transport_mail *m)
{
	struct outbox_recipient *r = arena_array(a, m->n_rcpts ? m->n_rcpts : 1, sizeof *r);
	for (size_t i = 0; i < m->n_rcpts; i++)
		r[i] = (struct outbox_recipient){m->rcpts[i].addr, state_of(m->rcpts[i].state),
			m->rcpts[i].reply[0] ? m->rcpts[i].reply : NULL};
	return r;
}

static int store_outcome(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, enum outbox_state state, const struct err *why,
	int64_t later, struct err *e)
{
	return outbox_set_state(s->host->store, row->id, state, recipients_of(a, m), m->n_rcpts,
		why, later, e);
}

/* With what the server said about each recipient: whoever dies after this knows it no more.
 * Accepted they are only with the mail itself. */
static int note_handed(void *ctx, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct sending *x = ctx;
	struct transport_mail m = *x->m;
	m.rcpts = arena_array(&a, m.n_rcpts, sizeof *m.rcpts);
	for (size_t i = 0; i < m.n_rcpts; i++) {
		m.rcpts[i] = x->m->rcpts[i];
		if (m.rcpts[i].state != TRANSPORT_RCPT_ACCEPTED)
			continue;
		m.rcpts[i].state = TRANSPORT_RCPT_PENDING;
		m.rcpts[i].reply[0] = '\0';
	}
	x->row->state = OUTBOX_HANDED;
	x->row->changed_at = clock_now(x->s->host->clock);
	x->row->sent_by = x->way;
	x->row->files_sent = transport_files_sent(x->s->transport);
	return outbox_set_handed(x->s->host->store, x->row->id, recipients_of(&a, &m), m.n_rcpts,
		x->way, x->row->files_sent, e);
}

/* On disk before the draft is sent: whatever dies after that asks what became of it. */
static int note_drafted(void *ctx, const char *id, struct err *e)
{
	const struct sending *x = ctx;
	x->row->far_draft = arena_strdup(x->a, id);
	x->row->sent_by = x->way;
	return outbox_set_far_draft(x->s->host->store, x->row->id, id, x->way, e);
}

void session_note_unsent(struct session *s, const struct err *why)
{
	s->send_failures++;
	s->send_error = *why;
}

/* The user took it back in the last moment, or another process answered for it: nothing is
 * wrong. */
static bool is_taken_back(const struct err *why)
{
	return why->code == ERR_CONFLICT;
}

static bool has_accepted(const struct outbox_row *row)
{
	for (size_t i = 0; i < row->n_recipients; i++)
		if (row->recipients[i].state == RCPT_ACCEPTED)
			return true;
	return false;
}

/* The row as a failed try leaves it: nothing more to do when the user took it back meanwhile. */
static int store_failure(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, enum outbox_state state, const struct err *why,
	int64_t later, struct err *e)
{
	struct err failed = ERR_INIT;
	if (store_outcome(s, row, a, m, state, why, later, &failed) == 0 || is_taken_back(&failed))
		return 0;
	*e = failed;
	return -1;
}

/* Not sent for sure: again later, or given up where only the user can help. */
static int handle_failure(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, const struct err *why, struct err *e)
{
	bool needs_user = why->code == ERR_AUTH || why->code == ERR_TLS;
	bool hopeless = why->retry == RETRY_NEVER && !needs_user;
	int64_t later = clock_now(s->host->clock);
	if (!needs_user)
		later += why->after_ms ? why->after_ms / 1000 + 1
				       : backoff_s(s->host->rng, row->attempts);
	enum outbox_state state = !hopeless           ? OUTBOX_QUEUED
				  : has_accepted(row) ? OUTBOX_SENT /* by an earlier try */
						      : OUTBOX_REFUSED;
	log_line(LOG_WARN, "send", "mail %lld: %s, attempt %u", (long long)row->id,
		err_code_name(why->code), row->attempts + 1);
	session_close_transport(s);
	if (is_taken_back(why))
		return 0;
	if (store_failure(s, row, a, m, state, why, hopeless ? 0 : later, e))
		return -1;
	if (!hopeless)
		session_note_unsent(s, why);
	if (why->code ==
		ERR_IO) /* a keyring that is locked, a full disk: nothing a server would say */
		s->sending_error = *why;
	if (needs_user) { /* no mail goes out before somebody acts; reading goes on */
		retry_note_failure(&s->sending, why, s->host->rng, clock_mono_ms());
		s->sending_error = *why;
	}
	return 0;
}

/* The mail went out, but not to everybody: the rest is asked again, and nobody else. */
static int wait_for_deferred(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, struct err *e)
{
	int64_t later = clock_now(s->host->clock) + backoff_s(s->host->rng, row->attempts);
	struct err why = ERR_INIT;
	err_set(&why, ERR_RATE, _("The server takes the mail for some recipients only later."));
	session_note_unsent(s, &why);
	return store_outcome(s, row, a, m, OUTBOX_QUEUED, &why, later, e);
}

static bool has_deferred(const struct transport_mail *m)
{
	for (size_t i = 0; i < m->n_rcpts; i++)
		if (m->rcpts[i].state == TRANSPORT_RCPT_DEFERRED)
			return true;
	return false;
}

static int finish_sent(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, const struct transport_outcome *out, struct err *e)
{
	s->report.sent++;
	retry_note_success(&s->sending);
	err_clear(&s->sending_error);
	s->sends_at = 0;
	if (outbox_set_sent(s->host->store, row->id, recipients_of(a, m), m->n_rcpts,
		    out->message_id, e))
		return -1;
	struct outbox_row now = *row;
	if (out->message_id[0])
		now.far_message_id = out->message_id;
	return sent_copy_file(s, &now, e);
}

static int handle_outcome(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, const struct transport_outcome *out, struct err *e)
{
	struct err why = ERR_INIT;
	switch (out->verdict) {
	case TRANSPORT_SENT:
		if (has_deferred(m))
			return wait_for_deferred(s, row, a, m, e);
		return finish_sent(s, row, a, m, out, e);
	case TRANSPORT_REFUSED:
		if (has_accepted(row)) /* an earlier try: it is with somebody */
			return finish_sent(s, row, a, m, out, e);
		err_set(&why, ERR_PROTO, _("The server refused the mail: %s"), out->reply);
		return store_failure(s, row, a, m, OUTBOX_REFUSED, &why, 0, e);
	case TRANSPORT_UNKNOWN:
		err_set(&why, ERR_NET,
			_("The connection broke before the server's answer. Was it sent?"));
		return doubt_ask(s, row, &why, e);
	}
	return 0;
}

static int send_one(struct session *s, struct outbox_row *row, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	session_refresh_way(s);
	const char *way = session_sending_way(s, &a);
	if (!way || !row->sent_by || strcmp(way, row->sent_by) != 0)
		row->far_draft = NULL; /* another way's */
	struct transport_mail m = {.from = row->from,
		.envelope_id = row->message_id,
		.handed = note_handed,
		.drafted = note_drafted,
		.draft = row->far_draft,
		.is_again = row->attempts > 0};
	struct sending x = {s, row, &m, &a, way};
	struct transport_outcome out;
	struct err why = ERR_INIT;
	m.handed_ctx = &x;
	m.rcpts = arena_array(&a, row->n_recipients ? row->n_recipients : 1, sizeof *m.rcpts);
	for (size_t i = 0; i < row->n_recipients; i++)
		if (row->recipients[i].state != RCPT_ACCEPTED) /* they have it already */
			m.rcpts[m.n_rcpts++].addr = row->recipients[i].addr;
	if (outbox_raw(s->reader, &a, row->id, &m.data, &m.len, e) ||
		outbox_far_thread(s->reader, &a, row, &m.thread_id, e))
		return -1;
	if (outbox_set_state(s->host->store, row->id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, &why)) {
		if (is_taken_back(&why))
			return 0;
		*e = why;
		return -1;
	}
	if (session_open_transport(s, &why) || transport_send(s->transport, &m, &out, &why))
		return handle_failure(s, row, &a, &m, &why, e);
	return handle_outcome(s, row, &a, &m, &out, e);
}

bool session_gave_up_sending(const struct session *s)
{
	return s->send_most && s->send_failures >= s->send_most;
}

int session_send_step(struct session *s, bool *did, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct outbox_row *row = NULL;
	int64_t next = 0;
	if (sent_copy_step(s, did, e))
		return -1;
	if (*did || session_gave_up_sending(s) || s->sending.until_ms > clock_mono_ms())
		return 0;
	if (s->sends_at > clock_now(s->host->clock)) {
		session_note_due(s, s->sends_at);
		return 0;
	}
	if (outbox_due(s->reader, &a, s->account, &row, &next, e))
		return -1;
	session_note_due(s, next);
	if (!row && !next && s->sending_error.code == ERR_IO) /* the mail was taken back */
		err_clear(&s->sending_error);
	if (!row)
		return 0;
	*did = true;
	return send_one(s, row, e);
}
