/*
 * search_private.h - a parsed query (search_parse.c) and how its hits are walked (search_walk.c).
 */
#ifndef CRMAIL_STORE_SEARCH_PRIVATE_H
#define CRMAIL_STORE_SEARCH_PRIVATE_H

#include "crmail/store/search.h"

#include "store_private.h"

enum term_kind {
	TERM_TEXT, /* words or substrings in `columns` */
	TERM_FILES,
	TERM_UNREAD,
	TERM_STARRED,
	TERM_AFTER,
	TERM_BEFORE,
	TERM_FOLDER,
	TERM_ACCOUNT,
	TERM_CONTACT,
	TERM_PARTNER,
	TERM_DEAL,
};

enum search_columns { /* of head; the body is a table of its own */
	COL_SUBJECT = 1,
	COL_SENDER = 2,
	COL_RCPT = 4,
	COL_CC = 8,
	COL_FILES = 16,
	COL_BODY = 32,
	COL_ANY = 63,
};

struct search_term {
	enum term_kind kind;
	bool is_negated, is_prefix;
	bool is_typed; /* still being typed: a prefix only from some length */
	unsigned columns;
	const char *text; /* as typed, without quotes */
	int64_t at;       /* TERM_AFTER, TERM_BEFORE: seconds UTC */
	struct search_term *next;
};

struct search_group { /* all of its terms */
	struct search_term *terms;
	struct search_group *next;
};

struct search_query {                /* one of its groups */
	struct search_group *groups; /* NULL = nothing is asked, nothing is found */
};

/* Walks the hits, ids of first copies, newest first. */
struct search_walk;
int search_walk_open(struct store_reader *r, struct arena *a, const struct search_query *q,
	struct search_walk **out, struct err *e) NODISCARD;
void search_walk_close(struct search_walk **w); /* for CLEANUP; NULL is fine */
/* The newest hit with an id of at most `max`; 0 = none. max must not grow from call to call. */
int search_walk_next(struct search_walk *w, int64_t max, int64_t *id, struct err *e) NODISCARD;

/* search_terms.c: the rows of CRM tables and folders that a text names. Ids in the arena. */
struct id_list {
	int64_t *v;
	size_t n, cap;
};
void id_list_add(struct arena *a, struct id_list *l, int64_t id);
int search_find_folders(struct db *d, struct arena *a, const char *text, struct id_list *out,
	struct err *e) NODISCARD;
int search_find_accounts(struct db *d, struct arena *a, const char *text, struct id_list *out,
	struct err *e) NODISCARD;
/* Messages (first copies) linked to what the text names, ascending. */
int search_find_linked(struct db *d, struct arena *a, enum term_kind kind, const char *text,
	struct id_list *out, struct err *e) NODISCARD;

#endif
