/*
 * draft.h - drafts here and at the server; table draft_copy. A draft of ours is a row of outbox in
 * state draft; each saving gives it a Message-ID of its own, which names that version. draft_copy
 * says which version lies in the server's Drafts. Everything here is told to the server by looking
 * first, so that a crash at any point leaves neither two copies of a version nor one too few.
 */
#ifndef CRMAIL_STORE_DRAFT_H
#define CRMAIL_STORE_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

enum draft_todo_kind {
	DRAFT_PUT, /* the version here is not the server's: put it there, take the old one away */
	DRAFT_REMOVE, /* sent, thrown away, or of another account now: take the copy away */
	DRAFT_MISSED, /* what we put there is no longer seen: changed or deleted elsewhere? */
};

struct draft_todo { /* strings in the arena; NULL = none */
	enum draft_todo_kind kind;
	int64_t outbox;
	const char *message_id; /* of the version here; NULL with DRAFT_REMOVE */
	const char *copy_id;    /* Message-ID of the copy at the server */
	const char *server_id;  /* and what the server calls it; NULL = not known */
	const char *next_id;    /* version that was on its way there: it may have arrived */
};

/* What has to be done next; *out = NULL: nothing now, and *next_due says when (0 = not known). A
 * draft is put there when its editor was left, and at most once a minute while it is open. */
int draft_next(struct store_reader *r, struct arena *a, int64_t account, struct draft_todo **out,
	int64_t *next_due, struct err *e) NODISCARD;
/* Before a version is put there. */
int draft_begin(struct store *s, int64_t account, const struct draft_todo *j,
	struct err *e) NODISCARD;
/* It is there. note: one sentence for the user, NULL = none. */
int draft_done(struct store *s, int64_t account, const struct draft_todo *j, const char *server_id,
	const char *note, struct err *e) NODISCARD;
/* It is not; again after retry_at. */
int draft_failed(struct store *s, int64_t account, const struct draft_todo *j,
	const struct err *why, int64_t retry_at, struct err *e) NODISCARD;
/* The copy is gone, as wanted. */
int draft_removed(struct store *s, int64_t account, int64_t outbox, struct err *e) NODISCARD;
/* It was changed or deleted elsewhere and not here: that is what counts, ours goes. A version saved
 * meanwhile stays. */
int draft_lost(struct store *s, int64_t account, const struct draft_todo *j,
	struct err *e) NODISCARD;

/* Drafts in the servers' folders that are not copies of ours, newest first. */
struct draft_row {
	int64_t message, account;
	int64_t date;
	const char *subject, *to; /* to: names or addresses, joined */
};
int draft_list(struct store_reader *r, struct arena *a, struct draft_row **out, size_t *n,
	struct err *e) NODISCARD;
/* The row of ours whose copy this message is; 0 = none. */
int draft_of_message(struct store_reader *r, int64_t message, int64_t *outbox,
	struct err *e) NODISCARD;

#endif
