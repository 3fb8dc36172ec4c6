/*
 * record.c - writing into the records of a CRM: `crmail contact add|edit|log`, `deal edit`,
 * `task add|done|postpone`. The row is there when the command ends; the CRM learns of it from
 * whoever syncs, also when it is away now.
 */
#include "config.h"

#include "verbs.h"

#include <stdlib.h>
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

#define MAX_FIELDS 64

struct writing { /* of one record */
	struct cli *c;
	struct store_reader *r;
	struct arena arena;
	enum record_kind kind;
	int64_t crm;
	struct record_field v[MAX_FIELDS];
	size_t n;
};

static const struct {
	const char *field;
	enum record_kind kind;
} links[] = {{"contact", RECORD_CONTACT}, {"partner", RECORD_PARTNER}, {"lead", RECORD_LEAD},
	{"deal", RECORD_DEAL}};

int record_words_parse(int argc, char **argv, struct record_words *out, struct err *e)
{
	const struct cli_arg table[] = {
		{.name = "--crm", .value = &out->crm},
		{.name = "--json", .flag = &out->as_json},
		{.name = NULL},
	};
	return cli_args_parse(argc, argv, table, &out->rest, e);
}

static int not_there(struct err *e, enum record_kind k, const char *id)
{
	switch (k) {
	case RECORD_CONTACT:
		return err_set(e, ERR_NOTFOUND, _("There is no contact %s."), id);
	case RECORD_PARTNER:
		return err_set(e, ERR_NOTFOUND, _("There is no partner %s."), id);
	case RECORD_DEAL:
		return err_set(e, ERR_NOTFOUND, _("There is no deal %s."), id);
	case RECORD_LEAD:
		return err_set(e, ERR_NOTFOUND, _("There is no lead %s."), id);
	default:
		return err_set(e, ERR_NOTFOUND, _("There is no entry %s."), id);
	}
}

static int find_row(struct writing *w, enum record_kind k, const char *id, int64_t *row,
	struct err *e)
{
	if (record_by_crm_id(w->r, k, id, row, e))
		return -1;
	return *row ? 0 : not_there(e, k, id);
}

static int add_field(struct writing *w, const char *name, const char *value, struct err *e)
{
	if (w->n == MAX_FIELDS)
		return err_set(e, ERR_USAGE, _("Too many arguments."));
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		int64_t row = 0;
		if (strcmp(name, links[i].field) != 0 || !*value || str_starts(value, "new:"))
			continue;
		if (find_row(w, links[i].kind, value, &row, e))
			return -1;
		value = arena_printf(&w->arena, "%lld", (long long)row);
	}
	w->v[w->n++] = (struct record_field){name, value};
	return 0;
}

/* FIELD=VALUE from the i-th word on; "FIELD=" empties. */
static int add_fields(struct writing *w, const struct cli_list *rest, size_t i, struct err *e)
{
	for (; i < rest->n; i++) {
		char key[64];
		const char *value;
		if (!cli_split_setting(rest->v[i], key, sizeof(key), &value))
			return err_set(e, ERR_USAGE, _("\"%s\" is not FIELD=VALUE."), rest->v[i]);
		if (add_field(w, arena_strdup(&w->arena, key), value, e))
			return -1;
	}
	return 0;
}

static int choose_crm(struct writing *w, const char *name, struct err *e)
{
	struct crm_row *v = NULL;
	size_t n = 0;
	if (crm_list(w->r, &w->arena, &v, &n, e))
		return -1;
	for (size_t i = 0; name && i < n; i++)
		if (!strcmp(v[i].name, name))
			w->crm = v[i].id;
	if (name)
		return w->crm ? 0 : err_set(e, ERR_NOTFOUND, _("There is no CRM %s."), name);
	if (!n)
		return err_set(e, ERR_NOTFOUND, _("No CRM is connected: see crmail crm add."));
	if (n > 1)
		return err_set(e, ERR_USAGE, _("There are several CRMs: say which with --crm."));
	w->crm = v[0].id;
	return 0;
}

/* What the profile cannot write is said before, not parked afterwards. Zero: not known yet. */
static int check_ability(struct writing *w, unsigned ability, struct err *e)
{
	unsigned has = record_abilities(w->r, w->crm);
	if (!has || has & ability << w->kind)
		return 0;
	return err_set(e, ERR_UNSUPPORTED, _("This CRM takes no such change from here."));
}

static int print_new(struct writing *w, int64_t row, bool as_json)
{
	char id[40];
	IGNORE_RESULT(snprintf(id, sizeof(id), "local:%lld", (long long)row), "it fits");
	if (!as_json) {
		fprintf(w->c->out, "%s\n", id);
		return CLI_OK;
	}
	cJSON *doc = cJSON_CreateObject();
	json_add_str(doc, "id", id);
	return cli_print_json(w->c, doc);
}

static int make(struct writing *w, int64_t *row, struct err *e)
{
	return check_ability(w, RECORD_CAN_CREATE, e) ||
			       record_create_wait(w->c->store, w->crm, w->kind, w->v, w->n, row, e)
		       ? -1
		       : 0;
}

static int change(struct writing *w, const char *id, struct err *e)
{
	int64_t row = 0;
	if (find_row(w, w->kind, id, &row, e))
		return -1;
	w->crm = record_crm(w->r, w->kind, row);
	return check_ability(w, RECORD_CAN_EDIT, e) ||
			       record_edit_wait(w->c->store, w->kind, row, w->v, w->n, e)
		       ? -1
		       : 0;
}

typedef int (*writing_fn)(struct writing *w, const struct record_words *in, int64_t *made,
	struct err *e);

static int with_store(struct cli *c, enum record_kind k, const struct record_words *in,
	writing_fn fn)
{
	struct writing w = {.c = c, .kind = k, .arena = ARENA_INIT};
	struct err e = ERR_INIT;
	int64_t made = 0;
	int code = cli_open_store(c);
	if (code != CLI_OK || (code = cli_open_reader(c, &w.r)) != CLI_OK)
		return code;
	code = fn(&w, in, &made, &e) ? cli_fail(c, &e) : CLI_OK;
	store_reader_close(w.r);
	if (code == CLI_OK && made)
		code = print_new(&w, made, in->as_json);
	arena_release(&w.arena);
	return code;
}

/* ---- the verbs --------------------------------------------------------------------------------*/

static int record_add(struct writing *w, const struct record_words *in, int64_t *made,
	struct err *e)
{
	return choose_crm(w, in->crm, e) || add_fields(w, &in->rest, 1, e) || make(w, made, e) ? -1
											       : 0;
}

static int record_change(struct writing *w, const struct record_words *in, int64_t *made,
	struct err *e)
{
	(void)made;
	return add_fields(w, &in->rest, 2, e) || change(w, in->rest.v[1], e) ? -1 : 0;
}

static int contact_log(struct writing *w, const struct record_words *in, int64_t *made,
	struct err *e)
{
	int64_t row = 0;
	if (find_row(w, RECORD_CONTACT, in->rest.v[1], &row, e))
		return -1;
	w->crm = record_crm(w->r, RECORD_CONTACT, row);
	return add_field(w, "kind", in->rest.v[2], e) ||
			       add_field(w, "contact", in->rest.v[1], e) ||
			       add_fields(w, &in->rest, 3, e) || make(w, made, e)
		       ? -1
		       : 0;
}

static bool is_kind(const char *word)
{
	static const char *const kinds[] = {"call", "meeting", "note", "task"};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(word, kinds[i]))
			return true;
	return false;
}

int cli_contact_write(struct cli *c, const struct cli_verb *v, const struct record_words *w)
{
	const struct cli_list *rest = &w->rest;
	const char *what = rest->n ? rest->v[0] : "";
	if (!strcmp(what, "add") && rest->n > 1)
		return with_store(c, RECORD_CONTACT, w, record_add);
	if (!strcmp(what, "edit") && rest->n > 2)
		return with_store(c, RECORD_CONTACT, w, record_change);
	if (!strcmp(what, "log") && rest->n > 2 && is_kind(rest->v[2]))
		return with_store(c, RECORD_ACTIVITY, w, contact_log);
	return cli_usage(c, v, NULL);
}

int cli_deal(struct cli *c, int argc, char **argv)
{
	struct record_words w = {.crm = NULL};
	const struct cli_verb *v = cli_verb_find("deal");
	struct err e = ERR_INIT;
	if (record_words_parse(argc, argv, &w, &e))
		return cli_usage(c, v, e.msg);
	if (w.as_json && w.rest.n == 1 && !strcmp(w.rest.v[0], "list"))
		return cli_record_list(c, BOOK_DEALS);
	if (w.rest.n > 1 && !strcmp(w.rest.v[0], "add"))
		return with_store(c, RECORD_DEAL, &w, record_add);
	if (w.rest.n > 2 && !strcmp(w.rest.v[0], "edit"))
		return with_store(c, RECORD_DEAL, &w, record_change);
	return cli_usage(c, v, NULL);
}

static int task_add(struct writing *w, const struct record_words *in, int64_t *made, struct err *e)
{
	return choose_crm(w, in->crm, e) || add_field(w, "kind", "task", e) ||
			       add_field(w, "subject", in->rest.v[1], e) ||
			       add_fields(w, &in->rest, 2, e) || make(w, made, e)
		       ? -1
		       : 0;
}

static int task_done(struct writing *w, const struct record_words *in, int64_t *made, struct err *e)
{
	(void)made;
	return add_field(w, "status", "completed", e) || change(w, in->rest.v[1], e) ? -1 : 0;
}

static int task_postpone(struct writing *w, const struct record_words *in, int64_t *made,
	struct err *e)
{
	(void)made;
	return add_field(w, "due_date", in->rest.v[2], e) || change(w, in->rest.v[1], e) ? -1 : 0;
}

int cli_task(struct cli *c, int argc, char **argv)
{
	struct record_words w = {.crm = NULL};
	const struct cli_verb *v = cli_verb_find("task");
	struct err e = ERR_INIT;
	if (record_words_parse(argc, argv, &w, &e))
		return cli_usage(c, v, e.msg);
	const char *what = w.rest.n ? w.rest.v[0] : "";
	if (!strcmp(what, "add") && w.rest.n > 1)
		return with_store(c, RECORD_ACTIVITY, &w, task_add);
	if (!strcmp(what, "done") && w.rest.n == 2)
		return with_store(c, RECORD_ACTIVITY, &w, task_done);
	if (!strcmp(what, "postpone") && w.rest.n == 3)
		return with_store(c, RECORD_ACTIVITY, &w, task_postpone);
	return cli_usage(c, v, NULL);
}
