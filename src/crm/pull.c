/*
 * pull.c - pages of an object by keyset: everything changed since T, ordered by (changed, id),
 * after the last row seen. Ends with an empty page only: a page that a server has cut short looks
 * like a last one. The cursor is {"since","id"?}: with an id it stands inside a pass, without one
 * between two, and the next pass starts the overlap earlier. Users have ids alone: each pass reads
 * them from the first to the last.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"

#define EPOCH "1970-01-01T00:00:00Z"

bool crm_has(const struct crm *c, enum crm_object o)
{
	return c->profile->object[o].request != NULL;
}

static bool has_times(const struct profile_object *po)
{
	return cJSON_GetObjectItemCaseSensitive(po->map, "updated") != NULL;
}

struct position {
	const char *since;
	const char *last_id; /* NULL = none yet */
};

/* A cursor that cannot be read means: from the beginning. Storing is idempotent. */
static void read_cursor(const struct profile_object *po, const char *cursor, struct arena *a,
	struct position *out)
{
	*out = (struct position){.since = EPOCH};
	if (!cursor)
		return;
	CLEANUP(json_free) cJSON *j = NULL;
	struct err bad = ERR_INIT;
	if (json_parse(cursor, strlen(cursor), &j, &bad))
		return;
	const char *since = json_str(j, "/since");
	const char *id = json_str(j, "/id");
	int64_t t;
	if (!since || !clock_parse_rfc3339(since, &t))
		return;
	if (id) {
		out->since = arena_strdup(a, since);
		out->last_id = arena_strdup(a, id);
		return;
	}
	char text[40];
	if (t > po->overlap_s)
		out->since = arena_strdup(a, clock_rfc3339(t - po->overlap_s, text, sizeof(text)));
}

static const char *write_cursor(struct arena *a, const char *since, const char *id)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&text, "{\"since\":");
	template_json_string(&text, since, strlen(since));
	if (id) {
		buf_addstr(&text, ",\"id\":");
		template_json_string(&text, id, strlen(id));
	}
	buf_addch(&text, '}');
	return arena_strndup(a, text.p, text.len);
}

static int bad_page(const char *why, struct err *e)
{
	err_set(e, ERR_PROTO, "%s", why);
	e->scope = ERR_FOLDER;
	e->retry = RETRY_LATER;
	return -1;
}

/* A record dated later than now (its clock was wrong, or is) must not hide what changes today. */
static const char *not_later(const char *since, int64_t now, struct arena *a)
{
	char text[40];
	int64_t t;
	if (!clock_parse_rfc3339(since, &t) || t <= now)
		return since;
	return arena_strdup(a, clock_rfc3339(now, text, sizeof(text)));
}

static int read_page(const struct profile_object *po, const cJSON *j, const struct position *from,
	int64_t now, struct arena *a, struct crm_page *out, struct err *e)
{
	const cJSON *list = j ? json_at(j, po->records) : NULL;
	if (!cJSON_IsArray(list))
		return bad_page(_("The CRM did not answer with a list."), e);
	size_t size = (size_t)cJSON_GetArraySize(list);
	if (size > (size_t)po->page_size)
		return bad_page(_("The CRM answered with more rows than it was asked for."), e);
	struct crm_record *v = arena_array(a, size ? size : 1, sizeof(*v));
	struct crm_record last = {.id = NULL};
	const cJSON *one;
	cJSON_ArrayForEach(one, list)
	{
		if (!record_read(po, one, a, &last))
			out->n_bad++;
		else
			v[out->n++] = last;
	}
	out->v = v;
	out->more = size > 0;
	if (!size) {
		/* Until then nothing newer exists: start there next time, less the overlap. */
		out->cursor = write_cursor(a, not_later(from->since, now, a), NULL);
		return 0;
	}
	/* Rows without a time of change are ordered by their ids alone. */
	const char *updated = has_times(po) ? last.updated : from->since;
	int64_t t;
	if (!last.id || !updated || !clock_parse_rfc3339(updated, &t))
		return bad_page(_("The CRM's list has a last row without an id or a time."), e);
	if (from->last_id && !strcmp(from->last_id, last.id) && !strcmp(from->since, updated))
		return bad_page(_("The CRM answers the same page again and again."), e);
	out->cursor = write_cursor(a, updated, last.id);
	return 0;
}

/* Asks for `limit` rows. */
static int ask_page(struct crm *c, const struct profile_object *po, const struct position *from,
	int limit, cJSON **j, struct err *e)
{
	struct var v[] = {
		{.name = "since", .type = VAR_TEXT, .text = from->since},
		{.name = "last_id", .type = VAR_TEXT, .text = from->last_id},
		{.name = "limit", .type = VAR_INT, .number = limit},
	};
	struct var_scope scope = {.v = v, .n = ARRAY_SIZE(v)};
	return crm_call(c, po->request, &scope, j, e);
}

int crm_pull(struct crm *c, enum crm_object o, const char *cursor, struct arena *a,
	struct crm_page *out, struct err *e)
{
	const struct profile_object *po = &c->profile->object[o];
	BUG_ON(!po->request);
	struct position from;
	read_cursor(po, cursor, a, &from);
	CLEANUP(json_free) cJSON *j = NULL;
	int limit = po->page_size;
	/* Rows may be large: a page that is too much is asked for in smaller pieces. */
	while (ask_page(c, po, &from, limit, &j, e)) {
		if (e->code != ERR_TOOBIG || limit == 1)
			return -1;
		limit = limit > 8 ? limit / 8 : 1;
		*e = ERR_INIT;
	}
	struct crm_page page = {.n = 0};
	if (read_page(po, j, &from, clock_now(c->env.clock), a, &page, e))
		return -1;
	*out = page;
	return 0;
}

const char *crm_cursor_at(struct arena *a, int64_t t)
{
	char text[40];
	return write_cursor(a, clock_rfc3339(t, text, sizeof(text)), NULL);
}

int crm_again_days(const struct crm *c, enum crm_object o)
{
	return c->profile->object[o].again_days;
}

int crm_reconcile_days(const struct crm *c, enum crm_object o)
{
	return c->profile->object[o].ids ? c->profile->object[o].reconcile_days : 0;
}

static int read_ids(const struct profile_object *po, const cJSON *j, struct arena *a,
	struct crm_ids *out, struct err *e)
{
	const cJSON *list = j ? json_at(j, po->ids_records) : NULL;
	if (!cJSON_IsArray(list))
		return bad_page(_("The CRM did not answer with a list."), e);
	size_t size = (size_t)cJSON_GetArraySize(list);
	if (size > (size_t)po->ids_page_size)
		return bad_page(_("The CRM answered with more rows than it was asked for."), e);
	const char **v = arena_array(a, size + 1, sizeof(*v));
	size_t n = 0;
	const cJSON *one;
	cJSON_ArrayForEach(one, list)
	{
		v[n] = record_text(a, json_at(one, po->ids_id));
		if (!v[n++])
			return bad_page(_("The CRM's list of ids has a row without one."), e);
	}
	*out = (struct crm_ids){v, n};
	return 0;
}

int crm_list_ids(struct crm *c, enum crm_object o, const char *after, struct arena *a,
	struct crm_ids *out, struct err *e)
{
	const struct profile_object *po = &c->profile->object[o];
	BUG_ON(!po->ids);
	struct var v[] = {
		{.name = "last_id", .type = VAR_TEXT, .text = after},
		{.name = "limit", .type = VAR_INT, .number = po->ids_page_size},
	};
	struct var_scope scope = {.v = v, .n = ARRAY_SIZE(v)};
	CLEANUP(json_free) cJSON *j = NULL;
	if (crm_call(c, po->ids, &scope, &j, e) || read_ids(po, j, a, out, e))
		return -1;
	if (after && out->n && !strcmp(out->v[out->n - 1], after))
		return bad_page(_("The CRM answers the same page again and again."), e);
	return 0;
}
