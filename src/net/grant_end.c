/*
 * grant_end.c - the end of a grant, or of a password: the provider is told, the entries go. And
 * what was left behind, of both. No logging.
 */
#include "config.h"

#include "grant.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/entry.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#include "form.h"
#include "grant_ask.h"
#include "grant_store.h"
#include "id_token.h"
#include "left.h"

#define NAMES_MAX ((size_t)1 << 20)
#define SWEEP_AGE_S 3600 /* no sign-in takes that long to be an account's */

/* ---- telling the provider -------------------------------------------------------------------- */

static bool is_same_person(const struct grant_other *a, const struct grant_other *b)
{
	return a->token && b->token && !strcmp(a->token, b->token) && a->client_id &&
	       b->client_id && !strcmp(a->client_id, b->client_id) &&
	       (!a->who || !b->who || id_token_is_same_mailbox(a->who, b->who));
}

enum sibling {
	SIBLING_NONE,
	SIBLING_THERE,  /* another grant may go with this one at the provider */
	SIBLING_UNKNOWN /* not all can be read: *e says why */
};

static enum sibling find_sibling(const struct grant_place *g, const char *name,
	const struct grant_other *o, struct err *e)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT(NAMES_MAX);
	struct span rest, line;
	if (grant_names_beside(g, name, &names, e))
		return SIBLING_UNKNOWN;
	if (names.failed)
		return SIBLING_THERE;
	rest = (struct span){names.p, names.len};
	while (span_next(&rest, '\n', &line)) {
		CLEANUP(free_str) char *other = xstrndup(line.p, line.len);
		CLEANUP(json_free) cJSON *known = NULL;
		if (!line.len || !strcmp(other, name))
			continue;
		if (grant_read(g, other, GRANT_REFRESH, &known, e))
			return SIBLING_UNKNOWN;
		const struct grant_other theirs = grant_read_other(known);
		if (known && is_same_person(o, &theirs))
			return SIBLING_THERE;
	}
	return SIBLING_NONE;
}

enum grant_told grant_tell(const struct grant_place *g, const char *name,
	const struct grant_other *o, const char *refresh, struct err *e)
{
	CLEANUP(grant_answer_release) struct grant_answer a = {.json = NULL};
	CLEANUP(buf_release) struct buf form = BUF_SECRET_INIT(GRANT_FORM_MAX);
	if (!o->revoke || !o->client_id || !refresh)
		return GRANT_TOLD;
	switch (find_sibling(g, name, o, e)) {
	case SIBLING_NONE:
		break;
	case SIBLING_THERE:
		return GRANT_TOLD;
	case SIBLING_UNKNOWN:
		return GRANT_NOT_NOW;
	}
	form_add(&form, "token", refresh);
	form_add(&form, "token_type_hint", "refresh_token");
	grant_add_client(&form, o);
	if (grant_post(o, o->revoke, &form, &a, e))
		return GRANT_NOT_TOLD;
	if (a.status >= 200 && a.status <= 299)
		return GRANT_TOLD;
	grant_explain(&a, e);
	return GRANT_NOT_TOLD;
}

/* ---- one ------------------------------------------------------------------------------------- */

static int end_locked(const struct grant_place *g, const char *name, bool *is_gone, struct err *e)
{
	CLEANUP(json_free) cJSON *known = NULL;
	enum grant_told told = GRANT_TOLD;
	struct err why = ERR_INIT;
	if (grant_read(g, name, GRANT_REFRESH, &known, e))
		return -1;
	if (known) {
		const struct grant_other o = grant_read_other(known);
		told = grant_tell(g, name, &o, json_str(known, "/refresh_token"), &why);
	}
	if (told != GRANT_NOT_NOW && grant_forget(g, name, e))
		return -1;
	*is_gone = told != GRANT_NOT_NOW;
	if (told == GRANT_TOLD)
		return 0;
	*e = why;
	return -1;
}

/* The note goes with the entries: what could not be reached is ended another time. */
int grant_revoke(const struct grant_place *g, const char *name, struct err *e)
{
	struct err why = ERR_INIT;
	bool is_gone = false;
	int lock = -1;
	if (grant_lock(g, name, &lock, e))
		return -1;
	int rc = end_locked(g, name, &is_gone, e);
	if (is_gone && left_strike(g->path, name, &why) && !rc) {
		*e = why;
		rc = -1;
	}
	close(lock);
	return rc;
}

/* A copy of what lies elsewhere by now, or lies there yet: it must not be ended with it. */
static int drop(const struct grant_place *g, const char *name, struct err *e)
{
	int lock = -1;
	if (grant_lock(g, name, &lock, e))
		return -1;
	int rc = grant_forget(g, name, e) || left_strike(g->path, name, e) ? -1 : 0;
	close(lock);
	return rc;
}

/* ---- what was left behind -------------------------------------------------------------------- */

static bool has_line(const char *lines, const char *line)
{
	struct span rest = span_of(lines), one;
	while (span_next(&rest, '\n', &one))
		if (span_eq(one, line))
			return true;
	return false;
}

static bool has_copy(const char *lines, const char *name)
{
	struct span rest = span_of(lines), one;
	while (span_next(&rest, '\n', &one)) {
		CLEANUP(free_str) char *kept = xstrndup(one.p, one.len);
		if (entry_is_copy(kept, name))
			return true;
	}
	return false;
}

static int end_one(const struct grant_place *g, const char *kept, const char *name, struct err *e)
{
	return has_copy(kept, name) ? drop(g, name, e) : grant_revoke(g, name, e);
}

/* Entries without a time are from before there was one. */
static int is_old(const struct grant_place *g, const char *name, bool *out, struct err *e)
{
	static const char *const suffixes[] = {GRANT_REFRESH, GRANT_ACCESS};
	*out = true;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		CLEANUP(json_free) cJSON *known = NULL;
		int64_t at = 0;
		if (grant_read(g, name, suffixes[i], &known, e))
			return -1;
		if (known && json_i64(known, "/" GRANT_AT, &at) &&
			at + SWEEP_AGE_S > clock_now(g->clock))
			*out = false;
	}
	return 0;
}

/* The file is this data folder's own: what is in it, and nobody names, is known by that. */
static int sweep_file(const struct grant_place *g, const char *kept, struct err *e)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT(NAMES_MAX);
	struct span rest, line;
	int rc = 0;
	if (grant_names(g, &names, e))
		return -1;
	rest = (struct span){names.p, names.len};
	while (span_next(&rest, '\n', &line)) {
		CLEANUP(free_str) char *name = xstrndup(line.p, line.len);
		bool is_due = false;
		if (!line.len || has_line(kept, name))
			continue;
		if (is_old(g, name, &is_due, e) || (is_due && end_one(g, kept, name, e)))
			rc = -1;
	}
	return rc;
}

struct sweep {
	const struct grant_place *g;
	const char *kept;
	struct buf due, settled; /* names, a line each */
};

static void judge(void *ctx, const struct left *l)
{
	struct sweep *s = ctx;
	bool is_old_note = l->at + SWEEP_AGE_S <= clock_now(s->g->clock);
	bool is_kept = has_line(s->kept, l->name);
	bool is_reached = entry_is_in_keyring(l->name) || s->g->key->is_set;
	if (is_kept ? is_old_note : is_reached && (is_old_note || l->kind == LEFT_ENDED))
		buf_addf(is_kept ? &s->settled : &s->due, "%s\n", l->name);
}

static int sweep_notes(const struct grant_place *g, const char *kept, struct err *e)
{
	struct sweep s = {g, kept, BUF_INIT(NAMES_MAX), BUF_INIT(NAMES_MAX)};
	struct span rest, line;
	int rc = left_each(g->path, judge, &s, e);
	rest = (struct span){s.settled.p, s.settled.len};
	while (span_next(&rest, '\n', &line)) {
		CLEANUP(free_str) char *name = xstrndup(line.p, line.len);
		if (line.len && left_strike(g->path, name, e))
			rc = -1;
	}
	rest = (struct span){s.due.p, s.due.len};
	while (span_next(&rest, '\n', &line)) {
		CLEANUP(free_str) char *name = xstrndup(line.p, line.len);
		if (line.len && end_one(g, kept, name, e))
			rc = -1;
	}
	buf_release(&s.due);
	buf_release(&s.settled);
	return rc;
}

int grant_sweep(const struct grant_place *g, const char *kept, struct err *e)
{
	int rc = g->key->is_set ? sweep_file(g, kept, e) : 0;
	return sweep_notes(g, kept, e) || rc ? -1 : 0;
}
