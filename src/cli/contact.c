/*
 * contact.c - `crmail contact list --json`: the people of every CRM (formats.md). What is written
 * to them is in record.c.
 */
#include "config.h"

#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/json.h"
#include "crmail/store/contact.h"
#include "crmail/store/store.h"

#include "args.h"
#include "contacts.h"
#include "print.h"
#include "record.h"

#define PAGE 500

static int compare(const void *a, const void *b)
{
	const struct contact_row *const *x = a;
	const struct contact_row *const *y = b;
	return strcmp((*x)->crm_id, (*y)->crm_id);
}

static void add_strings(cJSON *o, const char *key, const char *const *v, size_t n)
{
	cJSON *list = cJSON_AddArrayToObject(o, key);
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(v[i]));
}

static cJSON *contact_json(const struct contact_row *c)
{
	cJSON *o = cJSON_CreateObject();
	json_add_str(o, "id", c->crm_id);
	json_add_str(o, "name", c->name);
	json_add_str(o, "first_name", c->first_name);
	json_add_str(o, "last_name", c->last_name);
	add_strings(o, "emails", c->emails, c->n_emails);
	add_strings(o, "phones", c->phones, c->n_phones);
	json_add_str(o, "partner", c->partner_crm_id);
	json_add_time(o, "updated", c->updated_at);
	return o;
}

/* Ids are the CRM's text, so that the order is made here and not by the store's row numbers. */
static int read_all(struct store_reader *r, struct arena *a, const struct contact_row ***out,
	size_t *n, struct err *e)
{
	const struct contact_row **v = NULL;
	size_t cap = 0;
	int64_t after = 0;
	*n = 0;
	for (;;) {
		struct contact_row *page = NULL;
		size_t got = 0;
		if (contact_list(r, a, NULL, after, PAGE, &page, &got, e))
			return -1;
		if (!got)
			break;
		v = arena_grow(a, v, &cap, *n + got, sizeof(*v));
		for (size_t i = 0; i < got; i++)
			v[(*n)++] = &page[i];
		after = page[got - 1].id;
	}
	if (*n)
		qsort(v, *n, sizeof(*v), compare);
	*out = v;
	return 0;
}

static int run_list(struct cli *c)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	const struct contact_row **v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	int rc = read_all(r, &a, &v, &n, &e);
	store_reader_close(r);
	if (rc)
		return cli_fail(c, &e);
	cJSON *doc = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(doc, "contacts");
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(list, contact_json(v[i]));
	return cli_print_json(c, doc);
}

int cli_contact(struct cli *c, int argc, char **argv)
{
	struct record_words w = {.crm = NULL};
	const struct cli_verb *v = cli_verb_find("contact");
	struct err e = ERR_INIT;
	if (argc > 1 && !strcmp(argv[1], "import"))
		return cli_import_contacts(c, v, argc - 1, argv + 1);
	if (record_words_parse(argc, argv, &w, &e))
		return cli_usage(c, v, e.msg);
	if (!w.rest.n || strcmp(w.rest.v[0], "list") != 0)
		return cli_contact_write(c, v, &w);
	if (!w.as_json || w.crm || w.rest.n != 1)
		return cli_usage(c, v, NULL);
	return run_list(c);
}
