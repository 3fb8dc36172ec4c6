/*
 * crm_sweep.c - deletes: now and then all ids of the CRM are listed and compared with the rows
 * here; what the CRM changes without telling is read again with them. What ends a listing too early
 * ends the comparison, and the next pass begins a new one: nothing is taken as deleted on half a
 * list.
 */
#include "config.h"

#include "crm_sync.h"

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/crm_sweep.h"

#define MAX_PAGES 20000 /* of one listing: a server that never ends is cut here */
#define DAY_S 86400

static const enum crm_object swept[] = {CRM_PARTNER, CRM_CONTACT, CRM_LEAD, CRM_DEAL, CRM_ACTIVITY};

/* 0 with the whole list noted. */
static int list_ids(struct crm_sync *s, enum crm_object o, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(arena_release) struct arena keep = ARENA_INIT;
	const char *name = crm_object_name(o);
	const char *after = NULL;
	if (crm_sweep_begin(s->options.store, s->id, name, e))
		return -1;
	for (int pages = 0; pages < MAX_PAGES; pages++) {
		struct crm_ids ids;
		arena_reset(&a);
		if (crm_list_ids(s->crm, o, after, &a, &ids, e))
			return -1;
		if (!ids.n)
			return 0;
		if (crm_sweep_add(s->options.store, s->id, name, ids.v, ids.n, e))
			return -1;
		arena_reset(&keep);
		after = arena_strdup(&keep, ids.v[ids.n - 1]);
		if (crm_sync_stops(s))
			return err_set(e, ERR_CANCELLED, _("Stopped."));
	}
	return err_set(e, ERR_PROTO, _("The CRM's list does not end."));
}

static int sweep_one(struct crm_sync *s, enum crm_object o, struct err *e)
{
	const char *name = crm_object_name(o);
	int64_t now = clock_now(s->options.clock);
	struct crm_sweep_result r;
	if (list_ids(s, o, e) || crm_pull_again(s, o, e) ||
		crm_sweep_end(s->options.store, s->id, name, now, &r, e))
		return -1;
	if (r.gone || r.back)
		log_line(LOG_NOTE, "crm", "crm %lld: %lld %s records gone, %lld back%s",
			(long long)s->id, (long long)r.gone, name, (long long)r.back,
			r.is_doubted ? ": doubted, asked again" : "");
	return 0;
}

/* A list that cannot be had says nothing about the rest of the pass. */
static int try_one(struct crm_sync *s, enum crm_object o, struct err *e)
{
	struct err failed = ERR_INIT;
	if (!sweep_one(s, o, &failed))
		return 0;
	if (failed.scope == ERR_ACCOUNT || failed.code == ERR_CANCELLED) {
		*e = failed;
		return -1;
	}
	log_line(LOG_WARN, "crm", "crm %lld: ids of %s not compared: %s", (long long)s->id,
		crm_object_name(o), err_code_name(failed.code));
	return 0;
}

int crm_sweep_all(struct crm_sync *s, struct err *e)
{
	int64_t now = clock_now(s->options.clock);
	for (size_t i = 0; i < ARRAY_SIZE(swept); i++) {
		const char *name = crm_object_name(swept[i]);
		int days = crm_reconcile_days(s->crm, swept[i]);
		enum crm_sweep_state state;
		if (!days)
			continue;
		if (crm_sweep_state(s->reader, s->id, name, now, (int64_t)days * DAY_S, &state, e))
			return -1;
		if (state == CRM_SWEEP_NEW && crm_sweep_note(s->options.store, s->id, name, now, e))
			return -1;
		if (state == CRM_SWEEP_DUE && try_one(s, swept[i], e))
			return -1;
	}
	return 0;
}
