/*
 * relay.c - the transport that hands a mail to a relay [R10]. It has no drafts: in their place the
 * report is read before, so that a lost answer can be settled by reading it again. What it did not
 * count before, it sent.
 */
#include "config.h"

#include "crmail/provider/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"
#include "relay_letter.h"
#include "transport_kinds.h"

#define DAY_S 86400
#define MARK "report:" /* before what is kept in a draft's place */

struct relay_transport {
	struct transport base;
	struct relay_conf conf; /* strings owned */
	struct relay *relay;    /* NULL = not opened yet */
};

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static int open_relay(struct relay_transport *t, struct err *e)
{
	if (t->relay)
		return 0;
	t->conf.cancel = t->base.cancel;
	return relay_open(&t->relay, &t->conf, e);
}

static int relay_transport_open(struct transport **out, const struct transport_conf *c,
	struct err *e)
{
	if (!c->api || !c->user)
		return err_set(e, ERR_USAGE, _("A relay needs its address and your user there."));
	struct relay_transport *t = xcalloc(1, sizeof *t);
	t->conf = (struct relay_conf){.base = copy(c->api),
		.user = copy(c->user),
		.account = c->account,
		.ca_file = copy(c->ca_file),
		.key = c->token,
		.key_ctx = c->password_ctx,
		.clock = c->clock,
		.deadline_ms = c->deadline_ms};
	*out = &t->base;
	return 0;
}

static void relay_transport_close(struct transport *base)
{
	struct relay_transport *t = (struct relay_transport *)base;
	relay_close(t->relay);
	free((char *)t->conf.base);
	free((char *)t->conf.user);
	free((char *)t->conf.ca_file);
	free(t);
}

/* ---- what the report said before ------------------------------------------------------------- */

/* A day before and one after: nobody knows the zone of the service's days. */
static void put_day(int64_t t, char out[11])
{
	char text[32];
	clock_rfc3339(t, text, sizeof text);
	memcpy(out, text, 10);
	out[10] = '\0';
}

/* A service without reports sends all the same; its lost answers are the person's to settle. */
static int note_report(struct relay_transport *t, const struct relay_letter *l,
	struct transport_mail *m, struct err *e)
{
	char from[11], to[11], mark[160];
	int64_t now = clock_now(t->conf.clock), before = 0;
	struct err why = ERR_INIT;
	put_day(now - DAY_S, from);
	put_day(now + DAY_S, to);
	if (relay_count(t->relay, l->key, from, to, &before, &why)) {
		if (why.code == ERR_NOTFOUND || why.code == ERR_PROTO)
			return 0;
		*e = why;
		return -1;
	}
	snprintf(mark, sizeof mark, MARK "%s:%s:%lld:%s", from, to, (long long)before, l->key);
	return m->drafted ? m->drafted(m->handed_ctx, mark, e) : 0;
}

static bool is_day(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (i == 4 || i == 7 ? s.p[i] != '-' : !ascii_isdigit(s.p[i]))
			return false;
	return s.len == 10;
}

static bool is_key(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_isalnum(s.p[i]))
			return false;
	return s.len == 64;
}

struct noted {
	char from[11], to[11], key[65];
	int64_t before;
};

static bool read_mark(const char *mark, struct noted *out)
{
	struct span rest, v[4];
	size_t n = 0;
	if (!str_starts(mark, MARK))
		return false;
	rest = span_of(mark + strlen(MARK));
	while (n < 4 && span_next(&rest, ':', &v[n]))
		n++;
	if (n != 4 || rest.len || !is_day(v[0]) || !is_day(v[1]) || !is_key(v[3]) ||
		!span_to_i64(v[2], 0, INT64_MAX, &out->before))
		return false;
	snprintf(out->from, sizeof out->from, "%.10s", v[0].p);
	snprintf(out->to, sizeof out->to, "%.10s", v[1].p);
	snprintf(out->key, sizeof out->key, "%.64s", v[3].p);
	return true;
}

/* That it does not count the mail proves nothing: it may only be late. */
static int relay_settle(struct transport *base, const char *draft, const char *message_id,
	struct transport_settled *out, struct err *e)
{
	struct relay_transport *t = (struct relay_transport *)base;
	struct noted n;
	int64_t now_there = 0;
	(void)message_id;
	if (!read_mark(draft, &n))
		return 0;
	if (open_relay(t, e) || relay_count(t->relay, n.key, n.from, n.to, &now_there, e))
		return -1;
	out->is_count = true;
	out->fate = now_there > n.before ? TRANSPORT_WAS_SENT : TRANSPORT_FATE_UNKNOWN;
	return 0;
}

/* ---- sending --------------------------------------------------------------------------------- */

static void set_all(struct transport_mail *m, enum transport_rcpt state, const char *reply)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		m->rcpts[i].state = state;
		memcpy(m->rcpts[i].reply, reply, strlen(reply) + 1);
	}
}

static int relay_send(struct transport *base, struct transport_mail *m,
	struct transport_outcome *out, struct err *e)
{
	struct relay_transport *t = (struct relay_transport *)base;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf reply = BUF_INIT(4096);
	struct relay_letter letter;
	enum relay_end end = RELAY_UNKNOWN;
	if (relay_letter_make(&a, m, &letter, e) || open_relay(t, e) ||
		note_report(t, &letter, m, e) || (m->handed && m->handed(m->handed_ctx, e)) ||
		relay_post(t->relay, m->from, &letter, &end, &reply, e))
		return -1;
	transport_put_reply(out->reply, sizeof out->reply, reply.p, reply.len);
	switch (end) {
	case RELAY_SENT:
		out->verdict = TRANSPORT_SENT;
		set_all(m, TRANSPORT_RCPT_ACCEPTED, "");
		break;
	case RELAY_REFUSED:
		out->verdict = TRANSPORT_REFUSED;
		set_all(m, TRANSPORT_RCPT_REFUSED, out->reply);
		break;
	case RELAY_UNKNOWN:
		out->verdict = TRANSPORT_UNKNOWN;
		break;
	}
	return 0;
}

static int relay_test(struct transport *base, const char *own_addr, struct err *e)
{
	struct relay_transport *t = (struct relay_transport *)base;
	return open_relay(t, e) || relay_check(t->relay, own_addr, e) ? -1 : 0;
}

/* It sends through the mailbox's own provider, which keeps what it sends. */
static bool relay_files_sent(const struct transport *t)
{
	(void)t;
	return true;
}

const struct transport_ops relay_ops = {
	.kind = "relay",
	.open = relay_transport_open,
	.close = relay_transport_close,
	.send = relay_send,
	.test = relay_test,
	.files_sent = relay_files_sent,
	.settle = relay_settle,
};
