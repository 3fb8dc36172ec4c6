/*
 * outbox.c - `crmail outbox --json`: mail waiting to be sent, and how sending went (formats.md).
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/arena.h"
#include "crmail/base/json.h"
#include "crmail/store/outbox.h"
#include "crmail/store/store.h"

#include "args.h"
#include "print.h"

static const char *recipient_word(enum recipient_state s)
{
	switch (s) {
	case RCPT_PENDING:
		return "pending";
	case RCPT_ACCEPTED:
		return "accepted";
	case RCPT_REFUSED:
		return "refused";
	case RCPT_DELIVERED:
		return "delivered";
	case RCPT_BOUNCED:
		return "bounced";
	}
	return "pending";
}

static void add_row(cJSON *list, const struct outbox_row *row)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(list, o);
	json_add_id(o, "id", row->id);
	json_add_str(o, "account", row->account_name);
	json_add_str(o, "state", outbox_state_name(row->state));
	json_add_str(o, "message_id", row->message_id);
	cJSON *to = cJSON_AddArrayToObject(o, "to");
	for (size_t i = 0; i < row->n_recipients; i++)
		cJSON_AddItemToArray(to, cJSON_CreateString(row->recipients[i].addr));
	json_add_str(o, "subject", row->subject ? row->subject : "");
	json_add_time(o, "not_before", row->not_before);
	json_add_i64(o, "attempts", row->attempts);
	json_add_str(o, "error", row->error);
	cJSON *rcpts = cJSON_AddArrayToObject(o, "recipients");
	for (size_t i = 0; i < row->n_recipients; i++) {
		cJSON *p = cJSON_CreateObject();
		cJSON_AddItemToArray(rcpts, p);
		json_add_str(p, "addr", row->recipients[i].addr);
		json_add_str(p, "state", recipient_word(row->recipients[i].state));
		json_add_str(p, "reply", row->recipients[i].reply);
	}
}

int cli_outbox(struct cli *c, int argc, char **argv)
{
	bool as_json = false;
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &as_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("outbox");
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct store_reader *r = NULL;
	struct outbox_row *rows = NULL;
	size_t n = 0;
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
	if (!as_json)
		return cli_usage(c, v, NULL);
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	int rc = outbox_list(r, &a, &rows, &n, &e);
	store_reader_close(r);
	if (rc)
		return cli_fail(c, &e);
	cJSON *doc = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(doc, "messages");
	for (size_t i = 0; i < n; i++)
		add_row(list, &rows[i]);
	return cli_print_json(c, doc);
}
