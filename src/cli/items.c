/*
 * items.c - `crmail crm items`: what the user wrote and the CRM does not have: waiting, parked with
 * its reason, or in conflict with both versions; and the user's word on one of them.
 */
#include "config.h"

#include "verbs.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/str.h"
#include "crmail/store/contact.h"
#include "crmail/store/record.h"
#include "crmail/store/store.h"

#include "args.h"
#include "print.h"
#include "record.h"

#define PAGE 200

static const struct {
	const char *word;
	enum record_act act;
} acts[] = {
	{"undo", RECORD_UNDO},
	{"retry", RECORD_RETRY},
	{"discard", RECORD_DISCARD},
	{"ours", RECORD_OURS},
	{"theirs", RECORD_THEIRS},
};

static const char *id_of(struct arena *a, const struct record_write *w)
{
	return w->crm_id ? w->crm_id : arena_printf(a, "local:%lld", (long long)w->row);
}

/* A link as the CLI names it. */
static const char *shown_value(struct store_reader *r, struct arena *a,
	const struct record_value *v, const char *value)
{
	int64_t row = 0;
	if (!value || !v->ref || !str_to_i64(value, 1, INT64_MAX, &row))
		return value;
	const char *id = record_crm_id(r, a, v->ref, row);
	return id ? id : arena_printf(a, "local:%s", value);
}

static cJSON *item_json(struct store_reader *r, struct arena *a, const struct record_write *w,
	const char *crm)
{
	cJSON *o = cJSON_CreateObject();
	json_add_id(o, "id", w->id);
	json_add_str(o, "crm", crm);
	json_add_str(o, "state", record_state_name(w->state));
	json_add_str(o, "verb", record_verb_name(w->verb));
	json_add_str(o, "kind", record_kind_name(w->kind));
	json_add_str(o, "record", id_of(a, w));
	json_add_str(o, "title", w->title);
	json_add_time(o, "created", w->created_at);
	json_add_i64(o, "attempts", w->attempts);
	json_add_time(o, "not_before", w->not_before);
	json_add_str(o, "reason", w->reason);
	cJSON *fields = cJSON_AddArrayToObject(o, "fields");
	for (size_t i = 0; i < w->n_fields; i++) {
		const struct record_value *v = &w->fields[i];
		cJSON *f = cJSON_CreateObject();
		cJSON_AddItemToArray(fields, f);
		json_add_str(f, "name", v->name);
		json_add_str(f, "base", shown_value(r, a, v, v->base));
		json_add_str(f, "ours", shown_value(r, a, v, v->ours));
		json_add_str(f, "theirs", shown_value(r, a, v, v->theirs));
	}
	return o;
}

static void print_item(FILE *out, struct store_reader *r, struct arena *a,
	const struct record_write *w)
{
	fprintf(out, "%lld\t%s\t%s %s\t%s\t%s\n", (long long)w->id, record_state_name(w->state),
		record_verb_name(w->verb), record_kind_name(w->kind), id_of(a, w), w->title);
	for (size_t i = 0; w->state == RECORD_CONFLICT && i < w->n_fields; i++) {
		const struct record_value *v = &w->fields[i];
		const char *ours = shown_value(r, a, v, v->ours);
		const char *theirs = shown_value(r, a, v, v->theirs);
		if (!record_is_same(v->name, v->ours, v->theirs))
			fprintf(out, _("\t%s: here \"%s\", in the CRM \"%s\"\n"), v->name,
				ours ? ours : "", theirs ? theirs : "");
	}
	if (w->reason)
		fprintf(out, "\t%s\n", w->reason);
}

static const char *name_of(const struct crm_row *v, size_t n, int64_t crm)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].id == crm)
			return v[i].name;
	return "";
}

static int add_items(struct cli *c, struct store_reader *r, cJSON *list, struct err *e)
{
	CLEANUP(arena_release) struct arena names = ARENA_INIT;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct crm_row *crms = NULL;
	size_t n_crms = 0;
	size_t n = PAGE;
	int64_t after = 0;
	if (crm_list(r, &names, &crms, &n_crms, e))
		return -1;
	while (n == PAGE) {
		struct record_write *v = NULL;
		arena_reset(&a);
		if (record_writes(r, &a, 0, 0, after, PAGE, &v, &n, e))
			return -1;
		for (size_t i = 0; i < n; i++) {
			if (list)
				cJSON_AddItemToArray(list,
					item_json(r, &a, &v[i], name_of(crms, n_crms, v[i].crm)));
			else
				print_item(c->out, r, &a, &v[i]);
			after = v[i].id;
		}
	}
	return 0;
}

static int print_items(struct cli *c, bool as_json)
{
	struct store_reader *r = NULL;
	struct err e = ERR_INIT;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	cJSON *doc = as_json ? cJSON_CreateObject() : NULL;
	int rc = add_items(c, r, as_json ? cJSON_AddArrayToObject(doc, "items") : NULL, &e);
	store_reader_close(r);
	if (rc) {
		cJSON_Delete(doc);
		return cli_fail(c, &e);
	}
	return as_json ? cli_print_json(c, doc) : CLI_OK;
}

static int act_on(struct cli *c, enum record_act act, const char *text)
{
	struct err e = ERR_INIT;
	int64_t id = 0;
	if (!str_to_i64(text, 1, INT64_MAX, &id)) {
		err_set(&e, ERR_NOTFOUND, "%s", _("No change of that number is waiting."));
		return cli_fail(c, &e);
	}
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	return record_act_wait(c->store, id, act, &e) ? cli_fail(c, &e) : CLI_OK;
}

int cli_crm_items(struct cli *c, const struct cli_verb *v, const struct cli_list *rest,
	bool as_json)
{
	if (rest->n == 1)
		return print_items(c, as_json);
	for (size_t i = 0; !as_json && rest->n == 3 && i < ARRAY_SIZE(acts); i++)
		if (!strcmp(rest->v[1], acts[i].word))
			return act_on(c, acts[i].act, rest->v[2]);
	return cli_usage(c, v, NULL);
}
