/*
 * discover.c - asks everybody at once, and settles on the best of what is answered: a known
 * provider by MX, SRV, autoconfig; the usual names are tried only when none of these says anything.
 * A better source that has not answered yet is waited for, up to its share of the time.
 */
#include "config.h"

#include "crmail/net/discover.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"
#include "discover_seek.h"
#include "discover_table.h"
#include "wait.h"

enum {
	PLACES_MAX = 4, /* of each list that is looked at */
	SEEKERS_MAX = SEEK_SUBMISSION + 1 + 3 * PLACES_MAX,
	EIGHTHS_BEFORE_GUESSES = 5 /* of the time */
};

struct search;

struct seeker {
	struct search *s;
	enum seek_kind kind;
	size_t place;
	pthread_t thread;
	bool is_started, is_done; /* is_done: with the lock */
	struct seek_result r;     /* the thread's own until it is done */
};

struct search {
	struct discover_table table;
	struct seek_conf conf;
	char email[OFFER_USER];
	struct seeker v[SEEKERS_MAX];
	size_t n;
	bool is_guessing;
	int done_fd; /* eventfd: somebody is done */
	pthread_mutex_t lock;
};

/* ---- threads --------------------------------------------------------------------------------- */

static void *run(void *arg)
{
	struct seeker *k = arg;
	const uint64_t one = 1;
	seek(&k->s->conf, k->kind, k->place, &k->r);
	pthread_mutex_lock(&k->s->lock);
	k->is_done = true;
	pthread_mutex_unlock(&k->s->lock);
	IGNORE_RESULT(write(k->s->done_fd, &one, sizeof one) < 0, "an eventfd takes that many");
	return NULL;
}

/* Who cannot be started has nothing to say. */
static void start(struct search *s, enum seek_kind kind, size_t place)
{
	struct seeker *k = &s->v[s->n++];
	sigset_t all, old;
	*k = (struct seeker){.s = s, .kind = kind, .place = place};
	sigfillset(&all); /* signals belong to the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	k->is_started = pthread_create(&k->thread, NULL, run, k) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!k->is_started)
		k->is_done = true;
}

static void start_list(struct search *s, enum seek_kind kind, const char *list)
{
	for (size_t i = 0; i < PLACES_MAX; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(1);
		if (discover_place(&s->table, list, i, s->email, &text))
			start(s, kind, i);
	}
}

/* ---- what the answers are worth -------------------------------------------------------------- */

enum judgement { WAITS, WANTS_GUESSES, IS_SETTLED };

static const struct seeker *seeker_of(const struct search *s, enum seek_kind kind, size_t place)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == kind && s->v[i].place == place)
			return &s->v[i];
	return NULL;
}

static bool is_known_provider(const struct search *s, const struct seeker *mx, struct offers *out)
{
	for (size_t i = 0; i < mx->r.dns.n; i++) {
		const cJSON *p = discover_by_mx(&s->table, mx->r.dns.v[i].target);
		if (p)
			discover_add_provider(&s->table, p, OFFER_BY_MX, s->email, out);
		if (out->n)
			return true;
	}
	return false;
}

static bool take_srv(const struct seeker *k, bool is_starttls, struct offer_server *out)
{
	const struct dns_record *r = &k->r.dns.v[0];
	return k->is_done && k->r.is_found &&
	       offer_server_set(out, r->target, r->port, is_starttls);
}

static void judge_srv(const struct search *s, struct offers *out)
{
	struct offer_server imap[2] = {{.text = ""}, {.text = ""}}, smtp[2] = {imap[0], imap[0]};
	static const enum seek_kind kinds[] = {
		SEEK_IMAPS, SEEK_IMAP, SEEK_SUBMISSIONS, SEEK_SUBMISSION};
	struct offer o = {.source = OFFER_BY_SRV};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		take_srv(seeker_of(s, kinds[i], 0), i & 1, i < 2 ? &imap[i] : &smtp[i & 1]);
	for (size_t i = 0; i < 4; i++)
		if (offer_put_servers(&o, &imap[i / 2], &smtp[i % 2])) {
			discover_add_found(&s->table, &o, s->email, out);
			return;
		}
}

static bool are_done(const struct search *s, enum seek_kind from, enum seek_kind to)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind >= from && s->v[i].kind <= to && !s->v[i].is_done)
			return false;
	return true;
}

/* Each in the order of its worth, as far as the better ones have answered. */
static enum judgement judge_answers(const struct search *s, bool is_late, struct offers *out)
{
	const struct seeker *mx = seeker_of(s, SEEK_MX, 0), *k;
	if (!mx->is_done && !is_late)
		return WAITS;
	if (mx->is_done && mx->r.dns.has_no_name) {
		out->end = OFFERS_NO_DOMAIN;
		return IS_SETTLED;
	}
	if (mx->is_done && is_known_provider(s, mx, out))
		return IS_SETTLED;
	if (!are_done(s, SEEK_IMAPS, SEEK_SUBMISSION) && !is_late)
		return WAITS;
	judge_srv(s, out);
	for (size_t i = 0; !out->n && (k = seeker_of(s, SEEK_AUTOCONFIG, i)); i++) {
		if (!k->is_done && !is_late)
			return WAITS;
		if (k->is_done && k->r.is_found)
			discover_add_found(&s->table, &k->r.offer, s->email, out);
	}
	return out->n ? IS_SETTLED : WANTS_GUESSES;
}

/* The first of a list that answers; false: a better one may still. */
static bool pick(const struct search *s, enum seek_kind kind, bool is_over,
	struct offer_server *out)
{
	const struct seeker *k;
	for (size_t i = 0; (k = seeker_of(s, kind, i)); i++) {
		if (!k->is_done && !is_over)
			return false;
		if (k->is_done && k->r.is_found) {
			*out = k->r.server;
			return true;
		}
	}
	return true;
}

static enum judgement judge_guesses(const struct search *s, bool is_over, struct offers *out)
{
	struct offer_server imap = {.text = ""}, smtp = {.text = ""};
	struct offer o = {.source = OFFER_BY_GUESS};
	if (!pick(s, SEEK_READING, is_over, &imap) || !pick(s, SEEK_SENDING, is_over, &smtp))
		return WAITS;
	if (offer_put_servers(&o, &imap, &smtp))
		discover_add_found(&s->table, &o, s->email, out);
	return IS_SETTLED;
}

static enum judgement judge(struct search *s, bool is_late, bool is_over, struct offers *out)
{
	*out = (struct offers){.end = OFFERS_NONE};
	pthread_mutex_lock(&s->lock);
	enum judgement j = judge_answers(s, is_late, out);
	if (j == WANTS_GUESSES && s->is_guessing)
		j = judge_guesses(s, is_over, out);
	pthread_mutex_unlock(&s->lock);
	return is_over ? IS_SETTLED : j;
}

static bool has_heard(const struct search *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].is_done && s->v[i].r.has_heard)
			return true;
	return false;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int ask(struct search *s, const struct net_cancel *cancel, int64_t guesses_at,
	struct offers *out, struct err *e)
{
	for (;;) {
		struct err why = ERR_INIT;
		bool is_over = !net_ms_left(s->conf.deadline);
		enum judgement j =
			judge(s, s->is_guessing || !net_ms_left(guesses_at), is_over, out);
		if (j == IS_SETTLED) {
			if (is_over && !out->n && out->end == OFFERS_NONE)
				out->end = OFFERS_SLOW;
			return 0;
		}
		if (j == WANTS_GUESSES) {
			s->is_guessing = true;
			start_list(s, SEEK_READING, "imap");
			start_list(s, SEEK_SENDING, "smtp");
			continue;
		}
		if (net_wait(s->done_fd, POLLIN, cancel,
			    s->is_guessing ? s->conf.deadline : guesses_at, "", &why) == 0) {
			uint64_t done;
			IGNORE_RESULT(read(s->done_fd, &done, sizeof done) < 0, "it was readable");
		} else if (why.code == ERR_CANCELLED) {
			*e = why;
			return -1;
		}
	}
}

static void stop(struct search *s)
{
	net_cancel_trigger(s->conf.cancel);
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].is_started)
			pthread_join(s->v[i].thread, NULL);
}

static int ask_everybody(struct search *s, const struct discover_conf *c, struct offers *out,
	struct err *e)
{
	int whole =
		c->deadline_ms > 0 && c->deadline_ms < DISCOVER_MS ? c->deadline_ms : DISCOVER_MS;
	int64_t now = clock_mono_ms();
	struct net_cancel *stop_all = net_cancel_try(e);
	if (!stop_all)
		return -1;
	s->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->done_fd < 0) {
		int sys = errno;
		net_cancel_free(stop_all);
		return err_sys(e, ERR_IO, sys, _("Cannot look for the servers of the address"));
	}
	pthread_mutex_init(&s->lock, NULL);
	s->conf = (struct seek_conf){.table = &s->table,
		.email = s->email,
		.domain = strrchr(s->email, '@') + 1,
		.trust = c->trust,
		.cancel = stop_all,
		.deadline = now + whole};
	for (enum seek_kind k = SEEK_MX; k <= SEEK_SUBMISSION; k++)
		start(s, k, 0);
	start_list(s, SEEK_AUTOCONFIG, "autoconfig");
	int rc = ask(s, c->cancel, now + (int64_t)whole * EIGHTHS_BEFORE_GUESSES / 8, out, e);
	stop(s);
	if (!rc && !out->n && out->end == OFFERS_NONE && !has_heard(s))
		out->end = OFFERS_OFFLINE;
	net_cancel_free(stop_all);
	pthread_mutex_destroy(&s->lock);
	close(s->done_fd);
	return rc;
}

/* The address with its domain in small letters. */
static bool take_email(struct search *s, const char *email)
{
	const char *at = strrchr(email, '@');
	size_t n = strlen(email);
	if (!at || at == email || n >= sizeof s->email)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)email[i] <= ' ' || email[i] == 0x7F)
			return false;
	memcpy(s->email, email, n + 1);
	str_lower_inplace(s->email + (at - email));
	return at[1] != '\0';
}

static int find(struct search *s, const struct discover_conf *c, struct offers *out, struct err *e)
{
	const char *domain = strrchr(s->email, '@') + 1;
	*out = (struct offers){.end = OFFERS_NONE};
	const cJSON *p = discover_by_domain(&s->table, domain);
	if (p)
		discover_add_provider(&s->table, p, OFFER_BY_TABLE, s->email, out);
	if (!out->n && dns_is_host(domain) && strchr(domain, '.') && ask_everybody(s, c, out, e))
		return -1;
	if (out->n)
		out->end = OFFERS_FOUND;
	return 0;
}

int discover(const struct discover_conf *c, const char *email, struct offers *out, struct err *e)
{
	static const char *const sources[] = {"table", "mx", "srv", "autoconfig", "guess"};
	static const char *const ends[] = {"none", "no domain", "slow", "offline", "found"};
	struct search *s = xcalloc(1, sizeof *s);
	int64_t start_ms = clock_mono_ms();
	int rc = -1;
	if (!take_email(s, email))
		err_set(e, ERR_USAGE, _("This needs an address, as you@example.com."));
	else if (discover_table_load(c->share_dir, c->config_dir, &s->table, e) == 0)
		rc = find(s, c, out, e);
	if (!rc)
		log_line(LOG_NOTE, "discovery", "%s after %lld ms, %zu offers, %s", ends[out->end],
			(long long)(clock_mono_ms() - start_ms), out->n,
			out->n ? sources[out->v[0].source] : "no source");
	discover_table_release(&s->table);
	free(s);
	return rc;
}
