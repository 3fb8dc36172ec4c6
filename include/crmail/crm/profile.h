/*
 * profile.h - the JSON file that describes a CRM's REST API [R35]; the language is
 * crmail-profile(5). Loading checks everything that can be known without a network: unknown keys,
 * missing keys, pointers, templates, variables, filters. What loads renders.
 *
 * A profile is immutable after loading; any thread may read it.
 */
#ifndef CRMAIL_CRM_PROFILE_H
#define CRMAIL_CRM_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct crm_profile;

#define CRM_PROFILE_MAX_BYTES ((size_t)256 << 10)

/* From JSON text; `origin` (file or name) stands in messages. ERR_PARSE with one sentence that
 * names the place as a JSON pointer. Free with crm_profile_free(). */
int crm_profile_parse(const char *origin, const char *json, size_t len, struct crm_profile **out,
	struct err *e) NODISCARD;
int crm_profile_load(const char *path, struct crm_profile **out, struct err *e) NODISCARD;
void crm_profile_free(struct crm_profile *p); /* NULL is allowed */

const char *crm_profile_name(const struct crm_profile *p);
const char *crm_profile_title(const struct crm_profile *p);
/* False for a CRM that is the store itself: nothing to pull, nothing to push. */
bool crm_profile_is_remote(const struct crm_profile *p);

/* Whether it can log by inserting the mail, where the CRM makes the activity itself. */
bool crm_profile_logs_messages(const struct crm_profile *p);

/* What nobody of the organisation logs to: addresses and @domains with blanks between them, in the
 * arena; NULL = the profile names none. */
const char *crm_profile_never_log(const struct crm_profile *p, struct arena *a);

/* What the person is asked for: words of the profile's `config` and `secrets`. */
struct crm_profile_key {
	const char *name;
	const char *label; /* NULL = none */
	bool is_required;
	bool is_secret;
};
/* The i-th key, config first; false past the end. */
bool crm_profile_key_at(const struct crm_profile *p, size_t i, struct crm_profile_key *out);
/* Name of the one secret that --secret-command gives; NULL when the profile needs none. */
const char *crm_profile_first_secret(const struct crm_profile *p);

#endif
