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

enum profile_auth { PROFILE_AUTH_NONE, PROFILE_AUTH_HEADER, PROFILE_AUTH_LOGIN };

struct profile_object {
	const cJSON *request; /* NULL = the profile does not have this object */
	const char *records;  /* pointer to the array */
	const cJSON *map;
	int page_size;
	int overlap_s;
};

struct profile_log {
	const cJSON *steps; /* NULL = the profile cannot */
	const cJSON *find;
	const char *found;
};

struct crm_profile {
	cJSON *json;
	const char *name, *title;
	const char *base_url; /* template; NULL = not remote */
	const cJSON *headers;
	const cJSON *error_message; /* pointers tried in order; NULL = none */
	enum profile_auth auth;
	const cJSON *auth_header;
	const cJSON *login, *capture, *refresh;
	const cJSON *whoami, *whoami_map;
	const char *whoami_record;
	struct profile_object object[CRM_OBJECT_COUNT];
	struct profile_log log[2]; /* by whether the mail is inserted, not the activity */
};

/* Checks keys, types, pointers and templates against the language; the sentence names the place.
 * profile_check.c */
int profile_check(const char *origin, const cJSON *root, struct err *e) NODISCARD;

#endif
