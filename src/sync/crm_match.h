/*
 * crm_match.h (private) - one mail brought to the matcher of crm/match.h with the user's rules and
 * decisions, and whether the CRM's settings let it be logged. The worker makes rows of the answer
 * (crm_match.c), the screen and the CLI explain it (crm_explain.c). Any thread, with a reader of
 * its own.
 */
#ifndef CRMAIL_SRC_SYNC_CRM_MATCH_H
#define CRMAIL_SRC_SYNC_CRM_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/crm/match.h"
#include "crmail/mail/message.h"

struct crm_row;
struct decision_row;
struct match_job;
struct store_reader;

struct matching {
	struct store_reader *reader;
	struct arena *arena; /* of everything below */
	int64_t crm;
	const struct crm_row *row;
	struct match_rules rules;
	const char *const *folders; /* whose mail is not logged; NULL-ended */
	const char *digest;         /* of all rules: changes with them */
	struct err *e;
};

/* A mail taken apart for matching. */
struct letter {
	struct matching *m;
	const struct match_job *job;
	struct message head;
	const char *raw;
	size_t raw_len;
	bool is_whole;
	struct match_mail mail;
	struct decision_row *decisions;
	size_t n_decisions;
	const char *id; /* what stands for it in activity ids */
	struct match_result found;
	bool inherits;    /* its targets are its conversation's */
	const char *word; /* why it is not logged (log_reason()); NULL = it is */
};

/* The CRM's settings as they are now. ERR_NOTFOUND when the CRM is gone. */
int matching_read(struct matching *m, struct store_reader *r, struct arena *a, int64_t crm,
	struct err *e) NODISCARD;
/* All that is to be known of one mail. */
int letter_match(struct matching *m, const struct match_job *job, struct letter *out) NODISCARD;

#endif
