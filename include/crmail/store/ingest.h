/*
 * ingest.h - mail coming in: pages of headers, then bodies.
 *
 * The worker parses, renders, folds and compresses outside the writer (ingest_prepare_*, any
 * thread), then hands over a finished batch and waits for its commit. A page and its cursor are
 * committed together. One message row per (account, provider id); equal copies (formats.md "Equal
 * messages") share one thread and are shown once, but stay rows and placements of their own.
 * Threads are joined in the same transaction (References/In-Reply-To incl. phantoms, provider
 * thread ids, subject rule of formats.md).
 */
#ifndef CRMAIL_STORE_INGEST_H
#define CRMAIL_STORE_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

struct ingest_msg {
	const char *server_id;      /* UID, Gmail id, Maildir base name, "path#N" for import */
	const char *thread_id;      /* provider's; NULL = none */
	uint32_t flags;             /* enum msg_flag */
	int64_t received;           /* provider's INTERNALDATE; 0 = unknown: the headers tell */
	int64_t file_time;          /* used when the headers tell nothing either; 0 = unknown */
	uint64_t size;              /* bytes */
	const char *const *folders; /* of a page of the whole account: server names of all that it
				     * lies in, NULL-ended */
	const struct prepared *p;   /* from ingest_prepare */
};

/* What parsing found; lives in the arena that made it. Opaque. */
struct prepared;
/* From header bytes alone, or with is_whole from the whole message (or its first part, see
 * ingest_body.partly). With a body, its text and index terms come along. Never fails on a message.
 * Any thread; p is borrowed for the call. */
const struct prepared *ingest_prepare(struct arena *a, const char *p, size_t n, bool is_whole);

struct ingest_page {
	int64_t account, folder;
	const struct ingest_msg *msgs;
	size_t n;
	const struct ingest_flag {
		const char *server_id;
		uint32_t flags;
		const char *const *folders; /* as above; NULL = where it lay before */
	} * flags;                          /* changed */
	size_t n_flags;
	const char *const *gone; /* server ids no longer in the folder */
	size_t n_gone;
	const char *cursor; /* NULL = leave as it is */
	const char
		*found_by; /* the query whose answer this is, from a server's search: such mail is
	                         shown with that search, and never logged; NULL = a listing */
	/* Of a service that has one message in several folders: what the page says is so for all
	 * folders of the account, "gone" too. `folder` is where the cursor is kept. */
	bool is_account_wide;
	uint32_t told; /* enum msg_flag that the service keeps; the others stay as they are; 0 = all
			*/
	bool all_gone_first; /* cursor was lost: server ids count no longer, messages are
	                                known again by their content; what did not come again goes
	                                with ingest_resync_end */
};
struct ingest_writing;
struct ingest_result {
	int64_t n_new, n_changed, n_gone;
	int64_t *ids; /* local ids of msgs[i], in the arena; 0 = not stored */
};
/* Commits the page with its cursor, then the bodies that came along. A server id that is there
 * already only gets its flags. Strings and bytes are borrowed for the call. */
int ingest_page(struct store *s, struct arena *a, const struct ingest_page *p,
	struct ingest_result *out, struct err *e) NODISCARD;
/* The same, but heads and bodies of the page (cache.db) are still being written on return; *rest is
 * NULL when there are none. p->msgs[i].p and what it points to is borrowed until
 * ingest_finish(). */
int ingest_start_page(struct store *s, struct arena *a, const struct ingest_page *p,
	struct ingest_result *out, struct ingest_writing **rest, struct err *e) NODISCARD;
/* After the last page of a listing that began with all_gone_first. */
int ingest_resync_end(struct store *s, int64_t folder, int64_t *n_gone, struct err *e) NODISCARD;

/* Whether there is something for ingest_resync_end() to do, or to come again before it. */
int ingest_resync_is_open(struct store_reader *r, int64_t folder, bool *out,
	struct err *e) NODISCARD;

/* When the oldest message that a listing of the account brought was received; 0 = none yet. */
int ingest_oldest(struct store_reader *r, int64_t account, int64_t *out, struct err *e) NODISCARD;
/* What the store has of a folder: every server id with its remote flags; with ids those of
 * n_ids. */
int ingest_known(struct store_reader *r, struct arena *a, int64_t folder, const char *const *ids,
	size_t n_ids, struct ingest_flag **out, size_t *n, struct err *e) NODISCARD;

/* Which of the ids the store has in any folder of the account; an id comes once. */
int ingest_known_of_account(struct store_reader *r, struct arena *a, int64_t account,
	const char *const *ids, size_t n_ids, struct ingest_flag **out, size_t *n,
	struct err *e) NODISCARD;

/* Ids of the account that a listing which began with all_gone_first has not brought yet, at most
 * `limit` of them in their order behind `after` (NULL = the first). None of them is gone by that:
 * whoever pulls says which are. */
int ingest_unseen_of_account(struct store_reader *r, struct arena *a, int64_t account,
	const char *after, size_t limit, const char *const **out, size_t *n,
	struct err *e) NODISCARD;

/* Messages of a folder whose body is wanted and not there, newest first (for backfill); with ids
 * below `below` only (INT64_MAX = all), so that a backfill goes through the folder once. */
struct ingest_want {
	int64_t message;
	const char *server_id;
	uint64_t size;
	int64_t folder;
};
int ingest_missing_bodies(struct store_reader *r, struct arena *a, int64_t folder, int64_t below,
	size_t max, struct ingest_want **out, size_t *n, struct err *e) NODISCARD;
/* Equal copies in the account that stand for a first one which cannot be fetched any more, folder
 * by folder. Looks at every body that is missing anywhere: for the end of a backfill. */
int ingest_missing_copies(struct store_reader *r, struct arena *a, int64_t account, size_t max,
	struct ingest_want **out, size_t *n, struct err *e) NODISCARD;
/* The folders of the account for which ingest_missing_bodies() gives something. Looks at each
 * missing body; for once at the beginning. */
int ingest_missing_folders(struct store_reader *r, struct arena *a, int64_t account, int64_t **out,
	size_t *n, struct err *e) NODISCARD;
/* How many of the account are to come: what ingest_missing_bodies() goes through. Looks at each of
 * them; for once at the beginning. */
int ingest_missing_count(struct store_reader *r, int64_t account, int64_t *n,
	struct err *e) NODISCARD;
/* Bodies that somebody waits for (message_want_body), of all folders of the account. */
struct ingest_request {
	int64_t message, folder;
	const char *folder_name, *server_id;
};
int ingest_requested_bodies(struct store_reader *r, struct arena *a, int64_t account,
	struct ingest_request **out, size_t *n, struct err *e) NODISCARD;
/* Bodies fetched later: at most 100 a batch. `p` as from ingest_prepare with is_whole. */
struct ingest_body {
	int64_t message;
	const struct prepared *p;
	bool partly;
};
int ingest_bodies(struct store *s, const struct ingest_body *v, size_t n, struct err *e) NODISCARD;
/* The same, begun: the writers work while the caller fetches and prepares the next batch (which
 * may not hold a message of this one). What the bodies point to is borrowed until ingest_finish(),
 * which waits for the commits, tells how it went and frees the writing in either case. */
int ingest_start_bodies(struct store *s, const struct ingest_body *v, size_t n,
	struct ingest_writing **out, struct err *e) NODISCARD;
int ingest_finish(struct ingest_writing *g, struct err *e) NODISCARD;
/* A body that failed for good: parked with its reason, not asked for again. */
int ingest_park(struct store *s, int64_t message, const char *reason, struct err *e) NODISCARD;

#endif
