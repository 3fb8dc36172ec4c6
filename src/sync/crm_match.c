/*
 * crm_match.c - the match queue: what the matcher says about each mail becomes rows: links, badge,
 * people who wait for a decision, entries to be logged.
 */
#include "config.h"

#include "crm_match.h"
#include "crm_sync.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/crm/activity_id.h"
#include "crmail/store/activity.h"
#include "crmail/store/store.h"

#define BATCH 50
#define MAX_TEXT ((size_t)60000) /* bytes of a mail's text at level full */

struct batch {
	struct crm_sync *s;
	struct matching m;
	struct arena arena;
	struct crm_report *out;
};

static const char *body_of(const struct letter *l)
{
	const char *level = l->m->row->log_level;
	if (!strcmp(level, "headers"))
		return NULL;
	if (strcmp(level, "full") != 0 || !l->is_whole)
		return l->job->snippet;
	struct message whole;
	unsigned warnings = 0;
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAX_TEXT);
	message_parse(l->m->arena, l->raw, l->raw_len, &whole);
	message_text(&whole, "text/plain", &text, &warnings);
	return text.len ? arena_strndup(l->m->arena, text.p, text.len) : l->job->snippet;
}

/* The deal it was put to by hand; 0 = none. */
static int64_t deal_of(const struct letter *l)
{
	for (size_t i = 0; i < l->found.n; i++)
		if (l->found.links[i].kind == MATCH_DEAL)
			return l->found.links[i].id;
	return 0;
}

static void add_activity(struct batch *b, const struct letter *l, const struct match_link *link,
	struct match_in *in, struct activity_in *v)
{
	static const char *const kinds[] = {"none", [MATCH_CONTACT] = "contact",
		[MATCH_PARTNER] = "partner", [MATCH_LEAD] = "lead"};
	struct arena *a = b->m.arena;
	enum match_kind kind = link ? link->kind : (enum match_kind)0;
	const char *target = "";
	if (link)
		target = target_id(b->m.reader, a, (enum link_kind)kind, link->id);
	if (!target || (b->s->is_remote && str_starts(target, "local:")))
		return; /* the CRM does not know this one yet */
	char key[37];
	activity_id(key, b->s->organization, l->id, kinds[kind], target);
	v[in->n_activities++] = (struct activity_in){
		.key = arena_strdup(a, key),
		.is_local = !b->s->is_remote,
		.is_out = l->job->is_out,
		.at = l->job->at,
		.subject = l->head.subject,
		.body = body_of(l),
		.message_id = l->head.message_id,
		.contact = kind == MATCH_CONTACT ? link->id : 0,
		.partner = kind == MATCH_CONTACT   ? link->partner
			   : kind == MATCH_PARTNER ? link->id
						   : 0,
		.lead = kind == MATCH_LEAD ? link->id : 0,
		.deal = deal_of(l),
	};
}

static void add_activities(struct batch *b, const struct letter *l, struct match_in *in)
{
	const struct match_result *f = &l->found;
	struct activity_in *v = arena_array(b->m.arena, f->n + 1, sizeof(*v));
	in->activities = v;
	if (in->reason)
		return;
	for (size_t i = 0; i < f->n; i++)
		if (f->links[i].is_target)
			add_activity(b, l, &f->links[i], in, v);
	if (f->why == MATCH_UNKNOWN)
		add_activity(b, l, NULL, in, v);
	else if (!in->n_activities)
		in->reason = "not-in-crm";
}

/* Whether somebody whom nobody knows is one the user writes with: senders, and whom he wrote to. */
static bool is_correspondent(const struct letter *l, const struct match_person *p)
{
	if (p->is_role || p->contact || p->lead)
		return false;
	return l->job->is_out ? p->field != MATCH_FROM : p->field == MATCH_FROM;
}

static bool is_stranger(const struct letter *l, const struct match_person *p,
	struct stranger_in *out)
{
	static const enum stranger_kind kinds[] = {[MATCH_CONTACT] = STRANGER_CONTACTS,
		[MATCH_PARTNER] = STRANGER_PARTNERS,
		[MATCH_LEAD] = STRANGER_LEADS};
	*out = (struct stranger_in){p->norm, STRANGER_UNKNOWN};
	if (p->is_never)
		return false;
	switch (p->rule) {
	case MATCH_BY_SEVERAL:
		out->kind = kinds[p->several];
		if (p->several == MATCH_PARTNER)
			out->addr = arena_printf(l->m->arena, "@%s", p->domain);
		return true;
	case MATCH_BY_NOTHING:
	case MATCH_BY_DOMAIN:
	case MATCH_IS_FREEMAIL:
		return is_correspondent(l, p);
	case MATCH_BY_ADDRESS:
	case MATCH_BY_CHOICE:
	case MATCH_BY_LEAD:
	case MATCH_IS_ROLE:
	case MATCH_IS_OWN:
	case MATCH_IS_INTERNAL:
	case MATCH_IS_REMOVED:
		return false;
	}
	return false;
}

/* Nobody is asked about mail that is out of the question anyway. */
static void add_strangers(const struct letter *l, struct match_in *in)
{
	const struct match_result *f = &l->found;
	struct stranger_in *v = arena_array(l->m->arena, f->n_people + 1, sizeof(*v));
	in->strangers = v;
	if (f->why == MATCH_PRIVATE || f->why == MATCH_SKIPPED || f->why == MATCH_FOLDER ||
		f->why == MATCH_AUTOMATED || l->job->is_found)
		return;
	for (size_t i = 0; i < f->n_people; i++)
		in->n_strangers += is_stranger(l, &f->people[i], &v[in->n_strangers]);
}

static void add_links(const struct letter *l, struct match_in *in)
{
	const struct match_result *f = &l->found;
	const struct match_mail *mail = &l->mail;
	struct link_in *v = arena_array(l->m->arena, f->n + mail->n_decisions + 1, sizeof(*v));
	for (size_t i = 0; i < f->n; i++)
		v[in->n_links++] = (struct link_in){
			.kind = (enum link_kind)f->links[i].kind,
			.target = f->links[i].id,
			.how = f->links[i].is_by_hand ? LINK_BY_HAND : LINK_BY_RULE,
			.is_target = f->links[i].is_target,
			.is_inherited = l->inherits,
		};
	for (size_t i = 0; i < mail->n_decisions; i++)
		if (mail->decisions[i].verdict == MATCH_UNLINKED)
			v[in->n_links++] = (struct link_in){
				.kind = (enum link_kind)mail->decisions[i].kind,
				.target = mail->decisions[i].row.id,
				.how = LINK_TAKEN_AWAY,
			};
	in->links = v;
}

static int match_one(struct batch *b, const struct match_job *job, struct match_in *in)
{
	struct letter l;
	if (letter_match(&b->m, job, &l))
		return -1;
	const struct match_result *f = &l.found;
	*in = (struct match_in){
		.message = job->message,
		.at = job->at,
		.is_shown = job->is_shown,
		.is_first = job->is_first,
		.parties = f->parties,
		.n_parties = f->n_parties,
		.contact = f->peer_contact,
		.partner = f->peer_partner,
		.is_unknown = f->is_peer_unknown,
		.reason = l.word,
	};
	add_links(&l, in);
	add_strangers(&l, in);
	add_activities(b, &l, in);
	b->out->skipped += (in->reason != NULL) - job->was_not_logged;
	return 0;
}

/* A batch is read and committed mail by mail where one may inherit from another: those of one
 * conversation never share a commit. */
static int match_batch(struct batch *b, const struct match_job *jobs, size_t n)
{
	struct match_in *v = arena_array(&b->arena, n, sizeof(*v));
	struct store *store = b->s->options.store;
	size_t from = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = from; k < i; k++) {
			if (jobs[k].thread != jobs[i].thread)
				continue;
			if (match_put(store, b->s->id, v + from, i - from, b->m.e))
				return -1;
			from = i;
		}
		if (match_one(b, &jobs[i], &v[i]))
			return -1;
	}
	return match_put(store, b->s->id, v + from, n - from, b->m.e);
}

/* Mail that was matched by other rules is matched again. */
static int check_rules(struct batch *b)
{
	const char *had = crm_cursor(b->s->reader, &b->arena, b->s->id, "match-rules");
	if (had && !strcmp(had, b->m.digest))
		return 0;
	return match_rules_put(b->s->options.store, b->s->id, b->m.digest, b->m.e);
}

static int next_batch(struct batch *b, bool *is_done, struct err *e)
{
	struct match_job *jobs = NULL;
	size_t n = 0;
	arena_reset(&b->arena);
	if (matching_read(&b->m, b->s->reader, &b->arena, b->s->id, e) || check_rules(b) ||
		match_due(b->s->reader, &b->arena, b->s->id, BATCH, &jobs, &n, e))
		return -1;
	*is_done = n == 0;
	if (n && match_batch(b, jobs, n))
		return -1;
	return n && crm_sync_stops(b->s) ? err_set(e, ERR_CANCELLED, _("Stopped.")) : 0;
}

int crm_match_all(struct crm_sync *s, struct crm_report *out, struct err *e)
{
	struct batch b = {.s = s, .arena = ARENA_INIT, .out = out};
	bool is_done = false;
	int rc = 0;
	while (!rc && !is_done)
		rc = next_batch(&b, &is_done, e);
	arena_release(&b.arena);
	if (out->skipped < 0) /* more became logged than not */
		out->skipped = 0;
	return rc ? -1 : 0;
}
