/*
 * send.c - from table outbox to the transport: each mail once. "handed" is committed just before
 * the last byte; whatever dies after that is looked for in Sent, and asked about where Sent does
 * not tell [R26]. Then the copy in Sent.
 */
#include "config.h"

#include "session.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/provider/roles.h"
#include "crmail/provider/transport.h"
#include "crmail/store/message.h"
#include "crmail/store/outbox.h"

#include "backoff.h"
#include "worker.h"

static int open_transport(struct session *s, struct err *e)
{
	if (s->transport)
		return 0;
	struct transport_conf c = {
		.kind = s->smtp ? "smtp" : "sendmail",
		.ca_file = s->conf.ca_file,
		.user = s->conf.user,
		.password = s->conf.password,
		.password_ctx = s->conf.password_ctx,
		.command = s->sendmail,
		.deadline_ms = s->conf.deadline_ms,
		.trust = s->conf.trust,
	};
	if (!s->smtp && !s->sendmail)
		return err_set(e, ERR_USAGE, _("Account %s has no way to send mail."),
			s->conf.name);
	if (s->smtp && session_split_host(&s->keep, s->smtp, &c.host, &c.port, e))
		return -1;
	c.tls = session_tls_of(s, c.port);
	if (transport_open(&s->transport, &c, e))
		return -1;
	worker_set_transport(s->worker, s->transport);
	return 0;
}

/* ---- the copy in Sent -------------------------------------------------------------------------- */

static int make_sent_folder(struct session *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *new_id = NULL;
	const struct op create = {.kind = OP_FOLDER_CREATE,
		.account = s->account,
		.to_folder = role_default_name(FOLDER_SENT)};
	if (session_folder_of(s, FOLDER_SENT))
		return 0;
	if (s->ops->apply(s->provider, &create, &a, &new_id, e) || session_list_folders(s, e))
		return -1;
	return session_folder_of(s, FOLDER_SENT)
		       ? 0
		       : err_set(e, ERR_NOTFOUND, _("There is no folder for sent mail."));
}

static int file_copy(struct session *s, const struct outbox_row *row, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *raw = NULL, *new_id = NULL;
	size_t len = 0;
	bool files_itself = (s->ops->caps(s->provider) & PROV_FILES_SENT) ||
			    (s->transport && transport_files_sent(s->transport));
	if (!files_itself) {
		if (make_sent_folder(s, e) || outbox_raw(s->reader, &a, row->id, &raw, &len, e))
			return -1;
		const struct op append = {.kind = OP_APPEND,
			.account = s->account,
			.to_folder = session_folder_of(s, FOLDER_SENT)->server_name,
			.message_id = row->message_id,
			.flags_add = MSG_SEEN,
			.data = raw,
			.data_len = len};
		if (s->ops->apply(s->provider, &append, &a, &new_id, e))
			return -1;
	}
	session_pull_role(s, FOLDER_SENT);
	return outbox_filed(s->host->store, row->id, e);
}

/* A copy that the server refuses holds nothing else up: it is tried again with the next
 * connection. A broken connection is the account's matter. */
static int try_copy(struct session *s, const struct outbox_row *row, struct err *e)
{
	struct err why = ERR_INIT;
	if (file_copy(s, row, &why) == 0)
		return 0;
	if (why.scope == ERR_ACCOUNT) {
		*e = why;
		return -1;
	}
	log_line(LOG_WARN, "send", "mail %lld: copy not filed: %s", (long long)row->id,
		err_code_name(why.code));
	s->report.ops_parked++;
	return 0;
}

static void mark_answered(struct session *s, int64_t message)
{
	const struct target t = {.kind = TARGET_MESSAGES, .ids = &message, .n = 1};
	if (message)
		action_flags(s->host->store, &t, MSG_ANSWERED, 0, NULL);
}

/* ---- one mail ---------------------------------------------------------------------------------- */

struct sending {
	struct session *s;
	const struct outbox_row *row;
};

static int note_handed(void *ctx, struct err *e)
{
	const struct sending *x = ctx;
	return outbox_set_state(x->s->host->store, x->row->id, OUTBOX_HANDED, NULL, 0, NULL, 0, e);
}

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

static int store_outcome(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, enum outbox_state state, const struct err *why,
	int64_t later, struct err *e)
{
	struct outbox_recipient *r = arena_array(a, m->n_rcpts ? m->n_rcpts : 1, sizeof *r);
	for (size_t i = 0; i < m->n_rcpts; i++)
		r[i] = (struct outbox_recipient){m->rcpts[i].addr, state_of(m->rcpts[i].state),
			m->rcpts[i].reply[0] ? m->rcpts[i].reply : NULL};
	return outbox_set_state(s->host->store, row->id, state, r, m->n_rcpts, why, later, e);
}

/* A pass counts these, so that it does not wait for ever for a server that is away. */
static void note_later(struct session *s, const struct err *why)
{
	s->send_failures++;
	s->send_error = *why;
}

/* Not sent for sure: again later, or given up where only the user can help. */
static int handle_failure(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, const struct err *why, struct err *e)
{
	bool hopeless = why->retry == RETRY_NEVER && why->code != ERR_AUTH && why->code != ERR_TLS;
	int64_t later =
		clock_now(s->host->clock) +
		(why->after_ms ? why->after_ms / 1000 + 1 : backoff_s(s->host->rng, row->attempts));
	log_line(LOG_WARN, "send", "mail %lld: %s, attempt %u", (long long)row->id,
		err_code_name(why->code), row->attempts + 1);
	session_close_transport(s);
	if (store_outcome(s, row, a, m, hopeless ? OUTBOX_REFUSED : OUTBOX_QUEUED, why, later, e))
		return -1;
	if (!hopeless)
		note_later(s, why);
	if (why->code == ERR_AUTH || why->code == ERR_TLS) {
		*e = *why; /* the account as a whole has to be looked at */
		return -1;
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
	note_later(s, &why);
	return store_outcome(s, row, a, m, OUTBOX_QUEUED, &why, later, e);
}

static bool has_deferred(const struct transport_mail *m)
{
	for (size_t i = 0; i < m->n_rcpts; i++)
		if (m->rcpts[i].state == TRANSPORT_RCPT_DEFERRED)
			return true;
	return false;
}

static bool has_accepted(const struct outbox_row *row)
{
	for (size_t i = 0; i < row->n_recipients; i++)
		if (row->recipients[i].state == RCPT_ACCEPTED)
			return true;
	return false;
}

static int finish_sent(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, struct err *e)
{
	s->report.sent++;
	if (store_outcome(s, row, a, m, OUTBOX_SENT, NULL, 0, e))
		return -1;
	mark_answered(s, row->reply_to);
	return try_copy(s, row, e);
}

static int handle_outcome(struct session *s, const struct outbox_row *row, struct arena *a,
	const struct transport_mail *m, const struct transport_outcome *out, struct err *e)
{
	struct err why = ERR_INIT;
	switch (out->verdict) {
	case TRANSPORT_SENT:
		if (has_deferred(m))
			return wait_for_deferred(s, row, a, m, e);
		return finish_sent(s, row, a, m, e);
	case TRANSPORT_REFUSED:
		if (has_accepted(row)) /* an earlier try: it is with somebody */
			return finish_sent(s, row, a, m, e);
		err_set(&why, ERR_PROTO, _("The server refused the mail: %s"), out->reply);
		return store_outcome(s, row, a, m, OUTBOX_REFUSED, &why, 0, e);
	case TRANSPORT_UNKNOWN:
		s->report.unknown++;
		err_set(&why, ERR_NET,
			_("The connection broke before the server's answer. Was it sent?"));
		return store_outcome(s, row, a, m, OUTBOX_UNKNOWN, &why, 0, e);
	}
	return 0;
}

static int send_one(struct session *s, const struct outbox_row *row, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct transport_mail m = {.from = row->from, .handed = note_handed};
	struct sending x = {s, row};
	struct transport_outcome out;
	struct err why = ERR_INIT;
	m.handed_ctx = &x;
	m.rcpts = arena_array(&a, row->n_recipients ? row->n_recipients : 1, sizeof *m.rcpts);
	for (size_t i = 0; i < row->n_recipients; i++)
		if (row->recipients[i].state != RCPT_ACCEPTED) /* they have it already */
			m.rcpts[m.n_rcpts++].addr = row->recipients[i].addr;
	if (outbox_raw(s->reader, &a, row->id, &m.data, &m.len, e) ||
		outbox_set_state(s->host->store, row->id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, e))
		return -1;
	if (open_transport(s, &why) || transport_send(s->transport, &m, &out, &why))
		return handle_failure(s, row, &a, &m, &why, e);
	return handle_outcome(s, row, &a, &m, &out, e);
}

/* ---- what an earlier process left --------------------------------------------------------------- */

static int settle_handed(struct session *s, const struct outbox_row *row, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct session_folder *sent = session_folder_of(s, FOLDER_SENT);
	struct found found = {0};
	struct err why = ERR_INIT;
	if (sent &&
		s->ops->find(s->provider, sent->server_name, row->message_id, &a, &found, &why) &&
		why.scope == ERR_ACCOUNT) {
		*e = why;
		return -1;
	}
	if (found.id)
		return outbox_set_state(s->host->store, row->id, OUTBOX_SENT, NULL, 0, NULL, 0,
			       e) || outbox_filed(s->host->store, row->id, e)
			       ? -1
			       : 0;
	s->report.unknown++;
	err_set(&why, ERR_NET, _("crmail ended before the server's answer. Was it sent?"));
	return outbox_set_state(s->host->store, row->id, OUTBOX_UNKNOWN, NULL, 0, &why, 0, e);
}

static int settle_outbox(struct session *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct outbox_row *rows = NULL;
	size_t n = 0;
	if (outbox_list(s->reader, &a, &rows, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].account != s->account)
			continue;
		if (rows[i].state == OUTBOX_HANDED && settle_handed(s, &rows[i], e))
			return -1;
		if (rows[i].state == OUTBOX_SENT && !rows[i].is_filed && try_copy(s, &rows[i], e))
			return -1;
	}
	s->outbox_settled = true;
	return 0;
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
	*did = false;
	if (!s->outbox_settled && settle_outbox(s, e))
		return -1;
	if (session_gave_up_sending(s))
		return 0;
	if (outbox_due(s->reader, &a, s->account, &row, &next, e))
		return -1;
	session_note_due(s, next);
	if (!row)
		return 0;
	*did = true;
	if (send_one(s, row, e)) {
		s->outbox_settled = false; /* a copy in Sent may be missing */
		return -1;
	}
	return 0;
}
