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
};

/* One foreign participant and what is known of it. */
struct person {
	const char *norm;
	const char *domain;
	bool is_role, is_never, is_ambiguous;
	struct match_hit contact; /* id 0 = none */
	int64_t partner;          /* of the domain; 0 = none */
	int64_t lead;
};

struct matching {
	const struct match_mail *mail;
	const struct match_rules *rules;
	const struct match_lookup *look;
	struct arena *arena;
	struct person people[MAX_PARTIES];
	size_t n;
	struct match_link links[MAX_LINKS];
	size_t n_links;
	struct err *e;
};

const char *match_why_name(enum match_why w)
{
	return why_names[w];
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

static bool is_ours(const struct match_rules *rules, const char *norm)
{
	return is_listed(rules->own, norm) ||
	       is_within(rules->internal_domains, strrchr(norm, '@') + 1);
}

static bool is_never(const struct match_rules *rules, const char *norm)
{
	if (is_listed(rules->never, norm))
		return true;
	for (const char *const *w = rules->never; w && *w; w++)
		if ((*w)[0] == '@' && !strcmp(*w + 1, strrchr(norm, '@') + 1))
			return true;
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

/* Longest suffix of the domain that is a partner's, of two labels or more. */
static int find_partner(struct matching *m, struct person *p)
{
	const struct match_rules *r = m->rules;
	for (const char *d = p->domain; d && strchr(d, '.'); d = strchr(d, '.') + 1) {
		if (match_is_freemail(d) || is_listed(r->freemail, d))
			return 0;
		struct match_hit hit[2];
		int n = m->look->partners(m->look->ctx, d, hit, ARRAY_SIZE(hit), m->e);
		if (n < 0)
			return -1;
		if (n == 1)
			p->partner = hit[0].id;
		if (n > 0)
			return 0;
	}
	return 0;
}

static int find_person(struct matching *m, struct person *p)
{
	struct match_hit hit[MAX_HITS];
	if (!p->is_role) {
		int n = m->look->contacts(m->look->ctx, p->norm, hit, ARRAY_SIZE(hit), m->e);
		if (n < 0)
			return -1;
		p->is_ambiguous = n > 1;
		if (n == 1)
			p->contact = hit[0];
		n = m->look->leads(m->look->ctx, p->norm, hit, ARRAY_SIZE(hit), m->e);
		if (n < 0)
			return -1;
		if (n == 1)
			p->lead = hit[0].id;
	}
	return find_partner(m, p);
}

static const struct person *person_find(const struct matching *m, const char *norm)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->people[i].norm, norm))
			return &m->people[i];
	return NULL;
}

static int collect_people(struct matching *m)
{
	for (size_t i = 0; i < m->mail->n && m->n < MAX_PARTIES; i++) {
		const char *norm = normalised(m, m->mail->parties[i].addr);
		if (!norm || is_ours(m->rules, norm) || person_find(m, norm))
			continue;
		struct person p = {
			.norm = norm,
			.domain = strrchr(norm, '@') + 1,
			.is_role = is_role(m->rules, norm),
			.is_never = is_never(m->rules, norm),
		};
		if (find_person(m, &p))
			return -1;
		m->people[m->n++] = p;
	}
	return 0;
}

static void add_link(struct matching *m, enum match_kind kind, int64_t id, int64_t partner,
	bool is_target)
{
	if (!id)
		return;
	for (size_t i = 0; i < m->n_links; i++) {
		if (m->links[i].kind != kind || m->links[i].id != id)
			continue;
		m->links[i].is_target |= is_target;
		return;
	}
	if (m->n_links < MAX_LINKS)
		m->links[m->n_links++] = (struct match_link){kind, id, partner, is_target};
}

static size_t add_targets(struct matching *m, enum match_kind kind)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct person *p = &m->people[i];
		if (p->is_never)
			continue;
		if (kind == MATCH_CONTACT)
			add_link(m, kind, p->contact.id, p->contact.partner, true);
		else
			add_link(m, kind, kind == MATCH_PARTNER ? p->partner : p->lead, 0, true);
	}
	return m->n_links;
}

/* Everybody else who is known: for badges and timelines, not for logging. */
static void add_links(struct matching *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct person *p = &m->people[i];
		int64_t partner = p->contact.partner ? p->contact.partner : p->partner;
		add_link(m, MATCH_CONTACT, p->contact.id, p->contact.partner, false);
		add_link(m, MATCH_PARTNER, partner, 0, false);
		add_link(m, MATCH_LEAD, p->lead, 0, false);
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

static enum match_why choose_targets(struct matching *m)
{
	if (!m->n)
		return MATCH_INTERNAL;
	if (m->mail->is_auto)
		return MATCH_AUTOMATED;
	if (is_role_sender(m))
		return MATCH_ROLE_SENDER;
	if (add_targets(m, MATCH_CONTACT))
		return MATCH_OK;
	bool all_never = true;
	for (size_t i = 0; i < m->n; i++) {
		if (m->people[i].is_ambiguous && !m->people[i].is_never)
			return MATCH_AMBIGUOUS;
		all_never = all_never && m->people[i].is_never;
	}
	if (add_targets(m, MATCH_PARTNER) || add_targets(m, MATCH_LEAD))
		return MATCH_OK;
	return all_never ? MATCH_NEVER : MATCH_UNKNOWN;
}

static void note_peer(struct matching *m, struct match_result *out)
{
	const char *norm = first_of(m, m->mail->is_out ? MATCH_TO : MATCH_FROM);
	const struct person *p = norm ? person_find(m, norm) : NULL;
	if (!p)
		return;
	out->peer_contact = p->contact.id;
	out->peer_partner = p->contact.partner ? p->contact.partner : p->partner;
	out->is_peer_unknown =
		!p->contact.id && !p->lead && !p->is_ambiguous && !p->is_role && !m->mail->is_auto;
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
	add_links(m);
	note_peer(m, &r);
	const char **parties = arena_array(a, m->n + 1, sizeof(*parties));
	for (size_t i = 0; i < m->n; i++)
		parties[i] = m->people[i].norm;
	r.parties = parties;
	r.n_parties = m->n;
	r.links = m->links;
	r.n = m->n_links;
	*out = r;
	return 0;
}
