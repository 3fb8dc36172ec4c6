/*
 * gmail.h - the Gmail API inside: what the files of this folder share. Private. The account's
 * worker thread only.
 *
 * Labels are folders: a message lies in every folder whose label it bears, and in the archive when
 * it bears none of Gmail's own places. What lies in Trash or Spam lies nowhere else. STARRED and
 * UNREAD are flags; categories and IMPORTANT are not shown.
 *
 * Cursor: "v1 at H" where everything up to history id H is known; "v1 list H ..." while the first
 * listing runs that H was taken before, "v1 again H ..." while one runs in place of a lost history.
 * A listing's cursor goes on with the number of messages that the account had (-1: not known), of
 * those listed, and the token of the first page that is not wholly stored: there it goes on after a
 * lost line, or with its first page where Gmail does not take the token any more. What the store
 * has is not asked for again. History ids and tokens are opaque.
 *
 * A message is left out for one reason: Gmail answers 404 for it. What it refuses otherwise, while
 * it answers for others, is written down in the cursor (at most GMAIL_LATER_MOST ids, "-" = none)
 * and asked for later. And none is gone here for one reason but that or Gmail's own word: what a
 * listing in place of a lost history did not bring is asked for by its id.
 */
#ifndef CRMAIL_SRC_PROVIDER_GMAIL_H
#define CRMAIL_SRC_PROVIDER_GMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/provider/provider.h"

#include "src/provider/web.h"

#define GMAIL_BASE "https://gmail.googleapis.com"
#define GMAIL_ME "/gmail/v1/users/me"
#define GMAIL_ARCHIVE "ARCHIVE" /* server name of the folder that is no label */
#define GMAIL_BATCH_MOST 50     /* calls in one request: Google's advice */
#define GMAIL_BATCH_BYTES ((size_t)24 << 20)
#define GMAIL_MESSAGE_BYTES ((size_t)64 << 20) /* of an answer with one message */
#define GMAIL_MODIFY_MOST 1000                 /* messages that change alike in one request */
#define GMAIL_LATER_MOST 40                    /* messages that are refused at one time */
#define GMAIL_TOKEN_MOST ((size_t)2000)        /* bytes of a page's token */

/* ---- what the service says (read.c) ---------------------------------------------------------- */

struct gmail_item { /* one message; all in the arena */
	const char *id;
	const char *thread_id; /* NULL = not said */
	const char *const *labels;
	size_t n_labels;
	int64_t received; /* seconds UTC; 0 = not said */
	uint64_t size;
	const char *raw; /* NULL = did not come along */
	size_t raw_len;
	const char *message_id;  /* with format=metadata, without brackets; NULL = not said */
	const char *original_id; /* the one that Gmail put its own in place of */
	const char *headers;     /* of metadata, written out again; NULL = none */
};
/* Any bytes; ERR_PARSE (scope ERR_ITEM) for what is no message. */
int gmail_read_item(struct arena *a, const char *p, size_t n, struct gmail_item *out,
	struct err *e) NODISCARD;
/* For cJSON_ArrayForEach: NULL, which is an empty one, where it is no array. */
static inline const cJSON *gmail_list(const cJSON *j)
{
	return cJSON_IsArray(j) ? j : NULL;
}
/* Letters, digits, "-" and "_", at most 128: fit for a path. */
bool gmail_is_id(const char *s);
/* base64url, appended; padded or not, also as JSON escapes it. False: it is none. */
bool gmail_unbase64(struct buf *out, const char *p, size_t n);
void gmail_base64(struct buf *out, const char *p, size_t n); /* base64url, padded */

struct gmail_part {   /* of the answer to a batch; points into it */
	size_t index; /* of the request that it answers */
	int status;
	int64_t retry_after_ms; /* -1 = not said */
	const char *body;
	size_t len;
};
/* The parts that are whole and belong to one of n_asked requests, each at most once. */
void gmail_split_batch(struct arena *a, const char *content_type, const char *p, size_t n,
	size_t n_asked, struct gmail_part **out, size_t *n_out);

struct gmail_change { /* ids that a page of the history names, each once, newest last */
	const char *id;
	bool is_gone;
};
struct gmail_history {
	struct gmail_change *v;
	size_t n;
	const char *history_id; /* NULL = not said */
	const char *next;       /* page token; NULL = the last one */
};
/* ERR_PROTO: it is no page of the history. */
int gmail_read_history(struct arena *a, const cJSON *j, struct gmail_history *out,
	struct err *e) NODISCARD;
/* The token of the next page, in the arena; NULL = it was the last one. ERR_PROTO: it is none. */
int gmail_read_token(struct arena *a, const cJSON *j, const char **out, struct err *e) NODISCARD;

/* ---- labels (labels.c) ----------------------------------------------------------------------- */

struct gmail_labels {
	struct arena a;
	const char **ids; /* the user's own, sorted */
	size_t n;
	bool is_fresh; /* read since an unknown one was met */
};
#define GMAIL_TOLD (MSG_SEEN | MSG_FLAGGED | MSG_DRAFT)
uint32_t gmail_flags(const struct gmail_item *m);
/* NULL-ended, at least one; NULL when a label is not known and the list is not fresh. */
const char *const *gmail_folders_of(const struct gmail_labels *l, struct arena *a,
	const struct gmail_item *m);

/* ---- where it stands (cursor.c) -------------------------------------------------------------- */

enum gmail_word { GMAIL_AT, GMAIL_LIST, GMAIL_AGAIN };
struct gmail_cursor {
	enum gmail_word word;
	const char *history;
	int64_t total, done; /* of a listing; total -1 = not known */
	const char *token;   /* of a listing; NULL = its first page */
	const char *later[GMAIL_LATER_MOST];
	size_t n_later;
};
bool gmail_cursor_read(struct arena *a, const char *text, struct gmail_cursor *out);
const char *gmail_cursor_write(struct arena *a, const struct gmail_cursor *c);

struct gmail_walk { /* through pages; all zero to begin with */
	char token[65], id[65];
	uint64_t n, next_mark;
	unsigned n_empty;
};
/* With what a page names as the next one, and the first id on it (NULL = it is empty). False: the
 * pages go round in a circle, or there is nothing on them. */
bool gmail_walk_goes_on(struct gmail_walk *w, const char *token, const char *first_id);

/* ---- the account ----------------------------------------------------------------------------- */

/* GMAIL_CHECKING: what a listing anew did not bring is asked for by its id. */
enum gmail_mode { GMAIL_IDLE, GMAIL_LISTING, GMAIL_CHECKING, GMAIL_HISTORY };

struct gmail_entry {
	const char *id;
	bool is_known; /* its labels are wanted, not its text */
	bool is_gone;
};

struct gmail {
	struct provider base;
	const struct account_conf *conf;
	struct web *web;
	struct web *people; /* the address book's; NULL before it is asked for */
	struct gmail_walk people_walk;
	struct net_cancel *own_cancel; /* NULL: the owner's is used */
	struct gmail_labels labels;
	/* what is being pulled */
	enum gmail_mode mode;
	struct arena run;         /* of the pull: ids, history ids */
	struct arena page;        /* of one page of the service's listing */
	const char *cursor_now;   /* what the store has, as far as we know; in `run` */
	const char *history_from; /* in `run` */
	const char *history_to;
	const char *token; /* of the next page; NULL = none, or the first */
	bool has_more;     /* of the service's pages */
	bool is_again, was_expired;
	struct gmail_entry *queue; /* in `page` */
	size_t n_queue, next;
	int64_t total, done, on_page; /* messages there were; listed before; listed in the queue */
	struct gmail_walk walk;
	unsigned n_begun_again;              /* listings whose token was not taken any more */
	const char *checked;                 /* the last id that was asked for in the end */
	const char *later[GMAIL_LATER_MOST]; /* refused; in `run` */
	size_t n_later;
	int64_t later_at_ms; /* when they were asked for last; monotonic, 0 = not yet */
	size_t batch;        /* messages asked for at once: shrinks where they are large */
	struct err held_up;  /* what ended the last batch half way: told with the next call */
	int64_t units;       /* of the quota that may be spent */
	int64_t units_at_ms; /* monotonic, when that was so */
};

struct gmail *gmail_of(struct provider *p);
struct net_cancel *gmail_cancel_of(const struct gmail *g);
int gmail_folders(struct provider *p, struct arena *a, struct folder_list *out, struct err *e);

/* listing.c: the service's pages of ids */
/* Fills the queue where it is empty and more is to come. */
int gmail_next_page(struct gmail *g, struct err *e) NODISCARD;
/* The queue is what was refused before. */
int gmail_queue_later(struct gmail *g, struct err *e) NODISCARD;

/* pull.c */
/* A minute's worth of the quota may be spent at once. False: not yet, and a moment has passed. */
bool gmail_may_spend(struct gmail *g, int64_t units);
int gmail_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e);

/* get.c: many messages in few requests. */
enum gmail_got {
	GMAIL_GOT_NOTHING,
	GMAIL_GOT_ITEM,
	GMAIL_GOT_GONE,    /* 404 */
	GMAIL_GOT_GARBAGE, /* not in this format */
	GMAIL_GOT_REFUSED  /* this one alone, at this time: the service answers for others */
};
struct gmail_answer {
	enum gmail_got got;
	struct gmail_item item;
};
/* At most GMAIL_BATCH_MOST ids. format: "raw", "minimal", "metadata" and more of the query. What a
 * batch did not answer is asked for alone, unless it asked to slow down. 0 = v[] says what came;
 * *held_up then says why the rest did not (code ERR_NONE = nothing is missing). -1 = nothing came
 * at all. ERR_TOOBIG: too many at once. */
int gmail_get_many(struct web *w, const char *const *ids, size_t n, const char *format,
	struct arena *a, struct gmail_answer *v, struct err *held_up, struct err *e) NODISCARD;
/* -1: what failed is not the message's own. */
int gmail_get_one(struct web *w, const char *id, const char *format, struct arena *a,
	struct gmail_answer *out, struct err *e) NODISCARD;
int gmail_fetch(struct provider *p, const char *folder, const char *cursor, const char *const *ids,
	size_t n, uint64_t max_bytes,
	int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole),
	void *ctx, struct err *e);

/* apply.c */
int gmail_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e);
/* Those that change alike go in one request; as idempotent as one by one. */
int gmail_apply_many(struct provider *p, const struct op *ops, size_t n, struct arena *a,
	struct prov_applied *out, struct err *e);
int gmail_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e);

/* search.c */
int gmail_search(struct provider *p, const struct query *q, struct arena *a, struct prov_page *out,
	struct err *e);
/* What Gmail is asked for; false: nothing there can match. */
bool gmail_query(struct buf *out, const char *text, int64_t now);

/* people.c: provider.h, contacts.h */
struct prov_contacts_page;
struct prov_contacts_sink;
int gmail_contacts(struct provider *p, const char *cursor, struct arena *a,
	const struct prov_contacts_sink *to, struct prov_contacts_page *out, struct err *e);

/* drafts.c */
struct gmail_draft {
	const char *id, *message; /* in the arena */
};
/* data with CRLF; thread_id NULL = none. is_update: `id` names the draft to put it in place of. */
int gmail_draft_put(struct web *w, const char *id, const char *data, size_t len,
	const char *thread_id, struct arena *a, struct gmail_draft *out, struct err *e) NODISCARD;
/* By the message that it is, or by its Message-ID (the other NULL); out->id NULL = there is
 * none. */
int gmail_draft_find(struct web *w, const char *message, const char *message_id, struct arena *a,
	struct gmail_draft *out, struct err *e) NODISCARD;
int gmail_draft_drop(struct web *w, const char *id, struct err *e) NODISCARD; /* idempotent */
/* In the label, by Message-ID or what Gmail keeps of it; *id NULL = not there. */
int gmail_find_message(struct web *w, const char *label, const char *message_id, struct arena *a,
	const char **id, struct err *e) NODISCARD;

extern const struct provider_ops gmail_provider_ops;

#endif
