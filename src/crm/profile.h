/*
 * profile.h (private) - what a loaded profile looks like inside: the checked JSON tree and
 * borrowed places in it. The engine reads these, nobody else.
 */
#ifndef CRMAIL_SRC_CRM_PROFILE_H
#define CRMAIL_SRC_CRM_PROFILE_H

#include <stdint.h>

#include "crmail/base/json.h"
#include "crmail/crm/crm.h"
#include "crmail/crm/profile.h"
#include "crmail/crm/write.h"

enum profile_auth { PROFILE_AUTH_NONE, PROFILE_AUTH_HEADER, PROFILE_AUTH_LOGIN };

struct profile_steps {
	const cJSON *steps; /* NULL = the profile cannot */
	const cJSON *find;  /* NULL = none */
	const char *found;
};

struct profile_object {
	const cJSON *request; /* NULL = the profile does not have this object */
	const char *records;  /* pointer to the array */
	const cJSON *map;
	int page_size;
	int overlap_s, again_days;
	const cJSON *ids; /* request of all ids; NULL = deletes cannot be seen */
	const char *ids_records, *ids_id;
	int ids_page_size, reconcile_days;
	const cJSON *read; /* NULL = one record alone cannot be asked for */
	const char *read_record;
	struct profile_steps verb[CRM_VERB_COUNT];
};

struct crm_profile {
	cJSON *json;
	const char *name, *title;
	const char *base_url;              /* template; NULL = not remote */
	const char *web_base;              /* template; NULL = no web pages */
	const char *web[CRM_OBJECT_COUNT]; /* paths after it; NULL = none */
	const cJSON *headers;
	const cJSON *error_message; /* pointers tried in order; NULL = none */
	int per_second;             /* requests; 0 = as fast as they are answered */
	enum profile_auth auth;
	const cJSON *auth_header;
	const cJSON *login, *capture, *refresh;
	const cJSON *whoami, *whoami_map;
	const char *whoami_record;
	const cJSON *settings, *settings_map; /* of the organisation; NULL = not asked for */
	const char *settings_record;
	const cJSON *events; /* NULL = nobody to tell */
	struct profile_object object[CRM_OBJECT_COUNT];
	const cJSON *recent, *made; /* how to see who makes the activity; NULL = cannot */
	const char *recent_records, *recent_id, *made_found;
	struct profile_steps log[2]; /* by whether the mail is inserted, not the activity */
};

/* Checks keys, types, pointers and templates against the language; the sentence names the place.
 * profile_check.c */
int profile_check(const char *origin, const cJSON *root, struct err *e) NODISCARD;

/* write_field.c: what may be written of a record. */
struct profile_field {
	enum crm_object object;
	const char *name;  /* in struct crm_field */
	const char *value; /* in templates: "contact.email" */
	const char *example;
};
/* The i-th of all; NULL past the end. */
const struct profile_field *profile_field_at(size_t i);
const struct profile_field *profile_field_find(enum crm_object o, const char *name);

#endif
