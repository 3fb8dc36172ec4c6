/*
 * crm_pull.c - the CRM's records into rows, page by page, partners before their people. Users,
 * leads, deals and entries are extras: a CRM that has no such table, or does not let us read it, is
 * still a CRM.
 */
#include "config.h"

#include "crm_sync.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/crm/write.h"
#include "crmail/store/activity.h"
#include "crmail/store/store.h"

#define MAX_PAGES 20000 /* of one object in one pass: a server that never ends is cut here */
#define FIRST_PAGES 4   /* of the entries before mail is matched: years of them may be there */
#define MAX_TASKS 100   /* open ones that are looked at one by one */
#define DAY_S 86400

static int64_t time_of(const char *text)
{
	int64_t t = 0;
	char day[32];
	if (!text)
		return 0;
	if (strlen(text) == 10) {
		snprintf(day, sizeof(day), "%sT00:00:00Z", text);
		text = day;
	}
	return clock_parse_rfc3339(text, &t) ? t : 0;
}

static int put_users(struct crm_sync *s, struct arena *a, struct put_page *page,
	const struct crm_page *from, struct err *e)
{
	struct user_in *v = arena_array(a, from->n + 1, sizeof(*v));
	for (size_t i = 0; i < from->n; i++) {
		const struct crm_record *r = &from->v[i];
		v[i] = (struct user_in){
			.crm_id = r->id,
			.name = r->name,
			.email = r->emails.n ? r->emails.v[0] : NULL,
		};
	}
	return user_put(s->options.store, page, v, from->n, e);
}

static int put_partners(struct crm_sync *s, struct arena *a, struct put_page *page,
	const struct crm_page *from, struct err *e)
{
	struct partner_in *v = arena_array(a, from->n + 1, sizeof(*v));
	for (size_t i = 0; i < from->n; i++) {
		const struct crm_record *r = &from->v[i];
		v[i] = (struct partner_in){
			.crm_id = r->id,
			.name = r->name,
			.domains = r->domains.v,
			.n_domains = r->domains.n,
			.updated_at = time_of(r->updated),
		};
	}
	return partner_put(s->options.store, page, v, from->n, e);
}

static int put_contacts(struct crm_sync *s, struct arena *a, struct put_page *page,
	const struct crm_page *from, struct err *e)
{
	struct contact_in *v = arena_array(a, from->n + 1, sizeof(*v));
	for (size_t i = 0; i < from->n; i++) {
		const struct crm_record *r = &from->v[i];
		v[i] = (struct contact_in){
			.crm_id = r->id,
			.name = r->name,
			.first_name = r->first_name,
			.last_name = r->last_name,
			.title = r->title,
			.emails = r->emails.v,
			.n_emails = r->emails.n,
			.phones = r->phones.v,
			.n_phones = r->phones.n,
			.partner_crm_id = r->partner_id,
			.lead_crm_id = r->lead_id,
			.owner_id = r->owner_id,
			.updated_at = time_of(r->updated),
		};
	}
	return contact_put(s->options.store, page, v, from->n, e);
}

static int put_leads(struct crm_sync *s, struct arena *a, struct put_page *page,
	const struct crm_page *from, struct err *e)
{
	struct lead_in *v = arena_array(a, from->n + 1, sizeof(*v));
	for (size_t i = 0; i < from->n; i++) {
		const struct crm_record *r = &from->v[i];
		v[i] = (struct lead_in){
			.crm_id = r->id,
			.name = r->name,
			.addr = r->emails.n ? r->emails.v[0] : NULL,
			.updated_at = time_of(r->updated),
		};
	}
	return lead_put(s->options.store, page, v, from->n, e);
}

static int put_deals(struct crm_sync *s, struct arena *a, struct put_page *page,
	const struct crm_page *from, struct err *e)
{
	struct deal_in *v = arena_array(a, from->n + 1, sizeof(*v));
	for (size_t i = 0; i < from->n; i++) {
		const struct crm_record *r = &from->v[i];
		v[i] = (struct deal_in){
			.crm_id = r->id,
			.name = r->name,
			.number = r->number,
			.amount = r->amount,
			.currency = r->currency,
			.stage = r->stage,
			.next_step = r->next_step,
			.partner_crm_id = r->partner_id,
			.contact_crm_id = r->contact_id,
			.owner_id = r->owner_id,
			.close_at = time_of(r->close_date),
			.updated_at = time_of(r->updated),
		};
	}
	return deal_put(s->options.store, page, v, from->n, e);
}

static enum entry_kind kind_of(const char *type)
{
	static const struct {
		const char *word;
		enum entry_kind kind;
	} kinds[] = {{"email", ENTRY_EMAIL}, {"call", ENTRY_CALL}, {"meeting", ENTRY_MEETING},
		{"task", ENTRY_TASK}, {"tracking", ENTRY_TRACKING}};
	for (size_t i = 0; type && i < ARRAY_SIZE(kinds); i++)
		if (!str_casecmp(type, kinds[i].word))
			return kinds[i].kind;
	return ENTRY_NOTE;
}

static int64_t minutes_of(const char *text)
{
	int64_t n = 0;
	return text && str_to_i64(text, 0, INT32_MAX, &n) ? n : 0;
}

static int put_entries(struct crm_sync *s, struct arena *a, struct put_page *page,
	const struct crm_page *from, struct err *e)
{
	struct entry_in *v = arena_array(a, from->n + 1, sizeof(*v));
	for (size_t i = 0; i < from->n; i++) {
		const struct crm_record *r = &from->v[i];
		v[i] = (struct entry_in){
			.crm_id = r->id,
			.type = r->kind,
			.kind = kind_of(r->kind),
			.subject = r->subject,
			.body = r->body || r->direction ? r->body : r->description,
			.has_direction = r->direction != CRM_NO_DIRECTION,
			.is_out = r->direction == CRM_OUT,
			.by = r->by,
			.message_id = r->message_id,
			.contact_crm_id = r->contact_id,
			.partner_crm_id = r->partner_id,
			.lead_crm_id = r->lead_id,
			.at = time_of(r->at),
			.status = r->status,
			.deal_crm_id = r->deal_id,
			.tells_deal = r->tells_deal,
			.duration_min = minutes_of(r->duration_min),
			.due_at = time_of(r->due_date),
		};
	}
	return entry_put(s->options.store, page, v, from->n, e);
}

typedef int (*put_fn)(struct crm_sync *s, struct arena *a, struct put_page *page,
	const struct crm_page *from, struct err *e);

static const put_fn put_page[CRM_OBJECT_COUNT] = {
	[CRM_USER] = put_users,
	[CRM_PARTNER] = put_partners,
	[CRM_CONTACT] = put_contacts,
	[CRM_LEAD] = put_leads,
	[CRM_DEAL] = put_deals,
	[CRM_ACTIVITY] = put_entries,
};

/* At most max_pages of it from the cursor on; with keeps it is stored, and says where to go on. */
static int pull_pages(struct crm_sync *s, enum crm_object o, int max_pages, const char *cursor,
	bool keeps, int64_t *changed, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *name = crm_object_name(o);
	CLEANUP(arena_release) struct arena keep = ARENA_INIT;
	for (int pages = 0; pages < max_pages; pages++) {
		struct crm_page page;
		arena_reset(&a);
		if (crm_pull(s->crm, o, cursor, &a, &page, e))
			return -1;
		struct put_page put = {
			.crm = s->id, .object = name, .cursor = keeps ? page.cursor : NULL};
		if (put_page[o](s, &a, &put, &page, e))
			return -1;
		*changed += put.n_changed;
		if (page.n_bad)
			log_line(LOG_WARN, "crm", "crm %lld: %zu %s records without an id",
				(long long)s->id, page.n_bad, name);
		if (!page.more)
			return 0;
		arena_reset(&keep);
		cursor = arena_strdup(&keep, page.cursor);
		if (crm_sync_stops(s))
			return err_set(e, ERR_CANCELLED, _("Stopped."));
	}
	if (max_pages < MAX_PAGES)
		return 0;
	return err_set(e, ERR_PROTO, _("The CRM's list does not end."));
}

static int pull_object(struct crm_sync *s, enum crm_object o, int max_pages, int64_t *changed,
	struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *cursor = crm_cursor(s->reader, &a, s->id, crm_object_name(o));
	return pull_pages(s, o, max_pages, cursor, true, changed, e);
}

static int pull_extra(struct crm_sync *s, enum crm_object o, int max_pages, struct err *e)
{
	struct err failed = ERR_INIT;
	int64_t changed = 0;
	if (!crm_has(s->crm, o) || !pull_object(s, o, max_pages, &changed, &failed))
		return 0;
	if (failed.scope == ERR_ACCOUNT) {
		*e = failed;
		return -1;
	}
	log_line(LOG_WARN, "crm", "crm %lld: no %s: %s", (long long)s->id, crm_object_name(o),
		err_code_name(failed.code));
	return 0;
}

int crm_pull_all(struct crm_sync *s, struct crm_report *out, struct err *e)
{
	if ((crm_has(s->crm, CRM_PARTNER) &&
		    pull_object(s, CRM_PARTNER, MAX_PAGES, &out->partners, e)) ||
		(crm_has(s->crm, CRM_CONTACT) &&
			pull_object(s, CRM_CONTACT, MAX_PAGES, &out->contacts, e)))
		return -1;
	return pull_extra(s, CRM_USER, MAX_PAGES, e) || pull_extra(s, CRM_LEAD, MAX_PAGES, e) ||
			       pull_extra(s, CRM_DEAL, MAX_PAGES, e) ||
			       pull_extra(s, CRM_ACTIVITY, FIRST_PAGES, e)
		       ? -1
		       : 0;
}

int crm_pull_rest(struct crm_sync *s, struct err *e)
{
	return pull_extra(s, CRM_ACTIVITY, MAX_PAGES, e);
}

/* Tasks are done long after they were made. */
static int read_open_tasks(struct crm_sync *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *const *ids = NULL;
	size_t n = 0;
	if (entry_open_tasks(s->reader, &a, s->id, MAX_TASKS, &ids, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena one = ARENA_INIT;
		const struct crm_record *r = NULL;
		if (crm_read_one(s->crm, CRM_ACTIVITY, ids[i], &one, &r, e))
			return -1;
		struct put_page put = {.crm = s->id, .object = crm_object_name(CRM_ACTIVITY)};
		const struct crm_page page = {.v = r, .n = 1};
		if (r && put_entries(s, &one, &put, &page, e))
			return -1;
		if (crm_sync_stops(s))
			return err_set(e, ERR_CANCELLED, _("Stopped."));
	}
	return 0;
}

int crm_pull_again(struct crm_sync *s, enum crm_object o, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	int days = crm_again_days(s->crm, o);
	int64_t changed = 0;
	if (!days)
		return 0;
	const char *cursor = crm_cursor_at(&a, clock_now(s->options.clock) - (int64_t)days * DAY_S);
	if (pull_pages(s, o, MAX_PAGES, cursor, false, &changed, e))
		return -1;
	if (changed)
		log_line(LOG_NOTE, "crm", "crm %lld: %lld %s records changed", (long long)s->id,
			(long long)changed, crm_object_name(o));
	return o == CRM_ACTIVITY ? read_open_tasks(s, e) : 0;
}
