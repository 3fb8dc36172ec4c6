/*
 * record_order.h - what the user asks of records, on its way to and in the writer thread. Private
 * to the files record*.c: record.c takes orders, record_change.c makes and edits, record_decide.c
 * gives up, withdraws and decides.
 */
#ifndef CRMAIL_STORE_RECORD_ORDER_H
#define CRMAIL_STORE_RECORD_ORDER_H

#include "record_private.h"

enum order { ORDER_CREATE, ORDER_EDIT, ORDER_WITHDRAW, ORDER_ACT };

struct record_order { /* owns copies of everything */
	struct arena arena;
	enum order order;
	enum record_act act;
	enum record_kind kind;
	int64_t crm, row;
	int64_t id; /* of the change; of the write for ORDER_ACT */
	char key[40];
	struct record_field *v;
	size_t n;
};

struct record_change { /* one user's change while it is being made */
	int64_t write, edit, crm;
	enum record_verb verb;
	enum record_kind kind;
	int64_t row;
	bool is_local;
};

enum { RECORD_MAX_ADDED = 3 }; /* fields that a creation gets by itself; room is kept for them */

/* record.c */
void record_make_key(struct store *s, char out[40]); /* a random UUID (version 4) */

/* record_change.c */
int record_do_create(struct write *w, struct record_order *x, struct err *e) NODISCARD;
int record_do_edit(struct write *w, struct record_order *x, struct err *e) NODISCARD;
int record_not_there(struct err *e); /* ERR_NOTFOUND; returns -1 */
int record_read_abilities(struct write *w, int64_t crm, int64_t *out, struct err *e) NODISCARD;
int record_add_write(struct write *w, const struct record_change *c, const char *key,
	struct err *e) NODISCARD;
int record_put_value(struct write *w, const struct record_change *c, const struct record_def *f,
	const struct record_field *v, const char *base, const char *before,
	struct err *e) NODISCARD;
int record_drop_value(struct write *w, int64_t write, const char *field, struct err *e) NODISCARD;
int record_drop_if_empty(struct write *w, int64_t write, struct err *e) NODISCARD;
/* The newest write of a record that a change may become part of, 0 = none: it is not on its way,
 * and the CRM cannot have made the record by it. */
int record_find_open(struct write *w, enum record_kind k, int64_t row, int64_t *id,
	enum record_verb *verb, struct err *e) NODISCARD;
/* A creation parked although the CRM may have it is looked for again: the next change waits for
 * it. */
int record_retry_doubted(struct write *w, enum record_kind k, int64_t row, struct err *e) NODISCARD;

/* record_decide.c */
int record_do_withdraw(struct write *w, struct record_order *x, struct err *e) NODISCARD;
int record_do_act(struct write *w, struct record_order *x, struct err *e) NODISCARD;

#endif
