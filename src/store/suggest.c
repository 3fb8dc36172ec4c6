/*
 * suggest.c - what a mail may be about: deals and partners that its subject or own text names, the
 * one open deal of its people; and everything it can be linked to by hand. Links nothing.
 */
#include "config.h"

#include "crmail/store/why.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/str.h"
#include "crmail/mail/message.h"
#include "crmail/mail/render.h"
#include "crmail/store/message.h"

#include "crm_private.h"

#define TEXT_MAX 4096 /* bytes of folded text that are looked at */
#define NAME_MIN 4    /* bytes: shorter names stand in any text */
#define NUMBER_MIN 3
#define NAMES_MAX 20000

static const char SQL_SUBJECT[] = "SELECT subject FROM message WHERE id = ?1 AND ?2 = ''";
static const char SQL_DEALS[] = "SELECT id, name, number FROM deal WHERE crm = ?1 AND is_open = 1"
				" AND gone_at = 0 LIMIT ?2";
static const char SQL_PARTNERS[] = "SELECT id, name FROM partner WHERE crm = ?1 AND gone_at = 0"
				   " LIMIT ?2";
static const char SQL_LINKED[] =
	"SELECT 1 FROM link WHERE message = ? AND kind = ? AND target = ? AND how <> 2";
static const char SQL_PEOPLE[] = "SELECT kind, target FROM link WHERE message = ? AND kind < 3"
				 " AND how <> 2 ORDER BY kind, target LIMIT 20";
static const char SQL_CHOICES[] =
	"SELECT * FROM (SELECT 1 AS kind, c.id, c.name, (SELECT addr FROM contact_email e"
	" WHERE e.contact = c.id ORDER BY pos LIMIT 1) FROM contact c WHERE c.crm = ?1"
	" AND c.gone_at = 0 LIMIT ?2)"
	" UNION ALL SELECT * FROM (SELECT 4, d.id, d.name, (SELECT name FROM partner p"
	" WHERE p.id = d.partner) FROM deal d WHERE d.crm = ?1 AND d.is_open = 1"
	" AND d.gone_at = 0 LIMIT ?2)"
	" UNION ALL SELECT * FROM (SELECT 2, id, name, NULL FROM partner WHERE crm = ?1"
	" AND gone_at = 0 LIMIT ?2)"
	" UNION ALL SELECT * FROM (SELECT 3, id, coalesce(nullif(name, ''), addr), addr"
	" FROM lead WHERE crm = ?1"
	" AND gone_at = 0 LIMIT ?2)";

struct searching {
	struct db *d;
	struct arena *a;
	int64_t crm, message;
	struct buf text; /* folded */
	struct suggestion *v;
	size_t n, cap;
	struct err *e;
};

/* ---- the text -------------------------------------------------------------------------------- */

/* What the writer wrote himself: no quotes, no signature. */
static int add_own_text(struct store_reader *r, struct searching *s, struct buf *out)
{
	const char *raw = NULL;
	size_t len = 0;
	enum body_state state = BODY_NONE;
	struct message m;
	struct render_doc doc;
	if (message_raw(r, s->a, s->message, &raw, &len, &state, s->e))
		return -1;
	if (!raw || state == BODY_NONE || state == BODY_PARKED)
		return 0;
	message_parse(s->a, raw, len, &m);
	render_message(s->a, &m, RENDER_AUTO, &doc);
	for (size_t i = 0; i < doc.n_blocks && out->len < TEXT_MAX; i++)
		if (doc.blocks[i].kind == BLOCK_TEXT)
			buf_add(out, doc.blocks[i].text.p, doc.blocks[i].text.len);
	return 0;
}

static int read_text(struct store_reader *r, struct searching *s)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	const char *subject = db_setting(s->d, s->a, SQL_SUBJECT, s->message, "");
	buf_addf(&b, "%s\n", subject ? subject : "");
	if (add_own_text(r, s, &b))
		return -1;
	fold_plain(&s->text, b.p, b.len < TEXT_MAX ? b.len : TEXT_MAX);
	return 0;
}

static bool is_word_byte(char c)
{
	return (unsigned char)c >= 0x80 || ascii_isalnum(c);
}

/* A name stands in the text as whole words. */
static bool has_words(const struct searching *s, const char *name, size_t min)
{
	CLEANUP(buf_release) struct buf fold = BUF_INIT(1000);
	size_t len = name ? strlen(name) : 0;
	if (len < min || len > 300)
		return false;
	fold_plain(&fold, name, len);
	if (fold.failed || fold.len < min)
		return false;
	for (const char *p = s->text.p; (p = strstr(p, fold.p)); p++)
		if ((p == s->text.p || !is_word_byte(p[-1])) && !is_word_byte(p[fold.len]))
			return true;
	return false;
}

/* ---- what it names --------------------------------------------------------------------------- */

static void add(struct searching *s, enum link_kind kind, int64_t id, const char *name,
	enum suggest_why why)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].kind == kind && s->v[i].id == id)
			return;
	s->v = arena_grow(s->a, s->v, &s->cap, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = (struct suggestion){kind, id, name, why};
}

static int find_deals(struct searching *s)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(s->d, &q, s->e, SQL_DEALS, "ii", s->crm, (int64_t)NAMES_MAX))
		return -1;
	while ((rc = db_step(s->d, q, s->e)) > 0) {
		int64_t id = sqlite3_column_int64(q, 0);
		if (has_words(s, (const char *)sqlite3_column_text(q, 2), NUMBER_MIN))
			add(s, LINK_DEAL, id, db_text(s->a, q, 1), SUGGEST_NUMBER);
		else if (has_words(s, (const char *)sqlite3_column_text(q, 1), NAME_MIN))
			add(s, LINK_DEAL, id, db_text(s->a, q, 1), SUGGEST_DEAL_NAME);
	}
	return rc;
}

static int find_partners(struct searching *s)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(s->d, &q, s->e, SQL_PARTNERS, "ii", s->crm, (int64_t)NAMES_MAX))
		return -1;
	while ((rc = db_step(s->d, q, s->e)) > 0)
		if (has_words(s, (const char *)sqlite3_column_text(q, 1), NAME_MIN))
			add(s, LINK_PARTNER, sqlite3_column_int64(q, 0), db_text(s->a, q, 1),
				SUGGEST_PARTNER_NAME);
	return rc;
}

struct person {
	enum link_kind kind;
	int64_t id;
};

/* Of all the people it is about together there is one open deal. */
static int find_only_deal(struct store_reader *r, struct searching *s)
{
	struct person people[20];
	const struct deal_row *only = NULL;
	size_t n = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(s->d, &q, s->e, SQL_PEOPLE, "i", s->message))
		return -1;
	while ((rc = db_step(s->d, q, s->e)) > 0)
		people[n++] = (struct person){
			(enum link_kind)sqlite3_column_int(q, 0), sqlite3_column_int64(q, 1)};
	for (size_t i = 0; !rc && i < n; i++) {
		struct deal_row *v = NULL;
		size_t k = 0;
		bool is_contact = people[i].kind == LINK_CONTACT;
		if (deals_of(r, s->a, is_contact ? people[i].id : 0, is_contact ? 0 : people[i].id,
			    &v, &k, s->e))
			return -1;
		for (size_t j = 0; j < k && v[j].is_open; j++) {
			if (only && only->id != v[j].id)
				return 0;
			only = &v[j];
		}
	}
	if (!rc && only)
		add(s, LINK_DEAL, only->id, only->name, SUGGEST_ONLY_DEAL);
	return rc;
}

/* Best first, without what it is linked to. */
static int sort_out(struct searching *s, size_t limit, size_t *n)
{
	struct suggestion *v = arena_array(s->a, limit + 1, sizeof(*v));
	*n = 0;
	for (int why = SUGGEST_NUMBER; why <= SUGGEST_ONLY_DEAL; why++)
		for (size_t i = 0; i < s->n && *n < limit; i++) {
			int64_t linked = 0;
			if (s->v[i].why != (enum suggest_why)why)
				continue;
			if (db_value(s->d, &linked, s->e, SQL_LINKED, "iii", s->message,
				    (int64_t)s->v[i].kind, s->v[i].id))
				return -1;
			if (!linked)
				v[(*n)++] = s->v[i];
		}
	s->v = v;
	return 0;
}

int suggestions_of(struct store_reader *r, struct arena *a, int64_t crm, int64_t message,
	size_t limit, struct suggestion **out, size_t *n, struct err *e)
{
	struct searching s = {.d = reader_db(r),
		.a = a,
		.crm = crm,
		.message = message,
		.text = BUF_INIT(BUF_UNLIMITED),
		.e = e};
	int rc = read_text(r, &s) || find_deals(&s) || find_partners(&s) || find_only_deal(r, &s) ||
		 sort_out(&s, limit, n);
	buf_release(&s.text);
	*out = s.v;
	return rc ? -1 : 0;
}

int link_choices(struct store_reader *r, struct arena *a, int64_t crm, size_t limit,
	struct link_choice **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct link_choice *v = NULL;
	size_t cap = 0;
	int rc;
	*n = 0;
	if (db_query(d, &q, e, SQL_CHOICES, "ii", crm, (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, *n + 1, sizeof(*v));
		v[(*n)++] = (struct link_choice){(enum link_kind)sqlite3_column_int(q, 0),
			sqlite3_column_int64(q, 1), db_text(a, q, 2), db_text(a, q, 3)};
	}
	*out = v;
	return rc;
}
