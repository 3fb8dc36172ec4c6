/*
 * record_field.c - fields of records as text, read from and written into the tables that hold
 * them, and what follows from a changed field: names, addresses, mail to be matched again.
 */
#include "config.h"

#include "record_private.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#include "crm_private.h"

enum list { NOT_A_LIST, LIST_EMAIL, LIST_OTHERS, LIST_PHONE, LIST_PHONES, LIST_DOMAIN };

struct record_def {
	enum record_kind kind;
	const char *name;
	enum record_kind ref;
	enum list list; /* kept in a table of its own: by code */
	bool is_stage;
	const char *read, *write;
};

#define TEXT(k, table, column)                                                                     \
	{                                                                                          \
		.kind = k, .name = #column,                                                        \
		.read = "SELECT " #column " FROM " #table " WHERE id = ?",                         \
		.write = "UPDATE " #table " SET " #column " = ?2 WHERE id = ?1"                    \
	}
#define NAME(k, table)                                                                             \
	{                                                                                          \
		.kind = k, .name = "name",                                                         \
		.read = "SELECT nullif(name, '') FROM " #table " WHERE id = ?",                    \
		.write = "UPDATE " #table " SET name = ifnull(?2, '') WHERE id = ?1"               \
	}
/* The row, and the CRM's id of it beside. */
#define LINK(k, table, column, r)                                                                  \
	{                                                                                          \
		.kind = k, .name = #column, .ref = r,                                              \
		.read = "SELECT nullif(" #column ", 0) FROM " #table " WHERE id = ?",              \
		.write = "UPDATE " #table " SET " #column                                          \
			 " = ifnull(CAST(?2 AS INTEGER), 0), " #column                             \
			 "_crm_id = (SELECT x.crm_id FROM " #column                                \
			 " x WHERE x.id = CAST(?2 AS INTEGER)) WHERE id = ?1"                      \
	}
#define DAY(k, table, word, column)                                                                \
	{                                                                                          \
		.kind = k, .name = word,                                                           \
		.read = "SELECT strftime('%Y-%m-%d', nullif(" #column ", 0), 'unixepoch')"         \
			" FROM " #table " WHERE id = ?",                                           \
		.write = "UPDATE " #table " SET " #column                                          \
			 " = ifnull(unixepoch(date(?2)), 0) WHERE id = ?1"                         \
	}
#define LISTED(k, word, l)                                                                         \
	{                                                                                          \
		.kind = k, .name = word, .list = l                                                 \
	}

static const struct record_def defs[] = {
	TEXT(RECORD_CONTACT, contact, first_name),
	TEXT(RECORD_CONTACT, contact, last_name),
	TEXT(RECORD_CONTACT, contact, title),
	LISTED(RECORD_CONTACT, "email", LIST_EMAIL),
	LISTED(RECORD_CONTACT, "other_emails", LIST_OTHERS),
	LISTED(RECORD_CONTACT, "phone", LIST_PHONE),
	LISTED(RECORD_CONTACT, "other_phones", LIST_PHONES),
	LINK(RECORD_CONTACT, contact, partner, RECORD_PARTNER),
	NAME(RECORD_PARTNER, partner),
	LISTED(RECORD_PARTNER, "domain", LIST_DOMAIN),
	NAME(RECORD_DEAL, deal),
	{.kind = RECORD_DEAL,
		.name = "stage",
		.is_stage = true,
		.read = "SELECT stage FROM deal WHERE id = ?",
		.write = "UPDATE deal SET stage = ?2, is_open = ?3 WHERE id = ?1"},
	TEXT(RECORD_DEAL, deal, amount),
	TEXT(RECORD_DEAL, deal, currency),
	TEXT(RECORD_DEAL, deal, next_step),
	DAY(RECORD_DEAL, deal, "close_date", close_at),
	LINK(RECORD_DEAL, deal, contact, RECORD_CONTACT),
	LINK(RECORD_DEAL, deal, partner, RECORD_PARTNER),
	{.kind = RECORD_ACTIVITY,
		.name = "kind",
		.read = "SELECT CASE kind WHEN 0 THEN 'email' WHEN 1 THEN 'call' WHEN 2 THEN"
			" 'meeting' WHEN 4 THEN 'task' WHEN 5 THEN 'tracking' ELSE 'note' END"
			" FROM activity WHERE id = ?",
		.write = "UPDATE activity SET type = ?2, kind = CASE ?2 WHEN 'call' THEN 1"
			 " WHEN 'meeting' THEN 2 WHEN 'task' THEN 4 ELSE 3 END WHERE id = ?1"},
	TEXT(RECORD_ACTIVITY, activity, subject),
	TEXT(RECORD_ACTIVITY, activity, body),
	{.kind = RECORD_ACTIVITY,
		.name = "at",
		.read = "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') FROM activity"
			" WHERE id = ?",
		.write = "UPDATE activity SET at = ifnull(unixepoch(?2), at) WHERE id = ?1"},
	{.kind = RECORD_ACTIVITY,
		.name = "duration_min",
		.read = "SELECT nullif(duration_min, 0) FROM activity WHERE id = ?",
		.write = "UPDATE activity SET duration_min = max(0, CAST(ifnull(?2, 0) AS INTEGER))"
			 " WHERE id = ?1"},
	DAY(RECORD_ACTIVITY, activity, "due_date", due_at),
	TEXT(RECORD_ACTIVITY, activity, status),
	LINK(RECORD_ACTIVITY, activity, contact, RECORD_CONTACT),
	LINK(RECORD_ACTIVITY, activity, partner, RECORD_PARTNER),
	LINK(RECORD_ACTIVITY, activity, lead, RECORD_LEAD),
	LINK(RECORD_ACTIVITY, activity, deal, RECORD_DEAL),
};

static const char SQL_EMAILS[] = "SELECT addr FROM contact_email WHERE contact = ? ORDER BY pos";
static const char SQL_PHONES[] = "SELECT phone FROM contact_phone WHERE contact = ? ORDER BY pos";
static const char SQL_DOMAINS[] = "SELECT domain FROM partner_domain WHERE partner = ?"
				  " ORDER BY domain";
static const char SQL_NAMES[] = "SELECT first_name, last_name, name FROM contact WHERE id = ?";
static const char SQL_CONTACT_CRM[] = "SELECT crm FROM contact WHERE id = ?";
static const char SQL_PARTNER_CRM[] = "SELECT crm FROM partner WHERE id = ?";
static const char SQL_LEAD_CRM[] = "SELECT crm FROM lead WHERE id = ?";
static const char SQL_DEAL_CRM[] = "SELECT crm FROM deal WHERE id = ?";
static const char SQL_ACTIVITY_CRM[] = "SELECT crm FROM activity WHERE id = ?";
static const char SQL_CONTACT_TITLE[] = "SELECT name FROM contact WHERE id = ?";
static const char SQL_PARTNER_TITLE[] = "SELECT name FROM partner WHERE id = ?";
static const char SQL_LEAD_TITLE[] = "SELECT name FROM lead WHERE id = ?";
static const char SQL_DEAL_TITLE[] = "SELECT name FROM deal WHERE id = ?";
static const char SQL_ACTIVITY_TITLE[] = "SELECT ifnull(nullif(subject, ''), type) FROM activity"
					 " WHERE id = ?";
static const char SQL_RENAME[] = "UPDATE contact SET name = ?2 WHERE id = ?1 AND name <> ?2";
static const char SQL_TOUCH[] =
	"UPDATE contact SET last_touch_at = max(last_touch_at, (SELECT x.at FROM activity x"
	" WHERE x.id = ?1)) WHERE id = (SELECT y.contact FROM activity y WHERE y.id = ?1"
	" AND y.contact <> 0)";
static const char SQL_MAKE_CONTACT[] = "INSERT INTO contact (id, crm, name) VALUES (?, ?, '')";
static const char SQL_MAKE_PARTNER[] = "INSERT INTO partner (id, crm, name) VALUES (?, ?, '')";
static const char SQL_MAKE_DEAL[] = "INSERT INTO deal (id, crm, name) VALUES (?, ?, '')";
static const char SQL_MAKE_ACTIVITY[] =
	"INSERT INTO activity (id, crm, key, kind, at, by, state)"
	" VALUES (?1, ?2, ?3, 3, ?4, (SELECT user_id FROM crm WHERE id = ?2), 1)";
static const char SQL_NO_LINKS[] = "DELETE FROM link WHERE kind = ? AND target = ?";
static const char *const drop_contact[] = {"DELETE FROM contact_email WHERE contact = ?",
	"DELETE FROM contact_phone WHERE contact = ?", "DELETE FROM contact WHERE id = ?", NULL};
static const char *const drop_partner[] = {"DELETE FROM partner_domain WHERE partner = ?",
	"UPDATE contact SET partner = 0 WHERE partner = ?", "DELETE FROM partner WHERE id = ?",
	NULL};
static const char *const drop_deal[] = {"DELETE FROM deal WHERE id = ?", NULL};
static const char *const drop_activity[] = {"DELETE FROM activity WHERE id = ?", NULL};

const struct record_def *record_def_of(enum record_kind k, const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(defs); i++)
		if (defs[i].kind == k && !strcmp(defs[i].name, name))
			return &defs[i];
	return NULL;
}

enum record_kind record_def_ref(const struct record_def *f)
{
	return f->ref;
}

const char *record_def_name(enum record_kind k, size_t i)
{
	for (const struct record_def *f = defs; f < defs + ARRAY_SIZE(defs); f++)
		if (f->kind == k && !i--)
			return f->name;
	return NULL;
}

/* ---- lists ------------------------------------------------------------------------------------*/

struct texts {
	const char **v;
	size_t n, cap;
};

/* Once each. */
static void add_text(struct arena *a, struct texts *t, const char *text)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->v[i], text))
			return;
	t->v = arena_grow(a, t->v, &t->cap, t->n + 1, sizeof(*t->v));
	t->v[t->n++] = text;
}

static int read_texts(struct db *d, struct arena *a, const char *sql, int64_t id, struct texts *t,
	struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, sql, "i", id))
		return -1;
	while ((rc = db_step(d, q, e)) > 0)
		add_text(a, t, db_text(a, q, 0));
	return rc;
}

static const char *join(struct arena *a, const struct texts *t, size_t from)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	for (size_t i = from; i < t->n; i++)
		buf_addf(&b, "%s%s", i > from ? ", " : "", t->v[i]);
	return b.len ? arena_strndup(a, b.p, b.len) : NULL;
}

static int get_list(struct db *d, struct arena *a, enum list l, int64_t row, const char **out,
	struct err *e)
{
	struct texts t = {.v = NULL};
	const char *sql = l == LIST_PHONE || l == LIST_PHONES ? SQL_PHONES
			  : l == LIST_DOMAIN                  ? SQL_DOMAINS
							      : SQL_EMAILS;
	if (read_texts(d, a, sql, row, &t, e))
		return -1;
	if (l == LIST_OTHERS || l == LIST_PHONES)
		*out = join(a, &t, 1);
	else
		*out = t.n ? t.v[0] : NULL;
	return 0;
}

/* "a@x.example, b@x.example" */
static void split_into(struct arena *a, struct texts *t, const char *text, const char *between)
{
	for (const char *p = text ? text : ""; *p;) {
		size_t n = strcspn(p, between);
		struct span one = span_trim((struct span){p, n});
		if (one.len)
			add_text(a, t, arena_strndup(a, one.p, one.len));
		p += n;
		p += strspn(p, between);
	}
}

static int put_lists(struct write *w, int64_t row, const struct texts *emails,
	const struct texts *phones, struct err *e)
{
	int64_t crm = 0;
	const struct contact_in in = {
		.name = record_row_title(w->db, &w->arena, RECORD_CONTACT, row),
		.emails = emails->v,
		.n_emails = emails->n,
		.phones = phones->v,
		.n_phones = phones->n,
	};
	return record_row_crm(w->db, RECORD_CONTACT, row, &crm, e) ||
			       match_again_row(w, LINK_CONTACT, row, e) ||
			       contact_put_addresses(w, crm, row, &in, e)
		       ? -1
		       : 0;
}

/* The first one of a list is a field, the others together are one. */
static void change_list(struct arena *a, const struct texts *had, bool is_first, const char *value,
	const char *between, struct texts *now)
{
	const char *first = is_first ? value : had->n ? had->v[0] : NULL;
	if (first)
		add_text(a, now, first);
	if (!is_first)
		split_into(a, now, value, between);
	for (size_t i = 1; is_first && i < had->n; i++)
		add_text(a, now, had->v[i]);
}

static int set_list(struct write *w, enum list l, int64_t row, const char *value, struct err *e)
{
	struct texts phones = {.v = NULL};
	struct texts had = {.v = NULL};
	struct texts now = {.v = NULL};
	struct arena *a = &w->arena;
	if (l == LIST_DOMAIN)
		return partner_put_domain(w, row, value, e);
	if (read_texts(w->db, a, SQL_EMAILS, row, &had, e) ||
		read_texts(w->db, a, SQL_PHONES, row, &phones, e))
		return -1;
	if (l == LIST_PHONE || l == LIST_PHONES) {
		change_list(a, &phones, l == LIST_PHONE, value, ",;\r\n", &now);
		return put_lists(w, row, &had, &now, e);
	}
	change_list(a, &had, l == LIST_EMAIL, value, ", ;\t\r\n", &now);
	return put_lists(w, row, &now, &phones, e);
}

/* ---- one field --------------------------------------------------------------------------------*/

int record_get(struct db *d, struct arena *a, const struct record_def *f, int64_t row,
	const char **out, struct err *e)
{
	*out = NULL;
	return f->list ? get_list(d, a, f->list, row, out, e)
		       : db_text_of(d, a, f->read, row, out, e);
}

int record_set(struct write *w, const struct record_def *f, int64_t row, const char *value,
	struct err *e)
{
	if (f->list)
		return set_list(w, f->list, row, value, e);
	if (f->kind == RECORD_CONTACT && f->ref && match_again_row(w, LINK_CONTACT, row, e))
		return -1; /* its mail belongs to another company */
	if (f->is_stage)
		return db_run(w->db, e, f->write, "iti", row, value,
			(int64_t)deal_stage_is_open(value));
	return db_run(w->db, e, f->write, "it", row, value);
}

/* ---- whole records ----------------------------------------------------------------------------*/

static int rename_contact(struct write *w, int64_t row, struct err *e)
{
	sqlite3_stmt *q;
	struct texts emails = {.v = NULL};
	if (db_query(w->db, &q, e, SQL_NAMES, "i", row))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc <= 0)
		return rc;
	const char *first = db_text(&w->arena, q, 0);
	const char *last = db_text(&w->arena, q, 1);
	const char *name = db_text(&w->arena, q, 2);
	sqlite3_reset(q);
	if (read_texts(w->db, &w->arena, SQL_EMAILS, row, &emails, e))
		return -1;
	if (first && last)
		name = arena_printf(&w->arena, "%s %s", first, last);
	else if (first || last)
		name = first ? first : last;
	else if (!*name && emails.n)
		name = emails.v[0];
	return db_run(w->db, e, SQL_RENAME, "it", row, name) || contact_sort(w, row, name, e) ? -1
											      : 0;
}

int record_tidy(struct write *w, enum record_kind k, int64_t row, struct err *e)
{
	switch (k) {
	case RECORD_CONTACT:
		return rename_contact(w, row, e);
	case RECORD_ACTIVITY:
		return db_run(w->db, e, SQL_TOUCH, "i", row);
	default:
		return 0;
	}
}

int record_make_row(struct write *w, enum record_kind k, int64_t crm, int64_t row, const char *key,
	struct err *e)
{
	switch (k) {
	case RECORD_CONTACT:
		return db_run(w->db, e, SQL_MAKE_CONTACT, "ii", row, crm);
	case RECORD_PARTNER:
		return db_run(w->db, e, SQL_MAKE_PARTNER, "ii", row, crm);
	case RECORD_DEAL:
		return db_run(w->db, e, SQL_MAKE_DEAL, "ii", row, crm);
	case RECORD_ACTIVITY:
		return db_run(w->db, e, SQL_MAKE_ACTIVITY, "iiti", row, crm, key, w->now);
	default:
		return err_set(e, ERR_UNSUPPORTED, "%s", _("Such records cannot be made here."));
	}
}

int record_drop_row(struct write *w, enum record_kind k, int64_t row, struct err *e)
{
	static const char *const *const by_kind[RECORD_KIND_END] = {
		[RECORD_CONTACT] = drop_contact,
		[RECORD_PARTNER] = drop_partner,
		[RECORD_DEAL] = drop_deal,
		[RECORD_ACTIVITY] = drop_activity,
	};
	if ((k == RECORD_CONTACT || k == RECORD_PARTNER) &&
		match_again_row(w, (enum link_kind)k, row, e))
		return -1;
	for (const char *const *sql = by_kind[k]; sql && *sql; sql++)
		if (db_run(w->db, e, *sql, "i", row))
			return -1;
	return k == RECORD_ACTIVITY ? 0 : db_run(w->db, e, SQL_NO_LINKS, "ii", (int64_t)k, row);
}

int record_row_crm(struct db *d, enum record_kind k, int64_t row, int64_t *crm, struct err *e)
{
	static const char *const by_kind[RECORD_KIND_END] = {
		[RECORD_CONTACT] = SQL_CONTACT_CRM,
		[RECORD_PARTNER] = SQL_PARTNER_CRM,
		[RECORD_LEAD] = SQL_LEAD_CRM,
		[RECORD_DEAL] = SQL_DEAL_CRM,
		[RECORD_ACTIVITY] = SQL_ACTIVITY_CRM,
	};
	*crm = 0;
	return db_value(d, crm, e, by_kind[k], "i", row);
}

const char *record_row_title(struct db *d, struct arena *a, enum record_kind k, int64_t row)
{
	static const char *const by_kind[RECORD_KIND_END] = {
		[RECORD_CONTACT] = SQL_CONTACT_TITLE,
		[RECORD_PARTNER] = SQL_PARTNER_TITLE,
		[RECORD_LEAD] = SQL_LEAD_TITLE,
		[RECORD_DEAL] = SQL_DEAL_TITLE,
		[RECORD_ACTIVITY] = SQL_ACTIVITY_TITLE,
	};
	struct err ignored = ERR_INIT;
	sqlite3_stmt *q;
	if (db_query(d, &q, &ignored, by_kind[k], "i", row) || db_step(d, q, &ignored) <= 0)
		return NULL;
	const char *text = db_text(a, q, 0);
	sqlite3_reset(q);
	return text;
}

/* ---- equal values -----------------------------------------------------------------------------*/

/* "001200.50" as "1200.5"; what is no number stays as it is. */
static void add_number(struct buf *out, const char *text)
{
	struct span s = span_trim(span_of(text));
	size_t digits = 0;
	bool has_point = false;
	size_t from = s.len && (*s.p == '-' || *s.p == '+');
	for (size_t i = from; i < s.len; i++) {
		digits += s.p[i] >= '0' && s.p[i] <= '9';
		if ((s.p[i] < '0' || s.p[i] > '9') && (s.p[i] != '.' || has_point)) {
			buf_add(out, s.p, s.len);
			return;
		}
		has_point = has_point || s.p[i] == '.';
	}
	size_t end = s.len;
	while (has_point && end > from && s.p[end - 1] == '0')
		end--;
	end -= has_point && end > from && s.p[end - 1] == '.';
	while (digits && from + 1 < end && s.p[from] == '0' && s.p[from + 1] != '.')
		from++;
	if (s.len && *s.p == '-')
		buf_addch(out, '-');
	buf_add(out, s.p + from, end - from);
}

static bool same_moment(const char *a, const char *b)
{
	int64_t x = 0;
	int64_t y = 0;
	return clock_parse_rfc3339(a, &x) && clock_parse_rfc3339(b, &y) && x == y;
}

static bool same_list(const char *a, const char *b)
{
	static const char blanks[] = ", ;\t\r\n";
	for (;;) {
		a += strspn(a, blanks);
		b += strspn(b, blanks);
		size_t n = strcspn(a, blanks);
		if (n != strcspn(b, blanks) || memcmp(a, b, n) != 0)
			return false;
		if (!n)
			return true;
		a += n;
		b += n;
	}
}

bool record_is_same(const char *field, const char *a, const char *b)
{
	a = a ? a : "";
	b = b ? b : "";
	if (!strcmp(a, b))
		return true;
	if (!strcmp(field, "at"))
		return same_moment(a, b);
	if (!strcmp(field, "other_emails"))
		return same_list(a, b);
	if (!strcmp(field, "close_date") || !strcmp(field, "due_date"))
		return strlen(a) >= 10 && strlen(b) >= 10 && !strncmp(a, b, 10);
	if (strcmp(field, "amount") != 0 && strcmp(field, "duration_min") != 0)
		return false;
	CLEANUP(buf_release) struct buf x = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf y = BUF_INIT(BUF_UNLIMITED);
	add_number(&x, a);
	add_number(&y, b);
	return x.len == y.len && !memcmp(x.p, y.p, x.len);
}
