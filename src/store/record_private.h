/*
 * record_private.h - what the files about the user's writes share with each other and with those
 * that write a CRM's pages. Private to src/store; functions with a struct write: writer thread.
 */
#ifndef CRMAIL_STORE_RECORD_PRIVATE_H
#define CRMAIL_STORE_RECORD_PRIVATE_H

#include "crmail/store/record.h"

#include "store_private.h"

/* ---- record_field.c: fields of records as text ------------------------------------------------*/

struct record_def;
/* NULL when that kind has no such field. */
const struct record_def *record_def_of(enum record_kind k, const char *name);
enum record_kind record_def_ref(const struct record_def *f);
/* The i-th field of that kind; NULL behind the last. */
const char *record_def_name(enum record_kind k, size_t i);
/* As shown; NULL = empty. */
int record_get(struct db *d, struct arena *a, const struct record_def *f, int64_t row,
	const char **out, struct err *e) NODISCARD;
int record_set(struct write *w, const struct record_def *f, int64_t row, const char *value,
	struct err *e) NODISCARD;
/* After a record's fields were set: what is made of several of them. */
int record_tidy(struct write *w, enum record_kind k, int64_t row, struct err *e) NODISCARD;
/* The row, empty. key: of an activity. */
int record_make_row(struct write *w, enum record_kind k, int64_t crm, int64_t row, const char *key,
	struct err *e) NODISCARD;
/* The row and all that hangs on it; mail linked to it is looked at again. */
int record_drop_row(struct write *w, enum record_kind k, int64_t row, struct err *e) NODISCARD;
int record_row_crm(struct db *d, enum record_kind k, int64_t row, int64_t *crm,
	struct err *e) NODISCARD;
/* "C1" or "local:N"; NULL when the row is not there. In the arena. */
const char *record_row_title(struct db *d, struct arena *a, enum record_kind k, int64_t row);

/* ---- record_queue.c ---------------------------------------------------------------------------*/

/* A page of the CRM has changed the row: what waits is shown on top again, and what the CRM has is
 * remembered. */
int record_pulled(struct write *w, enum record_kind k, int64_t row, struct err *e) NODISCARD;
/* The same after another write of the row was given up: what the CRM has is known already. */
int record_show_again(struct write *w, enum record_kind k, int64_t row, struct err *e) NODISCARD;
/* The row whose creation waits under this id of our making; 0 = none. */
int record_of_key(struct write *w, enum record_kind k, int64_t crm, const char *key, int64_t *row,
	struct err *e) NODISCARD;
/* After writes came, went or changed their state: what needs a parked record is parked with it,
 * what needs one no longer is not, and entries show how their writes stand. */
int record_settle(struct write *w, int64_t crm, struct err *e) NODISCARD;
/* The CRM's id of a new row: everybody who names the row learns it. record_adopt.c */
int record_adopt(struct write *w, enum record_kind k, int64_t crm, int64_t row, const char *crm_id,
	struct err *e) NODISCARD;

/* Writes of a record that are not done, in words of SQL; the record's columns are `kind` and
 * row. */
#define RECORD_HAS_WRITE(kind, row)                                                                \
	"EXISTS (SELECT 1 FROM record_write rw WHERE rw.kind = " kind " AND rw.row = " row         \
	" AND rw.state <> 3)"

#endif
