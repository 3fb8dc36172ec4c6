/*
 * search.h - the query language of R20 and its answers: parse, then pages newest first.
 * Reader thread or CLI; store_reader_interrupt() ends a running query.
 */
#ifndef CRMAIL_STORE_SEARCH_H
#define CRMAIL_STORE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/message.h"

struct arena;
struct store_reader;
struct search_query;

/* `now` and the local zone (TZ) give after:/before: their meaning. ERR_USAGE with the column
 * (1-based, in err.sys) for a wrong query. With `typing` a trailing word is a prefix
 * (of words in bodies from three characters), and what is not finished yet is no error. */
int search_parse(struct arena *a, const char *query, int64_t now, int typing,
	struct search_query **out, struct err *e) NODISCARD;

struct search_hit { /* borrowed in the arena */
	struct message_row m;
	const char *contact_id, *partner_id; /* CRM ids of the peer; NULL = none */
};
/* Messages (each equal copy once), newest received first, older than `before_id` (0 = from the
 * newest), at most `limit` (0 = all). *total, unless NULL: how many there are from there on,
 * for which all hits are walked through. */
int search_messages(struct store_reader *r, struct arena *a, const struct search_query *q,
	int64_t before_id, size_t limit, struct search_hit **out, size_t *n, int64_t *total,
	struct err *e) NODISCARD;
/* The same as conversations, for the screen. */
int search_threads(struct store_reader *r, struct arena *a, const struct search_query *q,
	const struct list_key *after, size_t limit, struct thread_row **out, size_t *n,
	struct err *e) NODISCARD;
int search_total(struct store_reader *r, const struct search_query *q, int64_t *total,
	struct err *e) NODISCARD;
/* Conversations that servers found for exactly this query in the last day, newest first. */
int search_found(struct store_reader *r, struct arena *a, const char *query, size_t limit,
	struct thread_row **out, size_t *n, struct err *e) NODISCARD;
/* Unread conversations among the hits, counted up to `most`. */
int search_unread(struct store_reader *r, struct arena *a, const struct search_query *q,
	size_t most, int64_t *count, struct err *e) NODISCARD;

#endif
