/*
 * book.c - pages of contacts, partners, deals and leads. Every order is an index that ends with the
 * row's id, so that a page begins by one look-up; words are compared here, folded, row by row.
 */
#include "config.h"

#include "crmail/store/book.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/str.h"

#include "store_private.h"

#define WORDS_MAX 16
#define LOOK_MAX 2000 /* rows that one page may look at when there are words */
#define FOLD_BYTES 4096

/* n, t and id of the key first, then what struct book_row has, then what words are looked for
 * in. */
#define CONTACT(n, t)                                                                              \
	"SELECT " n ", " t ", c.id, c.crm, c.name, c.title,"                                       \
	" (SELECT addr FROM contact_email m WHERE m.contact = c.id ORDER BY pos LIMIT 1),"         \
	" (SELECT phone FROM contact_phone m WHERE m.contact = c.id ORDER BY pos LIMIT 1),"        \
	" c.last_touch_at, p.name,"                                                                \
	" (SELECT group_concat(norm, ' ') FROM contact_email m WHERE m.contact = c.id)"            \
	" FROM contact c LEFT JOIN partner p ON p.id = c.partner"
#define PARTNER(n, t)                                                                              \
	"SELECT " n ", " t ", p.id, p.crm, p.name,"                                                \
	" (SELECT domain FROM partner_domain m WHERE m.partner = p.id LIMIT 1),"                   \
	" (SELECT count(*) FROM contact c WHERE c.partner = p.id AND c.partner <> 0),"             \
	" p.last_touch_at,"                                                                        \
	" (SELECT group_concat(domain, ' ') FROM partner_domain m WHERE m.partner = p.id)"         \
	" FROM partner p"
#define DEAL(n, t)                                                                                 \
	"SELECT " n ", " t ", d.id, d.crm, coalesce(nullif(d.name, ''), d.number), d.stage,"       \
	" d.amount, d.currency, d.next_step, d.close_at, d.is_open, p.name, c.name, d.number,"     \
	" d.partner, d.contact"                                                                    \
	" FROM deal d LEFT JOIN partner p ON p.id = d.partner"                                     \
	" LEFT JOIN contact c ON c.id = d.contact"

#define LEAD(n, t)                                                                                 \
	"SELECT " n ", " t ", l.id, l.crm, coalesce(nullif(l.name, ''), l.addr), l.addr,"          \
	" ifnull((SELECT max(k.at) FROM link k WHERE k.kind = 3 AND k.target = l.id"               \
	"  AND k.how <> 2 AND k.is_shown = 1), 0), l.norm"                                         \
	" FROM lead l"

/* What the CRM has no more is in no list. */
#define CONTACT_LIVE "c.gone_at = 0"
#define PARTNER_LIVE "p.gone_at = 0"
#define DEAL_LIVE "d.gone_at = 0"
#define LEAD_LIVE "l.gone_at = 0"

/* ?1 n, ?2 t, ?3 id, ?4 limit. The comparison with ?1 keeps all of them numbered. */
#define RANGE2(live, key, last, value, op, dir)                                                    \
	" WHERE " live " AND (" key ", " last ") " op " (" value ", ?3) ORDER BY " key " " dir     \
	", " last " " dir " LIMIT ?4"
#define RANGE3(live, n, t, last, op, dir)                                                          \
	" WHERE " live " AND (" n ", " t ", " last ") " op " (?1, ?2, ?3) ORDER BY " n " " dir     \
	", " t " " dir ", " last " " dir " LIMIT ?4"
#define BY_TEXT(from, t, last)                                                                     \
	{                                                                                          \
		from("0", t) RANGE2(from##_LIVE, t, last, "?2", ">", "ASC"),                       \
			from("0", t) RANGE2(from##_LIVE, t, last, "?2", "<", "DESC")               \
	}
#define BY_NUMBER(from, n, last)                                                                   \
	{                                                                                          \
		from(n, "''") RANGE2(from##_LIVE, n, last, "?1", ">", "ASC"),                      \
			from(n, "''") RANGE2(from##_LIVE, n, last, "?1", "<", "DESC")              \
	}
#define BY_BOTH(from, n, t, last)                                                                  \
	{                                                                                          \
		from(n, t) RANGE3(from##_LIVE, n, t, last, ">", "ASC"),                            \
			from(n, t) RANGE3(from##_LIVE, n, t, last, "<", "DESC")                    \
	}
static const char *const SQL_PAGE[][BOOK_ORDER_COUNT][2] = {
	[BOOK_CONTACTS] = {[BOOK_BY_NAME] = BY_TEXT(CONTACT, "c.sort_key", "c.row_key"),
		[BOOK_BY_TOUCH] = BY_BOTH(CONTACT, "c.touch_key", "c.sort_key", "c.row_key"),
		[BOOK_BY_COMPANY] = BY_TEXT(CONTACT, "c.company_key", "c.row_key")},
	[BOOK_PARTNERS] = {[BOOK_BY_NAME] = BY_TEXT(PARTNER, "p.sort_key", "p.row_key"),
		[BOOK_BY_TOUCH] = BY_BOTH(PARTNER, "p.touch_key", "p.sort_key", "p.row_key")},
	[BOOK_DEALS] = {[BOOK_BY_NAME] = BY_TEXT(DEAL, "d.name_key", "d.row_key"),
		[BOOK_BY_STAGE] = BY_TEXT(DEAL, "d.stage_key", "d.row_key"),
		[BOOK_BY_AMOUNT] = BY_NUMBER(DEAL, "d.amount_key", "d.row_key"),
		[BOOK_BY_CLOSE] = BY_NUMBER(DEAL, "d.close_key", "d.row_key"),
		[BOOK_BY_NEXT] = BY_TEXT(DEAL, "d.next_key", "d.row_key")},
	[BOOK_LEADS] = {[BOOK_BY_NAME] = BY_TEXT(LEAD, "l.name_key", "l.row_key")},
};
static const char *const SQL_ONE[] = {
	[BOOK_CONTACTS] = CONTACT("0", "''") " WHERE c.id = ?",
	[BOOK_PARTNERS] = PARTNER("0", "''") " WHERE p.id = ?",
	[BOOK_DEALS] = DEAL("0", "''") " WHERE d.id = ?",
	[BOOK_LEADS] = LEAD("0", "''") " WHERE l.id = ?",
};
static const char *const SQL_COUNT[] = {
	[BOOK_CONTACTS] = "SELECT count(*) FROM contact WHERE gone_at = 0",
	[BOOK_PARTNERS] = "SELECT count(*) FROM partner WHERE gone_at = 0",
	[BOOK_DEALS] = "SELECT count(*) FROM deal WHERE gone_at = 0",
	[BOOK_LEADS] = "SELECT count(*) FROM lead WHERE gone_at = 0",
};

/* Beyond every key: no name begins with these. */
#define LAST_TEXT "\xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbf"
static const struct book_key FIRST = {INT64_MIN, "", INT64_MIN};
static const struct book_key LAST = {INT64_MAX, LAST_TEXT, INT64_MAX};

bool book_has_order(enum book b, enum book_order o)
{
	return SQL_PAGE[b][o][0] != NULL;
}

struct words {
	struct buf text; /* folded */
	struct span v[WORDS_MAX];
	size_t n;
};

static void words_init(struct words *w, const char *text)
{
	*w = (struct words){.text = BUF_INIT(FOLD_BYTES)};
	if (text)
		fold_plain(&w->text, text, strlen(text));
	struct span rest = {w->text.p, w->text.len};
	struct span word;
	while (w->n < WORDS_MAX && span_next(&rest, ' ', &word))
		if (word.len)
			w->v[w->n++] = word;
}

static void words_release(struct words *w)
{
	buf_release(&w->text);
}

static bool words_match(const struct words *w, const char *const *texts, size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(FOLD_BYTES);
	if (!w->n)
		return true;
	for (size_t i = 0; i < n; i++) {
		if (!texts[i])
			continue;
		fold_plain(&b, texts[i], strlen(texts[i]));
		buf_addch(&b, ' ');
	}
	for (size_t i = 0; i < w->n; i++)
		if (!memmem(b.p, b.len, w->v[i].p, w->v[i].len))
			return false;
	return true;
}

/* A column's text while the statement stands on the row. */
static const char *peek(sqlite3_stmt *q, int column)
{
	return (const char *)sqlite3_column_text(q, column);
}

static bool is_wanted(enum book b, sqlite3_stmt *q, const struct words *w)
{
	const char *v[5] = {peek(q, 4)};
	switch (b) {
	case BOOK_CONTACTS:
		v[1] = peek(q, 9);
		v[2] = peek(q, 10);
		break;
	case BOOK_PARTNERS:
		v[1] = peek(q, 8);
		break;
	case BOOK_DEALS:
		v[1] = peek(q, 5);
		v[2] = peek(q, 11);
		v[3] = peek(q, 12);
		v[4] = peek(q, 13);
		break;
	case BOOK_LEADS:
		v[1] = peek(q, 5);
		v[2] = peek(q, 7);
		break;
	}
	return words_match(w, v, ARRAY_SIZE(v));
}

static struct book_key read_key(struct arena *a, sqlite3_stmt *q)
{
	return (struct book_key){
		sqlite3_column_int64(q, 0), db_text(a, q, 1), sqlite3_column_int64(q, 2)};
}

static void read_row(enum book b, struct arena *a, sqlite3_stmt *q, struct book_row *r)
{
	*r = (struct book_row){.key = read_key(a, q),
		.id = sqlite3_column_int64(q, 2),
		.crm = sqlite3_column_int64(q, 3),
		.name = db_text(a, q, 4)};
	switch (b) {
	case BOOK_CONTACTS:
		r->title = db_text(a, q, 5);
		r->email = db_text(a, q, 6);
		r->phone = db_text(a, q, 7);
		r->last_touch_at = sqlite3_column_int64(q, 8);
		r->partner_name = db_text(a, q, 9);
		break;
	case BOOK_PARTNERS:
		r->domain = db_text(a, q, 5);
		r->n_people = sqlite3_column_int64(q, 6);
		r->last_touch_at = sqlite3_column_int64(q, 7);
		break;
	case BOOK_DEALS:
		r->stage = db_text(a, q, 5);
		r->amount = db_text(a, q, 6);
		r->currency = db_text(a, q, 7);
		r->next_step = db_text(a, q, 8);
		r->close_at = sqlite3_column_int64(q, 9);
		r->is_open = sqlite3_column_int(q, 10) != 0;
		r->partner_name = db_text(a, q, 11);
		r->contact_name = db_text(a, q, 12);
		r->partner = sqlite3_column_int64(q, 14);
		r->contact = sqlite3_column_int64(q, 15);
		break;
	case BOOK_LEADS:
		r->email = db_text(a, q, 5);
		r->last_touch_at = sqlite3_column_int64(q, 6);
		break;
	}
}

static void reverse(struct book_row *v, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct book_row one = v[i];
		v[i] = v[n - 1 - i];
		v[n - 1 - i] = one;
	}
}

int book_read(struct store_reader *r, struct arena *a, const struct book_spec *spec,
	const struct book_key *from, bool back, size_t limit, struct book_page *out, struct err *e)
{
	struct db *d = reader_db(r);
	const char *sql = SQL_PAGE[spec->book][spec->order][back];
	CLEANUP(words_release) struct words w;
	sqlite3_stmt *q;
	int rc = 0;
	BUG_ON(!sql);
	words_init(&w, spec->words);
	if (!from)
		from = back ? &LAST : &FIRST;
	int64_t looked = 0;
	int64_t look = (int64_t)(w.n ? LOOK_MAX : limit);
	struct book_page p = {.v = arena_array(a, limit + 1, sizeof(*p.v)), .reached = *from};
	if (db_query(d, &q, e, sql, "itii", from->n, from->t, from->id, look))
		return -1;
	while (p.n < limit && (rc = db_step(d, q, e)) > 0) {
		looked++;
		if (is_wanted(spec->book, q, &w))
			read_row(spec->book, a, q, &p.v[p.n++]);
		if (p.n == limit || looked == look)
			p.reached = read_key(a, q);
	}
	if (rc < 0)
		return -1;
	sqlite3_reset(q);
	p.is_end = p.n < limit && looked < look;
	if (back)
		reverse(p.v, p.n);
	*out = p;
	return 0;
}

int book_count(struct store_reader *r, enum book b, int64_t *out, struct err *e)
{
	return db_value(reader_db(r), out, e, SQL_COUNT[b], "");
}

int book_get(struct store_reader *r, struct arena *a, enum book b, int64_t id,
	struct book_row **out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*out = NULL;
	if (db_query(d, &q, e, SQL_ONE[b], "i", id))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc;
	*out = arena_alloc(a, sizeof(**out));
	read_row(b, a, q, *out);
	sqlite3_reset(q);
	return 0;
}
