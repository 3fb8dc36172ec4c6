/*
 * match.h - which contacts, partners and leads a mail has to do with, and to which of them it is
 * logged (formats.md "What is logged to whom", R37, R38). Pure but for lookups through a small
 * vtable; any thread.
 *
 * Two answers: links (everything a participant is known as; makes badges and timelines) and
 * targets (where the mail is logged). Automated, internal and role mail has links but no targets.
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
	MATCH_LEAD = 3
}; /* stored: see link.kind */

struct match_hit {
	int64_t id;
	int64_t partner;
}; /* partner: of a contact; 0 = none */

/* Each puts at most `max` hits into `out` and returns how many there are, or -1 with *e. */
struct match_lookup {
	int (*contacts)(void *ctx, const char *norm, struct match_hit *out, size_t max,
		struct err *e);
	int (*leads)(void *ctx, const char *norm, struct match_hit *out, size_t max, struct err *e);
	/* Exactly this domain; the matcher walks the suffixes. */
	int (*partners)(void *ctx, const char *domain, struct match_hit *out, size_t max,
		struct err *e);
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
struct match_mail {
	const struct match_party *parties;
	size_t n;
	bool is_out;
	bool is_auto; /* Auto-Submitted, List-Id, Precedence, empty Return-Path */
};

enum match_why { /* why a mail has no targets; words: match_why_name */
	MATCH_OK,
	MATCH_INTERNAL,
	MATCH_ROLE_SENDER,
	MATCH_AUTOMATED,
	MATCH_NEVER,
	MATCH_AMBIGUOUS,
	MATCH_UNKNOWN
};
const char *match_why_name(enum match_why w); /* "ok", "internal", ...; valid for ever */

struct match_link {
	enum match_kind kind;
	int64_t id;
	int64_t partner;
	bool is_target;
};
struct match_result {             /* in the arena */
	struct match_link *links; /* each once; targets first */
	size_t n;
	const char *const *parties; /* normalised foreign participants, each once */
	size_t n_parties;
	int64_t peer_contact, peer_partner; /* badge: the sender, first To of own mail */
	bool is_peer_unknown;               /* a person that is in no CRM */
	enum match_why why;
};
int match_mail(const struct match_mail *m, const struct match_rules *rules,
	const struct match_lookup *look, struct arena *a, struct match_result *out,
	struct err *e) NODISCARD;

/* Folded for matching: lower case, IDN as ASCII, "+tag" cut. Nothing for what is no address. */
void match_normalise(struct buf *out, const char *addr);
bool match_is_freemail(const char *domain);
bool match_is_role(const char *norm);

#endif
