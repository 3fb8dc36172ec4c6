/*
 * status.c - `crmail status --json`: accounts, CRMs and who hosts (formats.md "status").
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/arena.h"
#include "crmail/base/json.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/hook_event.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/organization.h"
#include "crmail/store/outbox.h"
#include "crmail/store/store.h"
#include "crmail/sync/host.h"
#include "crmail/sync/org_settings.h"

#include "args.h"
#include "print.h"

static const char *status_word(enum account_status s)
{
	switch (s) {
	case ACCOUNT_OFFLINE:
	case ACCOUNT_WAITING: /* the error says for what */
		return "offline";
	case ACCOUNT_CONNECTED:
		return "connected";
	case ACCOUNT_SYNCING:
		return "syncing";
	case ACCOUNT_SIGN_IN:
		return "sign-in";
	case ACCOUNT_ERROR:
		return "error";
	case ACCOUNT_PAUSED:
		return "paused";
	}
	return "error";
}

struct account_counts {
	int64_t messages, unread, ops, outbox;
};

static bool is_waiting(enum outbox_state s)
{
	return s != OUTBOX_DRAFT && s != OUTBOX_SENT && s != OUTBOX_CANCELLED;
}

static int count(struct store_reader *r, struct arena *a, int64_t account,
	struct account_counts *out, struct err *e)
{
	struct folder_row *folders = NULL;
	struct outbox_row *rows = NULL;
	size_t n_folders = 0, n_rows = 0;
	int64_t parked = 0;
	if (folder_list(r, a, account, &folders, &n_folders, e) ||
		outbox_list(r, a, &rows, &n_rows, e) ||
		op_counts(r, account, &out->ops, &parked, e))
		return -1;
	out->ops += parked;
	for (size_t i = 0; i < n_folders; i++) {
		out->messages += folders[i].total;
		out->unread += folders[i].unread;
	}
	for (size_t i = 0; i < n_rows; i++)
		out->outbox += rows[i].account == account && is_waiting(rows[i].state);
	return 0;
}

/* What holds, and who says so. */
static void add_settings(cJSON *account, struct store_reader *r, struct arena *a,
	const struct account_row *row)
{
	cJSON *list = cJSON_AddObjectToObject(account, "settings");
	for (int i = 0; i < ORG_OPTION_COUNT; i++) {
		enum org_option option = (enum org_option)i;
		struct org_value v = org_option_read(r, a, row, option);
		cJSON *o = cJSON_AddObjectToObject(list, org_option_key(option));
		if (v.value == INT64_MAX)
			json_add_str(o, "value", "all");
		else
			json_add_i64(o, "value", v.value);
		json_add_str(o, "from", org_source_name(v.source));
	}
}

static int add_accounts(cJSON *doc, struct store_reader *r, struct arena *a, struct err *e)
{
	struct account_row *rows = NULL;
	size_t n = 0;
	cJSON *list = cJSON_AddArrayToObject(doc, "accounts");
	if (account_list(r, a, &rows, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct account_counts counts = {0};
		if (count(r, a, rows[i].id, &counts, e))
			return -1;
		cJSON *o = cJSON_CreateObject();
		cJSON_AddItemToArray(list, o);
		json_add_str(o, "name", rows[i].name);
		json_add_str(o, "kind", rows[i].kind);
		json_add_str(o, "email", rows[i].email);
		json_add_str(o, "status", status_word(rows[i].status));
		json_add_str(o, "error", rows[i].error);
		json_add_time(o, "last_sync", rows[i].last_sync_at);
		json_add_i64(o, "messages", counts.messages);
		json_add_i64(o, "unread", counts.unread);
		json_add_i64(o, "ops", counts.ops);
		json_add_i64(o, "outbox", counts.outbox);
		add_settings(o, r, a, &rows[i]);
	}
	return 0;
}

static int add_organization(cJSON *crm, struct store_reader *r, struct arena *a, int64_t id,
	struct err *e)
{
	struct setting *v = NULL;
	size_t n = 0;
	if (organization_settings(r, a, id, &v, &n, e))
		return -1;
	cJSON *o = n ? cJSON_AddObjectToObject(crm, "organization") : NULL;
	for (size_t i = 0; i < n; i++)
		json_add_str(o, v[i].key, v[i].value);
	return 0;
}

static int add_crms(cJSON *doc, struct store_reader *r, struct arena *a, struct err *e)
{
	struct crm_row *rows = NULL;
	size_t n = 0;
	cJSON *list = cJSON_AddArrayToObject(doc, "crms");
	if (crm_list(r, a, &rows, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		int64_t queued = 0, parked = 0, events = 0, given_up = 0;
		if (crm_counts(r, rows[i].id, &queued, &parked, e) ||
			hook_event_counts(r, rows[i].id, &events, &given_up, e))
			return -1;
		cJSON *o = cJSON_CreateObject();
		cJSON_AddItemToArray(list, o);
		json_add_str(o, "name", rows[i].name);
		json_add_str(o, "profile", rows[i].profile);
		json_add_str(o, "status", rows[i].status ? rows[i].status : "offline");
		json_add_i64(o, "queue", queued);
		json_add_i64(o, "parked", parked);
		if (events)
			json_add_i64(o, "events", events);
		if (given_up)
			json_add_i64(o, "events_given_up", given_up);
		json_add_time(o, "last_pull", rows[i].last_pull_at);
		if (add_organization(o, r, a, rows[i].id, e))
			return -1;
	}
	return 0;
}

static void add_host(cJSON *doc, const char *data_dir)
{
	int64_t pid = 0;
	const char *kind = NULL;
	if (!host_running(data_dir, &pid, &kind)) {
		cJSON_AddNullToObject(doc, "host");
		return;
	}
	cJSON *o = cJSON_AddObjectToObject(doc, "host");
	json_add_i64(o, "pid", pid);
	json_add_str(o, "kind", kind);
}

int cli_status(struct cli *c, int argc, char **argv)
{
	bool as_json = false;
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &as_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("status");
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct store_reader *r = NULL;
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
	if (!as_json)
		return cli_usage(c, v, NULL);
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	cJSON *doc = cJSON_CreateObject();
	json_add_str(doc, "version", PACKAGE_VERSION);
	add_host(doc, c->data_dir);
	int rc = add_accounts(doc, r, &a, &e) || add_crms(doc, r, &a, &e);
	store_reader_close(r);
	if (rc) {
		cJSON_Delete(doc);
		return cli_fail(c, &e);
	}
	return cli_print_json(c, doc);
}
