/*
 * headers.c - a page of headers, whatever the server makes of it. A message that it cannot give,
 * or on which it breaks the connection, is found by halving the page and comes as an unreadable
 * one; the others come as they are [R45].
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"

#define HEADER_MAX ((size_t)512 << 10) /* of one message; what comes beyond is not kept */
#define REOPEN_MAX 24                  /* connections that one page may cost */

struct page {
	struct imap_session *s;
	struct arena *a;
	const uint32_t *uids;
	size_t n;
	struct prov_msg *msgs; /* per UID; id NULL = has not come */
	bool *is_settled;      /* per UID: came, is gone, or is unreadable */
	char *folder;
	uint32_t uidvalidity;
	unsigned reopened;
};

static int by_uid(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

static size_t index_of(const struct page *p, uint32_t uid)
{
	const uint32_t *at = bsearch(&uid, p->uids, p->n, sizeof *p->uids, by_uid);
	return at ? (size_t)(at - p->uids) : SIZE_MAX;
}

static void on_header(void *ctx, const struct imap_untagged *u)
{
	struct page *p = ctx;
	if (strcmp(u->word, "FETCH") != 0)
		return;
	struct imap_fetched f = imap_read_fetch(u->lex);
	size_t i = index_of(p, f.uid);
	if (i == SIZE_MAX || !f.data || p->is_settled[i])
		return; /* news about flags, or what nobody asked for */
	char *copy = arena_alloc(p->a, f.len + 1);
	memcpy(copy, f.data, f.len);
	p->is_settled[i] = true;
	p->msgs[i] = (struct prov_msg){
		.id = arena_printf(p->a, "%u", f.uid),
		.flags = f.flags,
		.received = f.received,
		.size = f.size,
		.headers = copy,
		.headers_len = f.len,
	};
}

/* Asks for what is not settled of [lo, hi). */
static int ask(struct page *p, size_t lo, size_t hi, struct err *e)
{
	struct imap_command c = imap_command(p->s, "FETCH");
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct imap_uid_list left = {.a = &a};
	for (size_t i = lo; i < hi; i++)
		if (!p->is_settled[i])
			imap_uids_add(&left, p->uids[i], p->uids[i]);
	imap_add(&c, "UID FETCH ");
	imap_add_uids(&c, left.v, left.n);
	imap_add(&c, " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])");
	c.keep = HEADER_MAX;
	return imap_run(&c, on_header, p, e);
}

static bool is_all_settled(const struct page *p, size_t lo, size_t hi)
{
	for (size_t i = lo; i < hi; i++)
		if (!p->is_settled[i])
			return false;
	return true;
}

static void on_facts(void *ctx, const struct imap_untagged *u)
{
	struct imap_fetched *out = ctx, f;
	if (strcmp(u->word, "FETCH") != 0)
		return;
	f = imap_read_fetch(u->lex);
	if (f.uid == out->uid)
		*out = f;
}

/* A message in place of the one that cannot be had: it says so, and keeps its place in the list. */
static void settle_unreadable(struct page *p, size_t i, const struct imap_fetched *f)
{
	/* TRANSLATORS: the subject shown for a message that the mail server cannot deliver. */
	const char *subject = _("(The server cannot give this message)");
	char *text =
		arena_printf(p->a, "Message-ID: <%u.%u@unreadable.invalid>\r\nSubject: %s\r\n\r\n",
			p->uidvalidity, p->uids[i], subject);
	log_line(LOG_WARN, "imap", "account %lld: uid %u is unreadable",
		(long long)p->s->conf->account, p->uids[i]);
	p->is_settled[i] = true;
	p->msgs[i] = (struct prov_msg){
		.id = arena_printf(p->a, "%u", p->uids[i]),
		.flags = f->flags,
		.received = f->received,
		.size = f->size,
		.headers = text,
		.headers_len = strlen(text),
		.is_unreadable = true,
	};
}

/* A new connection in the same folder; *why is what ended the last one and stays when none can be
 * had. */
static int recover(struct page *p, struct err *why)
{
	struct err e = ERR_INIT;
	if (why->code == ERR_CANCELLED || ++p->reopened > REOPEN_MAX)
		return -1;
	if (imap_reopen(p->s, &e) || imap_select(p->s, p->folder, &e))
		return -1;
	if (p->s->selected.uidvalidity != p->uidvalidity) {
		err_clear(why);
		return err_set(why, ERR_CONFLICT, _("The server has renumbered the folder."));
	}
	return 0;
}

/* The message in whose answer the connection ended, when its UID came before the end. */
static size_t broken_in(const struct page *p)
{
	struct imap_lex lex = imap_lex_start(&p->s->answer);
	uint64_t number = 0;
	if (p->s->answer.kind != ANSWER_UNTAGGED || !imap_lex_next(&lex) ||
		!imap_lex_number(&lex, UINT32_MAX, &number) || !imap_lex_next(&lex) ||
		!imap_lex_is(&lex, "FETCH"))
		return SIZE_MAX;
	return index_of(p, imap_read_fetch(&lex).uid);
}

/* Facts of a message whose header cannot be had. */
static int settle_by_facts(struct page *p, size_t i, struct err *e)
{
	struct imap_fetched f = {.uid = p->uids[i]};
	struct imap_command c = imap_command(p->s, "FETCH");
	imap_add(&c, "UID FETCH %u (UID FLAGS INTERNALDATE RFC822.SIZE)", p->uids[i]);
	if (imap_run(&c, on_facts, &f, e) && !imap_is_refusal(e) && recover(p, e))
		return -1;
	err_clear(e);
	settle_unreadable(p, i, &f);
	return 0;
}

/* The server answered and did not give all: what is gone meanwhile is settled, and so is a message
 * that is there and still did not come when asked for alone. */
static int settle_silent(struct page *p, size_t lo, size_t hi, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct imap_uid_list left = {.a = &a}, there = {.a = &a};
	struct imap_command c = imap_command(p->s, "SEARCH");
	for (size_t i = lo; i < hi; i++)
		if (!p->is_settled[i])
			imap_uids_add(&left, p->uids[i], p->uids[i]);
	imap_add(&c, "UID SEARCH UID ");
	imap_add_uids(&c, left.v, left.n);
	if (imap_run_search(&c, &a, &there.v, &there.n, e))
		return -1;
	for (size_t i = lo; i < hi; i++)
		if (!p->is_settled[i] && (!there.n || !bsearch(&p->uids[i], there.v, there.n,
							      sizeof *there.v, by_uid)))
			p->is_settled[i] = true;
	return hi - lo > 1 || p->is_settled[lo] ? 0 : settle_by_facts(p, lo, e);
}

/* A message that came before, to tell a bad message from a bad connection. */
static size_t find_control(const struct page *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->msgs[i].id && !p->msgs[i].is_unreadable)
			return i;
	return SIZE_MAX;
}

static bool can_fetch(struct page *p, size_t i)
{
	struct err e = ERR_INIT;
	p->is_settled[i] = false;
	bool ok = ask(p, i, i + 1, &e) == 0 && p->is_settled[i];
	p->is_settled[i] = true;
	return ok;
}

/* Asked for alone, the message broke the connection with *why. It is to blame only when another
 * one comes on the next connection and this one breaks that too. */
static int settle_breaking(struct page *p, size_t i, struct err *why)
{
	size_t control = find_control(p);
	if (recover(p, why))
		return -1;
	if (why->code == ERR_NET && (control == SIZE_MAX || !can_fetch(p, control))) {
		why->scope = ERR_FOLDER; /* no telling: the others go on without this folder */
		return -1;
	}
	err_clear(why);
	if (ask(p, i, i + 1, why) == 0 || imap_is_refusal(why)) {
		err_clear(why);
		return p->is_settled[i] ? 0 : settle_silent(p, i, i + 1, why);
	}
	return recover(p, why) || settle_by_facts(p, i, why) ? -1 : 0;
}

/* One range was asked for and is not settled. Leaves a connection that can be used. */
static int after_ask(struct page *p, size_t lo, size_t hi, int rc, struct err *e)
{
	bool is_broken = rc && !imap_is_refusal(e);
	if (!is_broken) {
		err_clear(e);
		return settle_silent(p, lo, hi, e);
	}
	size_t bad = e->code == ERR_TOOBIG ? broken_in(p) : SIZE_MAX;
	if (bad != SIZE_MAX && !p->is_settled[bad]) { /* it is beyond all limits: no second try */
		if (recover(p, e))
			return -1;
		err_clear(e);
		return settle_by_facts(p, bad, e);
	}
	if (hi - lo == 1)
		return settle_breaking(p, lo, e);
	if (recover(p, e))
		return -1;
	err_clear(e);
	return 0;
}

static int settle_all(struct page *p, struct err *e)
{
	struct range {
		size_t lo, hi;
	} todo[32] = {{0, p->n}};
	size_t n = 1;
	while (n) {
		struct range r = todo[--n];
		if (is_all_settled(p, r.lo, r.hi))
			continue;
		int rc = ask(p, r.lo, r.hi, e);
		if (rc == 0 && is_all_settled(p, r.lo, r.hi))
			continue;
		if (after_ask(p, r.lo, r.hi, rc, e))
			return -1;
		if (r.hi - r.lo > 1) { /* at most a dozen deep: a page has 200 */
			size_t mid = r.lo + (r.hi - r.lo) / 2;
			todo[n++] = (struct range){mid, r.hi};
			todo[n++] = (struct range){r.lo, mid};
		}
	}
	return 0;
}

int imap_fetch_headers(struct imap_session *s, struct arena *a, const uint32_t *uids, size_t n,
	struct prov_page *out, struct err *e)
{
	BUG_ON(n > IMAP_PAGE);
	struct page p = {.s = s, .a = a, .uids = uids, .n = n};
	p.msgs = arena_array(a, n ? n : 1, sizeof *p.msgs);
	p.is_settled = arena_array(a, n ? n : 1, sizeof *p.is_settled);
	p.folder = arena_strdup(a, s->selected.folder);
	p.uidvalidity = s->selected.uidvalidity;
	if (n && settle_all(&p, e))
		return -1;
	for (size_t i = 0; i < n; i++) /* what is gone meanwhile leaves no hole */
		if (p.msgs[i].id)
			p.msgs[out->n++] = p.msgs[i];
	out->msgs = p.msgs;
	return 0;
}
