/*
 * crm_hook.c - events `ce.email.synced` told to the command of the setting `hook` and to the
 * profile's endpoint, one after the other, oldest first. An event is marked before it is told and
 * after: told at least once, and after a crash only the one in between is told again. What fails
 * is tried again later and holds up neither mail nor the log.
 */
#include "config.h"

#include "crm_sync.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/store/hook_event.h"

#include "hook.h"

#define EVENT_TYPE "ce.email.synced"
#define MAX_ATTEMPTS 12
#define FIRST_WAIT_S 30
#define MAX_WAIT_S 3600
#define COMMAND_DEADLINE_MS 10000

static int64_t wait_of(uint32_t attempts)
{
	int64_t wait = FIRST_WAIT_S;
	for (uint32_t i = 0; i < attempts && wait < MAX_WAIT_S; i++)
		wait *= 2;
	return wait < MAX_WAIT_S ? wait : MAX_WAIT_S;
}

static void add_or_null(cJSON *o, const char *key, const char *text)
{
	if (text)
		json_add_str(o, key, text);
	else
		cJSON_AddNullToObject(o, key);
}

/* Exactly the fields of the contract. */
static char *event_text(const struct crm_sync *s, const struct hook_event *x, int64_t told_at)
{
	char at[32];
	cJSON *o = cJSON_CreateObject();
	json_add_str(o, "event_type", EVENT_TYPE);
	json_add_str(o, "organization_id", s->organization);
	json_add_str(o, "email_message_id", x->key);
	json_add_str(o, "direction", x->is_out ? "outbound" : "inbound");
	add_or_null(o, "contact_id", x->contact_id);
	add_or_null(o, "partner_id", x->partner_id);
	json_add_str(o, "timestamp", clock_rfc3339(told_at, at, sizeof(at)));
	char *text = json_print(o);
	cJSON_Delete(o);
	return text;
}

static int tell_command(struct crm_sync *s, const char *command, const struct hook_event *x,
	int64_t told_at, struct err *e)
{
	CLEANUP(free_str) char *json = event_text(s, x, told_at);
	CLEANUP(free_str) char *text = xasprintf("%s\n", json);
	const struct hook_run run = {
		.command = command,
		.text = text,
		.len = strlen(text),
		.deadline_ms =
			s->options.deadline_ms ? s->options.deadline_ms : COMMAND_DEADLINE_MS,
		.cancel = s->options.cancel,
	};
	return hook_run(&run, e);
}

static int tell_endpoint(struct crm_sync *s, const struct hook_event *x, int64_t told_at,
	struct err *e)
{
	const struct crm_event event = {
		.type = EVENT_TYPE,
		.key = x->key,
		.contact_id = x->contact_id,
		.partner_id = x->partner_id,
		.is_out = x->is_out,
		.at = told_at,
	};
	return crm_tell(s->crm, &event, e);
}

/* What was stopped by us was no failure of its own: it stays due. */
static int settle(struct crm_sync *s, const struct hook_event *x, const struct err *why,
	struct err *e)
{
	struct store *store = s->options.store;
	if (why->code == ERR_CANCELLED) {
		*e = *why;
		return -1;
	}
	bool is_given_up = x->attempts + 1 >= MAX_ATTEMPTS;
	log_line(LOG_WARN, "hook", "event %lld: %s, status %d%s", (long long)x->id,
		err_code_name(why->code), why->sys, is_given_up ? ", given up" : "");
	if (is_given_up)
		return hook_event_give_up(store, x->id, e);
	int64_t now = clock_now(s->options.clock);
	return hook_event_defer(store, x->id, now + wait_of(x->attempts), e);
}

static int tell_one(struct crm_sync *s, const char *command, const struct hook_event *x,
	struct crm_report *out, struct err *e)
{
	struct err why = ERR_INIT;
	int64_t now = clock_now(s->options.clock);
	int64_t told_at = x->told_at ? x->told_at : now;
	if (hook_event_begin(s->options.store, x->id, now, e))
		return -1;
	/* Without a command it is the endpoint's. */
	if (command ? tell_command(s, command, x, told_at, &why)
		    : tell_endpoint(s, x, told_at, &why))
		return settle(s, x, &why, e);
	out->events++;
	return hook_event_done(s->options.store, x->id, e);
}

static void note_wait(struct crm_sync *s, int64_t not_before)
{
	if (not_before && (!s->next_event_at || not_before < s->next_event_at))
		s->next_event_at = not_before;
}

static int tell_all(struct crm_sync *s, enum hook_sink sink, const char *command,
	struct crm_report *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	for (;;) {
		struct hook_event *x = NULL;
		int64_t not_before = 0;
		arena_reset(&a);
		if (hook_event_due(s->reader, &a, s->id, sink, clock_now(s->options.clock), &x,
			    &not_before, e))
			return -1;
		note_wait(s, not_before);
		if (!x)
			return 0;
		if (crm_sync_stops(s))
			return err_set(e, ERR_CANCELLED, _("Stopped."));
		if (tell_one(s, command, x, out, e))
			return -1;
	}
}

int crm_hook_all(struct crm_sync *s, bool with_crm, struct crm_report *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	s->next_event_at = 0;
	/* Read each time: they may be set while the worker runs. */
	const char *command = crm_setting(s->reader, &a, s->id, "hook");
	const char *events = crm_setting(s->reader, &a, s->id, "events");
	if (command && *command && tell_all(s, HOOK_COMMAND, command, out, e))
		return -1;
	if (!with_crm || !events || strcmp(events, "yes") != 0 || !crm_takes_events(s->crm))
		return 0;
	return tell_all(s, HOOK_ENDPOINT, NULL, out, e);
}
