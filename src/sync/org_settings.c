/*
 * org_settings.c - defaults, ranges and directions of the options that an organisation sets.
 */
#include "config.h"

#include "crmail/sync/org_settings.h"

#include <string.h>

#include "crmail/base/str.h"
#include "crmail/store/account.h"
#include "crmail/store/organization.h"

/* Ranges and defaults of the contract; a person may go up only where more is less work and less
 * data: longer pauses. */
static const struct {
	const char *key, *organization_key;
	int64_t min, max, otherwise;
	bool may_go_up;
} options[ORG_OPTION_COUNT] = {
	[ORG_HISTORY_DAYS] = {"history", "email_sync_history_days", 7, 90, 30, false},
	[ORG_BODY_LIMIT_KB] = {"body_size_limit_kb", "email_body_size_limit_kb", 100, 2000, 500,
		false},
	[ORG_INTERVAL_MINUTES] = {"sync_interval_minutes", "email_sync_interval_minutes", 5, 60, 15,
		true},
};

const char *org_option_key(enum org_option o)
{
	return options[o].key;
}

const char *org_source_name(enum org_source s)
{
	static const char *const names[] = {[ORG_FROM_DEFAULT] = "default",
		[ORG_FROM_ACCOUNT] = "account",
		[ORG_FROM_ORGANIZATION] = "organization",
		[ORG_FROM_BOUND] = "bound"};
	return names[s];
}

static bool read_number(enum org_option o, const char *text, int64_t *out)
{
	int64_t n;
	if (!text || !str_to_i64(text, 0, INT32_MAX, &n))
		return false;
	*out = n < options[o].min ? options[o].min : n > options[o].max ? options[o].max : n;
	return true;
}

struct org_value org_option_settle(enum org_option o, const char *account, const char *organization)
{
	int64_t own = 0;
	int64_t bound = 0;
	bool has_own = read_number(o, account, &own);
	bool has_bound = read_number(o, organization, &bound);
	if (o == ORG_HISTORY_DAYS && account && !strcmp(account, "all")) {
		own = INT64_MAX;
		has_own = true;
	}
	if (!has_own && !has_bound)
		return (struct org_value){options[o].otherwise, ORG_FROM_DEFAULT};
	if (!has_own)
		return (struct org_value){bound, ORG_FROM_ORGANIZATION};
	bool is_beyond = options[o].may_go_up ? own < bound : own > bound;
	if (has_bound && is_beyond)
		return (struct org_value){bound, ORG_FROM_BOUND};
	return (struct org_value){own, ORG_FROM_ACCOUNT};
}

struct org_value org_option_read(struct store_reader *r, struct arena *a,
	const struct account_row *account, enum org_option o)
{
	const char *organization = NULL;
	if (account->crm)
		organization =
			organization_setting(r, a, account->crm, options[o].organization_key);
	return org_option_settle(o, account_setting(r, a, account->id, options[o].key),
		organization);
}
