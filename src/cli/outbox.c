/*
 * outbox.c - `crmail outbox --json`: mail waiting to be sent, and how sending went (formats.md);
 * and the user's word on one of them.
 */
#include "config.h"

#include "verbs.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/str.h"
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

static int print_rows(struct cli *c)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct store_reader *r = NULL;
	struct outbox_row *rows = NULL;
	size_t n = 0;
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

static const struct {
	const char *word;
	enum outbox_act act;
} words[] = {
	{"was-sent", OUTBOX_WAS_SENT},
	{"was-not-sent", OUTBOX_WAS_NOT_SENT},
	{"send", OUTBOX_SEND_NOW},
	{"hold", OUTBOX_HOLD},
	{"cancel", OUTBOX_TAKE_BACK},
};

static int act_on(struct cli *c, enum outbox_act act, const char *text)
{
	struct err e = ERR_INIT;
	int64_t id = 0;
	if (!str_to_i64(text, 1, INT64_MAX, &id)) {
		err_set(&e, ERR_NOTFOUND, _("There is no such mail in the outbox."));
		return cli_fail(c, &e);
	}
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	return outbox_act_wait(c->store, id, act, &e) ? cli_fail(c, &e) : CLI_OK;
}

int cli_outbox(struct cli *c, int argc, char **argv)
{
	bool as_json = false;
	struct cli_list rest = {.n = 0};
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &as_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("outbox");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &rest, &e))
		return cli_usage(c, v, e.msg);
	if (as_json && rest.n == 0)
		return print_rows(c);
	for (size_t i = 0; !as_json && rest.n == 2 && i < ARRAY_SIZE(words); i++)
		if (strcmp(rest.v[0], words[i].word) == 0)
			return act_on(c, words[i].act, rest.v[1]);
	return cli_usage(c, v, NULL);
}
