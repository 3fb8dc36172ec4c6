/*
 * organization.h - settings that a CRM's organisation has made for everybody in it. What they mean
 * for an account is sync/org_settings.h's.
 */
#ifndef CRMAIL_STORE_ORGANIZATION_H
#define CRMAIL_STORE_ORGANIZATION_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/account.h"

struct arena;
struct store;
struct store_reader;

/* Worker call: these and no others. Tells the screen when something changed. */
int organization_put(struct store *s, int64_t crm, const struct setting *v, size_t n,
	struct err *e) NODISCARD;
/* NULL when the organisation has not set it. Any thread with its own reader. */
const char *organization_setting(struct store_reader *r, struct arena *a, int64_t crm,
	const char *key);
int organization_settings(struct store_reader *r, struct arena *a, int64_t crm,
	struct setting **out, size_t *n, struct err *e) NODISCARD; /* by key */

#endif
