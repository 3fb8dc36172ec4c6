/*
 * why.h - why a mail is or is not logged, and to whom: what the matcher says about it now, and what
 * stands in the rows. Made by crm_explain() (sync/explain.h) with any reader; shown by the screen
 * and the CLI. Everything lives in one arena.
 */
#ifndef CRMAIL_STORE_WHY_H
#define CRMAIL_STORE_WHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/activity.h"

struct arena;
struct buf;
struct store_reader;

struct why_person {                 /* a participant */
	const char *field;          /* "from", "to", "cc", "bcc" */
	const char *addr;           /* normalised */
	const char *rule;           /* a word of match_rule_name() (crm/match.h) */
	enum stranger_kind several; /* rule "several": what there are several of */
	const char *domain;         /* that a partner was found by; NULL = none */
	enum link_kind kind;        /* what the address is known as */
	int64_t target;             /* 0 = nobody */
	const char *who;            /* its name; NULL = nobody */
	bool is_never, is_role;
};
struct why_entry {           /* what is, was or will be logged */
	int64_t id;          /* row of activity */
	enum link_kind kind; /* 0 = to nobody */
	int64_t target;
	const char *target_id; /* the CRM's id, or "local:N"; NULL = none */
	const char *who;       /* NULL = nobody, or gone */
	const char *deal;      /* name; NULL = none */
	enum log_state state;
	const char *reason; /* of a parked one; LOG_NOT: it was deleted in the CRM */
	bool is_wanted;     /* false: it would not be logged now */
};
struct why_link { /* made or taken away by hand */
	enum link_kind kind;
	int64_t target;
	const char *who; /* NULL = gone */
	bool is_taken_away;
	int64_t decision;
};
struct why {
	int64_t message, thread, crm;
	const char *crm_name;
	const char *word; /* why it is not logged; NULL = it is, or will be */
	bool is_waiting;  /* is to be looked at by the CRM's worker: what stands in rows is old */
	bool is_paused;   /* the user has paused the CRM: until then nobody looks */
	bool is_private, is_not, is_forced;
	bool inherits; /* it knows nobody itself: logged as its conversation is */
	const struct why_person *people;
	size_t n_people;
	const struct why_entry *entries;
	size_t n_entries;
	const struct why_link *links;
	size_t n_links;
};

/* Entries of a message, is_wanted not set; parked first. */
int why_entries(struct store_reader *r, struct arena *a, int64_t message, struct why_entry **out,
	size_t *n, struct err *e) NODISCARD;
/* What a row is called; NULL = it is gone. */
const char *row_name(struct store_reader *r, struct arena *a, enum link_kind kind, int64_t id);
/* The message stands in the match queue. */
int match_is_waiting(struct store_reader *r, int64_t message, bool *out, struct err *e) NODISCARD;

/* ---- suggestions ------------------------------------------------------------------------------*/

enum suggest_why {            /* best first */
	SUGGEST_NUMBER,       /* the deal's number stands in subject or own text */
	SUGGEST_DEAL_NAME,    /* its name does */
	SUGGEST_PARTNER_NAME, /* a partner's name does */
	SUGGEST_ONLY_DEAL     /* the one open deal of who it is about */
};
struct suggestion {
	enum link_kind kind; /* deal or partner */
	int64_t id;
	const char *name;
	enum suggest_why why;
};
const char *suggest_text(enum suggest_why w); /* translated; valid for ever */
/* What a mail may be about and is not linked to yet; nothing is linked by it. Reads names of all
 * open deals and partners: for the reader thread. */
int suggestions_of(struct store_reader *r, struct arena *a, int64_t crm, int64_t message,
	size_t limit, struct suggestion **out, size_t *n, struct err *e) NODISCARD;

struct link_choice {
	enum link_kind kind;
	int64_t id;
	const char *name, *detail; /* detail: the partner or the address; NULL = none */
};
/* Everything of the CRM that a mail can be linked to by hand, by name; reader thread. */
int link_choices(struct store_reader *r, struct arena *a, int64_t crm, size_t limit,
	struct link_choice **out, size_t *n, struct err *e) NODISCARD;

/* A message by its Message-ID, with or without brackets, or by the number of its row; of equal ones
 * the first whose account has a CRM. 0 = none. */
int message_by_name(struct store_reader *r, const char *name, int64_t *out,
	struct err *e) NODISCARD;
/* The row of a CRM id or "local:N"; 0 = none. */
int row_by_target(struct store_reader *r, enum link_kind kind, const char *id, int64_t *out,
	struct err *e) NODISCARD;

/* ---- in words, translated ---------------------------------------------------------------------*/

/* "contact: has this address" */
void why_add_rule(const struct why_person *p, struct buf *out);
/* One line about the whole: "Logged to Laura Palmer.", "Not logged: ...". */
void why_add_sum(const struct why *w, struct buf *out);
const char *link_kind_name(enum link_kind k); /* "contact", ...: not translated */

#endif
