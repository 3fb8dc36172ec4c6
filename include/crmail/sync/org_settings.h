/*
 * org_settings.h - what holds for an account between crmail's default, what the organisation of
 * its CRM has set, and what the person has: the organisation's value is the default and the bound,
 * the person may only be more private or ask for less [R11].
 */
#ifndef CRMAIL_ORG_SETTINGS_H
#define CRMAIL_ORG_SETTINGS_H

#include <stdint.h>

#include "crmail/base/attrs.h"

struct account_row;
struct arena;
struct store_reader;

enum org_option {
	ORG_HISTORY_DAYS,     /* history */
	ORG_BODY_LIMIT_KB,    /* body_size_limit_kb */
	ORG_INTERVAL_MINUTES, /* sync_interval_minutes */
	ORG_OPTION_COUNT
};
/* Where a value comes from. */
enum org_source {
	ORG_FROM_DEFAULT,
	ORG_FROM_ACCOUNT,
	ORG_FROM_ORGANIZATION, /* the account says nothing */
	ORG_FROM_BOUND         /* the account says something that the organisation does not allow */
};
struct org_value {
	int64_t value; /* INT64_MAX: `history` is all */
	enum org_source source;
};

const char *org_option_key(enum org_option o);  /* of the account's setting; valid for ever */
const char *org_source_name(enum org_source s); /* "default", "account", "organization", "bound" */
/* From the texts as they are stored, NULL = not set. What is no number counts as not set, what is
 * beyond the contract's range as its end. Pure. */
struct org_value org_option_settle(enum org_option o, const char *account,
	const char *organization) NODISCARD;
/* The same for an account as it stands. */
struct org_value org_option_read(struct store_reader *r, struct arena *a,
	const struct account_row *account, enum org_option o) NODISCARD;

#endif
