/*
 * match.c - people and companies of one mail. Pure but for the lookups; no store, no network.
 */
#include "config.h"

#include "crmail/crm/match.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/mail/addr.h"

#include "match_list.h"

#define MAX_ADDRESS 400 /* bytes of a normalised address */
#define MAX_PARTIES 256 /* of one mail are looked up; a mailing to more is no conversation */
#define MAX_LINKS (2 * MAX_PARTIES)
#define MAX_HITS 8 /* more contacts with one address than this are all the same: too many */

static const char *const why_names[] = {
	[MATCH_OK] = "ok",
	[MATCH_INTERNAL] = "internal",
	[MATCH_ROLE_SENDER] = "role-sender",
	[MATCH_AUTOMATED] = "automated",
	[MATCH_NEVER] = "never-log",
	[MATCH_AMBIGUOUS] = "ambiguous",
	[MATCH_UNKNOWN] = "unknown",
	[MATCH_FOLDER] = "folder",
	[MATCH_PRIVATE] = "private",
	[MATCH_SKIPPED] = "skipped",
	[MATCH_TAKEN_AWAY] = "unlinked",
};
static const char *const rule_names[] = {
	[MATCH_BY_NOTHING] = "unknown",
	[MATCH_BY_ADDRESS] = "address",
	[MATCH_BY_CHOICE] = "chosen",
	[MATCH_BY_DOMAIN] = "domain",
	[MATCH_BY_LEAD] = "lead",
	[MATCH_BY_SEVERAL] = "several",
	[MATCH_IS_ROLE] = "role",
	[MATCH_IS_FREEMAIL] = "free-mail",
	[MATCH_IS_OWN] = "own",
	[MATCH_IS_INTERNAL] = "internal",
	[MATCH_IS_REMOVED] = "unlinked",
};

/* A participant and what only this file needs of him. */
struct person {
	struct match_person as;
	const char *domain_of; /* behind his "@" */
	int64_t partner_of;    /* of the contact; 0 = none */
	bool is_ours, was_unlinked, is_freemail;
};

struct matching {
	const struct match_mail *mail;
	const struct match_rules *rules;
	const struct match_lookup *look;
	struct arena *arena;
	struct person people[MAX_PARTIES];
	size_t n, n_foreign;
	bool is_forced; /* LOG_ANYWAY */
	struct match_link links[MAX_LINKS];
	size_t n_links;
	struct err *e;
};

const char *match_why_name(enum match_why w)
{
	return why_names[w];
}

const char *match_rule_name(enum match_rule r)
{
	return rule_names[r];
}

void match_normalise(struct buf *out, const char *addr)
{
	const char *at = strrchr(addr, '@');
	if (!at || at == addr || !at[1] || strpbrk(addr, " \t\r\n<>,;"))
		return;
	addr_normalise(out, addr, true);
}

static int compare_word(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static bool is_listed(const char *const *list, const char *word)
{
	for (; list && *list; list++)
		if (!strcmp(*list, word))
			return true;
	return false;
}

/* The domain itself or one above it. */
static bool is_within(const char *const *domains, const char *domain)
{
	for (const char *d = domain; d; d = strchr(d, '.')) {
		d += *d == '.';
		if (is_listed(domains, d))
			return true;
	}
	return false;
}

bool match_is_freemail(const char *domain)
{
	return bsearch(domain, match_freemail, match_freemail_count, sizeof(*match_freemail),
		       compare_word) != NULL;
}

static bool local_part(const char *norm, char out[MAX_ADDRESS])
{
	size_t n = strcspn(norm, "@");
	if (!norm[n] || n >= MAX_ADDRESS)
		return false;
	memcpy(out, norm, n);
	out[n] = '\0';
	return true;
}

bool match_is_role(const char *norm)
{
	char local[MAX_ADDRESS];
	return local_part(norm, local) && bsearch(local, match_roles, match_roles_count,
						  sizeof(*match_roles), compare_word) != NULL;
}

static bool is_role(const struct match_rules *rules, const char *norm)
{
	char local[MAX_ADDRESS];
	return match_is_role(norm) || (local_part(norm, local) && is_listed(rules->roles, local));
}

static bool is_own(const struct match_rules *rules, const char *norm)
{
	return is_listed(rules->own, norm);
}

static bool is_internal(const struct match_rules *rules, const char *norm)
{
	return is_within(rules->internal_domains, strrchr(norm, '@') + 1);
}

static bool is_ours(const struct match_rules *rules, const char *norm)
{
	return is_own(rules, norm) || is_internal(rules, norm);
}

/* By his address, or by his domain or one above it, with or without "@" in front. */
static bool is_never(const struct match_rules *rules, const char *norm)
{
	const char *domain = strrchr(norm, '@') + 1;
	size_t len = strlen(domain);
	for (const char *const *w = rules->never; w && *w; w++) {
		const char *word = *w + ((*w)[0] == '@');
		size_t n = strlen(word);
		if (strchr(word, '@') ? !strcmp(word, norm)
				      : n > 0 && n <= len && !strcmp(domain + len - n, word) &&
						(n == len || domain[len - n - 1] == '.'))
			return true;
	}
	return false;
}

/* In the arena; NULL for what is no address. */
static const char *normalised(struct matching *m, const char *addr)
{
	CLEANUP(buf_release) struct buf norm = BUF_INIT(MAX_ADDRESS);
	match_normalise(&norm, addr);
	const char *at = strchr(norm.p, '@');
	if (norm.failed || !at || at == norm.p || !at[1])
		return NULL;
	return arena_strndup(m->arena, norm.p, norm.len);
}

/* ---- what was decided by hand ---------------------------------------------------------------- */

static bool is_decided(const struct match_mail *m, enum match_verdict v)
{
	for (size_t i = 0; i < m->n_decisions; i++)
		if (m->decisions[i].verdict == v)
			return true;
	return false;
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

/* ---- one participant ------------------------------------------------------------------------- */

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
		p->is_freemail = match_is_freemail(d) || is_listed(r->freemail, d);
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

static const struct person *person_find(const struct matching *m, const char *norm)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->people[i].as.norm, norm))
			return &m->people[i];
	return NULL;
}

static int collect_people(struct matching *m)
{
	for (size_t i = 0; i < m->mail->n && m->n < MAX_PARTIES; i++) {
		const struct match_party *party = &m->mail->parties[i];
		const char *norm = normalised(m, party->addr);
		if (!norm || person_find(m, norm))
			continue;
		struct person p = {
			.as = {.field = party->field,
				.norm = norm,
				.is_role = is_role(m->rules, norm),
				.is_never = is_never(m->rules, norm)},
			.domain_of = strrchr(norm, '@') + 1,
			.is_ours = is_ours(m->rules, norm),
		};
		if (p.is_ours)
			p.as.rule = is_own(m->rules, norm) ? MATCH_IS_OWN : MATCH_IS_INTERNAL;
		else if (find_person(m, &p))
			return -1;
		m->n_foreign += !p.is_ours;
		m->people[m->n++] = p;
	}
	return 0;
}

/* ---- links and targets ----------------------------------------------------------------------- */

static struct match_link *add_link(struct matching *m, enum match_kind kind, struct match_hit row,
	bool is_target)
{
	if (!row.id)
		return NULL;
	for (size_t i = 0; i < m->n_links; i++) {
		if (m->links[i].kind != kind || m->links[i].id != row.id)
			continue;
		m->links[i].is_target |= is_target;
		return &m->links[i];
	}
	if (m->n_links == MAX_LINKS)
		return NULL;
	m->links[m->n_links++] = (struct match_link){
		.kind = kind, .id = row.id, .partner = row.partner, .is_target = is_target};
	return &m->links[m->n_links - 1];
}

/* What was linked by hand; deals stand beside the targets. Returns how many targets. */
static size_t add_decided(struct matching *m)
{
	size_t targets = 0;
	for (size_t i = 0; i < m->mail->n_decisions; i++) {
		const struct match_decision *d = &m->mail->decisions[i];
		if (d->verdict != MATCH_LINKED)
			continue;
		bool is_target = d->kind != MATCH_DEAL;
		struct match_link *l = add_link(m, d->kind, d->row, is_target);
		if (l)
			l->is_by_hand = true;
		targets += is_target;
	}
	return targets;
}

/* A mail that knows nobody but was put to a deal is about the deal's people. */
static size_t add_people_of_deals(struct matching *m)
{
	size_t targets = 0;
	for (size_t i = 0; i < m->mail->n_decisions; i++) {
		const struct match_decision *d = &m->mail->decisions[i];
		if (d->verdict != MATCH_LINKED || d->kind != MATCH_DEAL)
			continue;
		const struct match_hit contact = {d->contact, d->row.partner};
		const struct match_hit partner = {d->row.partner, 0};
		if (d->contact && !match_is_unlinked(m->mail, MATCH_CONTACT, d->contact))
			targets += add_link(m, MATCH_CONTACT, contact, true) != NULL;
		else if (!d->contact && !match_is_unlinked(m->mail, MATCH_PARTNER, partner.id))
			targets += add_link(m, MATCH_PARTNER, partner, true) != NULL;
	}
	return targets;
}

/* Returns how many there are. */
static size_t add_targets(struct matching *m, enum match_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct person *p = &m->people[i];
		struct match_hit row = {.id = p->as.contact, .partner = p->partner_of};
		if (p->as.is_never && !m->is_forced)
			continue;
		if (kind != MATCH_CONTACT) /* who was unlinked by hand is not replaced */
			row = (struct match_hit){p->was_unlinked         ? 0
						 : kind == MATCH_PARTNER ? p->as.partner
									 : p->as.lead,
				0};
		n += add_link(m, kind, row, true) != NULL;
	}
	return n;
}

/* Everybody else who is known: for badges and timelines, not for logging. */
static void add_links(struct matching *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct person *p = &m->people[i];
		int64_t partner = p->partner_of ? p->partner_of : p->as.partner;
		add_link(m, MATCH_CONTACT, (struct match_hit){p->as.contact, p->partner_of}, false);
		if (!match_is_unlinked(m->mail, MATCH_PARTNER, partner))
			add_link(m, MATCH_PARTNER, (struct match_hit){partner, 0}, false);
		add_link(m, MATCH_LEAD, (struct match_hit){p->as.lead, 0}, false);
	}
}

static const char *first_of(struct matching *m, enum match_field field)
{
	for (size_t i = 0; i < m->mail->n; i++)
		if (m->mail->parties[i].field == field)
			return normalised(m, m->mail->parties[i].addr);
	return NULL;
}

static bool is_role_sender(struct matching *m)
{
	const char *from = first_of(m, MATCH_FROM);
	return from && !is_ours(m->rules, from) && is_role(m->rules, from);
}

/* Why mail like this is logged to nobody, whoever is in it. */
static enum match_why check_mail(struct matching *m)
{
	if (!m->n_foreign)
		return MATCH_INTERNAL;
	if (m->mail->is_kept_apart)
		return MATCH_FOLDER;
	if (m->mail->is_auto)
		return MATCH_AUTOMATED;
	return is_role_sender(m) ? MATCH_ROLE_SENDER : MATCH_OK;
}

/* Nobody in it can be logged to: why. */
static enum match_why name_nobody(const struct matching *m)
{
	bool all_never = true;
	bool has_unlinked = false;
	for (size_t i = 0; i < m->n; i++) {
		const struct person *p = &m->people[i];
		if (p->is_ours)
			continue;
		if (p->as.rule == MATCH_BY_SEVERAL && !p->as.is_never)
			return MATCH_AMBIGUOUS;
		all_never = all_never && p->as.is_never;
		has_unlinked = has_unlinked || p->was_unlinked;
	}
	if (!m->n_foreign)
		return MATCH_INTERNAL;
	if (all_never)
		return MATCH_NEVER;
	return has_unlinked ? MATCH_TAKEN_AWAY : MATCH_UNKNOWN;
}

static bool is_contact_open(const struct matching *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->people[i].as.several == MATCH_CONTACT && !m->people[i].as.is_never)
			return true;
	return false;
}

static enum match_why choose_targets(struct matching *m)
{
	m->is_forced = is_decided(m->mail, MATCH_LOG_ANYWAY);
	size_t by_hand = add_decided(m);
	if (is_decided(m->mail, MATCH_NOT_THIS))
		return MATCH_SKIPPED;
	if (!m->is_forced && is_decided(m->mail, MATCH_KEPT_OUT))
		return MATCH_PRIVATE;
	enum match_why why = check_mail(m);
	if (why != MATCH_OK && !m->is_forced && !is_decided(m->mail, MATCH_LINKED))
		return why;
	if (add_targets(m, MATCH_CONTACT) || by_hand)
		return MATCH_OK;
	if (is_contact_open(m))
		return MATCH_AMBIGUOUS;
	if (add_targets(m, MATCH_PARTNER) || add_targets(m, MATCH_LEAD) || add_people_of_deals(m))
		return MATCH_OK;
	return name_nobody(m);
}

static void note_peer(struct matching *m, struct match_result *out)
{
	const char *norm = first_of(m, m->mail->is_out ? MATCH_TO : MATCH_FROM);
	const struct person *p = norm ? person_find(m, norm) : NULL;
	if (!p || p->is_ours)
		return;
	int64_t partner = p->partner_of ? p->partner_of : p->as.partner;
	out->peer_contact = p->as.contact;
	out->peer_partner = match_is_unlinked(m->mail, MATCH_PARTNER, partner) ? 0 : partner;
	out->is_peer_unknown = !p->as.contact && !p->as.lead && p->as.several != MATCH_CONTACT &&
			       !p->as.is_role && !m->mail->is_auto;
}

static void list_people(struct matching *m, struct match_result *r)
{
	const char **parties = arena_array(m->arena, m->n + 1, sizeof(*parties));
	struct match_person *people = arena_array(m->arena, m->n + 1, sizeof(*people));
	for (size_t i = 0; i < m->n; i++) {
		people[i] = m->people[i].as;
		if (!m->people[i].is_ours)
			parties[r->n_parties++] = people[i].norm;
	}
	r->people = people;
	r->n_people = m->n;
	r->parties = parties;
}

/* Targets before the rest, each in the order found. */
static void order_links(struct matching *m, struct match_result *r)
{
	struct match_link *v = arena_array(m->arena, m->n_links + 1, sizeof(*v));
	for (int pass = 1; pass >= 0; pass--)
		for (size_t i = 0; i < m->n_links; i++)
			if (m->links[i].is_target == pass)
				v[r->n++] = m->links[i];
	r->links = v;
}

int match_mail(const struct match_mail *mail, const struct match_rules *rules,
	const struct match_lookup *look, struct arena *a, struct match_result *out, struct err *e)
{
	struct matching *m = arena_alloc(a, sizeof(*m));
	m->mail = mail;
	m->rules = rules;
	m->look = look;
	m->arena = a;
	m->e = e;
	if (collect_people(m))
		return -1;
	struct match_result r = {.why = choose_targets(m)};
	if (r.why != MATCH_OK) /* links by hand stay links */
		for (size_t i = 0; i < m->n_links; i++)
			m->links[i].is_target = false;
	r.is_forced = m->is_forced;
	add_links(m);
	note_peer(m, &r);
	list_people(m, &r);
	order_links(m, &r);
	*out = r;
	return 0;
}
