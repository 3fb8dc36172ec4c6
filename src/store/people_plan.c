/*
 * people_plan.c - what an import does with one person: who that is among the contacts, what
 * changes, which company it belongs to; and doing it, with what is needed to undo it.
 */
#include "config.h"

#include "people_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/mail/addr.h"

#include "hash64.h"

#define SEEN_MAX ((size_t)4 << 20) /* slots, 64 MiB: beyond that the rows alone tell */

static const char SQL_OF_ADDRESS[] =
	"SELECT DISTINCT contact FROM contact_email WHERE crm = ? AND norm = ? LIMIT 2";
static const char SQL_OF_NAME[] =
	"SELECT c.id FROM contact c WHERE c.crm = ? AND c.name = ? COLLATE NOCASE"
	" AND NOT EXISTS (SELECT 1 FROM contact_email m WHERE m.contact = c.id) LIMIT 2";
static const char SQL_PARTNER_OF_NAME[] =
	"SELECT id FROM partner WHERE crm = ? AND name = ? COLLATE NOCASE ORDER BY id LIMIT 1";
static const char SQL_PARTNER_OF_DOMAIN[] =
	"SELECT partner FROM partner_domain WHERE crm = ? AND domain = ? LIMIT 2";
static const char SQL_HAS_DOMAIN[] = "SELECT 1 FROM partner_domain WHERE partner = ? LIMIT 1";
static const char SQL_HAS_NOTE[] = "SELECT 1 FROM activity WHERE crm = ? AND key = ?";
static const char SQL_ADD_CONTACT[] =
	"INSERT INTO contact (id, crm, name) VALUES (" PULLED_ID("contact") ", ?, '')";
static const char SQL_ADD_PARTNER[] =
	"INSERT INTO partner (id, crm, name, updated_at) VALUES (" PULLED_ID(
		"partner") ", ?, ?, ?)";
static const char SQL_ADD_DOMAIN[] = "INSERT OR IGNORE INTO partner_domain VALUES (?, ?, ?)";
/* 3: a note; state 0: it belongs to this machine alone */
static const char SQL_ADD_NOTE[] =
	"INSERT INTO activity (id, crm, key, kind, at, body, contact, partner, state)"
	" VALUES (" PULLED_ID("activity") ", ?1, ?2, 3, ?3, ?4, ?5, ?6, 0)";
static const char SQL_CHANGED[] =
	"INSERT INTO people_change VALUES (?1, ?2, ?3, ?4, ?5)"
	" ON CONFLICT (run, kind, row) DO UPDATE SET after = excluded.after";
static const char SQL_ADD_RUN[] = "INSERT INTO people_import (crm, at) VALUES (?, ?)";
static const char SQL_FORGET[] = "DELETE FROM people_change WHERE run <> ?";

/* ---- what was seen ---------------------------------------------------------------------------*/

static uint64_t seen_hash(char kind, const char *word)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	buf_addch(&b, kind);
	for (; *word; word++)
		buf_addch(&b, ascii_lower(*word)); /* as NOCASE compares */
	uint64_t h = (uint64_t)hash64(b.p, b.len);
	return h; /* never 0 */
}

static struct people_seen_slot *seen_slot(const struct people_seen *s, uint64_t hash)
{
	size_t i = (size_t)hash & (s->cap - 1);
	while (s->v[i].hash && s->v[i].hash != hash)
		i = (i + 1) & (s->cap - 1);
	return &s->v[i];
}

int64_t people_seen_get(const struct people_seen *s, char kind, const char *word)
{
	return s->cap ? seen_slot(s, seen_hash(kind, word))->row : 0;
}

static void seen_grow(struct people_seen *s)
{
	struct people_seen old = *s;
	s->cap = old.cap ? 2 * old.cap : 1024;
	s->v = xcalloc(s->cap, sizeof(*s->v));
	for (size_t i = 0; i < old.cap; i++)
		if (old.v[i].hash)
			*seen_slot(s, old.v[i].hash) = old.v[i];
	free(old.v);
}

void people_seen_put(struct people_seen *s, char kind, const char *word, int64_t row)
{
	if (2 * s->n >= s->cap) {
		if (s->cap >= SEEN_MAX)
			return;
		seen_grow(s);
	}
	uint64_t hash = seen_hash(kind, word);
	struct people_seen_slot *slot = seen_slot(s, hash);
	s->n += !slot->hash;
	*slot = (struct people_seen_slot){hash, row};
}

void people_seen_release(struct people_seen *s)
{
	free(s->v);
	*s = (struct people_seen){.v = NULL};
}

/* ---- who it is -------------------------------------------------------------------------------*/

/* Up to two rows of a query, the first two columns of which are bound to crm and word. */
static int look_up(struct db *d, const char *sql, int64_t crm, const char *word, int64_t out[2],
	struct err *e)
{
	sqlite3_stmt *q;
	int n = 0;
	int rc;
	if (db_query(d, &q, e, sql, "it", crm, word))
		return -1;
	while ((rc = db_step(d, q, e)) > 0)
		if (n < 2)
			out[n++] = sqlite3_column_int64(q, 0);
	return rc < 0 ? -1 : n;
}

static const char *norm_of(struct arena *a, const char *addr)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1000);
	party_norm(&b, addr);
	return b.len ? arena_strndup(a, b.p, b.len) : NULL;
}

static const char *full_name(struct arena *a, const struct person *p)
{
	if (p->name)
		return p->name;
	if (p->first_name && p->last_name)
		return arena_printf(a, "%s %s", p->first_name, p->last_name);
	return p->first_name ? p->first_name : p->last_name;
}

struct search {
	struct people_run *run;
	struct db *d;
	struct arena *a;
	const struct person *p;
	int64_t found[2];
	int n; /* different contacts, two at most */
	bool was_seen;
};

static void add_found(struct search *s, int64_t row)
{
	for (int i = 0; i < s->n; i++)
		if (s->found[i] == row)
			return;
	if (s->n < 2)
		s->found[s->n++] = row;
}

static int search_word(struct search *s, char kind, const char *sql, const char *word,
	struct err *e)
{
	int64_t rows[2];
	int64_t seen = people_seen_get(&s->run->seen, kind, word);
	if (seen) {
		s->was_seen = true;
		add_found(s, seen);
		return 0;
	}
	int n = look_up(s->d, sql, s->run->crm, word, rows, e);
	for (int i = 0; i < n; i++)
		add_found(s, rows[i]);
	return n < 0 ? -1 : 0;
}

static int search_contact(struct search *s, struct err *e)
{
	for (size_t i = 0; i < s->p->emails.n; i++) {
		const char *norm = norm_of(s->a, s->p->emails.v[i]);
		if (norm && search_word(s, '@', SQL_OF_ADDRESS, norm, e))
			return -1;
	}
	const char *name = full_name(s->a, s->p);
	if (s->p->emails.n || !name)
		return 0;
	return search_word(s, 'n', SQL_OF_NAME, name, e);
}

static void remember(struct people_run *run, struct arena *a, const struct person *p, int64_t row)
{
	const char *name = full_name(a, p);
	for (size_t i = 0; i < p->emails.n; i++) {
		const char *norm = norm_of(a, p->emails.v[i]);
		if (norm)
			people_seen_put(&run->seen, '@', norm, row);
	}
	if (!p->emails.n && name)
		people_seen_put(&run->seen, 'n', name, row);
}

/* ---- the company -----------------------------------------------------------------------------*/

/* Its web page, else what stands behind the @ of an address at work. */
static const char *company_domain(struct people_run *run, struct arena *a, const struct person *p)
{
	for (size_t i = 0; i < p->domains.n + p->emails.n; i++) {
		const char *text = i < p->domains.n ? p->domains.v[i]
						    : addr_domain(p->emails.v[i - p->domains.n]);
		CLEANUP(buf_release) struct buf b = BUF_INIT(1000);
		party_domain(&b, text);
		if (b.len && !run->is_freemail(b.p))
			return arena_strndup(a, b.p, b.len);
	}
	return NULL;
}

static int find_partner(struct people_run *run, struct db *d, struct people_plan *plan,
	int64_t *out, struct err *e)
{
	int64_t rows[2];
	*out = plan->company ? people_seen_get(&run->seen, 'p', plan->company) : 0;
	if (*out)
		return 0;
	int n = 0;
	/* A company that the file names is that one, whoever else has the domain. */
	if (plan->company)
		n = look_up(d, SQL_PARTNER_OF_NAME, run->crm, plan->company, rows, e);
	else if (plan->domain)
		n = look_up(d, SQL_PARTNER_OF_DOMAIN, run->crm, plan->domain, rows, e);
	if (n < 0)
		return -1;
	*out = n == 1 ? rows[0] : 0;
	return 0;
}

/* A domain that nobody has yet goes to a company that has none. */
static int find_domain(struct people_run *run, struct db *d, struct people_plan *plan,
	int64_t partner, struct err *e)
{
	int64_t rows[2];
	int64_t has = 0;
	if (!plan->domain || people_seen_get(&run->seen, 'd', plan->domain))
		return 0;
	int n = look_up(d, SQL_PARTNER_OF_DOMAIN, run->crm, plan->domain, rows, e);
	if (n < 0 || (partner > 0 && db_value(d, &has, e, SQL_HAS_DOMAIN, "i", partner)))
		return -1;
	plan->is_new_domain = n == 0 && !has && partner >= 0;
	return 0;
}

static int plan_company(struct people_run *run, struct db *d, struct arena *a,
	const struct person *p, struct people_plan *plan, struct err *e)
{
	int64_t partner = 0;
	plan->company = p->company;
	plan->domain = company_domain(run, a, p);
	if (find_partner(run, d, plan, &partner, e))
		return -1;
	if (!partner && !plan->company)
		return 0;
	plan->is_new_partner = !partner;
	if (find_domain(run, d, plan, partner, e))
		return -1;
	bool only_fills = plan->outcome == PEOPLE_REPEATED;
	if (only_fills && plan->before.partner)
		plan->is_new_partner = false;
	else
		plan->after.partner = partner ? partner : -1;
	return 0;
}

/* ---- what changes ----------------------------------------------------------------------------*/

static const char *pick(const char *had, const char *fresh, bool only_fills)
{
	return fresh && (!had || !only_fills) ? fresh : had;
}

static bool has_address(const struct people_list *l, const char *addr)
{
	for (size_t i = 0; i < l->n; i++)
		if (addr_same(l->v[i], addr))
			return true;
	return false;
}

static bool has_text(const struct people_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], text))
			return true;
	return false;
}

static struct people_list unite(struct arena *a, const struct people_list *had,
	const struct people_list *fresh, bool (*has)(const struct people_list *, const char *))
{
	const char **v = arena_array(a, had->n + fresh->n + 1, sizeof(*v));
	struct people_list all = {v, 0};
	for (size_t i = 0; i < had->n; i++)
		v[all.n++] = had->v[i];
	for (size_t i = 0; i < fresh->n; i++)
		if (!has(&all, fresh->v[i]))
			v[all.n++] = fresh->v[i];
	return all;
}

static void merge(struct arena *a, const struct person *p, struct people_plan *plan)
{
	const struct people_state *had = &plan->before;
	struct people_state *now = &plan->after;
	bool only_fills = plan->outcome == PEOPLE_REPEATED;
	*now = *had;
	now->name = pick(had->name, full_name(a, p), only_fills);
	now->first_name = pick(had->first_name, p->first_name, only_fills);
	now->last_name = pick(had->last_name, p->last_name, only_fills);
	now->title = pick(had->title, p->title, only_fills);
	now->owner = pick(had->owner, p->owner, only_fills);
	now->emails = unite(a, &had->emails, &p->emails, has_address);
	now->phones = unite(a, &had->phones, &p->phones, has_text);
	if (!now->name || !*now->name)
		now->name = p->emails.n ? p->emails.v[0] : p->phones.v[0];
}

/* The same text at the same contact is one note, however often it is imported. */
static void note_key(char out[65], int64_t contact, const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	buf_addf(&b, "imported note|%lld|%s", (long long)contact, text);
	sha256_hex(b.p, b.len, out);
}

static int plan_note(struct people_run *run, struct db *d, const struct person *p,
	struct people_plan *plan, struct err *e)
{
	char key[65];
	int64_t has = 0;
	plan->is_new_note = p->note != NULL;
	if (!p->note || plan->contact <= 0)
		return 0;
	note_key(key, plan->contact, p->note);
	if (db_value(d, &has, e, SQL_HAS_NOTE, "it", run->crm, key))
		return -1;
	plan->is_new_note = !has;
	return 0;
}

static bool skip(struct people_plan *plan, const char *why)
{
	plan->outcome = PEOPLE_SKIPPED;
	plan->why = why;
	return true;
}

static bool is_skipped(const struct person *p, struct people_plan *plan)
{
	if (p->is_group)
		return skip(plan, _("It is a list of people, not a person."));
	if (p->emails.n || (p->phones.n && !p->has_bad_address))
		return false;
	if (p->has_bad_address)
		return skip(plan, _("Its address cannot be read."));
	if (!p->name && !p->first_name && !p->last_name)
		return skip(plan, _("It has no name, no address and no phone number."));
	return false;
}

static bool differs(const struct people_plan *plan)
{
	char before[65];
	char after[65];
	people_state_sum(&plan->before, before);
	people_state_sum(&plan->after, after);
	return strcmp(before, after) != 0;
}

int people_plan(struct people_run *run, struct db *d, struct arena *a, const struct person *p,
	struct people_plan *out, struct err *e)
{
	struct search s = {.run = run, .d = d, .a = a, .p = p};
	*out = (struct people_plan){.outcome = PEOPLE_NEW};
	if (is_skipped(p, out))
		return 0;
	if (search_contact(&s, e))
		return -1;
	if (s.n > 1) {
		skip(out, _("Its addresses or its name belong to several contacts."));
		return 0;
	}
	out->contact = s.n ? s.found[0] : 0;
	out->outcome = s.was_seen ? PEOPLE_REPEATED : s.n ? PEOPLE_UPDATED : PEOPLE_NEW;
	if (out->contact < 0)
		return 0; /* only looked at so far: nothing to compare with */
	if (out->contact && people_state_read(d, a, out->contact, &out->before, e))
		return -1;
	merge(a, p, out);
	if (plan_company(run, d, a, p, out, e) || plan_note(run, d, p, out, e))
		return -1;
	if (out->outcome == PEOPLE_UPDATED && !out->is_new_note && !out->is_new_domain &&
		!differs(out))
		out->outcome = PEOPLE_SAME;
	return 0;
}

void people_plan_note(struct people_run *run, const struct person *p, struct people_plan *plan)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	if (plan->outcome == PEOPLE_SKIPPED)
		return;
	int64_t row = plan->contact ? plan->contact : -++run->n_planned;
	remember(run, &a, p, row);
	if (plan->is_new_partner)
		people_seen_put(&run->seen, 'p', plan->company, -1);
	if (plan->is_new_domain)
		people_seen_put(&run->seen, 'd', plan->domain, -1);
}

/* ---- doing it --------------------------------------------------------------------------------*/

static int note_change(struct people_run *run, struct write *w, enum people_kind_of_row kind,
	int64_t row, const char *before, const char *after, struct err *e)
{
	if (!run->id) {
		if (db_run(w->db, e, SQL_ADD_RUN, "ii", run->crm, w->now))
			return -1;
		run->id = sqlite3_last_insert_rowid(w->db->h);
		if (db_run(w->db, e, SQL_FORGET, "i", run->id))
			return -1;
	}
	return db_run(w->db, e, SQL_CHANGED, "iiitt", run->id, (int64_t)kind, row, before, after);
}

static int apply_partner(struct people_run *run, struct write *w, struct people_plan *plan,
	struct err *e)
{
	int64_t id = plan->after.partner;
	if (plan->is_new_partner) {
		if (db_run(w->db, e, SQL_ADD_PARTNER, "iti", run->crm, plan->company, w->now))
			return -1;
		id = plan->after.partner = sqlite3_last_insert_rowid(w->db->h);
		if (note_change(run, w, PEOPLE_ROW_PARTNER, id, NULL, NULL, e))
			return -1;
	}
	if (!plan->is_new_domain || id <= 0)
		return 0;
	if (!plan->is_new_partner &&
		note_change(run, w, PEOPLE_ROW_PARTNER, id, plan->domain, NULL, e))
		return -1;
	return db_run(w->db, e, SQL_ADD_DOMAIN, "iti", run->crm, plan->domain, id) ||
			       match_again_domain(w, run->crm, plan->domain, e)
		       ? -1
		       : 0;
}

static int apply_contact(struct people_run *run, struct write *w, struct people_plan *plan,
	struct err *e)
{
	char sum[65];
	CLEANUP(free_str) char *before = NULL;
	if (plan->contact && !differs(plan))
		return 0;
	if (plan->contact) {
		before = people_state_text(&plan->before);
	} else {
		if (db_run(w->db, e, SQL_ADD_CONTACT, "i", run->crm))
			return -1;
		plan->contact = sqlite3_last_insert_rowid(w->db->h);
	}
	people_state_sum(&plan->after, sum);
	return people_state_write(w, run->crm, plan->contact, &plan->after,
		       e) || note_change(run, w, PEOPLE_ROW_CONTACT, plan->contact, before, sum, e)
		       ? -1
		       : 0;
}

static int apply_note(struct people_run *run, struct write *w, const struct person *p,
	const struct people_plan *plan, struct err *e)
{
	char key[65];
	int64_t has = 0;
	if (!plan->is_new_note)
		return 0;
	note_key(key, plan->contact, p->note);
	if (db_value(w->db, &has, e, SQL_HAS_NOTE, "it", run->crm, key))
		return -1;
	if (has)
		return 0;
	if (db_run(w->db, e, SQL_ADD_NOTE, "ititii", run->crm, key, w->now, p->note, plan->contact,
		    plan->after.partner))
		return -1;
	return note_change(run, w, PEOPLE_ROW_NOTE, sqlite3_last_insert_rowid(w->db->h), NULL, NULL,
		e);
}

int people_plan_apply(struct people_run *run, struct write *w, const struct person *p,
	struct people_plan *plan, struct err *e)
{
	if (plan->outcome == PEOPLE_SKIPPED)
		return 0;
	if (apply_partner(run, w, plan, e) || apply_contact(run, w, plan, e) ||
		apply_note(run, w, p, plan, e))
		return -1;
	remember(run, &w->arena, p, plan->contact);
	return 0;
}
