/*
 * thread_private.h - conversations: which messages belong together (thread_join.c) and what the
 * lists show of them (thread_list.c). Writer thread only unless said otherwise.
 */
#ifndef CRMAIL_STORE_THREAD_PRIVATE_H
#define CRMAIL_STORE_THREAD_PRIVATE_H

#include "account_private.h"
#include "store_private.h"

/* message.listed of a first copy, over all copies that lie in a folder */
enum listed_bits { LISTED_YES = 1, LISTED_UNREAD = 2, LISTED_STARRED = 4 };
/* message.facts */
enum message_facts {
	FACT_OWN = 1,
	FACT_AUTO = 2,
	FACT_LIST = 4,
	FACT_FOUND = 8,
	FACT_TOLD = 16 /* what it reports of another mail was taken: it is not told twice */
};
/* thread.facts */
enum thread_facts { THREAD_STARRED = 1, THREAD_FILES = 2, THREAD_DRAFT = 4, THREAD_ALL_OWN = 8 };

/* Folders of thread_list that are no folders: lists over one account. */
enum list_over { LIST_OVER_ALL = 1, LIST_OVER_STARRED = 2 };
int64_t list_folder(int64_t account, enum list_over which); /* any thread; negative */

/* Mail that the CRM's rules found nobody in by itself, message m with its badge c. */
#define KNOWS_NOBODY(m, c)                                                                         \
	"(" c ".reason = 'unknown' OR EXISTS (SELECT 1 FROM link WHERE message = " m               \
	".id AND is_target = 2))"

/* SQL: the message of that id (an expression) is shown somewhere but in drafts, trash and junk
 * (roles 3, 4, 6): those settle nothing and say nothing of who a conversation is with. */
#define LIES_IN_THE_OPEN(id)                                                                       \
	"EXISTS (SELECT 1 FROM placement lp CROSS JOIN folder lf ON lf.id = lp.folder"             \
	" AND lf.role NOT IN (3, 4, 6) WHERE lp.message = " id " AND lp.is_shown = 1)"

/* Conversations touched by a transaction; in the write's arena. */
struct thread_set {
	int64_t *v;
	size_t n, cap;
};
void thread_set_add(struct write *w, struct thread_set *t, int64_t thread);

/* The one place that computes lists and counters: brings thread, thread_list, folder counters and
 * message.listed of these conversations up to date, ends reminders that an answer has come to, and
 * adds EV_MESSAGES for what changed. */
int thread_refresh(struct write *w, const struct thread_set *t, struct err *e) NODISCARD;

/* The conversation that `thread` is part of now. */
int thread_resolve(struct db *d, int64_t *thread, struct err *e) NODISCARD;
int thread_new(struct write *w, int64_t *thread, struct err *e) NODISCARD;
/* Makes one of two; *into gets the one that stays. Both are noted in `touched`. */
int thread_union(struct write *w, int64_t a, int64_t b, int64_t *into, struct thread_set *touched,
	struct err *e) NODISCARD;

/* What is known of a message when its conversation is looked for. */
struct join_facts {
	int64_t account;
	int64_t equal_thread; /* conversation of an equal copy, 0 = none */
	int64_t mid_hash;     /* 0 = no Message-ID */
	const int64_t *refs;  /* hashes, nearest first */
	size_t n_refs;
	const char *provider_thread; /* NULL = none */
};
/* By equal copy, provider's id and references; a new conversation when none of them leads to
 * one. */
int thread_join_refs(struct write *w, const struct join_facts *f, int64_t *thread,
	struct thread_set *touched, struct err *e) NODISCARD;

/* By subject (formats.md): after all messages of a page are there, once for each new one, for
 * itself and for earlier comers that waited for it. */
int thread_join_subject(struct write *w, int64_t message, const struct own_addresses *own,
	struct thread_set *touched, struct err *e) NODISCARD;

#endif
