/*
 * report.c - a pass as JSON.
 */
#include "config.h"

#include "crmail/sync/report.h"

#include <string.h>

#include "crmail/base/json.h"
#include "crmail/sync/host.h"

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

static cJSON *new_entry(const char *name, enum pass_result r, const struct err *why)
{
	cJSON *obj = cJSON_CreateObject();
	json_add_str(obj, "name", name);
	json_add_str(obj, "result", result_word(r));
	if (why->code == ERR_NONE)
		return obj;
	cJSON *e = cJSON_AddObjectToObject(obj, "error");
	json_add_str(e, "code", err_code_name(why->code));
	json_add_str(e, "message", why->msg);
	return obj;
}

cJSON *report_of_account(const struct account_report *r)
{
	cJSON *o = new_entry(r->name, r->result, &r->error);
	json_add_i64(o, "folders", r->folders);
	json_add_i64(o, "new", r->n_new);
	json_add_i64(o, "changed", r->n_changed);
	json_add_i64(o, "gone", r->n_gone);
	json_add_i64(o, "ops_done", r->ops_done);
	json_add_i64(o, "ops_parked", r->ops_parked);
	json_add_i64(o, "sent", r->sent);
	json_add_i64(o, "unknown", r->unknown);
	return o;
}

cJSON *report_of_crm(const struct crm_report *r)
{
	cJSON *o = new_entry(r->name, r->result, &r->error);
	json_add_i64(o, "contacts", r->contacts);
	json_add_i64(o, "partners", r->partners);
	json_add_i64(o, "written", r->written);
	json_add_i64(o, "logged", r->logged);
	json_add_i64(o, "skipped", r->skipped);
	if (r->events)
		json_add_i64(o, "events", r->events);
	cJSON *parked = cJSON_AddArrayToObject(o, "parked");
	for (size_t i = 0; i < r->n_parked; i++) {
		cJSON *p = cJSON_CreateObject();
		cJSON_AddItemToArray(parked, p);
		json_add_str(p, "message_id", r->parked[i].message_id);
		if (r->parked[i].write)
			json_add_id(p, "item", r->parked[i].write);
		json_add_str(p, "target", r->parked[i].target);
		json_add_str(p, "reason", r->parked[i].reason);
	}
	return o;
}

cJSON *report_new(void)
{
	cJSON *doc = cJSON_CreateObject();
	cJSON_AddArrayToObject(doc, "accounts");
	cJSON_AddArrayToObject(doc, "crms");
	return doc;
}

static void count_results(const cJSON *list, size_t *all, size_t *bad, size_t *failed)
{
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
	{
		const char *result = json_str(o, "/result");
		*all += 1;
		*bad += !result || strcmp(result, "ok") != 0;
		*failed += !result || strcmp(result, "failed") == 0;
	}
}

void report_finish(cJSON *doc)
{
	size_t all = 0, bad = 0, failed = 0;
	count_results(json_at(doc, "/accounts"), &all, &bad, &failed);
	count_results(json_at(doc, "/crms"), &all, &bad, &failed);
	json_add_i64(doc, "exit", all && failed == all ? 1 : bad ? 4 : 0);
}

cJSON *report_json(const struct host_report *r)
{
	cJSON *doc = report_new();
	cJSON *accounts = cJSON_GetObjectItemCaseSensitive(doc, "accounts");
	cJSON *crms = cJSON_GetObjectItemCaseSensitive(doc, "crms");
	for (size_t i = 0; i < r->n_accounts; i++)
		cJSON_AddItemToArray(accounts, report_of_account(&r->accounts[i]));
	for (size_t i = 0; i < r->n_crms; i++)
		cJSON_AddItemToArray(crms, report_of_crm(&r->crms[i]));
	report_finish(doc);
	return doc;
}
