/*
 * match_person.c - who the participants of a mail are: contact, partner of their domain or lead, or
 * whom the user named instead.
 */
#include "config.h"

#include "match_private.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"

#define MAX_HITS 8 /* more contacts with one address than this are all the same: too many */

/* In the arena; NULL for what is no address. */
const char *person_address(struct matching *m, const char *addr)
{
	CLEANUP(buf_release) struct buf norm = BUF_INIT(MAX_ADDRESS);
	match_normalise(&norm, addr);
	const char *at = strchr(norm.p, '@');
	if (norm.failed || !at || at == norm.p || !at[1])
		return NULL;
	return arena_strndup(m->arena, norm.p, norm.len);
}

bool match_is_unlinked(const struct match_mail *m, enum match_kind kind, int64_t id)
{
	for (size_t i = 0; i < m->n_decisions; i++) {
		const struct match_decision *d = &m->decisions[i];
		if (d->verdict == MATCH_UNLINKED && d->kind == kind && d->row.id == id)
			return true;
	}
	return false;
}

/* Leaves out who was unlinked from this mail; returns how many stay. */
static int keep_linked(struct matching *m, struct person *p, enum match_kind kind,
	struct match_hit *v, int n, size_t max)
{
	int kept = 0;
	if ((size_t)n > max)
		return n; /* too many to look at: several in any case */
	for (int i = 0; i < n; i++) {
		if (match_is_unlinked(m->mail, kind, v[i].id))
			p->was_unlinked = true;
		else
			v[kept++] = v[i];
	}
	return kept;
}

static void set_contact(struct person *p, struct match_hit hit, enum match_rule rule)
{
	p->as.contact = hit.id;
	p->partner_of = hit.partner;
	p->as.rule = rule;
}

/* 1 = the user said who it is. */
static int find_chosen(struct matching *m, struct person *p, const char *word)
{
	struct match_chosen c;
	int n = m->look->chosen ? m->look->chosen(m->look->ctx, word, &c, m->e) : 0;
	if (n <= 0)
		return n;
	if (match_is_unlinked(m->mail, c.kind, c.row.id)) {
		p->was_unlinked = true;
		return 0;
	}
	if (c.kind == MATCH_CONTACT)
		set_contact(p, c.row, MATCH_BY_CHOICE);
	else if (c.kind == MATCH_PARTNER)
		p->as.partner = c.row.id;
	else
		p->as.lead = c.row.id;
	p->as.rule = MATCH_BY_CHOICE;
	return 1;
}

static void note_several(struct person *p, enum match_kind kind)
{
	p->as.rule = MATCH_BY_SEVERAL;
	p->as.several = kind;
}

/* That domain is a partner's, or several partners'. 1 = the walk ends here. */
static int try_domain(struct matching *m, struct person *p, const char *domain)
{
	struct match_hit hit[MAX_HITS];
	int found = m->look->partners(m->look->ctx, domain, hit, ARRAY_SIZE(hit), m->e);
	if (found <= 0)
		return found;
	int n = keep_linked(m, p, MATCH_PARTNER, hit, found, ARRAY_SIZE(hit));
	if (n > 1) {
		int chosen = find_chosen(m, p, arena_printf(m->arena, "@%s", domain));
		if (chosen < 0)
			return -1;
		if (!chosen && p->as.rule == MATCH_BY_NOTHING)
			note_several(p, MATCH_PARTNER);
		p->as.domain = domain;
		return 1;
	}
	if (n == 1) {
		p->as.partner = hit[0].id;
		p->as.domain = domain;
		if (p->as.rule == MATCH_BY_NOTHING)
			p->as.rule = MATCH_BY_DOMAIN;
	}
	return 1;
}

/* Longest suffix of the domain that is a partner's, of two labels or more. */
static int find_partner(struct matching *m, struct person *p)
{
	const struct match_rules *r = m->rules;
	if (p->as.partner)
		return 0;
	for (const char *d = p->domain_of; d && strchr(d, '.'); d = strchr(d, '.') + 1) {
		p->is_freemail = match_is_freemail(d) || rule_lists(r->freemail, d);
		if (p->is_freemail)
			return 0;
		int rc = try_domain(m, p, d);
		if (rc)
			return rc < 0 ? -1 : 0;
	}
	return 0;
}

static int find_contact(struct matching *m, struct person *p)
{
	struct match_hit hit[MAX_HITS];
	int n = m->look->contacts(m->look->ctx, p->as.norm, hit, ARRAY_SIZE(hit), m->e);
	if (n < 0)
		return -1;
	n = keep_linked(m, p, MATCH_CONTACT, hit, n, ARRAY_SIZE(hit));
	if (n > 1)
		note_several(p, MATCH_CONTACT);
	else if (n == 1)
		set_contact(p, hit[0], MATCH_BY_ADDRESS);
	return 0;
}

static int find_lead(struct matching *m, struct person *p)
{
	struct match_hit hit[MAX_HITS];
	int n = m->look->leads(m->look->ctx, p->as.norm, hit, ARRAY_SIZE(hit), m->e);
	if (n < 0)
		return -1;
	n = keep_linked(m, p, MATCH_LEAD, hit, n, ARRAY_SIZE(hit));
	if (n == 1)
		p->as.lead = hit[0].id;
	if (p->as.rule != MATCH_BY_NOTHING)
		return 0;
	if (n > 1)
		note_several(p, MATCH_LEAD);
	else if (n == 1)
		p->as.rule = MATCH_BY_LEAD;
	return 0;
}

/* What nobody knows, in words that say why. */
static void name_unknown(struct person *p)
{
	if (p->as.rule != MATCH_BY_NOTHING)
		return;
	if (p->was_unlinked)
		p->as.rule = MATCH_IS_REMOVED;
	else if (p->as.is_role)
		p->as.rule = MATCH_IS_ROLE;
	else if (p->is_freemail)
		p->as.rule = MATCH_IS_FREEMAIL;
}

static int find_person(struct matching *m, struct person *p)
{
	int chosen = find_chosen(m, p, p->as.norm);
	if (chosen < 0)
		return -1;
	if (!chosen && !p->as.is_role && find_contact(m, p))
		return -1;
	if (find_partner(m, p))
		return -1;
	if (!chosen && !p->as.is_role && find_lead(m, p))
		return -1;
	name_unknown(p);
	return 0;
}

const struct person *person_find(const struct matching *m, const char *norm)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->people[i].as.norm, norm))
			return &m->people[i];
	return NULL;
}

int person_collect(struct matching *m)
{
	for (size_t i = 0; i < m->mail->n && m->n < MAX_PARTIES; i++) {
		const struct match_party *party = &m->mail->parties[i];
		const char *norm = person_address(m, party->addr);
		if (!norm || person_find(m, norm))
			continue;
		struct person p = {
			.as = {.field = party->field,
				.norm = norm,
				.is_role = rule_is_role(m->rules, norm),
				.is_never = rule_is_never(m->rules, norm)},
			.domain_of = strrchr(norm, '@') + 1,
			.is_ours = rule_is_ours(m->rules, norm),
		};
		if (p.is_ours)
			p.as.rule = rule_is_own(m->rules, norm) ? MATCH_IS_OWN : MATCH_IS_INTERNAL;
		else if (find_person(m, &p))
			return -1;
		m->n_foreign += !p.is_ours;
		m->people[m->n++] = p;
	}
	return 0;
}
