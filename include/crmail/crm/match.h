/*
 * match.h - which contacts, partners and leads a mail has to do with, and to which of them it is
 * logged (formats.md "What is logged to whom", R37, R38). Pure but for lookups through a small
 * vtable; any thread.
 *
 * Two answers: links (everything a participant is known as; makes badges and timelines) and
 * targets (where the mail is logged). Automated, internal and role mail has links but no targets.
 * What the user linked, unlinked or chose comes before every rule.
 */
#ifndef CRMAIL_CRM_MATCH_H
#define CRMAIL_CRM_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct buf;

enum match_kind {
	MATCH_CONTACT = 1,
	MATCH_PARTNER = 2,
	MATCH_LEAD = 3,
	MATCH_DEAL = 4
}; /* stored: see link.kind */

struct match_hit {
	int64_t id;
	int64_t partner;
}; /* partner: of a contact; 0 = none */

/* What the user said an address stands for. */
struct match_chosen {
	enum match_kind kind; /* contact, partner or lead */
	struct match_hit row;
};

/* Each puts at most `max` hits into `out` and returns how many there are, or -1 with *e. */
struct match_lookup {
	int (*contacts)(void *ctx, const char *norm, struct match_hit *out, size_t max,
		struct err *e);
	int (*leads)(void *ctx, const char *norm, struct match_hit *out, size_t max, struct err *e);
	/* Exactly this domain; the matcher walks the suffixes. */
	int (*partners)(void *ctx, const char *domain, struct match_hit *out, size_t max,
		struct err *e);
	/* An address, or "@domain": 1 = chosen, 0 = not. NULL = nothing is chosen anywhere. */
	int (*chosen)(void *ctx, const char *word, struct match_chosen *out, struct err *e);
	void *ctx;
};

/* NULL-ended lists of normalised words; NULL = empty. */
struct match_rules {
	const char *const *own; /* the user's own addresses, aliases */
	const char *const *internal_domains;
	const char *const *freemail; /* more domains that are nobody's company */
	const char *const *roles;    /* more local parts that are nobody's person */
	const char *const *never;    /* addresses and "@domain"s never logged */
};

enum match_field { MATCH_FROM, MATCH_TO, MATCH_CC, MATCH_BCC };
struct match_party {
	enum match_field field;
	const char *addr;
};

/* What the user decided about this mail or its conversation: always wins. */
enum match_verdict {
	MATCH_LINKED,     /* has to do with that row, and is logged to it */
	MATCH_UNLINKED,   /* has nothing to do with it */
	MATCH_KEPT_OUT,   /* the conversation is private */
	MATCH_NOT_THIS,   /* this mail is not logged */
	MATCH_LOG_ANYWAY, /* this mail is logged, whatever else speaks against it */
};
struct match_decision {
	enum match_verdict verdict;
	enum match_kind kind; /* of LINKED, UNLINKED */
	struct match_hit row;
	int64_t contact; /* of a deal; 0 = none */
};

struct match_mail {
	const struct match_party *parties;
	size_t n;
	bool is_out;
	bool is_auto;       /* Auto-Submitted, List-Id, Precedence, empty Return-Path */
	bool is_kept_apart; /* lies in a folder whose mail is not logged */
	const struct match_decision *decisions;
	size_t n_decisions;
};

enum match_why { /* why a mail has no targets; words: match_why_name */
	MATCH_OK,
	MATCH_INTERNAL,
	MATCH_ROLE_SENDER,
	MATCH_AUTOMATED,
	MATCH_NEVER,
	MATCH_AMBIGUOUS,
	MATCH_UNKNOWN,
	MATCH_FOLDER,
	MATCH_PRIVATE,
	MATCH_SKIPPED,
	MATCH_TAKEN_AWAY /* who it would be logged to was unlinked by hand */
};
const char *match_why_name(enum match_why w); /* "ok", "internal", ...; valid for ever */

struct match_link {
	enum match_kind kind;
	int64_t id;
	int64_t partner;
	bool is_target;
	bool is_by_hand;
};

/* By which rule a participant became what it is; words: match_rule_name */
enum match_rule {
	MATCH_BY_NOTHING,  /* nobody knows the address */
	MATCH_BY_ADDRESS,  /* a contact has it */
	MATCH_BY_CHOICE,   /* the user said who it is */
	MATCH_BY_DOMAIN,   /* a partner has the domain */
	MATCH_BY_LEAD,     /* a lead has the address */
	MATCH_BY_SEVERAL,  /* several contacts, partners or leads have it */
	MATCH_IS_ROLE,     /* info@, sales@, ... of nobody we know */
	MATCH_IS_FREEMAIL, /* unknown, at a domain that is nobody's company */
	MATCH_IS_OWN,      /* ours */
	MATCH_IS_INTERNAL, /* of our organisation */
	MATCH_IS_REMOVED   /* was unlinked by hand */
};
const char *match_rule_name(enum match_rule r); /* "address", "domain", ...; valid for ever */

struct match_person { /* a participant */
	enum match_field field;
	const char *norm;
	const char *domain; /* that a partner was found by; NULL = none */
	enum match_rule rule;
	enum match_kind several; /* MATCH_BY_SEVERAL: what there are several of */
	int64_t contact, partner, lead;
	bool is_role, is_never;
};
struct match_result {             /* in the arena */
	struct match_link *links; /* each once; targets first */
	size_t n;
	const char *const *parties; /* normalised foreign participants, each once */
	size_t n_parties;
	const struct match_person *people; /* everybody once, ours too */
	size_t n_people;
	int64_t peer_contact, peer_partner; /* badge: the sender, first To of own mail */
	bool is_peer_unknown;               /* a person that is in no CRM */
	bool is_forced;                     /* logged whatever the CRM's rules say */
	enum match_why why;
};
int match_mail(const struct match_mail *m, const struct match_rules *rules,
	const struct match_lookup *look, struct arena *a, struct match_result *out,
	struct err *e) NODISCARD;
/* Unlinked by hand: what a reply inherits is looked at too. */
bool match_is_unlinked(const struct match_mail *m, enum match_kind kind, int64_t id);

/* Folded for matching: lower case, IDN as ASCII, "+tag" cut. Nothing for what is no address. */
void match_normalise(struct buf *out, const char *addr);
bool match_is_freemail(const char *domain);
bool match_is_role(const char *norm);

#endif
