/*
 * timeline_items.c - a page of a timeline by conversation: the rows of timeline_thread (or, of the
 * user's own, of the list of all mail) and of timeline_entry, each read from its index in the order
 * of the page and merged. What is filtered beyond the index is decided row by row, a bounded number
 * of rows at a time.
 */
#include "config.h"

#include "crmail/store/timeline.h"

#include <string.h>

#include "crmail/base/fold.h"
#include "crmail/store/message.h"

#include "crm_private.h"
#include "thread_private.h"

#define LOOK_MAX 600 /* rows that one page may look at in each stream when filters decide */
#define PEOPLE_MAX 4000

/* ?1 kind ?2 target ?3 is_hidden ?4 at ?5 thread (where the page begins) ?6 from ?7 limit
 * ?8 account ?9 parties. Last column: it is wanted. */
#define MAIL_COLUMNS                                                                               \
	"SELECT t.at, t.thread, t.n, t.message, m.facts, m.subject, c.snippet, h.people,"          \
	" EXISTS (SELECT 1 FROM activity x WHERE x.message = t.message AND x.message <> 0"         \
	"  AND x.state = 3), b.contact, ct.name, b.partner, pt.name,"                              \
	" (?8 = 0 OR t.account = ?8 OR (t.n > 1 AND EXISTS (SELECT 1 FROM message o"               \
	"  JOIN link l ON l.message = o.id AND l.kind = t.kind AND l.target = t.target"            \
	"  WHERE o.thread = t.thread AND o.account = ?8)))"                                        \
	" AND (?9 IS NULL OR EXISTS (SELECT 1 FROM message o JOIN message_party p"                 \
	"  ON p.message = o.id WHERE o.thread = t.thread"                                          \
	"  AND p.party IN (SELECT value FROM json_each(?9))))"                                     \
	" FROM timeline_thread t JOIN message m ON m.id = t.message"                               \
	" JOIN message c ON c.id = m.copy_of JOIN thread h ON h.id = t.thread"                     \
	" LEFT JOIN mail_crm b ON b.message = t.message"                                           \
	" LEFT JOIN contact ct ON ct.id = b.contact LEFT JOIN partner pt ON pt.id = b.partner"     \
	" WHERE t.kind = ?1 AND t.target = ?2 AND t.is_hidden = ?3"
static const char SQL_MAIL_OLDER[] = MAIL_COLUMNS " AND (t.at, t.thread) < (?4, ?5) AND t.at >= ?6"
						  " ORDER BY t.at DESC, t.thread DESC LIMIT ?7";
static const char SQL_MAIL_NEWER[] = MAIL_COLUMNS " AND (t.at, t.thread) > (?4, ?5) AND t.at < ?6"
						  " ORDER BY t.at, t.thread LIMIT ?7";

/* ?1 kind ?2 target ?3 at ?4 activity ?5 from ?6 limit ?7 kinds ?8 user ?9 contacts. */
#define ENTRY_COLUMNS                                                                              \
	"SELECT t.at, t.activity, t.type, x.direction, x.subject, substr(x.body, 1, 300),"         \
	" x.state = 3, x.contact, ct.name, x.partner, pt.name, u.name, u.crm_id = k.user_id,"      \
	" (?7 = 0 OR ?7 >> t.type & 1) AND (?8 IS NULL OR t.by = ?8)"                              \
	" AND (?9 IS NULL OR x.contact IN (SELECT value FROM json_each(?9))),"                     \
	" x.duration_min, x.due_at, x.status = 'planned'"                                          \
	" FROM timeline_entry t JOIN activity x ON x.id = t.activity"                              \
	" JOIN crm k ON k.id = x.crm LEFT JOIN crm_user u ON u.crm = x.crm AND u.crm_id = x.by"    \
	" LEFT JOIN contact ct ON ct.id = x.contact LEFT JOIN partner pt ON pt.id = x.partner"     \
	" WHERE t.kind = ?1 AND t.target = ?2"
static const char SQL_ENTRY_OLDER[] =
	ENTRY_COLUMNS " AND (t.at, t.activity) < (?3, ?4) AND t.at >= ?5"
		      " ORDER BY t.at DESC, t.activity DESC LIMIT ?6";
static const char SQL_ENTRY_NEWER[] = ENTRY_COLUMNS
	" AND (t.at, t.activity) > (?3, ?4) AND t.at < ?5 ORDER BY t.at, t.activity LIMIT ?6";

/* Of the list of all mail: is it wanted, and which way did the newest go? */
static const char SQL_ME[] =
	"SELECT m.facts, (?2 IS NULL OR EXISTS (SELECT 1 FROM message o JOIN message_party p"
	" ON p.message = o.id WHERE o.thread = m.thread"
	" AND p.party IN (SELECT value FROM json_each(?2))))"
	" AND NOT EXISTS (SELECT 1 FROM hidden_mail h WHERE h.message = m.id)"
	" FROM message m WHERE m.id = ?1";
#define ME_HIDDEN                                                                                  \
	"SELECT max(m.received), m.thread, count(DISTINCT m.copy_of), m.id, m.facts, m.subject,"   \
	" c.snippet, t.people, 0, b.contact, ct.name, b.partner, pt.name, (?3 = 0 OR"              \
	" m.account = ?3) FROM hidden_mail h JOIN message m ON m.id = h.message"                   \
	" JOIN message c ON c.id = m.copy_of JOIN thread t ON t.id = m.thread"                     \
	" LEFT JOIN mail_crm b ON b.message = m.id LEFT JOIN contact ct ON ct.id = b.contact"      \
	" LEFT JOIN partner pt ON pt.id = b.partner GROUP BY m.thread"
static const char SQL_ME_HIDDEN_OLDER[] =
	ME_HIDDEN " HAVING (max(m.received), m.thread) < (?1, ?2) ORDER BY 1 DESC, 2 DESC LIMIT ?4";
static const char SQL_ME_HIDDEN_NEWER[] =
	ME_HIDDEN " HAVING (max(m.received), m.thread) > (?1, ?2) ORDER BY 1, 2 LIMIT ?4";

static const char SQL_TEXT[] =
	"SELECT x.at, x.id, x.kind, x.direction, x.subject, substr(x.body, 1, 300), x.state = 3,"
	" x.contact, ct.name, x.partner, pt.name, u.name, u.crm_id = k.user_id, 1, x.duration_min, "
	"x.due_at,"
	" x.status = 'planned', x.body, x.state, x.reason, x.crm_id FROM activity x JOIN crm k ON "
	"k.id = x.crm"
	" LEFT JOIN crm_user u ON u.crm = x.crm AND u.crm_id = x.by"
	" LEFT JOIN contact ct ON ct.id = x.contact LEFT JOIN partner pt ON pt.id = x.partner"
	" WHERE x.id = ?";
static const char SQL_PARTIES[] =
	"SELECT json_group_array(id) FROM (SELECT id FROM party WHERE instr(lower(name), lower(?1))"
	" OR instr(norm, lower(?1)) UNION SELECT p.id FROM contact c"
	" JOIN contact_email e ON e.contact = c.id JOIN party p ON p.norm = e.norm"
	" WHERE instr(c.sort_key, ?2) LIMIT ?3)";
static const char SQL_CONTACTS[] =
	"SELECT json_group_array(id) FROM (SELECT c.id FROM contact c WHERE instr(c.sort_key, ?2)"
	" UNION SELECT contact FROM contact_email WHERE instr(norm, lower(?1)) LIMIT ?3)";

static const struct timeline_key NEWEST = {INT64_MAX, INT64_MAX};
static const struct timeline_key OLDEST = {INT64_MIN, INT64_MIN};

/* Which of two comes first on a page that goes in that direction. */
static bool is_before(struct timeline_key a, struct timeline_key b, bool newer)
{
	bool is_less = a.at != b.at ? a.at < b.at : a.id < b.id;
	return newer ? is_less : !is_less && (a.at != b.at || a.id != b.id);
}

/* One of the two kinds of rows that a page is made of, in the page's direction. */
struct stream {
	struct timeline_item *v;
	size_t n, at;
	bool is_end;
	struct timeline_key reached; /* when it is not the end */
};

struct page { /* what is asked for */
	struct store_reader *r;
	struct arena *a;
	const struct timeline_spec *spec;
	struct timeline_key from;
	bool newer;
	size_t limit, look;
};

/* Conversations have odd ids, activities even ones. */
static int64_t thread_after(struct timeline_key k, bool newer)
{
	if (k.id == INT64_MIN || k.id == INT64_MAX)
		return k.id;
	return newer ? (k.id - 1) >> 1 : k.id >> 1;
}

static int64_t activity_after(struct timeline_key k, bool newer)
{
	if (k.id == INT64_MIN || k.id == INT64_MAX)
		return k.id;
	return newer ? k.id >> 1 : (k.id + 1) >> 1;
}

static void read_mail(struct arena *a, sqlite3_stmt *q, struct timeline_item *x)
{
	*x = (struct timeline_item){
		.key = {sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1) * 2 + 1},
		.kind = ENTRY_EMAIL,
		.thread = sqlite3_column_int64(q, 1),
		.count = (uint32_t)sqlite3_column_int64(q, 2),
		.message = sqlite3_column_int64(q, 3),
		.has_direction = true,
		.is_out = sqlite3_column_int64(q, 4) & FACT_OWN,
		.subject = db_text(a, q, 5),
		.text = db_text(a, q, 6),
		.people = db_text(a, q, 7),
		.is_parked = sqlite3_column_int(q, 8) != 0,
		.contact = sqlite3_column_int64(q, 9),
		.contact_name = db_text(a, q, 10),
		.partner = sqlite3_column_int64(q, 11),
		.partner_name = db_text(a, q, 12),
	};
}

static void read_entry(struct arena *a, sqlite3_stmt *q, struct timeline_item *x)
{
	int direction = sqlite3_column_int(q, 3);
	*x = (struct timeline_item){
		.key = {sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1) * 2},
		.activity = sqlite3_column_int64(q, 1),
		.kind = (enum entry_kind)sqlite3_column_int(q, 2),
		.count = 1,
		.has_direction = direction != 0,
		.is_out = direction == 2,
		.subject = db_text(a, q, 4),
		.text = db_text(a, q, 5),
		.is_parked = sqlite3_column_int(q, 6) != 0,
		.contact = sqlite3_column_int64(q, 7),
		.contact_name = db_text(a, q, 8),
		.partner = sqlite3_column_int64(q, 9),
		.partner_name = db_text(a, q, 10),
		.by = db_text(a, q, 11),
		.is_mine = sqlite3_column_int(q, 12) != 0,
		.duration_min = sqlite3_column_int64(q, 14),
		.due_at = sqlite3_column_int64(q, 15),
		.is_open = sqlite3_column_int(q, 16) != 0,
	};
}

typedef void (*read_item_fn)(struct arena *a, sqlite3_stmt *q, struct timeline_item *x);

/* The rows of a statement whose column 13 says that they are wanted. */
static int take_rows(const struct page *p, sqlite3_stmt *q, read_item_fn read, struct stream *s,
	struct err *e)
{
	size_t looked = 0;
	int rc = 0;
	s->v = arena_array(p->a, p->limit + 1, sizeof(*s->v));
	while (s->n < p->limit && (rc = db_step(reader_db(p->r), q, e)) > 0) {
		read(p->a, q, &s->v[s->n]);
		s->reached = s->v[s->n].key;
		looked++;
		s->n += sqlite3_column_int(q, 13) != 0;
	}
	if (rc < 0)
		return -1;
	sqlite3_reset(q);
	s->is_end = s->n < p->limit && looked < p->look;
	return 0;
}

static int read_threads(const struct page *p, struct stream *s, struct err *e)
{
	const struct timeline_filter *f = &p->spec->filter;
	const char *sql = p->newer ? SQL_MAIL_NEWER : SQL_MAIL_OLDER;
	int64_t other_end = p->newer ? (f->to ? f->to : INT64_MAX) : f->from;
	sqlite3_stmt *q;
	if (db_query(reader_db(p->r), &q, e, sql, "iiiiiiiit", (int64_t)p->spec->of,
		    p->spec->target, (int64_t)f->is_hidden, p->from.at,
		    thread_after(p->from, p->newer), other_end, (int64_t)p->look, f->account,
		    f->people ? f->people->parties : NULL))
		return -1;
	return take_rows(p, q, read_mail, s, e);
}

static int read_hidden(const struct page *p, struct stream *s, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(reader_db(p->r), &q, e, p->newer ? SQL_ME_HIDDEN_NEWER : SQL_ME_HIDDEN_OLDER,
		    "iiii", p->from.at, thread_after(p->from, p->newer), p->spec->filter.account,
		    (int64_t)p->look))
		return -1;
	return take_rows(p, q, read_mail, s, e);
}

static int item_of_row(const struct page *p, const struct thread_row *t, struct timeline_item *x,
	bool *is_wanted, struct err *e)
{
	const struct timeline_filter *f = &p->spec->filter;
	struct db *d = reader_db(p->r);
	sqlite3_stmt *q;
	*x = (struct timeline_item){
		.key = {t->sort_at, t->thread * 2 + 1},
		.kind = ENTRY_EMAIL,
		.thread = t->thread,
		.message = t->message,
		.count = t->count,
		.has_direction = true,
		.subject = t->subject,
		.text = t->snippet,
		.people = t->people,
		.contact = t->contact,
		.contact_name = t->contact_name,
		.partner = t->partner,
		.partner_name = t->partner_name,
	};
	*is_wanted = false;
	if (db_query(d, &q, e, SQL_ME, "it", t->message, f->people ? f->people->parties : NULL))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc;
	x->is_out = sqlite3_column_int64(q, 0) & FACT_OWN;
	*is_wanted = sqlite3_column_int(q, 1) != 0;
	sqlite3_reset(q);
	return 0;
}

/* Of the user's own: the list of all mail, within the range of days. */
static int read_all_mail(const struct page *p, struct stream *s, struct err *e)
{
	const struct timeline_filter *f = &p->spec->filter;
	const struct list_spec all = {.kind = LIST_ALL, .account = f->account};
	const struct list_key key = {p->from.at, thread_after(p->from, p->newer)};
	struct thread_row *rows;
	size_t n = 0;
	if (thread_list_page(p->r, p->a, &all, &key, p->newer, p->look, &rows, &n, e))
		return -1;
	s->v = arena_array(p->a, p->limit + 1, sizeof(*s->v));
	s->is_end = n < p->look;
	for (size_t i = 0; i < n; i++) {
		const struct thread_row *t = &rows[p->newer ? n - 1 - i : i];
		bool is_wanted;
		if (s->n == p->limit) {
			s->is_end = false;
			return 0;
		}
		if (p->newer ? f->to && t->sort_at >= f->to : t->sort_at < f->from) {
			s->is_end = true;
			return 0;
		}
		if (item_of_row(p, t, &s->v[s->n], &is_wanted, e))
			return -1;
		s->reached = s->v[s->n].key;
		s->n += is_wanted;
	}
	return 0;
}

static int read_entries(const struct page *p, struct stream *s, struct err *e)
{
	const struct timeline_filter *f = &p->spec->filter;
	const char *sql = p->newer ? SQL_ENTRY_NEWER : SQL_ENTRY_OLDER;
	int64_t other_end = p->newer ? (f->to ? f->to : INT64_MAX) : f->from;
	int64_t target = p->spec->of == TIMELINE_ME ? 0 : p->spec->target;
	sqlite3_stmt *q;
	if (db_query(reader_db(p->r), &q, e, sql, "iiiiiiitt", (int64_t)p->spec->of, target,
		    p->from.at, activity_after(p->from, p->newer), other_end, (int64_t)p->look,
		    (int64_t)f->kinds, f->user, f->people ? f->people->contacts : NULL))
		return -1;
	return take_rows(p, q, read_entry, s, e);
}

static bool wants_mail(const struct timeline_filter *f)
{
	return (!f->kinds || f->kinds & 1u << ENTRY_EMAIL) && (!f->user || f->user_is_me);
}

static int read_streams(const struct page *p, struct stream *mail, struct stream *entries,
	struct err *e)
{
	const struct timeline_filter *f = &p->spec->filter;
	bool is_me = p->spec->of == TIMELINE_ME;
	mail->is_end = entries->is_end = true;
	if (wants_mail(f) && (!is_me                ? read_threads(p, mail, e)
				     : f->is_hidden ? read_hidden(p, mail, e)
						    : read_all_mail(p, mail, e)))
		return -1;
	if (f->account || f->is_hidden)
		return 0;
	return read_entries(p, entries, e);
}

/* Whether everything of `s` that stands before `k` has been read. */
static bool is_read_to(const struct stream *s, struct timeline_key k, bool newer)
{
	return s->at < s->n || s->is_end || !is_before(s->reached, k, newer);
}

static void merge(const struct page *p, struct stream *a, struct stream *b,
	struct timeline_items *out)
{
	while (out->n < p->limit && (a->at < a->n || b->at < b->n)) {
		bool is_first =
			b->at == b->n ||
			(a->at < a->n && is_before(a->v[a->at].key, b->v[b->at].key, p->newer));
		struct stream *s = is_first ? a : b;
		struct stream *other = is_first ? b : a;
		if (!is_read_to(other, s->v[s->at].key, p->newer)) {
			out->reached = other->reached;
			return;
		}
		out->v[out->n++] = s->v[s->at++];
		out->reached = s->v[s->at - 1].key;
	}
	if (a->at < a->n || b->at < b->n)
		return; /* a whole page */
	out->is_end = a->is_end && b->is_end;
	if (!a->is_end && (b->is_end || is_before(a->reached, b->reached, p->newer)))
		out->reached = a->reached;
	else if (!b->is_end)
		out->reached = b->reached;
}

static void reverse(struct timeline_item *v, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct timeline_item one = v[i];
		v[i] = v[n - 1 - i];
		v[n - 1 - i] = one;
	}
}

static bool is_residual(const struct timeline_filter *f)
{
	return f->kinds || f->account || f->user || f->people;
}

int timeline_read(struct store_reader *r, struct arena *a, const struct timeline_spec *spec,
	const struct timeline_key *from, bool newer, size_t limit, struct timeline_items *out,
	struct err *e)
{
	const struct timeline_filter *f = &spec->filter;
	struct page p = {r, a, spec, newer ? OLDEST : NEWEST, newer, limit,
		is_residual(f) && limit < LOOK_MAX ? LOOK_MAX : limit};
	const struct timeline_key edge = {newer ? f->from : f->to, INT64_MIN};
	struct stream mail = {.n = 0};
	struct stream entries = {.n = 0};
	if (from)
		p.from = *from;
	if (edge.at && is_before(p.from, edge, newer))
		p.from = edge;
	*out = (struct timeline_items){
		.v = arena_array(a, limit + 1, sizeof(*out->v)), .reached = p.from};
	if (read_streams(&p, &mail, &entries, e))
		return -1;
	merge(&p, &mail, &entries, out);
	if (newer)
		reverse(out->v, out->n);
	return 0;
}

int timeline_text_get(struct store_reader *r, struct arena *a, int64_t activity,
	struct timeline_text **out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*out = NULL;
	if (db_query(d, &q, e, SQL_TEXT, "i", activity))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc;
	struct timeline_text *t = arena_alloc(a, sizeof(*t));
	read_entry(a, q, &t->item);
	t->body = db_text(a, q, 17);
	t->state = (enum log_state)sqlite3_column_int(q, 18);
	t->reason = db_text(a, q, 19);
	t->crm_id = db_text(a, q, 20);
	sqlite3_reset(q);
	*out = t;
	return 0;
}

static int read_list(struct db *d, struct arena *a, const char *sql, const char *text,
	const char *folded, const char **out, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, sql, "tti", text, folded, (int64_t)PEOPLE_MAX))
		return -1;
	int rc = db_step(d, q, e);
	if (rc < 0)
		return -1;
	*out = rc ? db_text(a, q, 0) : "[]";
	sqlite3_reset(q);
	return 0;
}

int timeline_find_people(struct store_reader *r, struct arena *a, const char *text,
	struct timeline_people *out, struct err *e)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(1000);
	struct db *d = reader_db(r);
	fold_plain(&folded, text, strlen(text));
	return read_list(d, a, SQL_PARTIES, text, folded.p, &out->parties, e) ||
			       read_list(d, a, SQL_CONTACTS, text, folded.p, &out->contacts, e)
		       ? -1
		       : 0;
}
