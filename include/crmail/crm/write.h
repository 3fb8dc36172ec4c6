/*
 * write.h - changing a CRM's records: make one, edit one, take one away, look at one. What a
 * profile can do of it is data; ask crm_profile_can() before offering it to anybody.
 *
 * Every call is safe to repeat. crm_create() takes an id of our making (`key`), so that a second
 * POST of the same record changes nothing, and looks with the profile's `find` where an earlier
 * attempt is in doubt. crm_update() names the state it was made for (`updated`): a CRM that has
 * gone on since writes nothing and the answer is a conflict. crm_delete() of what is not there is
 * done.
 *
 * The order for an edit: crm_read_one(), compare the fields (crm_record_field()) with what the
 * person saw, then crm_update() with `updated` of that record; ERR_CONFLICT with RETRY_NOW means
 * "changed between the two: read again". An edit whose answer was lost is settled the same way:
 * the record read already has our values.
 *
 * Errors and threads as in crm.h.
 */
#ifndef CRMAIL_CRM_WRITE_H
#define CRMAIL_CRM_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/crm/crm.h"

/* ---- what a profile can do ------------------------------------------------------------------- */

enum crm_verb { CRM_CREATE, CRM_UPDATE, CRM_DELETE, CRM_VERB_COUNT };
const char *crm_verb_name(enum crm_verb v); /* "create", ...; valid for ever */
#define CRM_ABILITY(object, verb) (1u << ((unsigned)(object)*CRM_VERB_COUNT + (unsigned)(verb)))

/* Bits CRM_ABILITY(o, v); for a CRM that is the store itself all of them but those of users. */
unsigned crm_profile_abilities(const struct crm_profile *p);
bool crm_profile_can(const struct crm_profile *p, enum crm_object o, enum crm_verb v);
/* Whether that verb has a place for the field; names as in struct crm_field. */
bool crm_profile_can_write(const struct crm_profile *p, enum crm_object o, enum crm_verb v,
	const char *field);

/* ---- fields ---------------------------------------------------------------------------------- */

/* name is one of
 *	partner   name domain
 *	contact   first_name last_name title email other_emails phone partner_id lead_id owner_id
 *	lead      name email
 *	deal      name number amount currency stage close_date next_step partner_id contact_id
 *	          owner_id
 *	activity  kind subject body at duration_min due_date status contact_id partner_id lead_id
 *	          deal_id
 * Ids are the CRM's. at is RFC 3339, dates are YYYY-MM-DD; other_emails are separated by commas or
 * blanks. */
struct crm_field {
	const char *name;
	const char *value; /* NULL = emptied */
};
/* The field's present value in a record, in the same form, in the arena; NULL = empty. */
const char *crm_record_field(struct arena *a, enum crm_object o, const struct crm_record *r,
	const char *name);

/* ---- the calls ------------------------------------------------------------------------------- */

struct crm_write { /* borrowed for the call */
	enum crm_object object;
	const char *key;     /* create: id of our making, a UUID */
	const char *id;      /* update, delete: the CRM's id */
	const char *updated; /* update: crm_record.updated of the record read; NULL = unguarded */
	const struct crm_field *fields; /* of an update the changed ones only */
	size_t n_fields;
};

/* *crm_id in the arena. A link (a field "..._id") that the profile has no place for is left out;
 * any other such field is ERR_UNSUPPORTED. */
int crm_create(struct crm *c, struct arena *a, const struct crm_write *w,
	const struct crm_attempt *st, const char **crm_id, struct err *e) NODISCARD;
/* ERR_NOTFOUND: gone. ERR_CONFLICT with RETRY_NOW: it has changed since it was read. */
int crm_update(struct crm *c, struct arena *a, const struct crm_write *w,
	const struct crm_attempt *st, struct err *e) NODISCARD;
int crm_delete(struct crm *c, struct arena *a, const struct crm_write *w,
	const struct crm_attempt *st, struct err *e) NODISCARD;
/* One record as it stands in the CRM; *out NULL when it is not there, or not shown to us.
 * ERR_UNSUPPORTED: the profile has no `read` for it. */
int crm_read_one(struct crm *c, enum crm_object o, const char *id, struct arena *a,
	const struct crm_record **out, struct err *e) NODISCARD;

#endif
