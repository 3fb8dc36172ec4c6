/*
 * smtp_send.c - handing one mail to a server that is connected: envelope, data, and the line that
 * is crossed with the final dot. Before it every failure means "not sent"; after it only the
 * server's answer counts, and without one the outcome is unknown.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/net/cancel.h"
#include "crmail/net/stream.h"
#include "smtp.h"
#include "transport_kinds.h"

#define BATCH 100 /* recipients asked for in one go: their answers fit into any socket's buffer */
#define CHUNK ((size_t)64 << 10)
#define ENVID_MOST 106  /* with its name: RFC 3461 section 4.4 */
#define ORCPT_MOST 500  /* RFC 3461 section 4 */
#define FINAL_FACTOR 20 /* 10 minutes for 30 s: RFC 5321 4.5.3.2.6 */

/* What a mail asks of the server beyond plain ASCII. */
struct needs {
	bool utf8;      /* addresses or header fields beyond ASCII */
	bool eight_bit; /* body beyond ASCII */
	int64_t size;   /* bytes on the wire, without dot-stuffing (RFC 1870) */
};

static bool is_ascii(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s >= 0x80)
			return false;
	}
	return true;
}

/* Where the line that begins at `at` ends (its length without line end), and where the next
 * begins. CRLF, LF and CR alone all end lines: a server that takes one of them for a line end must
 * not see another message than we do. */
static size_t line_length(const char *p, size_t n, size_t at, size_t *next)
{
	size_t end = at;

	while (end < n && p[end] != '\r' && p[end] != '\n')
		end++;
	*next = end < n ? end + 1 : n;
	if (end + 1 < n && p[end] == '\r' && p[end + 1] == '\n')
		*next = end + 2;
	return end - at;
}

static struct needs needs_of(const struct transport_mail *m)
{
	struct needs w = {.utf8 = !is_ascii(m->from)};
	bool in_header = true;
	size_t next;

	for (size_t i = 0; i < m->n_rcpts; i++)
		w.utf8 = w.utf8 || !is_ascii(m->rcpts[i].addr);
	for (size_t at = 0; at < m->len; at = next) {
		size_t len = line_length(m->data, m->len, at, &next);
		bool is_high = false;
		for (size_t i = at; i < at + len && !is_high; i++)
			is_high = (unsigned char)m->data[i] >= 0x80;
		w.utf8 = w.utf8 || (is_high && in_header);
		w.eight_bit = w.eight_bit || is_high;
		in_header = in_header && len > 0;
		w.size += (int64_t)len + 2;
	}
	return w;
}

static int check_needs(const struct smtp *s, const struct needs *w, struct err *e)
{
	if (w->utf8 && !(s->caps & SMTP_UTF8))
		return err_set(e, ERR_UNSUPPORTED,
			_("%s cannot take addresses with letters beyond a to z (SMTPUTF8)."),
			s->host);
	if (w->eight_bit && !(s->caps & SMTP_8BITMIME))
		return err_set(e, ERR_UNSUPPORTED,
			_("%s cannot take mail that is not encoded for 7 bits (8BITMIME)."),
			s->host);
	if (s->size_limit && w->size > s->size_limit)
		return err_set(e, ERR_TOOBIG, _("%s takes mail of at most %lld KiB."), s->host,
			(long long)(s->size_limit >> 10));
	return 0;
}

/* RFC 3461 section 4: everything but printable ASCII, "+" and "=" as "+2B". */
static void add_xtext(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s > ' ' && *s <= '~' && *s != '+' && *s != '=')
			buf_addch(out, *s);
		else
			buf_addf(out, "+%02X", (unsigned)(unsigned char)*s);
	}
}

/* A parameter in xtext, left out where it would be longer than servers take. */
static void add_parameter(struct buf *out, const char *name, const char *value, size_t most)
{
	size_t before = out->len;

	buf_addstr(out, name);
	add_xtext(out, value);
	if (out->len - before > most)
		buf_truncate(out, before);
}

static void add_mail_command(const struct smtp *s, const struct transport_mail *m,
	const struct needs *w, struct buf *out)
{
	buf_addf(out, "MAIL FROM:<%s>", m->from);
	if (s->caps & SMTP_SIZE && w->size)
		buf_addf(out, " SIZE=%lld", (long long)w->size);
	if (w->eight_bit)
		buf_addstr(out, " BODY=8BITMIME");
	if (w->utf8)
		buf_addstr(out, " SMTPUTF8");
	if (s->caps & SMTP_DSN)
		buf_addstr(out, " RET=HDRS");
	if (s->caps & SMTP_DSN && m->envelope_id)
		add_parameter(out, " ENVID=", m->envelope_id, ENVID_MOST);
	buf_addstr(out, "\r\n");
}

static void add_rcpt_command(const struct smtp *s, const char *addr, struct buf *out)
{
	buf_addf(out, "RCPT TO:<%s>", addr);
	if (s->caps & SMTP_DSN)
		buf_addstr(out, " NOTIFY=FAILURE,DELAY");
	if (s->caps & SMTP_DSN && is_ascii(addr)) /* other addresses: RFC 6533, seldom offered */
		add_parameter(out, " ORCPT=rfc822;", addr, ORCPT_MOST);
	buf_addstr(out, "\r\n");
}

static void take_rcpt_reply(struct transport_recipient *to, const struct smtp_reply *r)
{
	to->state = smtp_is_ok(r)          ? TRANSPORT_RCPT_ACCEPTED
		    : smtp_is_temporary(r) ? TRANSPORT_RCPT_DEFERRED
					   : TRANSPORT_RCPT_REFUSED;
	memcpy(to->reply, r->text, sizeof(to->reply));
}

static int flush(struct smtp *s, struct buf *out, struct err *e)
{
	int rc = stream_write(s->stream, out->p, out->len, e);

	buf_reset(out);
	return rc;
}

/* Asks for the recipients from `at` on, as many as go in one batch; *at moves on. With `mail` its
 * answer is read first, into *r; when that is no, the others are read and mean nothing. */
static int ask_batch(struct smtp *s, struct transport_mail *m, size_t *at, struct buf *out,
	bool with_mail, struct smtp_reply *r, struct err *e)
{
	size_t first = *at, batch = s->caps & SMTP_PIPELINING ? BATCH : with_mail ? 0 : 1;
	struct smtp_reply each;

	size_t asked = 0;

	for (; *at < m->n_rcpts && asked < batch; (*at)++) {
		if (m->rcpts[*at].state != TRANSPORT_RCPT_PENDING)
			continue;
		add_rcpt_command(s, m->rcpts[*at].addr, out);
		asked++;
	}
	const char *names = with_mail ? "MAIL, RCPT" : "RCPT";

	smtp_trace(s, names, strlen(names), with_mail + asked);
	if (flush(s, out, e) || (with_mail && smtp_read_reply(s, NULL, r, e)))
		return -1;
	for (size_t i = first; i < *at; i++) {
		if (m->rcpts[i].state != TRANSPORT_RCPT_PENDING)
			continue;
		if (smtp_read_reply(s, NULL, &each, e))
			return -1;
		if (each.code == 421)
			return smtp_refusal(s, &each, e);
		if (smtp_is_ok(r))
			take_rcpt_reply(&m->rcpts[i], &each);
	}
	return 0;
}

/* Addresses that cannot be put into a command are refused by ourselves. */
static void refuse_unusable(struct transport_mail *m)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		struct transport_recipient *to = &m->rcpts[i];
		if (transport_addr_is_usable(to->addr))
			continue;
		to->state = TRANSPORT_RCPT_REFUSED;
		snprintf(to->reply, sizeof(to->reply), "%s",
			_("This is not an address that mail can be sent to."));
	}
}

/* 0 and *r = the answer to MAIL; recipients are answered when that is yes. */
static int envelope(struct smtp *s, struct transport_mail *m, const struct needs *w,
	struct smtp_reply *r, struct err *e)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	size_t at = 0;

	*r = (struct smtp_reply){.code = 0};
	add_mail_command(s, m, w, &out);
	if (ask_batch(s, m, &at, &out, true, r, e))
		return -1;
	while (smtp_is_ok(r) && at < m->n_rcpts) {
		if (ask_batch(s, m, &at, &out, false, r, e))
			return -1;
	}
	return 0;
}

static size_t count(const struct transport_mail *m, enum transport_rcpt state)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_rcpts; i++)
		n += m->rcpts[i].state == state;
	return n;
}

/* A no to the whole mail is a no to everybody who had been accepted or not been asked. */
static void refuse_all(struct transport_mail *m, const struct smtp_reply *r,
	struct transport_outcome *out)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		if (m->rcpts[i].state == TRANSPORT_RCPT_REFUSED)
			continue;
		m->rcpts[i].state = TRANSPORT_RCPT_REFUSED;
		memcpy(m->rcpts[i].reply, r->text, sizeof(m->rcpts[i].reply));
	}
	out->verdict = TRANSPORT_REFUSED;
	memcpy(out->reply, r->text, sizeof(out->reply));
}

/* "Not now" to the whole mail: nobody got it, everybody may be tried again. */
static int defer_all(const struct smtp *s, struct transport_mail *m, const struct smtp_reply *r,
	struct err *e)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		if (m->rcpts[i].state != TRANSPORT_RCPT_ACCEPTED)
			continue;
		m->rcpts[i].state = TRANSPORT_RCPT_DEFERRED;
		memcpy(m->rcpts[i].reply, r->text, sizeof(m->rcpts[i].reply));
	}
	return smtp_refusal(s, r, e);
}

/* The mail with its dots doubled and its line ends made CRLF, all but the final dot. */
static int write_data(struct smtp *s, const struct transport_mail *m, struct err *e)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	size_t next;

	for (size_t at = 0; at < m->len; at = next) {
		size_t len = line_length(m->data, m->len, at, &next);
		if (len && m->data[at] == '.')
			buf_addch(&out, '.');
		buf_add(&out, m->data + at, len);
		buf_addstr(&out, "\r\n");
		if (out.len >= CHUNK && flush(s, &out, e))
			return -1;
	}
	return flush(s, &out, e);
}

/* A server that speaks or leaves before the dot has given up on the mail: nothing was handed over.
 * 1 = it has said so for good, 0 = it is waiting, -1 = *e. */
static int check_still_waiting(struct smtp *s, struct transport_mail *m,
	struct transport_outcome *out, struct err *e)
{
	enum stream_event event;
	struct smtp_reply r;

	if (stream_wait(s->stream, -1, 0, &event, e))
		return -1;
	if (event != STREAM_READABLE)
		return 0;
	if (smtp_read_reply(s, NULL, &r, e))
		return -1;
	if (r.code / 100 != 5)
		return defer_all(s, m, &r, e);
	refuse_all(m, &r, out);
	smtp_drop(s); /* it would take the next command for a line of the mail */
	return 1;
}

static int lost_after_the_dot(struct smtp *s, const char *why, struct transport_outcome *out)
{
	smtp_drop(s);
	out->verdict = TRANSPORT_UNKNOWN;
	transport_put_reply(out->reply, sizeof(out->reply), why, strlen(why));
	return 0;
}

static int cross_the_line(struct smtp *s, struct transport_mail *m, struct transport_outcome *out,
	struct err *e)
{
	struct err lost = ERR_INIT;
	struct smtp_reply r;

	int has_given_up = check_still_waiting(s, m, out, e);
	if (has_given_up)
		return has_given_up < 0 ? -1 : 0;
	if (m->handed && m->handed(m->handed_ctx, e))
		return -1;
	if (net_cancel_is_set(s->base.cancel)) /* the dot was not written: still surely not sent */
		return err_set(e, ERR_CANCELLED, _("Cancelled."));
	stream_set_io_ms(s->stream, s->deadline_ms * FINAL_FACTOR);
	if (stream_write(s->stream, ".\r\n", 3, &lost) || smtp_read_reply(s, NULL, &r, &lost))
		return lost_after_the_dot(s, lost.msg, out);
	stream_set_io_ms(s->stream, s->deadline_ms);
	if (smtp_is_temporary(&r)) /* in so many words: not sent */
		return defer_all(s, m, &r, e);
	if (r.code / 100 == 5) {
		refuse_all(m, &r, out);
		return 0;
	}
	if (!smtp_is_ok(&r))
		return lost_after_the_dot(s, r.text, out);
	out->verdict = TRANSPORT_SENT;
	memcpy(out->reply, r.text, sizeof(out->reply));
	return 0;
}

static int data_phase(struct smtp *s, struct transport_mail *m, struct transport_outcome *out,
	struct err *e)
{
	struct smtp_reply r;

	if (smtp_command(s, &r, e, "DATA"))
		return -1;
	if (r.code / 100 == 5) {
		refuse_all(m, &r, out);
		return 0;
	}
	if (r.code != 354)
		return defer_all(s, m, &r, e);
	return write_data(s, m, e) || cross_the_line(s, m, out, e) ? -1 : 0;
}

/* Nobody was accepted: all refused is an answer, anybody deferred is a reason to try again. */
static int nobody_accepted(struct smtp *s, struct transport_mail *m, struct transport_outcome *out,
	struct err *e)
{
	struct err ignored = ERR_INIT;
	struct smtp_reply r;

	if (count(m, TRANSPORT_RCPT_DEFERRED))
		return err_set(e, ERR_RATE, _("%s takes no mail for these recipients at present."),
			s->host);
	out->verdict = TRANSPORT_REFUSED;
	memcpy(out->reply, m->rcpts[0].reply, sizeof(out->reply));
	if (smtp_command(s, &r, &ignored, "RSET"))
		smtp_drop(s);
	return 0;
}

static int send_connected(struct smtp *s, struct transport_mail *m, struct transport_outcome *out,
	struct err *e)
{
	struct needs w = needs_of(m);
	struct smtp_reply r = {.code = 250};

	if (check_needs(s, &w, e))
		return -1;
	refuse_unusable(m);
	if (count(m, TRANSPORT_RCPT_PENDING) && envelope(s, m, &w, &r, e))
		return -1;
	if (!smtp_is_ok(&r)) {
		if (r.code / 100 != 5 || r.code == 530)
			return smtp_refusal(s, &r, e);
		refuse_all(m, &r, out);
		return 0;
	}
	if (!count(m, TRANSPORT_RCPT_ACCEPTED))
		return nobody_accepted(s, m, out, e);
	return data_phase(s, m, out, e);
}

int smtp_send(struct transport *t, struct transport_mail *m, struct transport_outcome *out,
	struct err *e)
{
	struct smtp *s = (struct smtp *)t;

	if (!transport_addr_is_usable(m->from))
		return err_set(e, ERR_USAGE, _("The sender's address cannot be used."));
	if (smtp_connect(s, e))
		return -1;
	int rc = send_connected(s, m, out, e);
	if (rc) /* also takes back a mail that was begun: without its dot it is void */
		smtp_drop(s);
	return rc;
}

static int test_connected(struct smtp *s, const char *own_addr, struct err *e)
{
	struct smtp_reply r;

	if (smtp_command(s, &r, e, "MAIL FROM:<%s>", own_addr))
		return -1;
	if (!smtp_is_ok(&r))
		return smtp_refusal(s, &r, e);
	if (smtp_command(s, &r, e, "RCPT TO:<%s>", own_addr))
		return -1;
	if (!smtp_is_ok(&r))
		return smtp_refusal(s, &r, e);
	return smtp_command(s, &r, e, "RSET");
}

int smtp_test(struct transport *t, const char *own_addr, struct err *e)
{
	struct smtp *s = (struct smtp *)t;

	if (!transport_addr_is_usable(own_addr))
		return err_set(e, ERR_USAGE, _("The sender's address cannot be used."));
	if (smtp_connect(s, e))
		return -1;
	int rc = test_connected(s, own_addr, e);
	if (rc)
		smtp_drop(s);
	return rc;
}
