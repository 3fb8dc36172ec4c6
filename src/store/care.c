/*
 * care.c - the thread that keeps the data folder whole, the order of its steps, and what it says.
 * What each step does is in doctor.c, cache_file.c, backup.c, keep.c, rebuild.c,
 * evict.c and merge.c.
 */
#include "config.h"

#include "crmail/store/care.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"

#include "backup.h"
#include "cache_file.h"
#include "doctor.h"
#include "evict.h"
#include "keep.h"
#include "merge.h"
#include "rebuild.h"

enum {
	START_MS = 2000,        /* after the first screen */
	AGAIN_MS = 3600 * 1000, /* the day may have changed */
	SAID_S = 600,           /* for so long it is said what was mended */
	RENEWALS_MAX = 3,       /* of one process: then it is the disk */
};

static const char SQL_NOTE[] = "INSERT OR REPLACE INTO care VALUES (?, ?, ?, ?)";
static const char SQL_LIST[] = "SELECT what, at, state, text FROM care ORDER BY what";
static const char SQL_NOTICE[] = "SELECT text FROM care WHERE text IS NOT NULL AND (state = 2 OR"
				 " (state = 1 AND at > ?)) ORDER BY state DESC, at DESC LIMIT 1";
static const char SQL_ACCOUNTS[] = "SELECT count(*) FROM account";

struct care {
	struct store *store;
	struct care_hook hook;
	pthread_t thread;
};

struct care_run { /* one round of all steps */
	struct store *store;
	struct stopper *stopper; /* NULL: nobody can end it */
	struct care_hook hook;
	struct store_reader *reader;
};

/* ---- what is said ---------------------------------------------------------------------------- */

struct note {
	const char *what, *text;
	enum care_state state;
};

static int write_note(struct write *w, void *arg, struct err *e)
{
	const struct note *n = arg;
	write_event(w, EV_ACCOUNT, 0, 0, 0, 1);
	return db_run(w->db, e, SQL_NOTE, "tiit", n->what, w->now, (int64_t)n->state, n->text);
}

static void note(struct care_run *r, const char *what, enum care_state state, const char *text)
{
	struct note n = {what, text, state};
	struct err e = ERR_INIT;
	if (writer_call(&r->store->main, 0, write_note, &n, &e))
		log_line(LOG_WARN, "store", "care: %s not noted: %s", what, err_code_name(e.code));
}

int care_list(struct store_reader *r, struct arena *a, struct care_row **out, size_t *n,
	struct err *e)
{
	struct care_row *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(reader_db(r), &q, e, SQL_LIST, ""))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct care_row){
			.what = db_text(a, q, 0),
			.at = sqlite3_column_int64(q, 1),
			.state = (enum care_state)sqlite3_column_int(q, 2),
			.text = db_text(a, q, 3),
		};
	}
	*out = v;
	*n = count;
	return rc;
}

void care_counts(struct store *s, int64_t *done, int64_t *total)
{
	*done = atomic_load(&s->rebuild_done);
	*total = atomic_load(&s->rebuild_total);
}

/* What stands in the damaged file itself cannot be trusted to be read. */
static const char *damage_notice(const struct store *s, struct arena *a)
{
	CLEANUP(free_str) char *day = care_newest_copy(s->dir);
	if (!day)
		return arena_strdup(a, _("The database crmail.db is damaged."));
	return arena_printf(a,
		/* TRANSLATORS: the %s is a date like 2026-11-21. */
		_("The database is damaged. Please leave crmail and run \"crmail doctor "
		  "--restore\": "
		  "it goes back to the copy of %s."),
		day);
}

const char *care_notice(struct store_reader *r, struct arena *a)
{
	struct err e = ERR_INIT;
	const char *text = NULL;
	sqlite3_stmt *q;
	if (atomic_load(&r->store->is_main_damaged))
		return damage_notice(r->store, a);
	if (db_query(reader_db(r), &q, &e, SQL_NOTICE, "i", store_now(r->store) - SAID_S) == 0 &&
		db_step(reader_db(r), q, &e) == 1) {
		text = db_text(a, q, 0);
		sqlite3_reset(q);
	}
	return text;
}

/* ---- the steps ------------------------------------------------------------------------------- */

/* A reader sees one name for both files; here it is found out which one it was. */
static unsigned find_damage(struct care_run *r, unsigned where)
{
	static const struct {
		const char *schema;
		enum damage bit;
	} files[] = {{"main", DAMAGE_MAIN}, {"cache", DAMAGE_CACHE}};
	if (!(where & DAMAGE_SOMEWHERE))
		return where;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct err e = ERR_INIT;
		if (doctor_quick_check(r->reader, files[i].schema, &e) && e.code == ERR_DB)
			where |= files[i].bit;
	}
	return where;
}

static void tell_lost(const struct care_run *r)
{
	if (r->hook.lost)
		r->hook.lost(r->hook.ctx);
}

static int renew_cache(struct care_run *r, struct err *e)
{
	struct store *s = r->store;
	if (++s->n_renewals > RENEWALS_MAX) {
		note(r, "cache", CARE_NEEDS_USER,
			_("The cache is damaged again and again: please check the disk."));
		return 0;
	}
	if (cache_file_renew(s, e))
		return -1;
	tell_lost(r);
	note(r, "cache", CARE_MENDED,
		_("The cache was damaged and is filled again; no mail is lost."));
	return 0;
}

static int step_damage(struct care_run *r, struct err *e)
{
	unsigned where = find_damage(r, atomic_load(&r->store->damage));
	if (where & DAMAGE_MAIN && !atomic_exchange(&r->store->is_main_damaged, true)) {
		log_line(LOG_ERROR, "store", "crmail.db is damaged");
		note(r, "check", CARE_NEEDS_USER, _("The database crmail.db is damaged."));
	}
	int rc = where & DAMAGE_CACHE ? renew_cache(r, e) : 0;
	/* after the look and the cure, which meet the damage themselves */
	atomic_store(&r->store->damage, where & DAMAGE_MAIN);
	return rc;
}

static void note_check(struct care_run *r, const struct store_check *c)
{
	char text[256];
	int64_t n = c->wrong_counters + c->missing_bodies + c->orphans;
	snprintf(text, sizeof text,
		ngettext("crmail did not end properly last time; %lld thing was mended.",
			"crmail did not end properly last time; %lld things were mended.",
			(unsigned long)n),
		(long long)n);
	log_line(LOG_NOTE, "store",
		"check after an unclean end: %lld counters, %lld bodies, %lld leftovers",
		(long long)c->wrong_counters, (long long)c->missing_bodies, (long long)c->orphans);
	note(r, "check", n ? CARE_MENDED : CARE_FINE, n ? text : NULL);
}

/* A damaged file is the business of step_damage, which a damaged file also calls. */
static int check_file(struct care_run *r, const char *schema, enum damage bit, struct err *e)
{
	if (doctor_quick_check(r->reader, schema, e) == 0)
		return 0;
	if (e->code == ERR_DB)
		atomic_fetch_or(&r->store->damage, bit);
	return -1;
}

static int step_check(struct care_run *r, struct err *e)
{
	struct store *s = r->store;
	struct store_check c = {0, 0, 0, 0, 0};
	struct err damaged = ERR_INIT;
	if (!presence_is_unclean(s->dir))
		return 0;
	if (check_file(r, "main", DAMAGE_MAIN, &damaged) ||
		check_file(r, "cache", DAMAGE_CACHE, &damaged)) {
		if (damaged.code != ERR_DB) {
			*e = damaged;
			return -1;
		}
		if (step_damage(r, e))
			return -1;
	}
	if (atomic_load(&s->is_main_damaged))
		return 0;
	if (doctor_after_crash(s, r->reader, &c, e))
		return -1;
	if (c.missing_bodies)
		tell_lost(r);
	note_check(r, &c);
	presence_forget_unclean(s->dir);
	return 0;
}

static int step_index(struct care_run *r, struct err *e)
{
	return doctor_index(r->store, r->reader, r->stopper, e);
}

static int step_copy(struct care_run *r, struct err *e)
{
	char day[BACKUP_DAY];
	int64_t accounts = 0;
	backup_today(r->store, day);
	if (atomic_load(&r->store->is_main_damaged) || backup_exists(r->store->dir, day))
		return 0;
	if (db_value(reader_db(r->reader), &accounts, e, SQL_ACCOUNTS, ""))
		return -1;
	if (!accounts) /* nothing to lose yet */
		return 0;
	if (backup_make(r->store, r->stopper, e) == 0) {
		note(r, "copy", CARE_FINE, NULL);
		return 0;
	}
	if (e->code == ERR_DB) {
		atomic_fetch_or(&r->store->damage, DAMAGE_MAIN);
		return step_damage(r, e);
	}
	if (e->code != ERR_CANCELLED)
		note(r, "copy", CARE_NEEDS_USER, e->msg);
	return -1;
}

static int step_rebuild(struct care_run *r, struct err *e)
{
	return rebuild_local(r->store, r->reader, r->stopper, e);
}

static int step_keep(struct care_run *r, struct err *e)
{
	return keep_settle(r->store, r->reader, r->stopper, e);
}

static int step_limit(struct care_run *r, struct err *e)
{
	if (evict_to_limit(r->store, r->reader, r->stopper, e))
		return -1;
	evict_sweep(r->store, r->reader);
	keep_sweep(r->store, r->reader);
	return 0;
}

static int step_merge(struct care_run *r, struct err *e)
{
	return merge_index(r->store, r->stopper, e);
}

static const struct {
	const char *name;
	int (*run)(struct care_run *r, struct err *e);
} STEPS[] = {
	{"damage", step_damage},
	{"check", step_check},
	{"index", step_index},
	{"rebuild", step_rebuild},
	{"keep", step_keep},
	{"copy", step_copy},
	{"limit", step_limit},
	{"merge", step_merge},
};

static void run_steps(struct store *s, struct stopper *st, struct care_hook hook)
{
	struct care_run r = {.store = s, .stopper = st, .hook = hook};
	struct err e = ERR_INIT;
	if (store_reader_open(s, &r.reader, &e)) {
		log_line(LOG_WARN, "store", "care: %s", err_code_name(e.code));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(STEPS) && !stopper_must_stop(st); i++) {
		err_clear(&e);
		stopper_watch(st, r.reader->db.h); /* a step may have put its own there */
		if (STEPS[i].run(&r, &e) && e.code != ERR_CANCELLED)
			log_line(LOG_WARN, "store", "care: %s: %s", STEPS[i].name,
				err_code_name(e.code));
	}
	stopper_watch(st, NULL);
	store_reader_close(r.reader);
}

void care_once(struct store *s)
{
	run_steps(s, NULL, (struct care_hook){.lost = NULL});
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void *care_main(void *arg)
{
	struct care *c = arg;
	struct stopper *st = &c->store->care_stopper;
	for (int64_t wait = START_MS; stopper_sleep(st, wait); wait = AGAIN_MS)
		run_steps(c->store, st, c->hook);
	return NULL;
}

int care_start(struct care **out, struct store *s, struct care_hook hook, struct err *e)
{
	struct care *c = xcalloc(1, sizeof *c);
	sigset_t all, old;
	c->store = s;
	c->hook = hook;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&c->thread, NULL, care_main, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc) {
		free(c);
		return err_sys(e, ERR_IO, rc, "%s", _("Cannot start a thread"));
	}
	*out = c;
	return 0;
}

void care_stop(struct care *c)
{
	if (!c)
		return;
	stopper_stop(&c->store->care_stopper);
	pthread_join(c->thread, NULL);
	stopper_rearm(&c->store->care_stopper);
	free(c);
}
