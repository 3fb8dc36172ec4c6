/*
 * crm_test.c - `crmail crm test NAME`: what works with a connected CRM, in plain words or as JSON;
 * `crmail crm sweep NAME`: deletes are looked for with the next pass.
 */
#include "config.h"

#include "crm_args.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/crm/write.h"
#include "crmail/store/crm_sweep.h"
#include "crmail/store/store.h"
#include "crmail/sync/crm_sync.h"

#include "print.h"

static int find_crm(struct store_reader *r, struct arena *a, const char *name,
	const struct crm_row **out, struct err *e)
{
	struct crm_row *v = NULL;
	size_t n = 0;
	if (crm_list(r, a, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].name, name)) {
			*out = &v[i];
			return 0;
		}
	return err_set(e, ERR_NOTFOUND, _("There is no CRM %s."), name);
}

static const char *word_of(const struct crm_test *t)
{
	size_t failed = 0;
	for (size_t i = 0; i < t->n; i++)
		failed += t->v[i].error.code != ERR_NONE;
	if (t->error.code || (t->n && failed == t->n))
		return "failed";
	return failed || t->maker_advice ? "partly" : "ok";
}

static int code_of(const struct crm_test *t)
{
	const char *word = word_of(t);
	return !strcmp(word, "ok") ? CLI_OK : !strcmp(word, "partly") ? CLI_PARTLY : CLI_FAILED;
}

static void add_error(cJSON *to, const struct err *e, const char *advice)
{
	if (e->code) {
		cJSON *error = cJSON_AddObjectToObject(to, "error");
		json_add_str(error, "code", err_code_name(e->code));
		json_add_str(error, "message", e->msg);
	}
	json_add_str(to, "advice", advice);
}

static void add_findings(cJSON *doc, const struct crm_test *t)
{
	cJSON *list = cJSON_AddArrayToObject(doc, "objects");
	for (size_t i = 0; i < t->n; i++) {
		const struct crm_finding *f = &t->v[i];
		cJSON *o = cJSON_CreateObject();
		json_add_str(o, "name", f->object);
		cJSON_AddBoolToObject(o, "works", !f->error.code);
		if (!f->error.code) {
			json_add_i64(o, "rows", (int64_t)f->rows);
			cJSON_AddBoolToObject(o, "more", f->has_more);
		}
		add_error(o, &f->error, f->advice);
		cJSON_AddItemToArray(list, o);
	}
}

static const char *maker_word(enum crm_maker m)
{
	switch (m) {
	case CRM_MAKER_UNKNOWN:
		return "unknown";
	case CRM_MAKER_CRM:
		return "crm";
	case CRM_MAKER_NOBODY:
		return "nobody";
	}
	return NULL;
}

static void add_writes(cJSON *doc, unsigned abilities)
{
	cJSON *list = cJSON_AddArrayToObject(doc, "writes");
	for (int o = 0; o < CRM_OBJECT_COUNT; o++)
		for (int v = 0; v < CRM_VERB_COUNT; v++) {
			char text[48];
			if (!(abilities & CRM_ABILITY(o, v)))
				continue;
			snprintf(text, sizeof(text), "%s %s", crm_verb_name((enum crm_verb)v),
				crm_object_name((enum crm_object)o));
			cJSON_AddItemToArray(list, cJSON_CreateString(text));
		}
}

static int print_json(struct cli *c, const struct crm_row *row, const struct crm_test *t)
{
	cJSON *doc = cJSON_CreateObject();
	json_add_str(doc, "name", row->name);
	json_add_str(doc, "profile", row->profile);
	json_add_str(doc, "result", word_of(t));
	json_add_str(doc, "user", t->me.user_id);
	json_add_str(doc, "email", t->me.email);
	json_add_str(doc, "role", t->me.role);
	json_add_str(doc, "organization", t->me.organization_id);
	add_error(doc, &t->error, t->advice);
	add_findings(doc, t);
	add_writes(doc, t->abilities);
	cJSON *log = cJSON_AddObjectToObject(doc, "log");
	json_add_str(log, "side", row->log_side);
	json_add_str(log, "activities_made_by", maker_word(t->maker.maker));
	json_add_i64(log, "mails_seen", (int64_t)t->maker.mails);
	add_error(log, &t->maker_error, t->maker_advice);
	int code = cli_print_json(c, doc);
	return code == CLI_OK ? code_of(t) : code;
}

static void print_finding(const struct cli *c, const struct crm_finding *f)
{
	if (f->error.code) {
		/* TRANSLATORS: a word of the profile like "contact", then why it cannot be read */
		fprintf(c->out, _("%s: does not work. %s\n"), f->object, f->error.msg);
		if (f->advice)
			fprintf(c->out, "  %s\n", f->advice);
		return;
	}
	if (!f->rows)
		fprintf(c->out, _("%s: works, there are none that you may see.\n"), f->object);
	else
		fprintf(c->out,
			/* TRANSLATORS: a word of the profile like "contact" */
			ngettext("%s: works, %zu on the first page.\n",
				"%s: works, %zu on the first page.\n", f->rows),
			f->object, f->rows);
}

static void print_maker(const struct cli *c, const struct crm_test *t)
{
	switch (t->maker.maker) {
	case CRM_MAKER_UNKNOWN:
		break;
	case CRM_MAKER_CRM:
		fputs(_("Mails in the CRM have activities: it makes them itself.\n"), c->out);
		break;
	case CRM_MAKER_NOBODY:
		fputs(_("Mails in the CRM have no activities: it does not make them itself.\n"),
			c->out);
		break;
	}
	if (t->maker_advice)
		fprintf(c->out, "  %s\n", t->maker_advice);
}

static int print_text(struct cli *c, const struct crm_row *row, const struct crm_test *t)
{
	if (t->error.code) {
		fprintf(c->out, _("%s: the sign-in does not work. %s\n"), row->name, t->error.msg);
		if (t->advice)
			fprintf(c->out, "  %s\n", t->advice);
		return CLI_FAILED;
	}
	if (t->me.user_id)
		/* TRANSLATORS: name of the CRM, then who the user is there */
		fprintf(c->out, _("%s: signed in as %s.\n"), row->name,
			t->me.email ? t->me.email : t->me.user_id);
	else
		fprintf(c->out, _("%s: no server, all of it is on this machine.\n"), row->name);
	for (size_t i = 0; i < t->n; i++)
		print_finding(c, &t->v[i]);
	print_maker(c, t);
	return code_of(t);
}

/* Signs in by password: the tokens belong to the process that syncs. */
static int try_crm(struct cli *c, const struct crm_args *args, struct arena *a, int *code,
	struct err *e)
{
	struct crm_sync_options o = {
		.only_looks = true,
		.store = c->store,
		.clock = c->clock,
		.program = c->program,
		.share_dir = c->share_dir,
		.deadline_ms = c->deadline_ms,
		.vault = c->secrets,
		.without_token = true,
	};
	struct store_reader *r = NULL;
	const struct crm_row *row = NULL;
	struct crm_sync *s = NULL;
	struct crm_test t;
	if (store_reader_open(c->store, &r, e))
		return -1;
	int rc = find_crm(r, a, args->rest.v[1], &row, e);
	const char *secret = rc ? NULL : crm_setting(r, a, row->id, "secret");
	if (secret)
		rc = cli_open_secrets(c, secret, e);
	store_reader_close(r);
	if (rc || crm_sync_open(&s, &o, row->id, e))
		return -1;
	crm_sync_test(s, a, &t);
	*code = args->is_json ? print_json(c, row, &t) : print_text(c, row, &t);
	crm_sync_close(s);
	return 0;
}

int cli_crm_test(struct cli *c, const struct crm_args *args)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct err e = ERR_INIT;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	store_reader_close(r);
	return try_crm(c, args, &a, &code, &e) ? cli_fail(c, &e) : code;
}

int cli_crm_sweep(struct cli *c, const struct crm_args *args)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	const struct crm_row *row = NULL;
	struct err e = ERR_INIT;
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (store_reader_open(c->store, &r, &e))
		return cli_fail(c, &e);
	int rc = find_crm(r, &a, args->rest.v[1], &row, &e);
	store_reader_close(r);
	if (!rc && !row->url)
		rc = err_set(&e, ERR_UNSUPPORTED,
			_("The CRM %s has no server where something could be deleted."), row->name);
	if (rc || crm_sweep_want(c->store, row->id, &e))
		return cli_fail(c, &e);
	fputs(_("What was deleted in the CRM is looked for with the next pass.\n"), c->err);
	return CLI_OK;
}
