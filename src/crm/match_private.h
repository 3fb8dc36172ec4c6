/*
 * match_private.h - one mail while it is matched: match_rule.c knows what the rules say of an
 * address, match_person.c who somebody is, match.c what follows from it for the mail.
 */
#ifndef CRMAIL_SRC_CRM_MATCH_PRIVATE_H
#define CRMAIL_SRC_CRM_MATCH_PRIVATE_H

#include "crmail/crm/match.h"

#define MAX_ADDRESS 400 /* bytes of a normalised address */
#define MAX_PARTIES 256 /* of one mail are looked up; a mailing to more is no conversation */
#define MAX_LINKS (2 * MAX_PARTIES)

/* A participant and what only these files need of him. */
struct person {
	struct match_person as;
	const char *domain_of; /* behind his "@" */
	int64_t partner_of;    /* of the contact; 0 = none */
	bool is_ours, was_unlinked, is_freemail;
};

struct matching {
	const struct match_mail *mail;
	const struct match_rules *rules;
	const struct match_lookup *look;
	struct arena *arena;
	struct person people[MAX_PARTIES];
	size_t n, n_foreign;
	bool is_forced; /* LOG_ANYWAY */
	struct match_link links[MAX_LINKS];
	size_t n_links;
	struct err *e;
};

/* match_rule.c; addresses are normalised */
bool rule_lists(const char *const *list, const char *word); /* NULL-ended; NULL = an empty one */
bool rule_is_role(const struct match_rules *rules, const char *norm);
bool rule_is_own(const struct match_rules *rules, const char *norm);
bool rule_is_ours(const struct match_rules *rules, const char *norm); /* or of our company */
bool rule_is_never(const struct match_rules *rules, const char *norm);

/* match_person.c */
const char *person_address(struct matching *m, const char *addr);
int person_collect(struct matching *m) NODISCARD; /* of the mail's parties; looked up once each */
const struct person *person_find(const struct matching *m, const char *norm); /* NULL = nobody */

#endif
