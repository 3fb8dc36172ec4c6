/*
 * sync.c - `crmail sync --once [--json]`: one pass over every account and CRM (formats.md "sync").
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/sync/host.h"

#include "args.h"
#include "print.h"

static const char *result_word(enum pass_result r)
{
	switch (r) {
	case PASS_OK:
		return "ok";
	case PASS_PARKED:
		return "parked";
	case PASS_FAILED:
		return "failed";
	}
	return "failed";
}

static void add_result(cJSON *obj, enum pass_result r, const struct err *why)
{
	json_add_str(obj, "result", result_word(r));
	if (why->code == ERR_NONE)
		return;
	cJSON *e = cJSON_AddObjectToObject(obj, "error");
	json_add_str(e, "code", err_code_name(why->code));
	json_add_str(e, "message", why->msg);
}

static void add_account(cJSON *list, const struct account_report *a)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(list, o);
	json_add_str(o, "name", a->name);
	add_result(o, a->result, &a->error);
	json_add_i64(o, "folders", a->folders);
	json_add_i64(o, "new", a->n_new);
	json_add_i64(o, "changed", a->n_changed);
	json_add_i64(o, "gone", a->n_gone);
	json_add_i64(o, "ops_done", a->ops_done);
	json_add_i64(o, "ops_parked", a->ops_parked);
	json_add_i64(o, "sent", a->sent);
	json_add_i64(o, "unknown", a->unknown);
}

static void add_crm(cJSON *list, const struct crm_report *r)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(list, o);
	json_add_str(o, "name", r->name);
	add_result(o, r->result, &r->error);
	json_add_i64(o, "contacts", r->contacts);
	json_add_i64(o, "partners", r->partners);
	json_add_i64(o, "logged", r->logged);
	json_add_i64(o, "skipped", r->skipped);
	cJSON *parked = cJSON_AddArrayToObject(o, "parked");
	for (size_t i = 0; i < r->n_parked; i++) {
		cJSON *p = cJSON_CreateObject();
		cJSON_AddItemToArray(parked, p);
		json_add_str(p, "message_id", r->parked[i].message_id);
		json_add_str(p, "target", r->parked[i].target);
		json_add_str(p, "reason", r->parked[i].reason);
	}
}

static int exit_of(const struct host_report *r)
{
	size_t bad = 0, all = r->n_accounts + r->n_crms, failed = 0;
	for (size_t i = 0; i < r->n_accounts; i++) {
		bad += r->accounts[i].result != PASS_OK;
		failed += r->accounts[i].result == PASS_FAILED;
	}
	for (size_t i = 0; i < r->n_crms; i++) {
		bad += r->crms[i].result != PASS_OK;
		failed += r->crms[i].result == PASS_FAILED;
	}
	if (all && failed == all)
		return CLI_FAILED;
	return bad ? CLI_PARTLY : CLI_OK;
}

static int print_json(struct cli *c, const struct host_report *r, int exit_code)
{
	cJSON *doc = cJSON_CreateObject();
	cJSON *accounts = cJSON_AddArrayToObject(doc, "accounts");
	cJSON *crms = cJSON_AddArrayToObject(doc, "crms");
	for (size_t i = 0; i < r->n_accounts; i++)
		add_account(accounts, &r->accounts[i]);
	for (size_t i = 0; i < r->n_crms; i++)
		add_crm(crms, &r->crms[i]);
	json_add_i64(doc, "exit", exit_code);
	return cli_print_json(c, doc);
}

static void print_text(struct cli *c, const struct host_report *r)
{
	for (size_t i = 0; i < r->n_accounts; i++) {
		const struct account_report *a = &r->accounts[i];
		fprintf(c->out, _("%s: %lld new, %lld changed, %lld gone, %lld sent\n"), a->name,
			(long long)a->n_new, (long long)a->n_changed, (long long)a->n_gone,
			(long long)a->sent);
		if (a->result == PASS_FAILED)
			fprintf(c->err, "crmail: %s: %s\n", a->name, a->error.msg);
	}
	for (size_t i = 0; i < r->n_crms; i++) {
		const struct crm_report *m = &r->crms[i];
		fprintf(c->out, _("%s: %lld contacts, %lld partners, %lld logged, %zu parked\n"),
			m->name, (long long)m->contacts, (long long)m->partners,
			(long long)m->logged, m->n_parked);
		if (m->result == PASS_FAILED)
			fprintf(c->err, "crmail: %s: %s\n", m->name, m->error.msg);
	}
}

static int run_once(struct cli *c, bool as_json)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct host *h = NULL;
	struct host_report report;
	const struct host_options o = {
		.store = c->store,
		.clock = c->clock,
		.rng = c->rng,
		.trust = c->trust,
		.program = c->program,
		.share_dir = c->share_dir,
		.data_dir = c->data_dir,
		.deadline_ms = c->deadline_ms,
	};
	int rc = host_open(&h, &o, &e) || host_pass(h, &a, &report, &e);
	if (rc) {
		host_close(h);
		return cli_fail(c, &e);
	}
	int code = exit_of(&report);
	if (as_json && print_json(c, &report, code) != CLI_OK)
		code = CLI_FAILED;
	if (!as_json)
		print_text(c, &report);
	host_close(h);
	return code;
}

int cli_sync(struct cli *c, int argc, char **argv)
{
	bool once = false, as_json = false;
	const struct cli_arg table[] = {
		{.name = "--once", .flag = &once},
		{.name = "--json", .flag = &as_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("sync");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
	if (!once)
		return cli_usage(c, v, NULL);
	int code = cli_open_store(c);
	return code == CLI_OK ? run_once(c, as_json) : code;
}
