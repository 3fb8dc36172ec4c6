/*
 * idle.c - waiting for new mail. The second connection does nothing but idle in INBOX; where there
 * is none, a NOOP every half minute asks on the first. How long others wait for us is bounded: the
 * second connection gets less time to come up than the first, and tries again ever more seldom.
 */
#include "config.h"

#include "idle.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"
#include "crmail/net/stream.h"

#include "session.h"

#define RENEW_MS (9 * 60000) /* RFC 2177 asks for less than 29 minutes; routers forget sooner */
#define CONNECT_MS 10000     /* the user's own wishes wait as long */
#define NOOP_MS 30000
#define RETRY_MS 60000 /* after the first failure; doubles */
#define RETRY_MAX_MS 3600000
#define LIVED_MS 60000 /* a connection that lived as long failed by accident */
#define QUIET_MS 300   /* between two pieces of news: a server cannot keep us busy */

struct imap_idle {
	struct account_conf conf;
	struct imap_session *s; /* the second connection; NULL = none */
	unsigned failures;      /* in a row */
	int64_t began_at, renew_at, retry_at, noop_at, quiet_until; /* ms, monotonic */
};

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int ms_until(int64_t at)
{
	int64_t left = at == INT64_MAX ? RETRY_MAX_MS : at - clock_mono_ms();
	return left < 0 ? 0 : (int)earlier(left, RETRY_MAX_MS);
}

static int noop_ms(const struct imap_idle *i)
{
	return i->conf.idle_ms > 0 ? i->conf.idle_ms : NOOP_MS;
}

static void drop(struct imap_idle *i)
{
	if (i->s) {
		i->s->is_dead = true; /* in the middle of IDLE no LOGOUT is possible */
		imap_close(&i->s->base);
	}
	i->s = NULL;
}

void imap_idle_close(struct imap_idle *i)
{
	if (!i)
		return;
	drop(i);
	free(i);
}

static void give_up(struct imap_idle *i, const struct err *why)
{
	int64_t now = clock_mono_ms(), pause = i->conf.idle_ms > 0 ? i->conf.idle_ms : RETRY_MS;
	bool was_accident = i->s && i->began_at && now - i->began_at > LIVED_MS;
	i->failures = was_accident ? 0 : i->failures + 1;
	for (unsigned n = 1; n < i->failures && pause < RETRY_MAX_MS; n++)
		pause *= 2;
	i->retry_at = i->failures ? now + pause : now;
	i->began_at = 0;
	log_line(LOG_NOTE, "imap", "account %lld: idle ended: %s, failure %u",
		(long long)i->conf.account, err_code_name(why->code), i->failures);
	drop(i);
}

/* ---- the second connection ------------------------------------------------------------------- */

static int renew_ms(const struct imap_idle *i)
{
	return i->conf.idle_ms > 0 ? i->conf.idle_ms : RENEW_MS;
}

static int begin(struct imap_idle *i, struct err *e)
{
	if (imap_begin_idle(i->s, e))
		return -1;
	i->renew_at = clock_mono_ms() + renew_ms(i);
	return 0;
}

static int renew(struct imap_idle *i, struct err *e)
{
	return imap_end_idle(i->s, e) || begin(i, e) ? -1 : 0;
}

static int connect_idle(struct imap_idle *i, struct err *e)
{
	struct provider *p = NULL;
	if (imap_open(&p, &i->conf, e))
		return -1;
	i->s = imap_of(p);
	if (!(i->s->caps & CAP_IDLE))
		return err_set(e, ERR_UNSUPPORTED, "IDLE");
	if (imap_select(i->s, "INBOX", e) || begin(i, e))
		return -1;
	i->began_at = clock_mono_ms();
	return 0;
}

/* Reads what has come. A tagged answer ends IDLE before we did: some servers do. */
static int take_news(struct imap_idle *i, struct err *e)
{
	struct imap_session *s = i->s;
	do {
		struct imap_untagged u;
		struct imap_lex lex;
		char word[32];
		s->wire.budget = IMAP_MAX_LINE;
		if (imap_next(s, &u, &lex, word, e))
			return -1;
		if (s->answer.kind == ANSWER_TAGGED)
			return begin(i, e);
		if (strcmp(word, "BYE") == 0)
			return err_set(e, ERR_NET, _("The connection to %s broke."), i->conf.host);
	} while (imap_wire_has_buffered(&s->wire));
	return 0;
}

/* Sleeps until wake_fd or cancel; true when one of them spoke. */
static bool doze(const struct imap_idle *i, int wake_fd, int64_t until)
{
	struct pollfd p[2] = {{.fd = wake_fd, .events = POLLIN},
		{.fd = net_cancel_fd(i->conf.cancel), .events = POLLIN}};
	int n;
	do
		n = poll(p, ARRAY_SIZE(p), ms_until(until));
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* One wait on the second connection: until news, wake_fd, or `end`. *is_over = return to caller. */
static int listen_once(struct imap_idle *i, int wake_fd, int64_t end, bool *has_news, bool *is_over,
	struct err *e)
{
	enum stream_event ev = STREAM_READABLE;
	*is_over = i->quiet_until > clock_mono_ms() &&
		   (end < i->quiet_until || doze(i, wake_fd, i->quiet_until));
	if (*is_over)
		return 0;
	if (!imap_wire_has_buffered(&i->s->wire) &&
		stream_wait(i->s->stream, wake_fd, ms_until(earlier(end, i->renew_at)), &ev, e))
		return -1;
	if (ev == STREAM_READABLE && take_news(i, e))
		return -1;
	*has_news = i->s->has_news;
	i->s->has_news = false;
	if (*has_news)
		i->quiet_until = clock_mono_ms() + QUIET_MS;
	*is_over = *has_news || ev == STREAM_WOKEN || clock_mono_ms() >= end;
	return *is_over || clock_mono_ms() < i->renew_at ? 0 : renew(i, e);
}

/* ---- the first connection -------------------------------------------------------------------- */

static int noop(struct imap_session *s, bool *has_news, struct err *e)
{
	struct imap_command c = imap_command(s, "NOOP");
	s->idle->noop_at = clock_mono_ms() + noop_ms(s->idle);
	if (!s->selected.folder || str_casecmp(s->selected.folder, "INBOX") != 0) {
		imap_command_drop(&c);
		*has_news = true; /* pulling INBOX asks as well, and selects it */
		return 0;
	}
	s->has_news = false;
	imap_add(&c, "NOOP");
	if (imap_run(&c, NULL, NULL, e))
		return -1;
	*has_news = s->has_news;
	return 0;
}

static int poll_once(struct imap_session *s, int wake_fd, int64_t end, bool *has_news,
	bool *is_over, struct err *e)
{
	struct imap_idle *i = s->idle;
	int64_t next = s->caps & CAP_IDLE ? earlier(i->noop_at, i->retry_at) : i->noop_at;
	*is_over = doze(i, wake_fd, earlier(end, next)) || clock_mono_ms() >= end;
	if (net_cancel_is_set(i->conf.cancel))
		return err_set(e, ERR_CANCELLED, _("Cancelled."));
	if (*is_over || clock_mono_ms() < i->noop_at)
		return 0;
	if (noop(s, has_news, e))
		return -1;
	*is_over = *has_news;
	return 0;
}

/* ---- both ------------------------------------------------------------------------------------ */

static struct imap_idle *idle_new(const struct imap_session *s)
{
	struct imap_idle *i = xcalloc(1, sizeof *i);
	i->conf = *s->conf;
	i->conf.cancel = s->cancel;
	if (i->conf.deadline_ms <= 0 || i->conf.deadline_ms > CONNECT_MS)
		i->conf.deadline_ms = CONNECT_MS;
	i->noop_at = clock_mono_ms() + noop_ms(i);
	return i;
}

/* What came before IDLE began is seen by one more look at INBOX: hence "news". A second connection
 * that fails is no error of the account. */
static int try_connect(struct imap_session *s, bool *has_news, struct err *e)
{
	struct imap_idle *i = s->idle;
	if (connect_idle(i, e) == 0) {
		i->s->has_news = false;
		*has_news = true;
		return 0;
	}
	if (e->code == ERR_CANCELLED)
		return -1;
	if (imap_is_refusal(e) || e->code == ERR_UNSUPPORTED)
		s->caps &= ~(unsigned)CAP_IDLE;
	give_up(i, e);
	err_clear(e);
	return 0;
}

static int lost(struct imap_idle *i, bool *has_news, struct err *e)
{
	if (e->code == ERR_CANCELLED)
		return -1;
	give_up(i, e);
	err_clear(e);
	*has_news = true; /* what was said last may not have been heard */
	return 0;
}

/* Between two steps of work there is only a look; while no second connection is up yet, work that
 * lasts is interrupted for the inbox as often as NOOP would ask. */
static bool is_time_to_ask(struct imap_idle *i)
{
	int64_t now = clock_mono_ms();
	if (now < i->noop_at)
		return false;
	i->noop_at = now + noop_ms(i);
	return true;
}

int imap_wait(struct provider *p, int wake_fd, int timeout_ms, bool *has_news, struct err *e)
{
	struct imap_session *s = imap_of(p);
	int64_t end = timeout_ms < 0 ? INT64_MAX : clock_mono_ms() + timeout_ms;
	bool is_over = false;
	*has_news = false;
	if (!s->idle)
		s->idle = idle_new(s);
	struct imap_idle *i = s->idle;
	while (!is_over && !*has_news) {
		if (i->s) {
			if (listen_once(i, wake_fd, end, has_news, &is_over, e))
				return lost(i, has_news, e);
		} else if (timeout_ms == 0) {
			*has_news = is_time_to_ask(i);
			return 0;
		} else if (s->caps & CAP_IDLE && s->stream && clock_mono_ms() >= i->retry_at) {
			if (try_connect(s, has_news, e))
				return -1;
		} else if (poll_once(s, wake_fd, end, has_news, &is_over, e)) {
			return -1;
		}
	}
	return 0;
}
