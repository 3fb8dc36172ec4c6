/* crm_try.h - the test of a CRM's settings, and the profiles there are. Blocks; any thread. */
#ifndef CRMAIL_CRM_TRY_H
#define CRMAIL_CRM_TRY_H

#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/desk.h"
#include "crmail/crm/crm.h"

struct arena;
struct clock_src;
struct crm_profile;
struct net_cancel;
struct secret;

struct crm_trial { /* borrowed for the call */
	const char *name;
	struct crm_profile *profile;
	const struct crm_config *config; /* "url" among them */
	size_t n_config;
	const struct secret *password; /* NULL = none */
	const char *program;
	const struct clock_src *clock;
	struct net_cancel *cancel;
	int deadline_ms;
	void (*step)(void *ctx, enum desk_step step);
	void *ctx;
	struct arena *arena; /* of what was found */
};
struct crm_found {
	const char *organization_id, *user_id; /* NULL = the CRM has none */
};
/* Signs in, asks who we are, reads a page of each object. On failure *where says what to change. */
int crm_try(const struct crm_trial *t, struct crm_found *out, enum desk_field *where,
	struct err *e) NODISCARD;

/* All profiles below share_dir, by title, those with a server first; one by name or path. */
int crm_profile_all(const char *share_dir, struct arena *a, struct desk_profile **out, size_t *n,
	struct err *e) NODISCARD;
int crm_profile_describe(const char *name, const char *share_dir, struct arena *a,
	struct desk_profile *out, struct err *e) NODISCARD;

#endif
