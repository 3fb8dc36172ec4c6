/*
 * query.c - the server's part of a search: crmail's query language (crmail(1), "Search") as keys
 * of IMAP's SEARCH, as far as it has them. What a server knows nothing about (contacts, partners,
 * deals) it cannot find; folders and accounts are chosen by the caller; a file's name is looked
 * for like any word.
 */
#include "config.h"

#include "session.h"

#include <string.h>
#include <time.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"

#define TERMS_MAX 64

enum key_kind {
	KEY_TEXT, /* name of the key, then a string */
	KEY_WORD, /* the key alone */
	KEY_SINCE,
	KEY_BEFORE,
	KEY_ELSEWHERE, /* the caller's: says nothing here */
	KEY_NOWHERE,   /* no server knows */
};

struct operator
{
	const char *name, *value; /* value NULL = any */
	enum key_kind kind;
	const char *key;
};

static const struct operator operators[] = {
	{"from", NULL, KEY_TEXT, "FROM"},
	{"to", NULL, KEY_TEXT, "TO"},
	{"cc", NULL, KEY_TEXT, "CC"},
	{"subject", NULL, KEY_TEXT, "SUBJECT"},
	{"filename", NULL, KEY_TEXT, "TEXT"},
	{"is", "unread", KEY_WORD, "UNSEEN"},
	{"is", "starred", KEY_WORD, "FLAGGED"},
	{"has", "attachment", KEY_WORD, "HEADER Content-Type \"multipart/mixed\""},
	{"after", NULL, KEY_SINCE, "SINCE"},
	{"before", NULL, KEY_BEFORE, "BEFORE"},
	{"in", NULL, KEY_ELSEWHERE, NULL},
	{"label", NULL, KEY_ELSEWHERE, NULL},
	{"account", NULL, KEY_ELSEWHERE, NULL},
	{"contact", NULL, KEY_NOWHERE, NULL},
	{"partner", NULL, KEY_NOWHERE, NULL},
	{"deal", NULL, KEY_NOWHERE, NULL},
};

struct term {
	const struct operator* op; /* NULL = any text */
	bool is_negated;
	struct span value;
	size_t group;
};

struct parsed {
	struct term v[TERMS_MAX];
	size_t n, n_groups;
	bool is_ascii;
};

/* ---- reading --------------------------------------------------------------------------------- */

/* "name:value" of a known operator; other colons belong to the word. */
static const struct operator* take_operator(struct span *s)
{
	const char *colon = s->len ? memchr(s->p, ':', s->len) : NULL;
	size_t n = colon ? (size_t)(colon - s->p) : 0;
	for (size_t i = 0; n && i < ARRAY_SIZE(operators); i++) {
		const struct operator* op = & operators[i];
		struct span value = {colon + 1, s->len - n - 1};
		if (!span_caseeq((struct span){s->p, n}, op->name) ||
			(op->value && !span_caseeq(value, op->value)))
			continue;
		*s = value;
		return op;
	}
	return NULL;
}

/* One piece between blanks; a quote holds blanks together. */
static struct span take_piece(const char **at)
{
	const char *p = *at;
	bool in_quotes = false;
	while (*p && (in_quotes || !ascii_isspace(*p)))
		in_quotes ^= *p++ == '"';
	struct span s = {*at, (size_t)(p - *at)};
	*at = p;
	return s;
}

/* Without quotes around it and without the star of a prefix: IMAP looks for parts of words
 * anyway. */
static struct span bare(struct span s)
{
	if (s.len > 1 && s.p[s.len - 1] == '*')
		s.len--;
	if (s.len && s.p[0] == '"') {
		s.p++;
		s.len--;
		s.len -= s.len && s.p[s.len - 1] == '"';
	}
	return s;
}

static void add_term(struct parsed *q, struct span piece)
{
	struct term t = {.group = q->n_groups - 1};
	if (piece.len > 1 && piece.p[0] == '-') {
		t.is_negated = true;
		piece = (struct span){piece.p + 1, piece.len - 1};
	}
	t.op = take_operator(&piece);
	t.value = bare(piece);
	if (t.value.len)
		q->v[q->n++] = t;
}

static void parse(const char *text, struct parsed *q)
{
	*q = (struct parsed){.n_groups = 1, .is_ascii = true};
	for (const char *p = text; *p; p++)
		q->is_ascii &= (unsigned char)*p < 0x80;
	for (const char *p = text; *p && q->n < TERMS_MAX;) {
		struct span piece = take_piece(&p);
		if (span_eq(piece, "OR"))
			q->n_groups++;
		else if (piece.len)
			add_term(q, piece);
		p += *p != '\0';
	}
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool read_day(struct span v, int64_t now, struct tm *out)
{
	int64_t days, year, month, day;
	time_t at = (time_t)now;
	if (v.len > 1 && ascii_lower(v.p[v.len - 1]) == 'd' &&
		span_to_i64((struct span){v.p, v.len - 1}, 0, 100000, &days)) {
		at -= (time_t)days * 86400;
		return localtime_r(&at, out) != NULL;
	}
	if (v.len != 10 || !span_to_i64((struct span){v.p, 4}, 1900, 9999, &year) ||
		!span_to_i64((struct span){v.p + 5, 2}, 1, 12, &month) ||
		!span_to_i64((struct span){v.p + 8, 2}, 1, 31, &day))
		return false;
	*out = (struct tm){
		.tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
	return true;
}

/* Whether a term puts a key into the command; false when it leaves its group without an answer. */
static bool has_key(const struct term *t, int64_t now)
{
	struct tm tm;
	if (!t->op)
		return true;
	switch (t->op->kind) {
	case KEY_TEXT:
	case KEY_WORD:
		return true;
	case KEY_SINCE:
	case KEY_BEFORE:
		return read_day(t->value, now, &tm);
	case KEY_ELSEWHERE:
	case KEY_NOWHERE:
		break;
	}
	return false;
}

static bool is_answerable(const struct parsed *q, size_t group, int64_t now)
{
	bool any = false;
	for (size_t i = 0; i < q->n; i++) {
		const struct term *t = &q->v[i];
		if (t->group != group)
			continue;
		if (t->op && t->op->kind == KEY_NOWHERE && !t->is_negated)
			return false;
		any |= has_key(t, now);
	}
	return any;
}

static void add_key(struct imap_command *c, const struct term *t, int64_t now)
{
	struct tm tm;
	imap_add(c, t->is_negated ? "NOT " : "");
	if (!t->op || t->op->kind == KEY_TEXT) {
		imap_add(c, "%s ", t->op ? t->op->key : "TEXT");
		imap_add_string(c, t->value.p, t->value.len);
	} else if (t->op->kind == KEY_WORD) {
		imap_add(c, "%s", t->op->key);
	} else if (read_day(t->value, now, &tm)) {
		imap_add(c, "%s ", t->op->key);
		imap_add_day(c, &tm);
	}
}

static void add_group(struct imap_command *c, const struct parsed *q, size_t group, int64_t now)
{
	bool is_first = true;
	imap_add(c, "(");
	for (size_t i = 0; i < q->n; i++) {
		if (q->v[i].group != group || !has_key(&q->v[i], now))
			continue;
		imap_add(c, is_first ? "" : " ");
		is_first = false;
		add_key(c, &q->v[i], now);
	}
	imap_add(c, ")");
}

/* False when nothing in the query is for a server. */
static bool add_query(struct imap_command *c, const char *text, int64_t now)
{
	struct parsed q;
	size_t left = 0;
	parse(text, &q);
	for (size_t g = 0; g < q.n_groups; g++)
		left += is_answerable(&q, g, now);
	if (!left)
		return false;
	imap_add(c, q.is_ascii ? "UID SEARCH " : "UID SEARCH CHARSET UTF-8 ");
	for (size_t g = 0; g < q.n_groups; g++) {
		if (!is_answerable(&q, g, now))
			continue;
		imap_add(c, --left ? "OR " : ""); /* OR takes two keys: (a) or ((b) or (c)) */
		add_group(c, &q, g, now);
		imap_add(c, left ? " " : "");
	}
	return true;
}

/* ---- provider_ops.search --------------------------------------------------------------------- */

/* Cursor: "s1 UIDVALIDITY BELOW". */
static bool read_cursor(const char *text, uint32_t uidvalidity, uint32_t *below)
{
	struct span rest = span_of(text), version, validity, uid;
	int64_t v = 0, n = 0;
	if (!span_next(&rest, ' ', &version) || !span_eq(version, "s1") ||
		!span_next(&rest, ' ', &validity) || !span_to_i64(validity, 0, UINT32_MAX, &v) ||
		!span_next(&rest, ' ', &uid) || !span_to_i64(uid, 1, UINT32_MAX, &n))
		return false;
	*below = (uint32_t)n;
	return (uint32_t)v == uidvalidity;
}

static int take_page(struct imap_session *s, const struct query *q, const uint32_t *uids, size_t n,
	struct arena *a, struct prov_page *out, struct err *e)
{
	size_t most = q->max && q->max < IMAP_PAGE ? q->max : IMAP_PAGE;
	size_t take = n < most ? n : most;
	out->more = n > take;
	out->total = (int64_t)(n - take);
	if (out->more)
		out->cursor = arena_printf(a, "s1 %u %u", s->selected.uidvalidity, uids[n - take]);
	return take ? imap_fetch_headers(s, a, uids + n - take, take, out, e) : 0;
}

int imap_search(struct provider *p, const struct query *q, struct arena *a, struct prov_page *out,
	struct err *e)
{
	struct imap_session *s = imap_of(p);
	uint32_t *uids = NULL, below = UINT32_MAX;
	size_t n = 0;
	int64_t now = clock_now(s->conf->clock);
	*out = (struct prov_page){.total = -1};
	if (imap_need_as_of(s, q->folder, q->as_of, e))
		return -1;
	if (q->cursor && !read_cursor(q->cursor, s->selected.uidvalidity, &below))
		return err_set(e, ERR_CONFLICT, _("The server has renumbered the folder."));
	struct imap_command c = imap_command(s, "SEARCH");
	if (!add_query(&c, q->text, now)) {
		imap_command_drop(&c);
		return 0;
	}
	if (imap_run_search(&c, a, &uids, &n, e))
		return -1;
	while (n && uids[n - 1] >= below)
		n--;
	return take_page(s, q, uids, n, a, out, e);
}
