/*
 * write_field.c - the fields of a record that can be written: their names for the caller, for
 * templates, and where a record that was read has them. Renders nothing.
 */
#include "config.h"

#include "profile.h"

#include <stddef.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"

static const struct profile_field fields[] = {
	{CRM_PARTNER, "name", "partner.name", "Wood Ltd"},
	{CRM_PARTNER, "domain", "partner.domain", "wood.example"},
	{CRM_CONTACT, "first_name", "contact.first_name", "Laura"},
	{CRM_CONTACT, "last_name", "contact.last_name", "Rossi"},
	{CRM_CONTACT, "title", "contact.title", "Buyer"},
	{CRM_CONTACT, "email", "contact.email", "laura@wood.example"},
	{CRM_CONTACT, "other_emails", "contact.other_emails", "l.rossi@wood.example"},
	{CRM_CONTACT, "phone", "contact.phone", "+39 02 0000"},
	{CRM_CONTACT, "partner_id", "partner.id", "P1"},
	{CRM_CONTACT, "lead_id", "lead.id", NULL},
	{CRM_CONTACT, "owner_id", "owner.id", "USER"},
	{CRM_LEAD, "name", "lead.name", "Lea"},
	{CRM_LEAD, "email", "lead.email", "lea@new.example"},
	{CRM_DEAL, "name", "deal.name", "Beams"},
	{CRM_DEAL, "number", "deal.number", "2026-17"},
	{CRM_DEAL, "amount", "deal.amount", "1200.50"},
	{CRM_DEAL, "currency", "deal.currency", "EUR"},
	{CRM_DEAL, "stage", "deal.stage", "offer"},
	{CRM_DEAL, "close_date", "deal.close_date", "2026-12-31"},
	{CRM_DEAL, "next_step", "deal.next_step", "Call back"},
	{CRM_DEAL, "partner_id", "partner.id", "P1"},
	{CRM_DEAL, "contact_id", "contact.id", "C1"},
	{CRM_DEAL, "owner_id", "owner.id", "USER"},
	{CRM_ACTIVITY, "kind", "activity.kind", "call"},
	{CRM_ACTIVITY, "subject", "activity.subject", "Beams"},
	{CRM_ACTIVITY, "body", "activity.body", "Wants an offer"},
	{CRM_ACTIVITY, "at", "activity.at", "2026-01-01T10:00:00Z"},
	{CRM_ACTIVITY, "duration_min", "activity.duration_min", "15"},
	{CRM_ACTIVITY, "due_date", "activity.due_date", "2026-01-08"},
	{CRM_ACTIVITY, "status", "activity.status", "completed"},
	{CRM_ACTIVITY, "contact_id", "contact.id", "C1"},
	{CRM_ACTIVITY, "partner_id", "partner.id", "P1"},
	{CRM_ACTIVITY, "lead_id", "lead.id", NULL},
	{CRM_ACTIVITY, "deal_id", "deal.id", "D1"},
};

const struct profile_field *profile_field_at(size_t i)
{
	return i < ARRAY_SIZE(fields) ? &fields[i] : NULL;
}

const struct profile_field *profile_field_find(enum crm_object o, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].object == o && !strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

static const char *join_rest(struct arena *a, const struct crm_list *list)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	for (size_t i = 1; i < list->n; i++) {
		buf_addstr(&text, i > 1 ? ", " : "");
		buf_addstr(&text, list->v[i]);
	}
	return text.len ? arena_strndup(a, text.p, text.len) : NULL;
}

static const char *first_of(const struct crm_list *list)
{
	return list->n ? list->v[0] : NULL;
}

/* Fields that a record has under their own name. */
static const struct {
	const char *name;
	size_t offset;
} plain[] = {
#define PLAIN(field)                                                                               \
	{                                                                                          \
#field, offsetof(struct crm_record, field)                                         \
	}
	PLAIN(name),
	PLAIN(first_name),
	PLAIN(last_name),
	PLAIN(title),
	PLAIN(partner_id),
	PLAIN(contact_id),
	PLAIN(lead_id),
	PLAIN(deal_id),
	PLAIN(owner_id),
	PLAIN(number),
	PLAIN(amount),
	PLAIN(currency),
	PLAIN(stage),
	PLAIN(close_date),
	PLAIN(next_step),
	PLAIN(kind),
	PLAIN(subject),
	PLAIN(body),
	PLAIN(at),
	PLAIN(duration_min),
	PLAIN(due_date),
	PLAIN(status),
#undef PLAIN
};

const char *crm_record_field(struct arena *a, enum crm_object o, const struct crm_record *r,
	const char *name)
{
	if (!profile_field_find(o, name))
		return NULL;
	if (!strcmp(name, "email"))
		return first_of(&r->emails);
	if (!strcmp(name, "other_emails"))
		return join_rest(a, &r->emails);
	if (!strcmp(name, "phone"))
		return first_of(&r->phones);
	if (!strcmp(name, "domain"))
		return first_of(&r->domains);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		const char *value;
		if (strcmp(plain[i].name, name) != 0)
			continue;
		memcpy(&value, (const char *)r + plain[i].offset, sizeof(value));
		return value;
	}
	return NULL;
}
