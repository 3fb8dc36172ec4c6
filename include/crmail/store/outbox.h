/*
 * outbox.h - mail waiting to be sent; table `outbox` alone owns send state (formats.md "outbox").
 * draft -> held (undo window) -> queued -> connecting -> handed -> sent | refused | unknown;
 * cancelled from any state before handed. FULL commits throughout.
 */
#ifndef CRMAIL_STORE_OUTBOX_H
#define CRMAIL_STORE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

enum outbox_state { /* stored as these numbers: never renumber */
	OUTBOX_DRAFT = 0,
	OUTBOX_HELD = 1,
	OUTBOX_SCHEDULED = 2,
	OUTBOX_QUEUED = 3,
	OUTBOX_CONNECTING = 4,
	OUTBOX_HANDED = 5,
	OUTBOX_SENT = 6,
	OUTBOX_REFUSED = 7,
	OUTBOX_UNKNOWN = 8,
	OUTBOX_CANCELLED = 9
};
enum recipient_state { RCPT_PENDING, RCPT_ACCEPTED, RCPT_REFUSED, RCPT_DELIVERED, RCPT_BOUNCED };

/* What the user says about a mail. Each is taken only in the states it makes sense in. */
enum outbox_act {
	OUTBOX_TAKE_BACK,    /* waiting, connecting, refused: a draft again */
	OUTBOX_DISCARD,      /* not on its way: cancelled for good */
	OUTBOX_HOLD,         /* waiting: stays until OUTBOX_SEND_NOW */
	OUTBOX_SEND_NOW,     /* waiting or refused: again, at once */
	OUTBOX_WAS_SENT,     /* unknown: it was; the copy in Sent is filed */
	OUTBOX_WAS_NOT_SENT, /* unknown: it was not; it is sent once more */
};
#define OUTBOX_HELD_FOREVER INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

struct outbox_recipient {
	const char *addr;
	enum recipient_state state;
	const char *reply;
};
struct outbox_row {
	int64_t id, account;
	const char *account_name;
	enum outbox_state state;
	const char *message_id; /* without brackets */
	const char *subject;
	const char *from;                    /* envelope sender */
	struct outbox_recipient *recipients; /* envelope: To, Cc, Bcc */
	size_t n_recipients;
	int64_t not_before; /* 0 = now; OUTBOX_HELD_FOREVER = until told otherwise */
	int64_t created_at;
	int64_t changed_at; /* of the state, or of the last try to file the copy in Sent */
	uint32_t attempts;
	const char *error;     /* NULL = none */
	bool is_filed;         /* the copy in Sent was seen or made (outbox_filed) */
	int64_t reply_to;      /* message row answered, 0 = none: gets MSG_ANSWERED when sent */
	const char *far_draft; /* id of the service's draft that is sent; NULL = none */
	const char *far_message_id; /* what the service called it instead; NULL = as we did */
	const char *sent_by; /* what it was handed to, or what made far_draft; NULL = nothing yet */
	bool files_sent;     /* that is known to file its own copy in Sent */
};
const char *outbox_state_name(enum outbox_state s); /* stored word of formats.md */

#define OUTBOX_LEFT 1 /* the draft's editor was left: the server is told at once */
struct outbox_new {
	int64_t account;
	int64_t id; /* draft to replace, 0 = new */
	const char *message_id, *subject, *from;
	const char *const *recipients;
	size_t n_recipients;
	const char *raw; /* the message, CRLF, without Bcc */
	size_t raw_len;
	const char *draft_json;  /* what the editor needs to open it again; NULL = none */
	enum outbox_state state; /* OUTBOX_DRAFT, OUTBOX_HELD or OUTBOX_QUEUED */
	int64_t not_before;      /* end of the undo window; draft: OUTBOX_LEFT or 0 */
	int64_t reply_to;
	int64_t adopts; /* message of the server's Drafts that this goes on with; 0 = none */
};
/* User call: ticket; *id gets the row's id at once (ids are given out in the process). */
int64_t outbox_put(struct store *s, const struct outbox_new *o, int64_t *id);
/* A mail that some have got already is never a draft again and never cancelled: what is taken back
 * then is only the rest, and the mail stands as sent, in part. */
int64_t outbox_act(struct store *s, int64_t id, enum outbox_act act); /* user call: ticket */
int outbox_act_wait(struct store *s, int64_t id, enum outbox_act act, struct err *e) NODISCARD;
/* Worker call: as outbox_put, waits for the commit (CLI). */
int outbox_put_wait(struct store *s, const struct outbox_new *o, int64_t *id,
	struct err *e) NODISCARD;

int outbox_list(struct store_reader *r, struct arena *a, struct outbox_row **out, size_t *n,
	struct err *e) NODISCARD;
/* Oldest row of the account that is due (held/scheduled/queued past not_before, or connecting
 * left by a dead process); NULL when none. *next_due as in op_due. */
int outbox_due(struct store_reader *r, struct arena *a, int64_t account, struct outbox_row **out,
	int64_t *next_due, struct err *e) NODISCARD;
/* What sending left open: mail handed over whose fate is not known (handed, unknown), and mail sent
 * whose copy in Sent is neither seen nor made. Oldest first. */
int outbox_unsettled(struct store_reader *r, struct arena *a, int64_t account,
	struct outbox_row **out, size_t *n, struct err *e) NODISCARD;
/* Whether a folder for sent mail of the account holds it, as far as the store has seen. */
int outbox_is_in_sent(struct store_reader *r, const struct outbox_row *row, bool *out,
	struct err *e) NODISCARD;
/* Whether another mail of that subject left by the same way in the day before, or since. */
int outbox_has_alike(struct store_reader *r, const struct outbox_row *row, bool *out,
	struct err *e) NODISCARD;
int outbox_raw(struct store_reader *r, struct arena *a, int64_t id, const char **p, size_t *n,
	struct err *e) NODISCARD;
/* NULL when it is no draft: it may be on its way. */
const char *outbox_draft_json(struct store_reader *r, struct arena *a, int64_t id);
/* Moves to `to` only from a state that allows it, else ERR_CONFLICT; recipients may be NULL, but
 * not for going back from handed to queued: then the server has said "not now", to some or to all.
 * Sent without recipients given: who is pending without a reply of the server's was accepted. The
 * same holds for unknown to queued, when the service has said that it did not send it. */
int outbox_set_state(struct store *s, int64_t id, enum outbox_state to,
	const struct outbox_recipient *recipients, size_t n, const struct err *why,
	int64_t not_before, struct err *e) NODISCARD;
/* To handed: `by` is what takes it, files_sent whether that files the copy in Sent by itself. A
 * draft that another way made is forgotten. */
int outbox_set_handed(struct store *s, int64_t id, const struct outbox_recipient *recipients,
	size_t n, const char *by, bool files_sent, struct err *e) NODISCARD;
/* To sent. message_id: the service gave it another, what comes back about it is known by either;
 * NULL or "" = ours stands. */
int outbox_set_sent(struct store *s, int64_t id, const struct outbox_recipient *recipients,
	size_t n, const char *message_id, struct err *e) NODISCARD;
/* Handed or unknown stays what it is, and is asked about again after not_before (0 = not by
 * itself); why NULL: the row says what it said. */
int outbox_ask_later(struct store *s, int64_t id, int64_t not_before, const struct err *why,
	struct err *e) NODISCARD;
/* Services that send a draft of theirs: its id and who made it, on disk before it is sent. */
int outbox_set_far_draft(struct store *s, int64_t id, const char *draft, const char *by,
	struct err *e) NODISCARD;
/* The service's id of the conversation that is answered; NULL = none. */
int outbox_far_thread(struct store_reader *r, struct arena *a, const struct outbox_row *row,
	const char **out, struct err *e) NODISCARD;
/* The copy in Sent was seen or made: raw is dropped, the message row is linked. */
int outbox_filed(struct store *s, int64_t id, struct err *e) NODISCARD;
/* The copy in Sent is tried again after not_before; the row says why. */
int outbox_copy_later(struct store *s, int64_t id, int64_t not_before, const struct err *why,
	struct err *e) NODISCARD;

#endif
