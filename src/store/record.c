/*
 * record.c - what the user writes into records, as orders to the writer thread: the record's table
 * and the queue change in one commit that is on disk before it counts.
 */
#include "config.h"

#include "record_order.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/mem.h"
#include "crmail/base/rng.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"

enum { MAX_VALUE = 65536 }; /* bytes of one field */

void record_make_key(struct store *s, char out[40])
{
	char hex[33];
	rng_hex(s->o.rng, hex, 32);
	hex[12] = '4';
	hex[16] = "89ab"[rng_below(s->o.rng, 4)];
	IGNORE_RESULT(snprintf(out, 40, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
			      hex + 16, hex + 20),
		"32 digits and 4 dashes fit");
}

/* Trimmed and valid; empty is none. The text of an entry keeps its lines as they are. */
static const char *clean(struct arena *a, const char *name, const char *value)
{
	struct span s = span_of(value);
	CLEANUP(buf_release) struct buf text = BUF_INIT(3 * MAX_VALUE);
	if (strcmp(name, "body") != 0)
		s = span_trim(s);
	utf8_add_valid(&text, s.p, s.len < MAX_VALUE ? s.len : MAX_VALUE);
	return text.len ? arena_strndup(a, text.p, text.len) : NULL;
}

static struct record_order *new_order(struct store *s, enum order o, enum record_kind k,
	int64_t row, const struct record_field *v, size_t n)
{
	struct record_order *x = xcalloc(1, sizeof(*x));
	x->arena = ARENA_INIT;
	x->order = o;
	x->kind = k;
	x->id = store_new_id(s);
	x->row = o == ORDER_CREATE ? x->id : row;
	record_make_key(s, x->key);
	x->v = arena_array(&x->arena, n + RECORD_MAX_ADDED, sizeof(*x->v));
	for (size_t i = 0; i < n; i++)
		x->v[x->n++] = (struct record_field){arena_strdup(&x->arena, v[i].name),
			clean(&x->arena, v[i].name, v[i].value)};
	return x;
}

static void free_order(void *arg)
{
	struct record_order *x = arg;
	arena_release(&x->arena);
	free(x);
}

static int write_order(struct write *w, void *arg, struct err *e)
{
	struct record_order *x = arg;
	int rc;
	switch (x->order) {
	case ORDER_CREATE:
		rc = record_do_create(w, x, e);
		break;
	case ORDER_EDIT:
		rc = record_do_edit(w, x, e);
		break;
	case ORDER_WITHDRAW:
		rc = record_do_withdraw(w, x, e);
		break;
	default:
		rc = record_do_act(w, x, e);
		break;
	}
	if (rc || record_settle(w, x->crm, e))
		return -1;
	write_event(w, EV_CRM, x->crm, 0, 1, 1);
	return 0;
}

/* ---- the calls --------------------------------------------------------------------------------*/

static int64_t post(struct store *s, struct record_order *x)
{
	int64_t id = x->id;
	writer_post(&s->main, WRITE_USER | WRITE_FULL, write_order, x, free_order);
	return id;
}

static int wait_for(struct store *s, struct record_order *x, struct err *e)
{
	int rc = writer_call(&s->main, WRITE_USER | WRITE_FULL, write_order, x, e);
	free_order(x);
	return rc;
}

static struct record_order *new_act(struct store *s, int64_t id, enum record_act act)
{
	struct record_order *x = new_order(s, ORDER_ACT, RECORD_CONTACT, 0, NULL, 0);
	x->id = id;
	x->act = act;
	return x;
}

static struct record_order *new_creation(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n)
{
	struct record_order *x = new_order(s, ORDER_CREATE, k, 0, v, n);
	x->crm = crm;
	return x;
}

int64_t record_create(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n)
{
	return post(s, new_creation(s, crm, k, v, n));
}

int64_t record_edit(struct store *s, enum record_kind k, int64_t row, const struct record_field *v,
	size_t n)
{
	return post(s, new_order(s, ORDER_EDIT, k, row, v, n));
}

int64_t record_withdraw(struct store *s, enum record_kind k, int64_t row)
{
	return post(s, new_order(s, ORDER_WITHDRAW, k, row, NULL, 0));
}

void record_undo(struct store *s, int64_t id)
{
	post(s, new_act(s, id, RECORD_UNDO));
}

void record_retry(struct store *s, int64_t write)
{
	post(s, new_act(s, write, RECORD_RETRY));
}

void record_discard(struct store *s, int64_t write)
{
	post(s, new_act(s, write, RECORD_DISCARD));
}

void record_resolve(struct store *s, int64_t write, bool ours)
{
	post(s, new_act(s, write, ours ? RECORD_OURS : RECORD_THEIRS));
}

int record_create_wait(struct store *s, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n, int64_t *row, struct err *e)
{
	struct record_order *x = new_creation(s, crm, k, v, n);
	*row = x->row;
	return wait_for(s, x, e);
}

int record_edit_wait(struct store *s, enum record_kind k, int64_t row, const struct record_field *v,
	size_t n, struct err *e)
{
	return wait_for(s, new_order(s, ORDER_EDIT, k, row, v, n), e);
}

int record_withdraw_wait(struct store *s, enum record_kind k, int64_t row, struct err *e)
{
	return wait_for(s, new_order(s, ORDER_WITHDRAW, k, row, NULL, 0), e);
}

int record_act_wait(struct store *s, int64_t write, enum record_act act, struct err *e)
{
	return wait_for(s, new_act(s, write, act), e);
}
