/* fake_record.c - what the user writes into the CRM's records, noted line by line; and what forms
 * look up. A contact or an activity that is made is there at once. */
#include "config.h"

#include "fake_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/str.h"
#include "crmail/mail/addr.h"
#include "crmail/store/activity.h"

#define FIRST_ROW 100 /* of records made here */

static const char *const kinds[] = {"", "contact", "partner", "lead", "deal", "activity"};

unsigned record_abilities(struct store_reader *r, int64_t crm)
{
	return crm ? r->s->abilities : 0;
}

static void note(struct store *s, const char *verb, enum record_kind k, int64_t row,
	const struct record_field *v, size_t n)
{
	buf_addf(&s->written, "%s %s %lld:", verb, kinds[k], (long long)row);
	for (size_t i = 0; i < n; i++)
		buf_addf(&s->written, " %s=%s", v[i].name, v[i].value ? v[i].value : "(empty)");
	buf_addch(&s->written, '\n');
	s->n_written++;
}

static const char *value_of(const struct record_field *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return v[i].value;
	return NULL;
}

/* On top of the timeline. */
static void add_entry(struct store *s, const struct record_field *v, size_t n)
{
	static const char *const words[] = {"email", "call", "meeting", "note", "task"};
	const char *subject = value_of(v, n, "subject");

	if (s->n_entries == ARRAY_SIZE(s->entries))
		return;
	memmove(s->entries + 1, s->entries, s->n_entries++ * sizeof(*s->entries));
	snprintf(s->entry_subject, sizeof(s->entry_subject), "%s", subject ? subject : "");
	s->entries[0] = (struct timeline_entry){
		.id = "new", .at = FAKE_NOW, .subject = s->entry_subject, .state = LOG_QUEUED};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(value_of(v, n, "kind"), words[i]) == 0)
			s->entries[0].kind = (enum entry_kind)i;
}

int64_t record_create(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n)
{
	int64_t row = FIRST_ROW + s->n_written;

	(void)crm;
	note(s, "create", k, row, v, n);
	if (k == RECORD_ACTIVITY)
		add_entry(s, v, n);
	return row;
}

int64_t record_edit(struct store *s, enum record_kind k, int64_t row, const struct record_field *v,
	size_t n)
{
	note(s, "edit", k, row, v, n);
	return s->n_written;
}

void record_undo(struct store *s, int64_t id)
{
	buf_addf(&s->written, "undo %lld\n", (long long)id);
}

void record_resolve(struct store *s, int64_t write, bool ours)
{
	buf_addf(&s->written, "resolve %lld %s\n", (long long)write, ours ? "ours" : "theirs");
	s->conflict = NULL;
}

int64_t record_crm(struct store_reader *r, enum record_kind k, int64_t row)
{
	(void)r;
	(void)k;
	return row ? 1 : 0;
}

static const char *contact_field(const struct contact_row *c, const char *field)
{
	if (strcmp(field, "last_name") == 0)
		return c->name;
	if (strcmp(field, "title") == 0)
		return c->title;
	if (strcmp(field, "email") == 0)
		return c->n_emails > 0 ? c->emails[0] : NULL;
	if (strcmp(field, "phone") == 0)
		return c->n_phones > 0 ? c->phones[0] : NULL;
	return strcmp(field, "partner") == 0 && c->partner ? "1" : NULL;
}

static const char *deal_field(const struct deal_row *d, const char *field)
{
	if (strcmp(field, "name") == 0)
		return d->name;
	if (strcmp(field, "stage") == 0)
		return d->stage;
	if (strcmp(field, "amount") == 0)
		return d->amount;
	if (strcmp(field, "close_date") == 0)
		return "2026-11-30";
	return strcmp(field, "next_step") == 0 ? d->next_step : NULL;
}

const char *record_shown(struct store_reader *r, struct arena *a, enum record_kind k, int64_t row,
	const char *field)
{
	const struct store *s = r->s;

	(void)a;
	if (k == RECORD_CONTACT)
		for (size_t i = 0; i < s->n_contacts; i++)
			if (s->contacts[i].id == row)
				return contact_field(&s->contacts[i], field);
	if (k == RECORD_DEAL)
		for (size_t i = 0; i < s->n_deals; i++)
			if (s->deals[i].id == row)
				return deal_field(&s->deals[i], field);
	if (k == RECORD_PARTNER)
		for (size_t i = 0; i < s->n_partners; i++)
			if (s->partners[i].id == row && strcmp(field, "name") == 0)
				return s->partners[i].name;
	return NULL;
}

int contacts_of_address(struct store_reader *r, int64_t crm, const char *norm,
	struct found_row *out, size_t max, struct err *e)
{
	int n = 0;

	(void)crm;
	(void)e;
	for (size_t i = 0; i < r->s->n_contacts && (size_t)n < max; i++)
		if (addr_same(r->s->contacts[i].emails[0], norm))
			out[n++] = (struct found_row){r->s->contacts[i].id, 0};
	return n;
}

/* Every partner has the domain that is its name and .example. */
int partners_of_domain(struct store_reader *r, int64_t crm, const char *domain,
	struct found_row *out, size_t max, struct err *e)
{
	(void)crm;
	(void)e;
	for (size_t i = 0; i < r->s->n_partners && max > 0; i++)
		if (str_casestarts(domain, r->s->partners[i].name) &&
			strcmp(domain + strlen(r->s->partners[i].name), ".example") == 0) {
			*out = (struct found_row){r->s->partners[i].id, 0};
			return 1;
		}
	return 0;
}

int deal_stages(struct store_reader *r, struct arena *a, int64_t crm, const char ***out, size_t *n,
	struct err *e)
{
	static const char *const stages[] = {"negotiation", "offer", "won"};

	(void)crm;
	(void)e;
	*n = r->s->n_deals && !r->s->has_no_stages ? ARRAY_SIZE(stages) : 0;
	*out = arena_array(a, ARRAY_SIZE(stages), sizeof(**out));
	memcpy(*out, stages, sizeof(stages));
	return 0;
}
