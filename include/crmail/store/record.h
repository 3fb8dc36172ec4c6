/*
 * record.h - what the user writes into the CRM's records [R36]: shown at once, sent later in order,
 * once. The tables of the records (contact, deal, activity, ...) change in the same commit that
 * queues the write; what the CRM says meanwhile stays beneath until the write is done, so that a
 * pull never takes back what the user sees.
 *
 * A write is one record's creation, edit or withdrawal, field by field: each with the value it was
 * made upon (base), ours, and the CRM's as last seen (theirs). Edits of a record that still wait
 * are one write; a field that is put back to its base leaves it, and a write without fields is
 * none. A CRM that is the store itself has nothing to wait for: its writes are done at once and
 * kept a while, for undo.
 *
 * User calls (UI thread) never block and hand out ids at once; EV_CONTACTS and EV_CRM tell of the
 * commit. Calls with `_wait` are for the CLI. Worker calls block until the commit. Strings of
 * results live in the arena, unsanitised.
 */
#ifndef CRMAIL_STORE_RECORD_H
#define CRMAIL_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

enum record_kind { /* stored, and as enum link_kind: never renumber */
	RECORD_CONTACT = 1,
	RECORD_PARTNER = 2,
	RECORD_LEAD = 3,
	RECORD_DEAL = 4,
	RECORD_ACTIVITY = 5,
	RECORD_KIND_END
};
enum record_verb { RECORD_CREATED = 1, RECORD_EDITED = 2, RECORD_WITHDRAWN = 3 }; /* stored */
enum record_state {                                                               /* stored */
	RECORD_WAITING = 0,
	RECORD_PARKED = 1,   /* refused for good: waits for the user */
	RECORD_CONFLICT = 2, /* changed in the CRM meanwhile: the user says whose counts */
	RECORD_DONE = 3,     /* of a CRM that is the store itself */
	RECORD_SENDING = 4   /* as shown, not stored: the answer is being waited for */
};
const char *record_kind_name(enum record_kind k);   /* "contact", ... */
const char *record_verb_name(enum record_verb v);   /* "create", "edit", "withdraw" */
const char *record_state_name(enum record_state s); /* "waiting", ... */

/*
 * Fields, as text; NULL = emptied:
 *	contact   first_name last_name title email other_emails (blanks or commas between) phone
 *	          other_phones (commas between; in a CRM that is the store itself)
 *	          partner (row id in decimal, or "new:NAME": the one of that name, else made)
 *	partner   name domain
 *	deal      name stage amount currency close_date (YYYY-MM-DD) next_step; contact partner
 *	activity  kind (call|meeting|note|task) subject body at (RFC 3339) duration_min
 *	          due_date (YYYY-MM-DD) status (planned|completed) contact partner lead deal
 * contact, partner, lead and deal are row ids in decimal.
 */
struct record_field {
	const char *name, *value;
};

/* ---- the user ---------------------------------------------------------------------------------
 * An unknown field, a record that is not there: the write fails as user writes do
 * (store_ticket_error). */

/* The new row's id. An activity without `at` is of now, without `status` completed unless due. */
int64_t record_create(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n);
/* What differs from what is shown. An edit of a write that is parked sends it again, and after it
 * when the CRM may have it already. The id is for record_undo(). */
int64_t record_edit(struct store *s, enum record_kind k, int64_t row, const struct record_field *v,
	size_t n);
/* An activity is taken back, here and in the CRM; a mail's entry that still waits is not logged. */
int64_t record_withdraw(struct store *s, enum record_kind k, int64_t row);
/* Takes back one change (the id of record_edit(), record_withdraw(), or the row of
 * record_create()), unless it is on its way or done. What reached the CRM with its answer lost
 * comes again with the next pull; an entry that the CRM took away with its answer lost is made
 * again (record_remake()). */
void record_undo(struct store *s, int64_t id);
/* Of a write in record_writes(): tried again; given up, and the record shown as the CRM has it (one
 * that was to be made goes); in conflict: ours is sent over theirs, or theirs is taken. */
void record_retry(struct store *s, int64_t write);
void record_discard(struct store *s, int64_t write);
void record_resolve(struct store *s, int64_t write, bool ours);

enum record_act { RECORD_UNDO, RECORD_RETRY, RECORD_DISCARD, RECORD_OURS, RECORD_THEIRS };
int record_create_wait(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n, int64_t *row, struct err *e) NODISCARD;
/* ERR_NOTFOUND: no such record. */
int record_edit_wait(struct store *s, enum record_kind k, int64_t row, const struct record_field *v,
	size_t n, struct err *e) NODISCARD;
int record_withdraw_wait(struct store *s, enum record_kind k, int64_t row, struct err *e) NODISCARD;
/* ERR_NOTFOUND: no such write; ERR_CONFLICT: it is on its way, or in no state for that. */
int record_act_wait(struct store *s, int64_t write, enum record_act act, struct err *e) NODISCARD;

/* ---- reading ----------------------------------------------------------------------------------*/

/* What the CRM takes: `record_abilities(r, crm) & RECORD_CAN_EDIT << RECORD_DEAL`. */
#define RECORD_CAN_CREATE 1u
#define RECORD_CAN_EDIT (1u << 8)
#define RECORD_CAN_WITHDRAW (1u << 16)
#define RECORD_IS_LOCAL (1u << 30)                              /* the CRM is the store itself */
unsigned record_abilities(struct store_reader *r, int64_t crm); /* 0 = none, or not known yet */

struct record_value {
	const char *name;
	const char *base, *ours, *theirs; /* NULL = empty */
	enum record_kind ref;             /* the values are row ids of that kind; 0 = plain text */
};
struct record_write {
	int64_t id, crm, row;
	enum record_kind kind;
	enum record_verb verb;
	enum record_state state;
	uint32_t attempts;
	int64_t created_at, not_before; /* 0 = now */
	const char *reason;             /* of a parked one, or of the last failure; NULL = none */
	const char *crm_id;             /* of the record; NULL = the CRM does not have it yet */
	const char *title;              /* what the record is called; never NULL */
	struct record_value *fields;
	size_t n_fields;
};
/* By id (the order of sending), after `after` (0 = from the beginning). states: bits 1u << state,
 * 0 = waiting, parked and in conflict; crm 0 = of all. */
int record_writes(struct store_reader *r, struct arena *a, int64_t crm, unsigned states,
	int64_t after, size_t limit, struct record_write **out, size_t *n, struct err *e) NODISCARD;
int record_write_get(struct store_reader *r, struct arena *a, int64_t id, struct record_write **out,
	struct err *e) NODISCARD; /* NULL when it is done or never was */
/* A field as shown, for forms; NULL = empty. */
const char *record_shown(struct store_reader *r, struct arena *a, enum record_kind k, int64_t row,
	const char *field);
/* The CRM a record belongs to; 0 = no such record. */
int64_t record_crm(struct store_reader *r, enum record_kind k, int64_t row);
/* The CRM's id of a record; NULL = not there, or none yet. */
const char *record_crm_id(struct store_reader *r, struct arena *a, enum record_kind k, int64_t row);
/* The row of a CRM id, or of "local:N"; 0 = none. */
int record_by_crm_id(struct store_reader *r, enum record_kind k, const char *id, int64_t *out,
	struct err *e) NODISCARD;
/* Whether two values of a field say the same: amounts as numbers, moments as moments. */
bool record_is_same(const char *field, const char *a, const char *b);

/* ---- the CRM's worker -------------------------------------------------------------------------*/

/* What the profile can do, as found when it is opened. */
int record_set_abilities(struct store *s, int64_t crm, unsigned abilities, struct err *e) NODISCARD;

struct record_job {
	int64_t id, row;
	enum record_kind kind;
	enum record_verb verb;
	uint32_t attempts;
	bool is_doubtful; /* an earlier attempt may have reached the CRM */
	const char *key;  /* of a creation: the id of our making */
	const char *journal;
};
/* The oldest write that may go now; *out NULL when none may. What waits for a record that the CRM
 * does not have yet is passed over. */
int record_due(struct store_reader *r, struct arena *a, int64_t crm, int64_t now,
	struct record_job **out, struct err *e) NODISCARD;
/* Just before the first request: attempts + 1, in doubt until the answer is known, and from now on
 * no edit changes it. ERR_NOTFOUND: taken back meanwhile. */
int record_begin(struct store *s, int64_t id, struct err *e) NODISCARD;
int record_save(struct store *s, int64_t id, const char *journal, struct err *e) NODISCARD;
/* The CRM has it. crm_id: of a creation. */
int record_done(struct store *s, int64_t id, const char *crm_id, struct err *e) NODISCARD;
/* An edit without fields (an undone withdrawal whose answer was lost) found no record in the CRM:
 * the entry is written once more, as it is shown. ERR_UNSUPPORTED: it is no entry. */
int record_remake(struct store *s, int64_t id, struct err *e) NODISCARD;
/* Refused for good; what waits for it is parked with it. is_doubtful: the CRM may have it
 * nevertheless, so that it is looked for before it is sent again. */
int record_park(struct store *s, int64_t id, bool is_doubtful, const char *reason,
	struct err *e) NODISCARD;
int record_defer(struct store *s, int64_t id, int64_t not_before, bool is_doubtful,
	const char *reason, struct err *e) NODISCARD;
/* The CRM's values differ from base and from ours. Links (contact, partner, ...) as CRM ids. */
int record_conflict(struct store *s, int64_t id, const struct record_field *theirs, size_t n,
	struct err *e) NODISCARD;

#endif
