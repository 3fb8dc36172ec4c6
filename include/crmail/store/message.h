/*
 * message.h (store) - conversations and messages as the screen and the CLI read them. Reader
 * calls are bounded to what is asked; strings live in the caller's arena and are NOT sanitised
 * (views sanitise what they draw). Shown flags and placements = remote state with pending ops on
 * top.
 */
#ifndef CRMAIL_STORE_MESSAGE_H
#define CRMAIL_STORE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/op.h"

struct arena;
struct store;
struct store_reader;

/* What a list shows: one folder, a role over all accounts (unified), or a special list. */
enum list_kind { LIST_FOLDER, LIST_ROLE, LIST_STARRED, LIST_ALL, LIST_DRAFTS };
struct list_spec {
	enum list_kind kind;
	int64_t folder;        /* LIST_FOLDER */
	enum folder_role role; /* LIST_ROLE */
	int64_t account;       /* 0 = all accounts */
	bool unread_only;
};

struct list_key {
	int64_t sort_at, thread;
}; /* keyset position */

struct thread_row {
	int64_t thread;
	int64_t account; /* of the newest message */
	int64_t message; /* newest message in the list: the one `r` answers */
	int64_t sort_at; /* seconds UTC */
	int64_t date;    /* Date of the newest message, seconds UTC */
	int date_offset_min;
	/* "Laura Palmer, \001": decoded names, newest last, "\001" for the user. Of own mail that
	 * nobody answered: "\002" and the recipients. */
	const char *people;
	const char *subject;
	const char *snippet;
	uint32_t count, unread;
	bool starred, has_attachment, is_draft;
	const char *contact_name; /* peer's contact; NULL = unknown */
	int64_t contact, partner; /* local ids, 0 = none */
	const char *partner_name;
	const char *deal;  /* "€12k" of the single open deal; NULL = none */
	bool peer_unknown; /* a person that is in no CRM (badge "?") */
	int64_t remind_at; /* somebody wants to be reminded of it then; 0 = not */
};

/* At most `limit` conversations after (older) or before (newer) *from; from NULL = the end of
 * that direction. Newest first in both directions. */
int thread_list_page(struct store_reader *r, struct arena *a, const struct list_spec *spec,
	const struct list_key *from, bool newer, size_t limit, struct thread_row **out, size_t *n,
	struct err *e) NODISCARD;
int thread_list_count(struct store_reader *r, const struct list_spec *spec, int64_t *threads,
	int64_t *unread, struct err *e) NODISCARD; /* from counters: cheap */
/* By its newest message that lies elsewhere than in drafts, trash and junk, where there is one;
 * NULL = it is not here. */
int thread_get(struct store_reader *r, struct arena *a, int64_t thread, struct thread_row **out,
	struct err *e) NODISCARD;
/* The same with subject, date and people's badge of one of its messages; NULL = neither is here. */
int thread_get_at(struct store_reader *r, struct arena *a, int64_t thread, int64_t message,
	struct thread_row **out, struct err *e) NODISCARD;

enum body_state { BODY_NONE, BODY_PARTLY, BODY_WHOLE, BODY_PARKED };
struct party {
	const char *name, *addr;
	int64_t contact;          /* 0 = unknown */
	const char *contact_name; /* of the CRM; NULL = unknown */
};
struct message_row {
	int64_t id, thread, account, folder; /* folder: first placement */
	const char *folder_name, *account_name, *server_id;
	const char *message_id;
	int64_t parent; /* message row this one answers, 0 = root or unknown */
	int64_t date, received;
	int date_offset_min;
	uint32_t flags; /* shown */
	uint64_t size;
	bool is_own; /* direction out */
	bool is_auto;
	const char *subject, *snippet;
	struct party from;
	struct party *to, *cc, *bcc;
	size_t n_to, n_cc, n_bcc;
	uint32_t n_attachments;
	enum body_state body;
	const char *parked; /* reason; NULL = none */
};
/* Messages of a conversation, oldest first by Date, each equal copy once. */
int thread_messages(struct store_reader *r, struct arena *a, int64_t thread,
	struct message_row **out, size_t *n, struct err *e) NODISCARD;
int message_get(struct store_reader *r, struct arena *a, int64_t id, struct message_row **out,
	struct err *e) NODISCARD; /* NULL when absent */
/* The folders that show the message or an equal copy. */
int message_folders(struct store_reader *r, struct arena *a, int64_t id, int64_t **out, size_t *n,
	struct err *e) NODISCARD;
/* Raw bytes as they came (decompressed), or the headers when no body is there (*state tells). A
 * body that is there and cannot be read counts as not there. In the arena. */
int message_raw(struct store_reader *r, struct arena *a, int64_t id, const char **p, size_t *n,
	enum body_state *state, struct err *e) NODISCARD;
/* Asks for a body now (user waits): noted in table body_request; the host is kicked. */
int64_t message_want_body(struct store *s, int64_t id); /* user call: ticket */

/* Somebody reads it: the cache limit then leaves it alone for longest. */
int64_t message_opened(struct store *s, int64_t id); /* user call: ticket */

/* formats.md "threads": every message of the data folder with source and parent. */
/* Return not 0 to stop (ERR_CANCELLED). */
typedef int (*thread_dump_fn)(void *ctx, int64_t thread, const char *source, const char *message_id,
	const char *parent_source);
int thread_dump(struct store_reader *r, thread_dump_fn fn, void *ctx, struct err *e) NODISCARD;

/* ---- what the user does: user calls, tickets; effects are shown at once by the overlay ------- */
enum target_kind { TARGET_THREADS, TARGET_MESSAGES };
struct target {
	enum target_kind kind;
	const int64_t *ids;
	size_t n;
	struct list_spec list;
};

/* Each returns a ticket; *group (may be NULL) names the change for undo. */
int64_t action_flags(struct store *s, const struct target *t, uint32_t add, uint32_t remove,
	int64_t *group);
int64_t action_move_role(struct store *s, const struct target *t, enum folder_role role,
	int64_t *group); /* archive, trash, junk; the folder is made when it is missing */
int64_t action_move(struct store *s, const struct target *t, int64_t folder, int64_t *group);
/* A label is a further folder: sets it, or takes it off again what lies elsewhere too. */
int64_t action_label(struct store *s, const struct target *t, int64_t folder, bool is_on,
	int64_t *group);
int64_t action_undo(struct store *s, int64_t group); /* of a reminder, too */

#endif
