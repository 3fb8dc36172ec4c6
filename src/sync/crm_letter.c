/*
 * crm_letter.c - one mail brought to the matcher: the rules of the CRM's settings, the user's
 * decisions, what the conversation gives, and why it is not logged. Writes nothing.
 */
#include "config.h"

#include "crm_match.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/crm/activity_id.h"
#include "crmail/store/account.h"
#include "crmail/store/activity.h"
#include "crmail/store/decide.h"
#include "crmail/store/message.h"

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

/* Words of a setting, in lower case, parted by any of `between`. */
static void add_setting(struct matching *m, struct words *w, const char *key, const char *between)
{
	const char *text = crm_setting(m->reader, m->arena, m->crm, key);
	char *copy = arena_strdup(m->arena, text ? text : "");
	str_lower_inplace(copy);
	for (char *p = copy; *p;) {
		size_t n = strcspn(p, between);
		struct span word = span_trim((struct span){p, n});
		if (word.len)
			add_word(m->arena, w, arena_strndup(m->arena, word.p, word.len));
		p += n;
		p += strspn(p, between);
	}
}

static int add_own(struct matching *m, int64_t account, struct words *own, struct words *internal)
{
	const char *const *v = NULL;
	size_t n = 0;
	if (account_own_addresses(m->reader, m->arena, account, &v, &n, m->e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
		match_normalise(&norm, v[i]);
		const char *at = strrchr(norm.p, '@');
		if (!at)
			continue;
		add_word(m->arena, own, arena_strndup(m->arena, norm.p, norm.len));
		if (!match_is_freemail(at + 1))
			add_word(m->arena, internal, arena_strdup(m->arena, at + 1));
	}
	return 0;
}

/* The user's words, those of the organisation, and what was decided on the screen. */
static int add_never(struct matching *m, struct words *never)
{
	const char *const *v = NULL;
	size_t n = 0;
	add_setting(m, never, "never_log", ", \t\r\n");
	add_setting(m, never, "organization_never_log", ", \t\r\n");
	for (size_t i = 0; i < never->n; i++) { /* as the addresses of a mail are written */
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
		match_normalise(&norm, never->v[i]);
		if (norm.len)
			never->v[i] = arena_strndup(m->arena, norm.p, norm.len);
	}
	if (decisions_never(m->reader, m->arena, m->crm, &v, &n, m->e))
		return -1;
	for (size_t i = 0; i < n; i++)
		add_word(m->arena, never, v[i]);
	return 0;
}

static void digest_words(struct buf *b, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		buf_addf(b, "%s,", w->v[i]);
	buf_addch(b, '\n');
}

/* Decisions are not part of it: each brings its own mail back. */
static void digest_rules(struct matching *m, const struct words *const *lists, size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	char hex[65];
	for (size_t i = 0; i < n; i++)
		digest_words(&b, lists[i]);
	buf_addf(&b, "%s %d %lld", m->row->log_mode, !strcmp(m->row->log_side, "off"),
		(long long)m->row->log_since);
	sha256_hex(b.p, b.len, hex);
	m->digest = arena_strdup(m->arena, hex);
}

static int read_rules(struct matching *m)
{
	struct words own = {.v = NULL};
	struct words internal = {.v = NULL};
	struct words freemail = {.v = NULL};
	struct words roles = {.v = NULL};
	struct words never = {.v = NULL};
	struct words folders = {.v = NULL};
	struct words said = {.v = NULL};
	struct account_row *v = NULL;
	size_t n = 0;
	if (account_list(m->reader, m->arena, &v, &n, m->e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (v[i].crm == m->crm && add_own(m, v[i].id, &own, &internal))
			return -1;
	add_setting(m, &internal, "internal_domains", ", \t\r\n");
	add_setting(m, &freemail, "freemail_domains", ", \t\r\n");
	add_setting(m, &roles, "role_addresses", ", \t\r\n");
	add_setting(m, &folders, "no_log_folders", ",\r\n");
	add_setting(m, &said, "never_log", ",\r\n");
	add_setting(m, &said, "organization_never_log", ",\r\n");
	const struct words *const lists[] = {&own, &internal, &freemail, &roles, &folders, &said};
	digest_rules(m, lists, ARRAY_SIZE(lists));
	if (add_never(m, &never))
		return -1;
	m->folders = folders.v;
	m->rules = (struct match_rules){
		.own = own.v,
		.internal_domains = internal.v,
		.freemail = freemail.v,
		.roles = roles.v,
		.never = never.v,
	};
	return 0;
}

int matching_read(struct matching *m, struct store_reader *r, struct arena *a, int64_t crm,
	struct err *e)
{
	struct crm_row *row = NULL;
	*m = (struct matching){.reader = r, .arena = a, .crm = crm, .e = e};
	if (crm_get(r, a, crm, &row, e))
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, "%s", _("This CRM is not there any more."));
	m->row = row;
	return read_rules(m);
}

/* ---- lookups ---------------------------------------------------------------------------------*/

typedef int (*rows_fn)(struct store_reader *r, int64_t crm, const char *word, struct found_row *out,
	size_t max, struct err *e);

static int look(void *ctx, rows_fn rows, const char *word, struct match_hit *out, size_t max,
	struct err *e)
{
	const struct letter *l = ctx;
	struct found_row found[8];
	if (max > ARRAY_SIZE(found))
		max = ARRAY_SIZE(found);
	int n = rows(l->m->reader, l->m->crm, word, found, max, e);
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

/* What was said in this conversation comes before what holds everywhere. */
static int look_chosen(void *ctx, const char *word, struct match_chosen *out, struct err *e)
{
	const struct letter *l = ctx;
	struct decision_row *d = NULL;
	for (size_t i = l->n_decisions; i-- > 0 && !d;) {
		struct decision_row *one = &l->decisions[i];
		if (one->what == DECIDE_CHOOSE && one->is_there && one->addr &&
			!strcmp(one->addr, word))
			d = one;
	}
	if (!d && decision_of_address(l->m->reader, l->m->arena, l->m->crm, word, &d, e))
		return -1;
	if (!d)
		return 0;
	*out = (struct match_chosen){(enum match_kind)d->kind, {d->target, d->partner}};
	return 1;
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

/* The folder itself, or one above it. */
static bool is_folder_named(const char *const *names, const char *folder)
{
	for (; names && *names; names++) {
		size_t n = strlen(*names);
		if (!strncmp(folder, *names, n) && (!folder[n] || strchr("/.", folder[n])))
			return true;
	}
	return false;
}

/* It lies, among others, where mail is not logged: spam, and the folders of `no_log_folders`. */
static bool is_kept_apart(struct matching *m, const char *folders)
{
	struct span rest = span_of(folders ? folders : "");
	struct span line;
	while (span_next(&rest, '\n', &line)) {
		char *text = arena_strndup(m->arena, line.p, line.len);
		char *name = strchr(text, ':');
		int64_t role = 0;
		if (!name)
			continue;
		*name++ = '\0';
		str_lower_inplace(name);
		if (str_to_i64(text, 0, FOLDER_ROLE_COUNT, &role) && role == FOLDER_JUNK)
			return true;
		if (is_folder_named(m->folders, name))
			return true;
	}
	return false;
}

static int read_letter(struct matching *m, const struct match_job *job, struct letter *l)
{
	struct arena *a = m->arena;
	enum body_state state = BODY_NONE;
	*l = (struct letter){.m = m, .job = job};
	if (message_raw(m->reader, a, job->message, &l->raw, &l->raw_len, &state, m->e) ||
		decisions_of(m->reader, a, m->crm, job->message, &l->decisions, &l->n_decisions,
			m->e))
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
	l->mail = (struct match_mail){.parties = v,
		.n = n,
		.is_out = job->is_out,
		.is_auto = h->is_auto,
		.is_kept_apart = is_kept_apart(m, job->folders)};
	CLEANUP(buf_release) struct buf id = BUF_INIT(HEADER_MAX_FIELD);
	activity_mail_id(&id, raw_field(a, &h->headers, "Message-ID"),
		raw_field(a, &h->headers, "From"), raw_field(a, &h->headers, "Date"),
		raw_field(a, &h->headers, "Subject"));
	l->id = arena_strndup(a, id.p, id.len);
	return 0;
}

/* The user's words as the matcher knows them; false: not about this mail's links. */
static bool verdict_of(const struct decision_row *d, struct match_decision *out)
{
	static const struct {
		enum decide_what what;
		enum match_verdict verdict;
	} words[] = {
		{DECIDE_LINK, MATCH_LINKED},
		{DECIDE_UNLINK, MATCH_UNLINKED},
		{DECIDE_PRIVATE, MATCH_KEPT_OUT},
		{DECIDE_NOT, MATCH_NOT_THIS},
		{DECIDE_LOG, MATCH_LOG_ANYWAY},
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].what != d->what)
			continue;
		*out = (struct match_decision){words[i].verdict, (enum match_kind)d->kind,
			{d->target, d->partner}, d->contact};
		return d->is_there || d->what == DECIDE_UNLINK;
	}
	return false;
}

static void add_decisions(struct letter *l)
{
	struct match_decision *v = arena_array(l->m->arena, l->n_decisions + 1, sizeof(*v));
	size_t n = 0;
	for (size_t i = 0; i < l->n_decisions; i++)
		n += verdict_of(&l->decisions[i], &v[n]);
	l->mail.decisions = v;
	l->mail.n_decisions = n;
}

/* A reply that knows nobody of its own is about what its conversation is about. */
static int inherit(struct letter *l)
{
	struct matching *m = l->m;
	struct target_row *v = NULL;
	size_t n = 0;
	if (l->found.why != MATCH_UNKNOWN || l->job->is_first)
		return 0;
	if (thread_targets(m->reader, m->arena, m->crm, l->job->thread, l->job->message, &v, &n,
		    m->e))
		return -1;
	struct match_link *links = arena_array(m->arena, l->found.n + 2 * n + 1, sizeof(*links));
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		enum match_kind kind = (enum match_kind)v[i].kind;
		if (match_is_unlinked(&l->mail, kind, v[i].id))
			continue;
		links[count++] = (struct match_link){
			.kind = kind, .id = v[i].id, .partner = v[i].partner, .is_target = true};
		if (v[i].partner)
			links[count++] =
				(struct match_link){.kind = MATCH_PARTNER, .id = v[i].partner};
	}
	if (!count)
		return 0;
	if (l->found.n)
		memcpy(links + count, l->found.links, l->found.n * sizeof(*links));
	l->found.links = links;
	l->found.n += count;
	l->found.why = MATCH_OK;
	l->inherits = true;
	return 0;
}

/* Why the CRM's settings keep a mail out that is about somebody. */
static int check_settings(struct letter *l)
{
	const struct crm_row *row = l->m->row;
	bool has_own = true;
	if (!strcmp(row->log_side, "off"))
		l->word = "off";
	if (l->word || l->found.is_forced)
		return 0;
	if (!strcmp(row->log_mode, "off"))
		l->word = "off";
	else if (l->job->is_found)
		l->word = "found";
	else if (!strcmp(row->log_mode, "replies") &&
		 thread_has_own(l->m->reader, l->job->thread, &has_own, l->m->e))
		return -1;
	else if (!has_own)
		l->word = "not-a-reply";
	else if (l->job->at < row->log_since)
		l->word = "before-start";
	return 0;
}

static int why_not(struct letter *l)
{
	bool is_everything = !strcmp(l->m->row->log_mode, "everything");
	if (l->found.why != MATCH_OK && !(is_everything && l->found.why == MATCH_UNKNOWN)) {
		l->word = match_why_name(l->found.why);
		return 0;
	}
	return check_settings(l);
}

int letter_match(struct matching *m, const struct match_job *job, struct letter *l)
{
	const struct match_lookup lookup = {.contacts = look_contacts,
		.leads = look_leads,
		.partners = look_partners,
		.chosen = look_chosen,
		.ctx = l};
	if (read_letter(m, job, l))
		return -1;
	add_decisions(l);
	if (match_mail(&l->mail, &m->rules, &lookup, m->arena, &l->found, m->e) || inherit(l))
		return -1;
	return why_not(l);
}
