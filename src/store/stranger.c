/*
 * stranger.c - the match inbox: addresses that nobody, or more than one, is known by, and who it
 * may be.
 */
#include "config.h"

#include "crmail/store/decide.h"

#include <string.h>

#include "crmail/base/fold.h"
#include "crmail/base/str.h"

#include "crm_private.h"

#define NAME_MAX_BYTES 300

/* Decided about: what is never logged, and what was put off until the address writes again. */
#define IS_OPEN                                                                                    \
	"NOT EXISTS (SELECT 1 FROM decision d WHERE d.crm = s.crm AND d.addr = s.addr"             \
	" AND d.mail IS NULL AND d.what = 10 AND d.until >= s.newest)"
static const char SQL_PAGE[] =
	"SELECT s.crm, s.addr, s.kind, s.count, s.newest FROM stranger s"
	" WHERE (s.newest < ?1 OR (s.newest = ?1 AND s.addr > ?2)) AND " IS_OPEN
	" ORDER BY s.newest DESC, s.addr LIMIT ?3";
static const char SQL_NEWEST[] =
	"SELECT m.id, m.thread, m.subject FROM stranger_mail x JOIN message m ON m.id = x.message"
	" WHERE x.crm = ?1 AND x.addr = ?2 ORDER BY x.at DESC, x.message LIMIT 1";
static const char SQL_NAMES[] =
	"SELECT p.name, p.norm FROM message_party mp JOIN party p ON p.id = mp.party"
	" WHERE mp.message = ?1 AND p.name <> '' ORDER BY mp.role, mp.pos LIMIT 300";
static const char SQL_COUNT[] =
	"SELECT count(*) FILTER (WHERE kind <> 0), count(*) FILTER (WHERE kind = 0) FROM"
	" (SELECT s.kind FROM stranger s WHERE " IS_OPEN " ORDER BY s.newest DESC LIMIT ?)";
#define CONTACT                                                                                    \
	"SELECT 1, c.id, c.name, p.name, (SELECT addr FROM contact_email e"                        \
	" WHERE e.contact = c.id ORDER BY pos LIMIT 1) FROM "
static const char SQL_HAVE_ADDRESS[] =
	CONTACT "contact_email m JOIN contact c ON c.id = m.contact LEFT JOIN partner p"
		" ON p.id = c.partner WHERE m.crm = ?1 AND m.norm = ?2 GROUP BY c.id ORDER BY c.id "
		"LIMIT ?3";
static const char SQL_LEADS_HAVE[] = "SELECT 3, id, name, NULL, addr FROM lead WHERE crm = ?1"
				     " AND norm = ?2 AND gone_at = 0 ORDER BY id LIMIT ?3";
static const char SQL_PARTNERS_HAVE[] =
	"SELECT 2, p.id, p.name, NULL, NULL FROM partner_domain m JOIN partner p"
	" ON p.id = m.partner WHERE m.crm = ?1 AND m.domain = ?2 AND p.gone_at = 0"
	" ORDER BY m.partner LIMIT ?3";
static const char SQL_SAME_NAME[] = CONTACT
	"correspondent_word w JOIN correspondent k ON k.id = w.correspondent"
	" JOIN contact_email m ON m.norm = k.norm AND m.crm = ?1 JOIN contact c ON c.id = m.contact"
	" LEFT JOIN partner p ON p.id = c.partner WHERE w.word = ?2 AND c.gone_at = 0 GROUP BY c.id"
	" ORDER BY c.id LIMIT ?3";
static const char SQL_OF_DOMAIN[] =
	CONTACT "partner_domain d JOIN contact c ON c.partner = d.partner LEFT JOIN partner p"
		" ON p.id = c.partner WHERE d.crm = ?1 AND d.domain = ?2 AND c.partner <> 0"
		" AND c.gone_at = 0"
		" ORDER BY c.last_touch_at DESC, c.id LIMIT ?3";

/* ---- the list -------------------------------------------------------------------------------- */

/* The name that the newest mail gives the address; "" = none. */
static int read_name(struct db *d, struct arena *a, struct stranger_row *s, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	s->name = "";
	if (db_query(d, &q, e, SQL_NAMES, "i", s->message))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
		const char *addr = (const char *)sqlite3_column_text(q, 1);
		party_norm(&norm, addr ? addr : "");
		if (strcmp(norm.p, s->addr) != 0)
			continue;
		s->name = db_text(a, q, 0);
		sqlite3_reset(q);
		return 0;
	}
	return rc;
}

static int read_newest(struct db *d, struct arena *a, struct stranger_row *s, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_NEWEST, "it", s->crm, s->addr))
		return -1;
	int rc = db_step(d, q, e);
	if (rc > 0) {
		s->message = sqlite3_column_int64(q, 0);
		s->thread = sqlite3_column_int64(q, 1);
		s->subject = db_text(a, q, 2);
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : read_name(d, a, s, e);
}

int stranger_page(struct store_reader *r, struct arena *a, const struct stranger_row *after,
	size_t limit, struct stranger_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct stranger_row *v = arena_array(a, limit + 1, sizeof(*v));
	size_t count = 0;
	int rc;
	if (db_query(d, &q, e, SQL_PAGE, "iti", after ? after->newest : INT64_MAX,
		    after ? after->addr : "", (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) > 0)
		v[count++] = (struct stranger_row){
			.crm = sqlite3_column_int64(q, 0),
			.addr = db_text(a, q, 1),
			.kind = (enum stranger_kind)sqlite3_column_int(q, 2),
			.count = sqlite3_column_int64(q, 3),
			.newest = sqlite3_column_int64(q, 4),
		};
	for (size_t i = 0; !rc && i < count; i++)
		rc = read_newest(d, a, &v[i], e);
	*out = v;
	*n = count;
	return rc;
}

int stranger_count(struct store_reader *r, size_t max, int64_t *ambiguous, int64_t *unknown,
	struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*ambiguous = *unknown = 0;
	if (db_query(d, &q, e, SQL_COUNT, "i", (int64_t)max))
		return -1;
	int rc = db_step(d, q, e);
	if (rc > 0) {
		*ambiguous = sqlite3_column_int64(q, 0);
		*unknown = sqlite3_column_int64(q, 1);
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : 0;
}

/* ---- who it may be --------------------------------------------------------------------------- */

struct candidates {
	struct db *d;
	struct arena *a;
	const struct stranger_row *s;
	struct candidate_row *v;
	size_t n, limit;
	bool has_address; /* of what is being added */
	struct err *e;
};

static bool is_listed(const struct candidates *c, enum link_kind kind, int64_t id)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].kind == kind && c->v[i].id == id)
			return true;
	return false;
}

/* Rows of a query over a word; with `name`, only those of just that name, folded. */
static int add_rows(struct candidates *c, const char *sql, const char *word, const char *name)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(c->d, &q, c->e, sql, "iti", c->s->crm, word, (int64_t)(name ? 200 : c->limit)))
		return -1;
	while ((rc = db_step(c->d, q, c->e)) > 0) {
		CLEANUP(buf_release) struct buf fold = BUF_INIT(4096);
		const char *text = (const char *)sqlite3_column_text(q, 2);
		enum link_kind kind = (enum link_kind)sqlite3_column_int(q, 0);
		int64_t id = sqlite3_column_int64(q, 1);
		if (name && text)
			fold_plain(&fold, text, strlen(text));
		if (c->n == c->limit || is_listed(c, kind, id) ||
			(name && strcmp(fold.p, name) != 0))
			continue;
		c->v[c->n++] = (struct candidate_row){
			.kind = kind,
			.id = id,
			.name = db_text(c->a, q, 2),
			.partner = db_text(c->a, q, 3),
			.addr = db_text(c->a, q, 4),
			.has_address = c->has_address,
		};
	}
	return rc;
}

/* People who are called the same: found by the last word of the name. */
static int add_namesakes(struct candidates *c)
{
	CLEANUP(buf_release) struct buf fold = BUF_INIT(NAME_MAX_BYTES);
	size_t len = strlen(c->s->name);
	if (len == 0 || len > NAME_MAX_BYTES / 2)
		return 0;
	fold_plain(&fold, c->s->name, len);
	const char *last = fold.failed ? NULL : strrchr(fold.p, ' ');
	return last && last[1] ? add_rows(c, SQL_SAME_NAME, last + 1, fold.p) : 0;
}

/* The domain, then each one above it that still has a dot. */
static int add_domains(struct candidates *c, const char *sql, const char *domain)
{
	for (const char *p = domain; p && strchr(p, '.'); p = strchr(p, '.') + 1)
		if (add_rows(c, sql, p, NULL))
			return -1;
	return 0;
}

int stranger_candidates(struct store_reader *r, struct arena *a, const struct stranger_row *s,
	size_t limit, struct candidate_row **out, size_t *n, struct err *e)
{
	struct candidates c = {.d = reader_db(r),
		.a = a,
		.s = s,
		.v = arena_array(a, limit + 1, sizeof(*c.v)),
		.limit = limit,
		.has_address = true,
		.e = e};
	const char *at = strrchr(s->addr, '@');
	const char *domain = at ? at + 1 : s->addr;
	int rc = at == s->addr ? add_rows(&c, SQL_PARTNERS_HAVE, domain, NULL)
			       : add_rows(&c, SQL_HAVE_ADDRESS, s->addr, NULL) ||
					 add_rows(&c, SQL_LEADS_HAVE, s->addr, NULL);
	c.has_address = false;
	if (!rc && s->kind == STRANGER_UNKNOWN)
		rc = add_namesakes(&c) || add_domains(&c, SQL_OF_DOMAIN, domain);
	*out = c.v;
	*n = c.n;
	return rc ? -1 : 0;
}
