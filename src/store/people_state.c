/*
 * people_state.c - a contact as an import sees it: out of its rows, into them, and as words that
 * make it again what it was.
 */
#include "config.h"

#include "people_private.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/json.h"

static const char SQL_READ[] = "SELECT name, first_name, last_name, title, owner_id, partner"
			       " FROM contact WHERE id = ?";
static const char SQL_EMAILS[] = "SELECT addr FROM contact_email WHERE contact = ? ORDER BY pos";
static const char SQL_PHONES[] = "SELECT phone FROM contact_phone WHERE contact = ? ORDER BY pos";
static const char SQL_WRITE[] =
	"UPDATE contact SET name = ?2, first_name = ?3, last_name = ?4, title = ?5, owner_id = ?6,"
	" partner = ?7, updated_at = ?8, digest = NULL WHERE id = ?1";

static int read_list(struct db *d, struct arena *a, const char *sql, int64_t id,
	struct people_list *out, struct err *e)
{
	sqlite3_stmt *q;
	const char **v = NULL;
	size_t cap = 0;
	size_t n = 0;
	int rc;
	if (db_query(d, &q, e, sql, "i", id))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, n + 1, sizeof(*v));
		v[n++] = db_text(a, q, 0);
	}
	*out = (struct people_list){v, n};
	return rc;
}

int people_state_read(struct db *d, struct arena *a, int64_t contact, struct people_state *out,
	struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_READ, "i", contact))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc ? -1 : err_set(e, ERR_NOTFOUND, _("This contact is not there any more."));
	*out = (struct people_state){
		.name = db_text(a, q, 0),
		.first_name = db_text(a, q, 1),
		.last_name = db_text(a, q, 2),
		.title = db_text(a, q, 3),
		.owner = db_text(a, q, 4),
		.partner = sqlite3_column_int64(q, 5),
	};
	sqlite3_reset(q);
	return read_list(d, a, SQL_EMAILS, contact, &out->emails, e) ||
			       read_list(d, a, SQL_PHONES, contact, &out->phones, e)
		       ? -1
		       : 0;
}

void people_state_sum(const struct people_state *s, char out[65])
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	const char *const words[] = {s->name, s->first_name, s->last_name, s->title, s->owner};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		digest_add(&b, words[i]);
	buf_addf(&b, "%lld\n", (long long)s->partner);
	for (size_t i = 0; i < s->emails.n; i++)
		digest_add(&b, s->emails.v[i]);
	buf_addch(&b, '\n');
	for (size_t i = 0; i < s->phones.n; i++)
		digest_add(&b, s->phones.v[i]);
	digest_end(&b, out);
}

int people_state_write(struct write *w, int64_t crm, int64_t contact, const struct people_state *s,
	struct err *e)
{
	const struct contact_in in = {.name = s->name,
		.emails = s->emails.v,
		.n_emails = s->emails.n,
		.phones = s->phones.v,
		.n_phones = s->phones.n};
	return match_again_link(w, LINK_CONTACT, contact, e) ||
			       db_run(w->db, e, SQL_WRITE, "itttttii", contact, s->name,
				       s->first_name, s->last_name, s->title, s->owner, s->partner,
				       w->now) ||
			       contact_put_addresses(w, crm, contact, &in, e)
		       ? -1
		       : 0;
}

static void add_list(cJSON *o, const char *key, const struct people_list *l)
{
	cJSON *list = cJSON_AddArrayToObject(o, key);
	for (size_t i = 0; i < l->n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(l->v[i]));
}

char *people_state_text(const struct people_state *s)
{
	cJSON *o = cJSON_CreateObject();
	json_add_str(o, "name", s->name);
	json_add_str(o, "first_name", s->first_name);
	json_add_str(o, "last_name", s->last_name);
	json_add_str(o, "title", s->title);
	json_add_str(o, "owner", s->owner);
	json_add_i64(o, "partner", s->partner);
	add_list(o, "emails", &s->emails);
	add_list(o, "phones", &s->phones);
	char *text = json_print(o);
	cJSON_Delete(o);
	return text;
}

static const char *word(struct arena *a, const cJSON *o, const char *pointer)
{
	return arena_strdup(a, json_str(o, pointer));
}

static struct people_list words(struct arena *a, const cJSON *list)
{
	const char **v = arena_array(a, (size_t)cJSON_GetArraySize(list) + 1, sizeof(*v));
	const cJSON *x;
	size_t n = 0;
	cJSON_ArrayForEach(x, list)
	{
		if (cJSON_IsString(x))
			v[n++] = arena_strdup(a, x->valuestring);
	}
	return (struct people_list){v, n};
}

int people_state_parse(struct arena *a, const char *text, struct people_state *out, struct err *e)
{
	CLEANUP(json_free) cJSON *o = NULL;
	if (json_parse(text, strlen(text), &o, e))
		return -1;
	*out = (struct people_state){
		.name = word(a, o, "/name"),
		.first_name = word(a, o, "/first_name"),
		.last_name = word(a, o, "/last_name"),
		.title = word(a, o, "/title"),
		.owner = word(a, o, "/owner"),
		.emails = words(a, json_at(o, "/emails")),
		.phones = words(a, json_at(o, "/phones")),
	};
	if (!json_i64(o, "/partner", &out->partner))
		out->partner = 0;
	return 0;
}
