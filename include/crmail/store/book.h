/*
 * book.h (store) - the lists of contacts, partners, deals and leads as the screen walks them: in
 * any of their orders, in both directions, narrowed by words, a page at a time. A page of 100,000
 * rows costs what a page of 50 does. Reader calls, bounded; strings live in the arena, unsanitised.
 */
#ifndef CRMAIL_STORE_BOOK_H
#define CRMAIL_STORE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store_reader;

enum book { BOOK_CONTACTS, BOOK_PARTNERS, BOOK_DEALS, BOOK_LEADS };
enum book_order {
	BOOK_BY_NAME,
	BOOK_BY_TOUCH,   /* contacts, partners: last touch first */
	BOOK_BY_COMPANY, /* contacts */
	BOOK_BY_STAGE,   /* deals, these four: closed ones come last */
	BOOK_BY_AMOUNT,
	BOOK_BY_CLOSE,
	BOOK_BY_NEXT,
	BOOK_ORDER_COUNT
};
bool book_has_order(enum book b, enum book_order o);

struct book_spec {
	enum book book;
	enum book_order order;
	const char *
		words; /* parts of names, addresses, domains: a row has them all; NULL = all rows */
};

struct book_key { /* where a row stands in its order */
	int64_t n;
	const char *t;
	int64_t id;
};

struct book_row {
	struct book_key key;
	int64_t id, crm;
	const char *name;                        /* of a deal its number, where it has no name */
	const char *title, *email, *phone;       /* contacts; leads: email; NULL = none */
	const char *domain;                      /* partners: the first */
	int64_t n_people;                        /* partners: their contacts */
	int64_t last_touch_at;                   /* 0 = none; leads: their newest mail */
	int64_t partner, contact;                /* deals; 0 = none */
	const char *partner_name, *contact_name; /* contacts, deals; deals */
	const char *stage, *amount, *currency, *next_step;
	int64_t close_at;
	bool is_open;
};

struct book_page {
	struct book_row *v; /* in the order of the list, whichever direction was asked for */
	size_t n;
	struct book_key reached; /* how far was looked: the next page starts there */
	bool is_end;             /* nothing beyond */
};
/* At most `limit` rows after *from (back: before it); from NULL = from that end of the list. With
 * words at most some thousand rows are looked at: a page may be short, or empty, without being the
 * end. */
int book_read(struct store_reader *r, struct arena *a, const struct book_spec *spec,
	const struct book_key *from, bool back, size_t limit, struct book_page *out,
	struct err *e) NODISCARD;
/* All rows, words or not. */
int book_count(struct store_reader *r, enum book b, int64_t *out, struct err *e) NODISCARD;
/* NULL when absent. */
int book_get(struct store_reader *r, struct arena *a, enum book b, int64_t id,
	struct book_row **out, struct err *e) NODISCARD;

#endif
