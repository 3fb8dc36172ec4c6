/*
 * people.c - the person's address book at Google, by the People API (people.connections.list, seen
 * 2026-11): everyone, or who changed since a sync token, in pages. Both tokens are opaque. A sync
 * token ends after some days (400 with the reason EXPIRED_SYNC_TOKEN; 410 before 2021), which means
 * everyone anew. Who was deleted there is only counted.
 *
 * Cursor: "v1 since SYNC" after a whole listing, "v1 page SYNC PAGE" in the middle of one, each
 * token as it stands in a query, "-" = none.
 */
#include "config.h"

#include "gmail.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/person.h"
#include "crmail/provider/contacts.h"

#define PEOPLE_BASE "https://people.googleapis.com"
/* All but the tokens has to be the same in each request of a listing, and in those after it. */
#define PEOPLE_PATH                                                                                \
	"/v1/people/me/connections?personFields=names,emailAddresses,phoneNumbers,organizations,"  \
	"metadata&pageSize=500&requestSyncToken=true"

struct people_at {
	const char *sync, *page; /* escaped, in the arena; NULL = none */
};

static const char *token_of(struct arena *a, struct span s)
{
	return span_eq(s, "-") ? NULL : arena_strndup(a, s.p, s.len);
}

static bool read_cursor(struct arena *a, const char *text, struct people_at *out)
{
	struct span rest = span_of(text), version, word, sync;
	*out = (struct people_at){NULL, NULL};
	if (!span_next(&rest, ' ', &version) || !span_eq(version, "v1") ||
		!span_next(&rest, ' ', &word) || !span_next(&rest, ' ', &sync) || !sync.len)
		return false;
	out->sync = token_of(a, sync);
	if (span_eq(word, "since"))
		return out->sync && !rest.len;
	out->page = token_of(a, rest);
	return span_eq(word, "page") && rest.len && out->page;
}

/* In the arena, fit for a query and free of blanks. ERR_PROTO: it is none. */
static int read_token(const cJSON *j, const char *key, struct arena *a, const char **out,
	struct err *e)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(3 * GMAIL_TOKEN_MOST);
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, key);
	const char *text = cJSON_GetStringValue(v);
	*out = NULL;
	if (!v || (text && !*text))
		return 0;
	if (text && strlen(text) <= GMAIL_TOKEN_MOST)
		http_add_escaped(&b, text);
	if (!b.len || b.failed)
		return err_set(e, ERR_PROTO, _("Google's list of contacts cannot be understood."));
	*out = arena_strdup(a, b.p);
	return 0;
}

/* ---- a person -------------------------------------------------------------------------------- */

static bool is_primary(const cJSON *field)
{
	const cJSON *current = cJSON_GetObjectItemCaseSensitive(field, "current");
	return cJSON_IsTrue(json_at(field, "/metadata/primary")) || cJSON_IsTrue(current);
}

static void add_word(struct person_maker *m, enum people_field f, const cJSON *of, const char *path,
	bool is_preferred)
{
	const char *text = json_str(of, path);
	if (text)
		person_add(m, f, text, is_preferred);
}

/* The primary one, else the first. */
static const cJSON *main_one(const cJSON *list)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		if (is_primary(one))
			return one;
	}
	return gmail_list(list) ? list->child : NULL;
}

static void add_all(struct person_maker *m, enum people_field f, const cJSON *list)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		add_word(m, f, one, "/value", is_primary(one));
	}
}

static void read_person(struct person_maker *m, const cJSON *j)
{
	const cJSON *name = main_one(json_at(j, "/names"));
	const cJSON *work = main_one(json_at(j, "/organizations"));
	if (name) {
		add_word(m, PEOPLE_NAME, name, "/displayName", false);
		add_word(m, PEOPLE_FIRST, name, "/givenName", false);
		add_word(m, PEOPLE_MIDDLE, name, "/middleName", false);
		add_word(m, PEOPLE_LAST, name, "/familyName", false);
	}
	if (work) {
		add_word(m, PEOPLE_COMPANY, work, "/name", false);
		add_word(m, PEOPLE_TITLE, work, "/title", false);
		add_word(m, PEOPLE_DOMAIN, work, "/domain", false);
	}
	add_all(m, PEOPLE_EMAIL, json_at(j, "/emailAddresses"));
	add_all(m, PEOPLE_PHONE, json_at(j, "/phoneNumbers"));
}

/* An address book has entries that are nobody: a number that rang once, an empty card. */
static bool is_somebody(const struct person *p)
{
	return p->name || p->first_name || p->last_name || p->emails.n;
}

static int tell_people(const cJSON *list, const struct prov_contacts_sink *to,
	struct prov_contacts_page *out, struct err *e)
{
	struct person_maker m = PERSON_MAKER_INIT;
	const cJSON *one;
	int64_t line = 0;
	int rc = 0;
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		if (rc)
			break;
		if (cJSON_IsTrue(json_at(one, "/metadata/deleted"))) {
			out->n_gone++;
			continue;
		}
		person_begin(&m, ++line);
		read_person(&m, one);
		const struct person *p = person_end(&m);
		if (is_somebody(p))
			rc = to->one(to->ctx, p, e);
	}
	person_release(&m);
	return rc ? -1 : 0;
}

/* ---- a page ---------------------------------------------------------------------------------- */

/* Where the API's own address is configured (a proxy, a test), it stands for this one, too. */
static int need_people(struct gmail *g, struct err *e)
{
	bool is_own = g->conf->api && strcmp(g->conf->api, GMAIL_BASE) != 0;
	const struct web_conf w = {.protocol = "people",
		.account = g->conf->account,
		.base = is_own ? g->conf->api : PEOPLE_BASE,
		.ca_file = g->conf->ca_file,
		.token = g->conf->token,
		.token_ctx = g->conf->password_ctx,
		.cancel = gmail_cancel_of(g),
		.clock = g->conf->clock,
		.deadline_ms = g->conf->deadline_ms};
	return g->people ? 0 : web_open(&g->people, &w, e);
}

/* google.rpc.ErrorInfo among the details. */
static bool has_reason(const cJSON *j, const char *reason)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, gmail_list(json_at(j, "/error/details")))
	{
		const char *there = json_str(one, "/reason");
		if (there && strcmp(there, reason) == 0)
			return true;
	}
	return false;
}

static int explain(const struct people_at *at, const struct http_response *r, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	int status = e->sys;
	if (json_parse(r->body.p, r->body.len, &j, &ignored))
		j = NULL;
	if (at->page && status == 400) /* a page's token ends soon, and the listing begins anew */
		return err_set(e, ERR_CONFLICT, _("Google's list of contacts begins anew."));
	if (at->sync && (status == 410 || (j && has_reason(j, "EXPIRED_SYNC_TOKEN"))))
		return err_set(e, ERR_CONFLICT, _("Google's list of contacts begins anew."));
	if (status == 403 && j && has_reason(j, "SERVICE_DISABLED")) {
		err_set(e, ERR_UNSUPPORTED,
			_("The People API is not switched on in your organisation's project at "
			  "Google: whoever made the client id can do that."));
		e->sys = status;
	}
	return -1;
}

static int ask(struct gmail *g, const struct people_at *at, struct arena *a, cJSON **out,
	struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	const char *path = arena_printf(a, PEOPLE_PATH "%s%s%s%s", at->sync ? "&syncToken=" : "",
		at->sync ? at->sync : "", at->page ? "&pageToken=" : "", at->page ? at->page : "");
	const struct web_request rq = web_json_request("GET", path, NULL);
	if (web_do(g->people, &rq, &r, e))
		return explain(at, &r, e);
	if (web_parse(g->people, r.body.p, r.body.len, out, e))
		return -1;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(*out, "connections");
	if (!cJSON_IsObject(*out) || (list && !cJSON_IsArray(list)))
		return err_set(e, ERR_PROTO, _("Google's list of contacts cannot be understood."));
	return 0;
}

static int go_on(struct gmail *g, const cJSON *j, const struct people_at *at, struct arena *a,
	struct prov_contacts_page *out, struct err *e)
{
	const char *page, *sync;
	if (read_token(j, "nextPageToken", a, &page, e) ||
		read_token(j, "nextSyncToken", a, &sync, e))
		return -1;
	const char *first = json_str(j, "/connections/0/resourceName");
	if (page && !gmail_walk_goes_on(&g->people_walk, page, first))
		return err_set(e, ERR_PROTO,
			_("Google's list of contacts does not come to an end."));
	out->more = page != NULL;
	if (page)
		out->cursor = arena_printf(a, "v1 page %s %s", at->sync ? at->sync : "-", page);
	else if (sync)
		out->cursor = arena_printf(a, "v1 since %s", sync);
	return 0;
}

int gmail_contacts(struct provider *p, const char *cursor, struct arena *a,
	const struct prov_contacts_sink *to, struct prov_contacts_page *out, struct err *e)
{
	struct gmail *g = gmail_of(p);
	CLEANUP(json_free) cJSON *j = NULL;
	struct people_at at = {NULL, NULL};
	*out = (struct prov_contacts_page){.n_gone = 0};
	if (cursor && !read_cursor(a, cursor, &at))
		return err_set(e, ERR_CONFLICT, _("Google's list of contacts begins anew."));
	if (!at.page)
		g->people_walk = (struct gmail_walk){.n = 0};
	if (need_people(g, e) || ask(g, &at, a, &j, e) || go_on(g, j, &at, a, out, e))
		return -1;
	return tell_people(json_at(j, "/connections"), to, out, e);
}
