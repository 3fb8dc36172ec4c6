/*
 * crm_write.c - what the user wrote into records goes to the CRM, in order, once. A write is marked
 * before its request leaves, so that a crash in between is known as a doubt. An edit looks first:
 * what the CRM has changed meanwhile is shown to the user, never written over.
 */
#include "config.h"

#include "crm_sync.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/crm/profile.h"
#include "crmail/crm/write.h"
#include "crmail/store/record.h"

#define MAX_READS 3 /* of a record that changes between reading and writing */

static const enum crm_object object_of[RECORD_KIND_END] = {
	[RECORD_CONTACT] = CRM_CONTACT,
	[RECORD_PARTNER] = CRM_PARTNER,
	[RECORD_LEAD] = CRM_LEAD,
	[RECORD_DEAL] = CRM_DEAL,
	[RECORD_ACTIVITY] = CRM_ACTIVITY,
};
static const unsigned ability_of[CRM_VERB_COUNT] = {
	[CRM_CREATE] = RECORD_CAN_CREATE,
	[CRM_UPDATE] = RECORD_CAN_EDIT,
	[CRM_DELETE] = RECORD_CAN_WITHDRAW,
};

unsigned crm_write_abilities(const struct crm_profile *p)
{
	unsigned all = crm_profile_is_remote(p) ? 0 : RECORD_IS_LOCAL;
	for (int k = RECORD_CONTACT; k < RECORD_KIND_END; k++)
		for (int v = 0; v < CRM_VERB_COUNT; v++)
			if (crm_profile_can(p, object_of[k], (enum crm_verb)v))
				all |= ability_of[v] << k;
	return all;
}

struct saving {
	struct crm_sync *s;
	int64_t id;
};

static int save_journal(void *ctx, const char *journal, struct err *e)
{
	const struct saving *x = ctx;
	return record_save(x->s->options.store, x->id, journal, e);
}

/* One write on its way. */
struct sending {
	struct crm_sync *s;
	struct arena *a;
	const struct record_job *job;
	const struct record_write *w;
	struct crm_field *fields; /* w's, as the engine names them: ours */
	struct saving saving;
	struct crm_attempt attempt;
	bool may_be_there;
	struct crm_write out;
	struct crm_report *report;
};

static int refuse(struct err *e, enum err_code code, const char *sentence)
{
	err_set(e, code, "%s", sentence);
	e->scope = ERR_ITEM;
	e->retry = RETRY_NEVER;
	return -1;
}

/* A link as the CRM's id; of one that was given up NULL and *is_lost. */
static const char *as_sent(struct sending *x, const struct record_value *v, const char *value,
	bool *is_lost)
{
	int64_t row = 0;
	if (!v->ref || !value)
		return value;
	const char *id = str_to_i64(value, 1, INT64_MAX, &row)
				 ? record_crm_id(x->s->reader, x->a, v->ref, row)
				 : NULL;
	*is_lost = !id;
	return id;
}

static const char *engine_name(struct arena *a, const struct record_value *v)
{
	return v->ref ? arena_printf(a, "%s_id", v->name) : v->name;
}

static int prepare(struct sending *x, struct err *e)
{
	const struct record_write *w = x->w;
	bool is_lost = false;
	x->fields = arena_array(x->a, w->n_fields + 1, sizeof(*x->fields));
	for (size_t i = 0; i < w->n_fields; i++)
		x->fields[i] = (struct crm_field){engine_name(x->a, &w->fields[i]),
			as_sent(x, &w->fields[i], w->fields[i].ours, &is_lost)};
	if (is_lost)
		return refuse(e, ERR_NOTFOUND, _("The record that this one belongs to is gone."));
	x->saving = (struct saving){x->s, w->id};
	x->attempt = (struct crm_attempt){
		.is_doubtful = x->job->is_doubtful,
		.journal = x->job->journal,
		.save = save_journal,
		.ctx = &x->saving,
		.may_be_there = &x->may_be_there,
	};
	x->out = (struct crm_write){
		.object = object_of[w->kind],
		.key = x->job->key,
		.id = w->crm_id,
		.fields = x->fields,
		.n_fields = w->n_fields,
	};
	return 0;
}

static int done(struct sending *x, const char *crm_id, struct err *e)
{
	x->report->written++;
	return record_done(x->s->options.store, x->w->id, crm_id, e);
}

static int send_creation(struct sending *x, struct err *e)
{
	const char *id = NULL;
	if (crm_create(x->s->crm, x->a, &x->out, &x->attempt, &id, e))
		return -1;
	return done(x, id, e);
}

/* ---- edits ------------------------------------------------------------------------------------*/

static int keep_both(struct sending *x, const struct crm_record *now, struct err *e)
{
	const struct record_write *w = x->w;
	struct record_field *theirs = arena_array(x->a, w->n_fields + 1, sizeof(*theirs));
	for (size_t i = 0; i < w->n_fields; i++)
		theirs[i] = (struct record_field){w->fields[i].name,
			crm_record_field(x->a, x->out.object, now, x->fields[i].name)};
	log_line(LOG_NOTE, "crm", "write %lld: in conflict", (long long)w->id);
	return record_conflict(x->s->options.store, w->id, theirs, w->n_fields, e);
}

/* Of our fields those that the CRM does not have yet. 1: one of them is in conflict. */
static int choose_fields(struct sending *x, const struct crm_record *now, struct crm_field *out,
	size_t *n)
{
	const struct record_write *w = x->w;
	*n = 0;
	for (size_t i = 0; i < w->n_fields; i++) {
		const struct record_value *v = &w->fields[i];
		bool is_lost = false;
		const char *base = as_sent(x, v, v->base, &is_lost);
		const char *theirs = crm_record_field(x->a, x->out.object, now, x->fields[i].name);
		if (record_is_same(v->name, theirs, x->fields[i].value))
			continue;
		if (is_lost || !record_is_same(v->name, theirs, base))
			return 1;
		out[(*n)++] = x->fields[i];
	}
	return 0;
}

/* 1: it has changed since it was read. */
static int edit_once(struct sending *x, struct err *e)
{
	const struct crm_record *now = NULL;
	struct crm_field *fields = arena_array(x->a, x->w->n_fields + 1, sizeof(*fields));
	if (crm_read_one(x->s->crm, x->out.object, x->w->crm_id, x->a, &now, e))
		return -1;
	if (!now && !x->w->n_fields)
		return record_remake(x->s->options.store, x->w->id, e);
	if (!now)
		return refuse(e, ERR_NOTFOUND, _("This record is not in the CRM any more."));
	if (choose_fields(x, now, fields, &x->out.n_fields))
		return keep_both(x, now, e);
	x->out.fields = fields;
	x->out.updated = now->updated;
	struct err failed = ERR_INIT;
	if (!x->out.n_fields || !crm_update(x->s->crm, x->a, &x->out, &x->attempt, &failed))
		return done(x, NULL, e);
	*e = failed;
	if (failed.code != ERR_CONFLICT || failed.retry != RETRY_NOW)
		return -1;
	err_clear(e);
	return 1;
}

static int send_edit(struct sending *x, struct err *e)
{
	if (!x->w->crm_id)
		return refuse(e, ERR_NOTFOUND, _("This record is not in the CRM."));
	for (int i = 0; i < MAX_READS; i++) {
		int rc = edit_once(x, e);
		if (rc <= 0)
			return rc;
	}
	return err_set(e, ERR_PROTO, "%s", _("The record changes while it is being written."));
}

static int send_withdrawal(struct sending *x, struct err *e)
{
	if (x->w->crm_id && crm_delete(x->s->crm, x->a, &x->out, &x->attempt, e))
		return -1;
	return done(x, NULL, e);
}

/* ---- the queue --------------------------------------------------------------------------------*/

static int send(struct sending *x, struct err *e)
{
	if (prepare(x, e))
		return -1;
	switch (x->w->verb) {
	case RECORD_CREATED:
		return send_creation(x, e);
	case RECORD_EDITED:
		return send_edit(x, e);
	default:
		return send_withdrawal(x, e);
	}
}

/* 0 = go on with the next one, -1 = stop the pass. */
static int settle(const struct sending *x, const struct err *why, struct err *e)
{
	const struct record_job *j = x->job;
	struct store *store = x->s->options.store;
	struct crm_fault f = crm_fault_of(x->s, why, j->attempts, x->may_be_there);
	log_line(LOG_NOTE, "crm", "write %lld %s: %s", (long long)j->id,
		f.is_final ? "parked" : "waits", err_code_name(why->code));
	if (f.is_final)
		return record_park(store, j->id, f.is_doubtful, why->msg, e);
	if (record_defer(store, j->id, f.not_before, f.is_doubtful, why->msg, e))
		return -1;
	*e = *why;
	return -1;
}

static int write_one(struct crm_sync *s, struct arena *a, const struct record_job *j,
	struct crm_report *out, struct err *e)
{
	struct record_write *w = NULL;
	struct err why = ERR_INIT;
	if (record_begin(s->options.store, j->id, &why)) {
		if (why.code == ERR_NOTFOUND) /* taken back a moment ago */
			return 0;
		*e = why;
		return -1;
	}
	if (record_write_get(s->reader, a, j->id, &w, e))
		return -1;
	if (!w)
		return err_set(e, ERR_NOTFOUND, "%s", _("This change was taken back."));
	struct sending x = {
		.s = s, .a = a, .job = j, .w = w, .may_be_there = j->is_doubtful, .report = out};
	return send(&x, &why) ? settle(&x, &why, e) : 0;
}

int crm_write_all(struct crm_sync *s, struct crm_report *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	for (;;) {
		struct record_job *j = NULL;
		arena_reset(&a);
		if (record_due(s->reader, &a, s->id, clock_now(s->options.clock), &j, e))
			return -1;
		if (!j)
			return 0;
		if (crm_sync_stops(s))
			return err_set(e, ERR_CANCELLED, _("Stopped."));
		if (write_one(s, &a, j, out, e))
			return -1;
	}
}
