/*
 * contacts.c - the contacts of a Microsoft mailbox, by delta query ("contact: delta"), of its own
 * folder of contacts.
 *
 * Cursor: "c1 PAGES EMPTY MARK LINK"; LINK is the next or delta link, the rest its trail (trail.h).
 */
#include "config.h"

#include "mailbox.h"

#include <inttypes.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/person.h"
#include "crmail/provider/contacts.h"

#include "trail.h"

#define PAGE_SIZE 500
#define ITEMS_MOST 2000 /* on a page; more are none of what was asked for */
#define LINK_MOST ((size_t)32 << 10)
#define SELECT                                                                                     \
	"?$select=displayName,givenName,middleName,surname,emailAddresses,mobilePhone,"            \
	"businessPhones,homePhones,companyName,jobTitle,personalNotes,businessHomePage"

static const struct {
	const char *key;
	enum people_field field;
} PROPERTIES[] = {
	{"displayName", PEOPLE_NAME},
	{"givenName", PEOPLE_FIRST},
	{"middleName", PEOPLE_MIDDLE},
	{"surname", PEOPLE_LAST},
	{"mobilePhone", PEOPLE_PHONE},
	{"businessPhones", PEOPLE_PHONE},
	{"homePhones", PEOPLE_PHONE},
	{"companyName", PEOPLE_COMPANY},
	{"jobTitle", PEOPLE_TITLE},
	{"personalNotes", PEOPLE_NOTE},
	{"businessHomePage", PEOPLE_DOMAIN},
};

struct cursor {
	struct graph_trail trail;
	const char *link; /* points into the text */
};

static bool read_cursor(const char *text, struct cursor *c)
{
	struct span rest = span_of(text), version, pages, empty, mark;
	if (!span_next(&rest, ' ', &version) || !span_eq(version, "c1") ||
		!span_next(&rest, ' ', &pages) || !span_next(&rest, ' ', &empty) ||
		!span_next(&rest, ' ', &mark) ||
		!span_to_i64(pages, 0, INT64_MAX, &c->trail.pages) ||
		!span_to_i64(empty, 0, INT64_MAX, &c->trail.n_empty) ||
		!span_to_i64(mark, 0, INT64_MAX, &c->trail.mark))
		return false;
	c->link = rest.p;
	return rest.len > 0;
}

static void add_text(struct person_maker *m, enum people_field f, const cJSON *v)
{
	const char *s = cJSON_GetStringValue(v);
	if (s)
		person_add(m, f, s, false);
}

/* One value or several. */
static void add_property(struct person_maker *m, enum people_field f, const cJSON *v)
{
	const cJSON *one;
	if (!cJSON_IsArray(v)) {
		add_text(m, f, v);
		return;
	}
	cJSON_ArrayForEach(one, v) add_text(m, f, one);
}

static const struct person *make_person(struct person_maker *m, const cJSON *j, int64_t number)
{
	const cJSON *one, *list = cJSON_GetObjectItemCaseSensitive(j, "emailAddresses");
	person_begin(m, number);
	for (size_t i = 0; i < ARRAY_SIZE(PROPERTIES); i++)
		add_property(m, PROPERTIES[i].field,
			cJSON_GetObjectItemCaseSensitive(j, PROPERTIES[i].key));
	if (cJSON_IsArray(list))
		cJSON_ArrayForEach(one, list)
			add_text(m, PEOPLE_EMAIL, cJSON_GetObjectItemCaseSensitive(one, "address"));
	return person_end(m);
}

/* What changed alone may be told of a contact: the rest of it is asked for. *out NULL: the contact
 * is not there any more. */
static int get_whole(struct graph *g, const char *id, cJSON **out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err why = ERR_INIT;
	if (graph_get(g->web, graph_path(&a, "/me/contacts/", id, SELECT), 0, out, &why) == 0)
		return 0;
	*out = NULL;
	if (why.code == ERR_NOTFOUND)
		return 0;
	*e = why;
	return -1;
}

static int tell(struct graph *g, struct person_maker *m, const cJSON *j, int64_t number,
	const struct prov_contacts_sink *to, struct err *e)
{
	CLEANUP(json_free) cJSON *whole = NULL;
	const char *id = json_str(j, "/id");
	if (!cJSON_GetObjectItemCaseSensitive(j, "emailAddresses")) {
		if (!id || !*id)
			return 0;
		if (get_whole(g, id, &whole, e))
			return -1;
		if (!whole)
			return 0;
		j = whole;
	}
	return to->one(to->ctx, make_person(m, j, number), e) ? -1 : 0;
}

static int tell_all(struct graph *g, const cJSON *list, const struct prov_contacts_sink *to,
	struct prov_contacts_page *out, struct err *e)
{
	struct person_maker m = PERSON_MAKER_INIT;
	const cJSON *one;
	int64_t number = 0;
	int rc = 0;
	cJSON_ArrayForEach(one, list)
	{
		number++;
		if (!cJSON_IsObject(one))
			continue;
		if (cJSON_GetObjectItemCaseSensitive(one, "@removed"))
			out->n_gone++;
		else if (!rc)
			rc = tell(g, &m, one, number, to, e);
	}
	person_release(&m);
	return rc;
}

static int check_page(const struct graph *g, const cJSON *list, const char *link, struct err *e)
{
	int n = cJSON_GetArraySize(list);
	if (!cJSON_IsArray(list) || n > ITEMS_MOST || !link || !*link || strlen(link) > LINK_MOST)
		return err_set(e, ERR_PROTO,
			_("A list of contacts from Microsoft cannot be understood."));
	if (!web_is_own(g->web, link))
		return err_set(e, ERR_PROTO, _("%s names another server to go on at."),
			web_host(g->web));
	return 0;
}

int graph_contacts(struct provider *p, const char *cursor, struct arena *a,
	const struct prov_contacts_sink *to, struct prov_contacts_page *out, struct err *e)
{
	struct graph *g = graph_of(p);
	CLEANUP(json_free) cJSON *answer = NULL;
	struct cursor c = {.link = "/me/contacts/delta" SELECT};
	*out = (struct prov_contacts_page){.n_gone = 0};
	if (cursor && (!read_cursor(cursor, &c) || !web_is_own(g->web, c.link)))
		return err_set(e, ERR_CONFLICT, _("The contacts are to be read anew."));
	if (graph_get(g->web, c.link, PAGE_SIZE, &answer, e))
		return -1;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "value");
	const char *next =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "@odata.nextLink"));
	const char *link = next ? next
				: cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer,
					  "@odata.deltaLink"));
	if (check_page(g, list, link, e))
		return -1;
	if (!next)
		c.trail = (struct graph_trail){0};
	else if (graph_trail_step(&c.trail, next, (size_t)cJSON_GetArraySize(list), e))
		return -1;
	if (tell_all(g, list, to, out, e))
		return -1;
	out->more = next != NULL;
	out->cursor = arena_printf(a, "c1 %" PRId64 " %" PRId64 " %" PRId64 " %s", c.trail.pages,
		c.trail.n_empty, c.trail.mark, link);
	return 0;
}
