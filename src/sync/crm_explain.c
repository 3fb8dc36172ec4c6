/* crm_explain.c - see explain.h. */
#include "config.h"

#include "crmail/sync/explain.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/decide.h"

#include "crm_match.h"

static struct why_person person_of(struct matching *m, const struct match_person *p)
{
	static const char *const fields[] = {
		[MATCH_FROM] = "from", [MATCH_TO] = "to", [MATCH_CC] = "cc", [MATCH_BCC] = "bcc"};
	static const enum stranger_kind several[] = {[MATCH_CONTACT] = STRANGER_CONTACTS,
		[MATCH_PARTNER] = STRANGER_PARTNERS,
		[MATCH_LEAD] = STRANGER_LEADS};
	struct why_person out = {.field = fields[p->field],
		.addr = p->norm,
		.rule = match_rule_name(p->rule),
		.domain = p->domain,
		.is_never = p->is_never,
		.is_role = p->is_role};
	if (p->rule == MATCH_BY_SEVERAL)
		out.several = several[p->several];
	out.kind = p->contact ? LINK_CONTACT : p->partner ? LINK_PARTNER : LINK_LEAD;
	out.target = p->contact ? p->contact : p->partner ? p->partner : p->lead;
	if (out.target)
		out.who = row_name(m->reader, m->arena, out.kind, out.target);
	return out;
}

static void add_people(struct matching *m, const struct letter *l, struct why *w)
{
	const struct match_result *f = &l->found;
	struct why_person *v = arena_array(m->arena, f->n_people + 1, sizeof(*v));
	for (size_t i = 0; i < f->n_people; i++)
		v[i] = person_of(m, &f->people[i]);
	w->people = v;
	w->n_people = f->n_people;
}

static bool is_target(const struct letter *l, const struct why_entry *x)
{
	for (size_t i = 0; i < l->found.n; i++)
		if (l->found.links[i].is_target &&
			(enum link_kind)l->found.links[i].kind == x->kind &&
			l->found.links[i].id == x->target)
			return true;
	return !x->target && l->found.why == MATCH_UNKNOWN;
}

static int add_entries(struct matching *m, const struct letter *l, struct why *w)
{
	struct why_entry *v = NULL;
	if (why_entries(m->reader, m->arena, w->message, &v, &w->n_entries, m->e))
		return -1;
	for (size_t i = 0; i < w->n_entries; i++)
		v[i].is_wanted = !l->word && is_target(l, &v[i]);
	w->entries = v;
	return 0;
}

static void add_decisions(struct matching *m, const struct letter *l, struct why *w)
{
	struct why_link *v = arena_array(m->arena, l->n_decisions + 1, sizeof(*v));
	for (size_t i = 0; i < l->n_decisions; i++) {
		const struct decision_row *d = &l->decisions[i];
		w->is_private = w->is_private || d->what == DECIDE_PRIVATE;
		w->is_not = w->is_not || d->what == DECIDE_NOT;
		w->is_forced = w->is_forced || d->what == DECIDE_LOG;
		if (d->what != DECIDE_LINK && d->what != DECIDE_UNLINK)
			continue;
		v[w->n_links++] = (struct why_link){
			.kind = d->kind,
			.target = d->target,
			.who = row_name(m->reader, m->arena, d->kind, d->target),
			.is_taken_away = d->what == DECIDE_UNLINK,
			.decision = d->id,
		};
	}
	w->links = v;
}

int crm_explain(struct store_reader *r, struct arena *a, int64_t message, struct why **out,
	struct err *e)
{
	struct match_job *job = NULL;
	struct matching m;
	struct letter l;
	int64_t crm = 0;
	*out = NULL;
	if (match_job_of(r, a, message, &job, &crm, e))
		return -1;
	if (!job)
		return 0;
	if (matching_read(&m, r, a, crm, e) || letter_match(&m, job, &l))
		return -1;
	struct why *w = arena_alloc(a, sizeof(*w));
	*w = (struct why){
		.message = message,
		.thread = job->thread,
		.crm = crm,
		.crm_name = m.row->name,
		.word = l.word,
		.inherits = l.inherits,
		.is_paused = crm_is_paused(m.row),
	};
	add_people(&m, &l, w);
	add_decisions(&m, &l, w);
	if (add_entries(&m, &l, w) || match_is_waiting(r, message, &w->is_waiting, e))
		return -1;
	*out = w;
	return 0;
}
