/*
 * match.c - links and targets of one mail, and why it has none. Pure but for the lookups; no store,
 * no network.
 */
#include "config.h"

#include "match_private.h"

#include <string.h>

#include "crmail/base/arena.h"

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

const char *match_why_name(enum match_why w)
{
	return why_names[w];
}

const char *match_rule_name(enum match_rule r)
{
	return rule_names[r];
}

static bool is_decided(const struct match_mail *m, enum match_verdict v)
{
	for (size_t i = 0; i < m->n_decisions; i++)
		if (m->decisions[i].verdict == v)
			return true;
	return false;
}

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
			return person_address(m, m->mail->parties[i].addr);
	return NULL;
}

static bool is_role_sender(struct matching *m)
{
	const char *from = first_of(m, MATCH_FROM);
	return from && !rule_is_ours(m->rules, from) && rule_is_role(m->rules, from);
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
	if (person_collect(m))
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
