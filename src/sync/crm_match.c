/*
 * crm_match.c - the match queue: who is in a mail, which rows know them, and what is to be logged
 * under the CRM's rules. Who matches whom is crm/match.h's; this file brings the mail to it and
 * what it says into rows.
 */
#include "config.h"

#include "crm_sync.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/crm/activity_id.h"
#include "crmail/mail/message.h"
#include "crmail/store/account.h"
#include "crmail/store/activity.h"
#include "crmail/store/message.h"
#include "crmail/store/store.h"

#define BATCH 50
#define MAX_TEXT ((size_t)60000) /* bytes of a mail's text at level full */

/* A mail taken apart for matching. */
struct letter {
	const struct match_job *job;
	struct message head;
	const char *raw;
	size_t raw_len;
	bool is_whole;
	struct match_mail mail;
	const char *id; /* what stands for it in activity ids */
	struct match_result found;
	bool inherits; /* its targets are its conversation's */
};

struct matching {
	struct crm_sync *s;
	struct arena arena; /* of a batch */
	struct match_rules rules;
	struct crm_report *out;
	struct err *e;
};

/* ---- rules -----------------------------------------------------------------------------------*/

struct words {
	const char **v; /* NULL-ended */
	size_t n, cap;
};

static void add_word(struct arena *a, struct words *w, const char *text)
{
	w->v = arena_grow(a, w->v, &w->cap, w->n + 2, sizeof(*w->v));
	w->v[w->n++] = text;
	w->v[w->n] = NULL;
}

/* Words of a setting, separated by commas or blanks, in lower case. */
static void add_setting(struct matching *m, struct words *w, const char *key)
{
	const char *text = crm_setting(m->s->reader, &m->arena, m->s->id, key);
	char *copy = arena_strdup(&m->arena, text ? text : "");
	str_lower_inplace(copy);
	for (char *p = copy; *p;) {
		size_t n = strcspn(p, ", \t\r\n");
		if (n)
			add_word(&m->arena, w, arena_strndup(&m->arena, p, n));
		p += n;
		p += strspn(p, ", \t\r\n");
	}
}

static int add_own(struct matching *m, int64_t account, struct words *own, struct words *internal)
{
	const char *const *v = NULL;
	size_t n = 0;
	if (account_own_addresses(m->s->reader, &m->arena, account, &v, &n, m->e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
		match_normalise(&norm, v[i]);
		const char *at = strrchr(norm.p, '@');
		if (!at)
			continue;
		add_word(&m->arena, own, arena_strndup(&m->arena, norm.p, norm.len));
		if (!match_is_freemail(at + 1))
			add_word(&m->arena, internal, arena_strdup(&m->arena, at + 1));
	}
	return 0;
}

static int read_rules(struct matching *m)
{
	struct words own = {.v = NULL};
	struct words internal = {.v = NULL};
	struct words freemail = {.v = NULL};
	struct words roles = {.v = NULL};
	struct words never = {.v = NULL};
	struct account_row *v = NULL;
	size_t n = 0;
	if (account_list(m->s->reader, &m->arena, &v, &n, m->e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (v[i].crm == m->s->id && add_own(m, v[i].id, &own, &internal))
			return -1;
	add_setting(m, &internal, "internal_domains");
	add_setting(m, &freemail, "freemail_domains");
	add_setting(m, &roles, "role_addresses");
	add_setting(m, &never, "never_log");
	m->rules = (struct match_rules){
		.own = own.v,
		.internal_domains = internal.v,
		.freemail = freemail.v,
		.roles = roles.v,
		.never = never.v,
	};
	return 0;
}

/* ---- lookups ---------------------------------------------------------------------------------*/

typedef int (*rows_fn)(struct store_reader *r, int64_t crm, const char *word, struct found_row *out,
	size_t max, struct err *e);

static int look(void *ctx, rows_fn rows, const char *word, struct match_hit *out, size_t max,
	struct err *e)
{
	const struct matching *m = ctx;
	struct found_row found[8];
	if (max > ARRAY_SIZE(found))
		max = ARRAY_SIZE(found);
	int n = rows(m->s->reader, m->s->id, word, found, max, e);
	for (int i = 0; i < n; i++)
		out[i] = (struct match_hit){found[i].id, found[i].partner};
	return n;
}

static int look_contacts(void *ctx, const char *norm, struct match_hit *out, size_t max,
	struct err *e)
{
	return look(ctx, contacts_of_address, norm, out, max, e);
}

static int look_leads(void *ctx, const char *norm, struct match_hit *out, size_t max, struct err *e)
{
	return look(ctx, leads_of_address, norm, out, max, e);
}

static int look_partners(void *ctx, const char *domain, struct match_hit *out, size_t max,
	struct err *e)
{
	return look(ctx, partners_of_domain, domain, out, max, e);
}

/* ---- one mail --------------------------------------------------------------------------------*/

static void add_parties(struct arena *a, struct match_party *v, size_t *n,
	const struct addr_list *list, enum match_field field)
{
	for (size_t i = 0; i < list->n; i++)
		v[(*n)++] = (struct match_party){field, arena_strdup(a, list->v[i].addr)};
}

static struct span raw_field(struct arena *a, const struct header_block *h, const char *name)
{
	const struct header_field *f = header_find(h, name);
	return f ? header_unfold(a, f->value) : SPAN_LIT("");
}

static int read_letter(struct matching *m, const struct match_job *job, struct letter *l)
{
	struct arena *a = &m->arena;
	enum body_state state = BODY_NONE;
	*l = (struct letter){.job = job};
	if (message_raw(m->s->reader, a, job->message, &l->raw, &l->raw_len, &state, m->e))
		return -1;
	l->is_whole = state == BODY_WHOLE || state == BODY_PARTLY;
	message_parse_headers(a, l->raw ? l->raw : "", l->raw_len, &l->head);
	const struct message *h = &l->head;
	struct match_party *v =
		arena_array(a, h->from.n + h->to.n + h->cc.n + h->bcc.n + 1, sizeof(*v));
	size_t n = 0;
	add_parties(a, v, &n, &h->from, MATCH_FROM);
	add_parties(a, v, &n, &h->to, MATCH_TO);
	add_parties(a, v, &n, &h->cc, MATCH_CC);
	add_parties(a, v, &n, &h->bcc, MATCH_BCC);
	l->mail = (struct match_mail){
		.parties = v, .n = n, .is_out = job->is_out, .is_auto = h->is_auto};
	CLEANUP(buf_release) struct buf id = BUF_INIT(HEADER_MAX_FIELD);
	activity_mail_id(&id, raw_field(a, &h->headers, "Message-ID"),
		raw_field(a, &h->headers, "From"), raw_field(a, &h->headers, "Date"),
		raw_field(a, &h->headers, "Subject"));
	l->id = arena_strndup(a, id.p, id.len);
	return 0;
}

/* A reply that knows nobody of its own is about what its conversation is about. */
static int inherit(struct matching *m, struct letter *l)
{
	struct target_row *v = NULL;
	size_t n = 0;
	if (l->found.why != MATCH_UNKNOWN || l->job->is_first)
		return 0;
	if (thread_targets(m->s->reader, &m->arena, l->job->thread, l->job->message, &v, &n, m->e))
		return -1;
	if (!n)
		return 0;
	struct match_link *links = arena_array(&m->arena, l->found.n + 2 * n + 1, sizeof(*links));
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		links[count++] = (struct match_link){
			(enum match_kind)v[i].kind, v[i].id, v[i].partner, true};
		if (v[i].partner)
			links[count++] = (struct match_link){MATCH_PARTNER, v[i].partner, 0, false};
	}
	if (l->found.n)
		memcpy(links + count, l->found.links, l->found.n * sizeof(*links));
	l->found.links = links;
	l->found.n += count;
	l->found.why = MATCH_OK;
	l->inherits = true;
	return 0;
}

/* *word: why this mail is not logged; NULL = it is. */
static int why_not(struct matching *m, const struct letter *l, const char **word)
{
	const struct crm_row *row = m->s->row;
	bool has_own = true;
	*word = NULL;
	bool is_everything = !strcmp(row->log_mode, "everything");
	if (l->found.why != MATCH_OK && !(is_everything && l->found.why == MATCH_UNKNOWN))
		*word = match_why_name(l->found.why);
	else if (!strcmp(row->log_mode, "off") || !strcmp(row->log_side, "off"))
		*word = "off";
	else if (l->job->is_found)
		*word = "found";
	else if (l->job->at < row->log_since)
		*word = "before-start";
	else if (!strcmp(row->log_mode, "replies")) {
		if (thread_has_own(m->s->reader, l->job->thread, &has_own, m->e))
			return -1;
		*word = has_own ? NULL : "not-a-reply";
	}
	return 0;
}

static const char *body_of(struct matching *m, const struct letter *l)
{
	const char *level = m->s->row->log_level;
	if (!strcmp(level, "headers"))
		return NULL;
	if (strcmp(level, "full") != 0 || !l->is_whole)
		return l->job->snippet;
	struct message whole;
	unsigned warnings = 0;
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAX_TEXT);
	message_parse(&m->arena, l->raw, l->raw_len, &whole);
	message_text(&whole, "text/plain", &text, &warnings);
	return text.len ? arena_strndup(&m->arena, text.p, text.len) : l->job->snippet;
}

static void add_activity(struct matching *m, const struct letter *l, const struct match_link *link,
	struct match_in *in, struct activity_in *v)
{
	static const char *const kinds[] = {"none", [MATCH_CONTACT] = "contact",
		[MATCH_PARTNER] = "partner", [MATCH_LEAD] = "lead"};
	struct arena *a = &m->arena;
	enum match_kind kind = link ? link->kind : (enum match_kind)0;
	const char *target = "";
	if (link)
		target = target_id(m->s->reader, a, (enum link_kind)kind, link->id);
	if (!target || (m->s->is_remote && str_starts(target, "local:")))
		return; /* the CRM does not know this one yet */
	char key[37];
	activity_id(key, m->s->organization, l->id, kinds[kind], target);
	v[in->n_activities++] = (struct activity_in){
		.key = arena_strdup(a, key),
		.is_local = !m->s->is_remote,
		.is_out = l->job->is_out,
		.at = l->job->at,
		.subject = l->head.subject,
		.body = body_of(m, l),
		.message_id = l->head.message_id,
		.contact = kind == MATCH_CONTACT ? link->id : 0,
		.partner = kind == MATCH_CONTACT   ? link->partner
			   : kind == MATCH_PARTNER ? link->id
						   : 0,
		.lead = kind == MATCH_LEAD ? link->id : 0,
	};
}

static int describe(struct matching *m, struct letter *l, struct match_in *in)
{
	struct arena *a = &m->arena;
	const struct match_result *f = &l->found;
	*in = (struct match_in){
		.message = l->job->message,
		.at = l->job->at,
		.is_shown = l->job->is_shown,
		.is_first = l->job->is_first,
		.parties = f->parties,
		.n_parties = f->n_parties,
		.contact = f->peer_contact,
		.partner = f->peer_partner,
		.is_unknown = f->is_peer_unknown,
	};
	struct link_in *links = arena_array(a, f->n + 1, sizeof(*links));
	for (size_t i = 0; i < f->n; i++)
		links[i] = (struct link_in){(enum link_kind)f->links[i].kind, f->links[i].id,
			f->links[i].is_target, l->inherits};
	in->links = links;
	in->n_links = f->n;
	if (why_not(m, l, &in->reason))
		return -1;
	struct activity_in *v = arena_array(a, f->n + 1, sizeof(*v));
	for (size_t i = 0; !in->reason && i < f->n; i++)
		if (f->links[i].is_target)
			add_activity(m, l, &f->links[i], in, v);
	if (!in->reason && f->why == MATCH_UNKNOWN)
		add_activity(m, l, NULL, in, v);
	in->activities = v;
	m->out->skipped += (in->reason != NULL) - l->job->was_not_logged;
	return 0;
}

static int match_one(struct matching *m, const struct match_job *job, struct match_in *in)
{
	const struct match_lookup lookup = {.contacts = look_contacts,
		.leads = look_leads,
		.partners = look_partners,
		.ctx = m};
	struct letter l;
	if (read_letter(m, job, &l) ||
		match_mail(&l.mail, &m->rules, &lookup, &m->arena, &l.found, m->e) ||
		inherit(m, &l))
		return -1;
	return describe(m, &l, in);
}

/* A batch is read and committed mail by mail where one may inherit from another: those of one
 * conversation never share a commit. */
static int match_batch(struct matching *m, const struct match_job *jobs, size_t n)
{
	struct match_in *v = arena_array(&m->arena, n, sizeof(*v));
	size_t from = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = from; k < i; k++) {
			if (jobs[k].thread != jobs[i].thread)
				continue;
			if (match_put(m->s->options.store, m->s->id, v + from, i - from, m->e))
				return -1;
			from = i;
		}
		if (match_one(m, &jobs[i], &v[i]))
			return -1;
	}
	return match_put(m->s->options.store, m->s->id, v + from, n - from, m->e);
}

int crm_match_all(struct crm_sync *s, struct crm_report *out, struct err *e)
{
	struct matching m = {.s = s, .arena = ARENA_INIT, .out = out, .e = e};
	int rc = 0;
	while (!rc) {
		struct match_job *jobs = NULL;
		size_t n = 0;
		arena_reset(&m.arena);
		rc = read_rules(&m) || match_due(s->reader, &m.arena, s->id, BATCH, &jobs, &n, e);
		if (rc || !n)
			break;
		rc = match_batch(&m, jobs, n);
		if (!rc && crm_sync_stops(s))
			rc = err_set(e, ERR_CANCELLED, _("Stopped."));
	}
	arena_release(&m.arena);
	if (out->skipped < 0) /* more became logged than not */
		out->skipped = 0;
	return rc ? -1 : 0;
}
