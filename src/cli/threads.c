/*
 * threads.c - `crmail threads --json`: every conversation with its messages (formats.md).
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/json.h"
#include "crmail/store/message.h"
#include "crmail/store/store.h"

#include "args.h"
#include "print.h"

struct dump {
	cJSON *doc, *messages;
	int64_t thread;
};

static int add_message(void *ctx, int64_t thread, const char *source, const char *message_id,
	const char *parent)
{
	struct dump *d = ctx;
	if (!d->messages || thread != d->thread) {
		cJSON *t = cJSON_CreateObject();
		cJSON_AddItemToArray(d->doc, t);
		d->messages = cJSON_AddArrayToObject(t, "messages");
		d->thread = thread;
	}
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(d->messages, o);
	json_add_str(o, "source", source);
	json_add_str(o, "message_id", message_id);
	json_add_str(o, "parent", parent);
	return 0;
}

int cli_threads(struct cli *c, int argc, char **argv)
{
	bool as_json = false;
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &as_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("threads");
	struct err e = ERR_INIT;
	struct store_reader *r = NULL;
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
	if (!as_json)
		return cli_usage(c, v, NULL);
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	struct dump d = {.doc = cJSON_CreateArray()};
	int rc = thread_dump(r, add_message, &d, &e);
	store_reader_close(r);
	if (rc) {
		cJSON_Delete(d.doc);
		return cli_fail(c, &e);
	}
	return cli_print_json(c, d.doc);
}
