/*
 * record_list.c - `crmail partner list --json`, `crmail deal list --json`: the records of every
 * CRM by id, as `crmail contact list` prints people.
 */
#include "config.h"

#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/json.h"
#include "crmail/store/activity.h"
#include "crmail/store/book.h"
#include "crmail/store/record.h"
#include "crmail/store/store.h"

#include "args.h"
#include "print.h"
#include "record.h"

#define PAGE 500

struct named {
	const char *id; /* the CRM's, or "local:N" */
	struct book_row row;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

static const char *id_of(struct store_reader *r, struct arena *a, enum record_kind k, int64_t row)
{
	const char *id = row ? record_crm_id(r, a, k, row) : NULL;
	return id || !row ? id : arena_printf(a, "local:%lld", (long long)row);
}

static int read_all(struct store_reader *r, struct arena *a, enum book b, struct named **out,
	size_t *n, struct err *e)
{
	const struct book_spec spec = {.book = b, .order = BOOK_BY_NAME};
	enum record_kind kind = b == BOOK_PARTNERS ? RECORD_PARTNER : RECORD_DEAL;
	struct book_page page = {.is_end = false};
	const struct book_key *from = NULL;
	struct named *v = NULL;
	size_t cap = 0;
	*n = 0;
	while (!page.is_end) {
		if (book_read(r, a, &spec, from, false, PAGE, &page, e))
			return -1;
		v = arena_grow(a, v, &cap, *n + page.n + 1, sizeof(*v));
		for (size_t i = 0; i < page.n; i++)
			v[(*n)++] = (struct named){id_of(r, a, kind, page.v[i].id), page.v[i]};
		from = &page.reached;
	}
	if (*n)
		qsort(v, *n, sizeof(*v), compare);
	*out = v;
	return 0;
}

static int add_partner(struct store_reader *r, const struct named *x, cJSON *list, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct partner_row *p = NULL;
	if (partner_get(r, &a, x->row.id, &p, e))
		return -1;
	cJSON *o = cJSON_CreateObject();
	json_add_str(o, "id", x->id);
	json_add_str(o, "name", x->row.name);
	cJSON *domains = cJSON_AddArrayToObject(o, "domains");
	for (size_t i = 0; p && i < p->n_domains; i++)
		cJSON_AddItemToArray(domains, cJSON_CreateString(p->domains[i]));
	json_add_time(o, "last_touch", x->row.last_touch_at);
	cJSON_AddItemToArray(list, o);
	return 0;
}

static int add_deal(struct store_reader *r, const struct named *x, cJSON *list, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	cJSON *o = cJSON_CreateObject();
	(void)e;
	json_add_str(o, "id", x->id);
	json_add_str(o, "name", x->row.name);
	json_add_str(o, "stage", x->row.stage);
	json_add_str(o, "amount", x->row.amount);
	json_add_str(o, "currency", x->row.currency);
	json_add_time(o, "close_date", x->row.close_at);
	json_add_str(o, "next_step", x->row.next_step);
	json_add_str(o, "contact", id_of(r, &a, RECORD_CONTACT, x->row.contact));
	json_add_str(o, "partner", id_of(r, &a, RECORD_PARTNER, x->row.partner));
	cJSON_AddBoolToObject(o, "open", x->row.is_open);
	cJSON_AddItemToArray(list, o);
	return 0;
}

static int build(struct store_reader *r, enum book b, cJSON *list, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct named *v = NULL;
	size_t n = 0;
	if (read_all(r, &a, b, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (b == BOOK_PARTNERS ? add_partner(r, &v[i], list, e)
				       : add_deal(r, &v[i], list, e))
			return -1;
	return 0;
}

int cli_record_list(struct cli *c, enum book b)
{
	struct store_reader *r = NULL;
	struct err e = ERR_INIT;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	cJSON *doc = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(doc, b == BOOK_PARTNERS ? "partners" : "deals");
	int rc = build(r, b, list, &e);
	store_reader_close(r);
	if (!rc)
		return cli_print_json(c, doc);
	cJSON_Delete(doc);
	return cli_fail(c, &e);
}

int cli_partner(struct cli *c, int argc, char **argv)
{
	bool as_json = false;
	struct cli_list rest = {.n = 0};
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &as_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("partner");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &rest, &e))
		return cli_usage(c, v, e.msg);
	if (!as_json || rest.n != 1 || strcmp(rest.v[0], "list") != 0)
		return cli_usage(c, v, NULL);
	return cli_record_list(c, BOOK_PARTNERS);
}
