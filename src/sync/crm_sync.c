/*
 * crm_sync.c - one CRM's pass from sign-in to report. Its steps are in crm_write.c, crm_pull.c,
 * crm_sweep.c, crm_match.c and crm_log.c, the network in crm_net.c.
 */
#include "config.h"

#include "crm_sync.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/crm/profile.h"
#include "crmail/store/activity.h"
#include "crmail/store/audit.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/record.h"
#include "crmail/store/store.h"

#define MAX_PARKED 1000 /* named in one report */

bool crm_sync_stops(const struct crm_sync *s)
{
	return s->options.should_stop && s->options.should_stop(s->options.stop_ctx);
}

int crm_sync_profile(const char *name, const char *share_dir, struct crm_profile **out,
	struct err *e)
{
	if (strchr(name, '/'))
		return crm_profile_load(name, out, e);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *path = arena_printf(&a, "%s/crm/%s.json", share_dir, name);
	if (!fsx_exists(path))
		return err_set(e, ERR_NOTFOUND, _("There is no CRM profile \"%s\"."), name);
	return crm_profile_load(path, out, e);
}

static int read_row(struct crm_sync *s, struct err *e)
{
	struct crm_row *row = NULL;
	if (crm_get(s->reader, &s->keep, s->id, &row, e))
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, _("This CRM is not there any more."));
	s->row = row;
	s->organization = row->organization_id;
	s->user = row->user_id;
	s->secret_command = crm_setting(s->reader, &s->keep, s->id, "secret_command");
	s->secret_entry = crm_setting(s->reader, &s->keep, s->id, "secret");
	return crm_settings(s->reader, &s->keep, s->id, &s->settings, &s->n_settings, e);
}

static bool differs(const char *a, const char *b)
{
	return !a != !b || (a && strcmp(a, b) != 0);
}

static bool row_differs(const struct crm_row *a, const struct crm_row *b)
{
	return differs(a->name, b->name) || differs(a->url, b->url) ||
	       differs(a->log_mode, b->log_mode) || differs(a->log_level, b->log_level) ||
	       differs(a->log_side, b->log_side) || a->log_since != b->log_since;
}

static bool settings_differ(const struct crm_sync *s, const struct setting *v, size_t n)
{
	if (n != s->n_settings)
		return true;
	for (size_t i = 0; i < n; i++)
		if (differs(v[i].key, s->settings[i].key) ||
			differs(v[i].value, s->settings[i].value))
			return true;
	return false;
}

bool crm_sync_is_stale(struct crm_sync *s)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct crm_row *row = NULL;
	struct setting *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	if (crm_get(s->reader, &a, s->id, &row, &e) ||
		crm_settings(s->reader, &a, s->id, &v, &n, &e))
		return false; /* the pass that follows says what is wrong */
	return !row || row_differs(s->row, row) || settings_differ(s, v, n);
}

/* Its profile may write more or less than before. */
static int note_abilities(struct crm_sync *s, struct err *e)
{
	unsigned abilities = crm_write_abilities(s->profile);
	if (s->options.only_looks || abilities == record_abilities(s->reader, s->id))
		return 0;
	return record_set_abilities(s->options.store, s->id, abilities, e);
}

/* Its profile's list is one of the matcher's, which knows rows alone. */
static int note_never_log(struct crm_sync *s, struct err *e)
{
	static const char key[] = "organization_never_log";
	const char *had = crm_setting(s->reader, &s->keep, s->id, key);
	const struct setting now = {key, crm_profile_never_log(s->profile, &s->keep)};
	const struct crm_row as_it_is = {.name = NULL};
	if (s->options.only_looks || !differs(had, now.value))
		return 0;
	return crm_change(s->options.store, s->id, &as_it_is, &now, 1, e) || read_row(s, e) ? -1
											    : 0;
}

static int open_parts(struct crm_sync *s, struct err *e)
{
	if (store_reader_open(s->options.store, &s->reader, e) || read_row(s, e) ||
		crm_sync_profile(s->row->profile, s->options.share_dir, &s->profile, e) ||
		note_abilities(s, e) || note_never_log(s, e))
		return -1;
	s->is_remote = crm_profile_is_remote(s->profile);
	s->secret_name = crm_profile_first_secret(s->profile);
	if (!s->is_remote && !s->organization)
		s->organization = "";
	return s->is_remote ? crm_net_open(s, e) : 0;
}

int crm_sync_open(struct crm_sync **out, const struct crm_sync_options *o, int64_t crm,
	struct err *e)
{
	struct crm_sync *s = xcalloc(1, sizeof(*s));
	s->options = *o;
	s->id = crm;
	s->keep = ARENA_INIT;
	if (open_parts(s, e)) {
		crm_sync_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void crm_sync_close(struct crm_sync *s)
{
	if (!s)
		return;
	crm_net_close(s);
	crm_profile_free(s->profile);
	if (s->reader)
		store_reader_close(s->reader);
	arena_release(&s->keep);
	free(s);
}

/* What is here belongs to the organisation it came from: nothing is ever matched across two. */
static int moved_organization(const struct crm_sync *s, struct err *e)
{
	err_set(e, ERR_AUTH,
		_("The sign-in of the CRM %s belongs to another organisation now: add that one as "
		  "a CRM of its own."),
		s->row->name);
	e->scope = ERR_ACCOUNT;
	return -1;
}

/* The organisation is part of every activity id: it is stored before anything is matched. */
static int sign_in(struct crm_sync *s, struct err *e)
{
	struct crm_identity me;
	struct err ignored = ERR_INIT;
	int rc = crm_whoami(s->crm, &me, e);
	if ((!rc || e->code == ERR_AUTH) &&
		audit_sign_in(s->options.store, 0, s->id, rc ? e : NULL, &ignored))
		log_line(LOG_WARN, "crm", "crm %lld: sign-in not noted: %s", (long long)s->id,
			err_code_name(ignored.code));
	if (rc)
		return -1;
	const char *organization = me.organization_id ? me.organization_id : "";
	if (s->organization && s->organization[0] && differs(s->organization, organization))
		return moved_organization(s, e);
	if (!differs(s->organization, organization) && !differs(s->user, me.user_id))
		return 0;
	if (crm_set_identity(s->options.store, s->id, organization, me.user_id, e))
		return -1;
	s->organization = arena_strdup(&s->keep, organization);
	s->user = arena_strdup(&s->keep, me.user_id);
	return 0;
}

static const char *status_of(const struct err *e)
{
	switch (e->code) {
	case ERR_NONE:
		return "connected";
	case ERR_AUTH:
		return "sign-in";
	case ERR_NET:
	case ERR_CANCELLED:
		return "offline";
	case ERR_RATE:
		return "paused";
	default:
		return "error";
	}
}

static struct crm_report_parked parked_write(struct arena *a, const struct record_write *w)
{
	const char *kind = record_kind_name(w->kind);
	return (struct crm_report_parked){
		.write = w->id,
		.target = w->crm_id ? arena_printf(a, "%s:%s", kind, w->crm_id)
				    : arena_printf(a, "%s:local:%lld", kind, (long long)w->row),
		.reason = w->reason,
	};
}

static int name_parked(struct crm_sync *s, struct arena *a, struct crm_report *out, struct err *e)
{
	struct activity_row *v = NULL;
	struct record_write *w = NULL;
	size_t n = 0;
	size_t n_writes = 0;
	if (activity_parked(s->reader, a, s->id, MAX_PARKED, &v, &n, e) ||
		record_writes(s->reader, a, s->id, 1u << RECORD_PARKED | 1u << RECORD_CONFLICT, 0,
			MAX_PARKED, &w, &n_writes, e))
		return -1;
	struct crm_report_parked *parked = arena_array(a, n + n_writes + 1, sizeof(*parked));
	for (size_t i = 0; i < n; i++)
		parked[i] = (struct crm_report_parked){
			.message_id = v[i].message_id,
			.target = v[i].target,
			.reason = v[i].reason,
		};
	for (size_t i = 0; i < n_writes; i++)
		parked[n + i] = parked_write(a, &w[i]);
	out->parked = parked;
	out->n_parked = n + n_writes;
	return 0;
}

/* What happened goes into the row, for the screen, and into the report. */
static void finish(struct crm_sync *s, struct arena *a, const struct err *failed, bool did_pull,
	struct crm_report *out)
{
	struct err e = *failed;
	struct err bad = ERR_INIT;
	bool is_cancelled = e.code == ERR_CANCELLED;
	int64_t now = did_pull && !e.code ? clock_now(s->options.clock) : 0;
	if (name_parked(s, a, out, &bad) && !e.code)
		e = bad;
	if (!is_cancelled && (did_pull || e.code) &&
		crm_set_status(s->options.store, s->id, status_of(&e), e.code ? e.msg : NULL, now,
			&bad) &&
		!e.code)
		e = bad;
	if (e.code || did_pull)
		log_line(e.code ? LOG_WARN : LOG_NOTE, "crm",
			"crm %lld: pass %s: %lld contacts, %lld partners, %lld written, %lld "
			"logged,"
			" %zu parked",
			(long long)s->id, e.code ? err_code_name(e.code) : "done",
			(long long)out->contacts, (long long)out->partners, (long long)out->written,
			(long long)out->logged, out->n_parked);
	out->error = e;
	out->result = e.code ? PASS_FAILED : out->n_parked ? PASS_PARKED : PASS_OK;
}

/* What the user wrote goes before mail's entries, which may name a record made by it; its mail is
 * looked at again in between, for the ids of entries hold the CRM's. */
static int push(struct crm_sync *s, struct crm_report *out, struct err *e)
{
	bool more = true;
	while (more)
		if (crm_write_all(s, out, e) || crm_match_all(s, out, e) ||
			crm_log_some(s, out, &more, e))
			return -1;
	return 0;
}

static void keep_first(struct err *failed, struct err *e)
{
	if (!failed->code)
		*failed = *e;
	err_clear(e);
}

/* The first failure is kept; what does not depend on it is still done: a write that the CRM
 * stumbles over does not keep us from reading. What is in doubt is settled before anything is
 * pulled, for it may be in the page. */
static void run(struct crm_sync *s, struct arena *a, bool with_pull, struct crm_report *out)
{
	struct err failed = ERR_INIT;
	struct err e = ERR_INIT;
	const char *name = out->name;
	*out = (struct crm_report){.name = name};
	if (s->is_remote && (with_pull || !s->organization) && sign_in(s, &e))
		keep_first(&failed, &e);
	if (s->is_remote && !failed.code && crm_write_all(s, out, &e))
		keep_first(&failed, &e);
	if (s->is_remote && with_pull && (!failed.code || failed.code == ERR_PROTO) &&
		(crm_settings_pull(s, &e) || crm_pull_all(s, out, &e) || crm_sweep_all(s, &e)))
		keep_first(&failed, &e);
	if (s->organization && failed.code != ERR_CANCELLED && crm_match_all(s, out, &e))
		keep_first(&failed, &e);
	if (s->is_remote && !failed.code &&
		(push(s, out, &e) || (with_pull && crm_pull_rest(s, &e))))
		keep_first(&failed, &e);
	/* What is logged is told, whatever became of the rest. */
	if (s->organization && failed.code != ERR_CANCELLED &&
		crm_hook_all(s, s->is_remote && !failed.code, out, &e))
		keep_first(&failed, &e);
	finish(s, a, &failed, with_pull, out);
}

void crm_sync_pass(struct crm_sync *s, struct arena *a, struct crm_report *out)
{
	run(s, a, true, out);
}

void crm_sync_push(struct crm_sync *s, struct arena *a, struct crm_report *out)
{
	run(s, a, false, out);
}

int crm_sync_match(struct crm_sync *s, struct err *e)
{
	struct crm_report ignored = {.name = NULL};
	if (!s->organization)
		return 0;
	return crm_match_all(s, &ignored, e) || crm_hook_all(s, false, &ignored, e) ? -1 : 0;
}

int64_t crm_sync_next_event(const struct crm_sync *s)
{
	return s->next_event_at;
}
