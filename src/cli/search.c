/*
 * search.c - `crmail search QUERY --json [--limit N]` (formats.md "search").
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/search.h"
#include "crmail/store/store.h"

#include "args.h"
#include "print.h"

#define DEFAULT_LIMIT 50

static void add_hit(cJSON *list, const struct search_hit *h)
{
	const struct message_row *m = &h->m;
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(list, o);
	json_add_id(o, "id", m->id);
	json_add_str(o, "message_id", m->message_id);
	json_add_str(o, "account", m->account_name);
	json_add_str(o, "folder", m->folder_name);
	json_add_id(o, "thread", m->thread);
	json_add_time(o, "date", m->date);
	cJSON *from = cJSON_AddObjectToObject(o, "from");
	json_add_str(from, "name", m->from.name);
	json_add_str(from, "addr", m->from.addr);
	json_add_str(o, "subject", m->subject ? m->subject : "");
	json_add_str(o, "snippet", m->snippet ? m->snippet : "");
	cJSON_AddBoolToObject(o, "unread", !(m->flags & MSG_SEEN));
	cJSON_AddBoolToObject(o, "starred", (m->flags & MSG_FLAGGED) != 0);
	json_add_i64(o, "attachments", m->n_attachments);
	json_add_str(o, "contact", h->contact_id);
	json_add_str(o, "partner", h->partner_id);
}

static int run(struct cli *c, struct store_reader *r, const char *text, size_t limit)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct search_query *q = NULL;
	struct search_hit *hits = NULL;
	size_t n = 0;
	int64_t total = 0;
	if (search_parse(&a, text, clock_now(c->clock), 0, &q, &e) ||
		search_messages(r, &a, q, 0, limit, &hits, &n, &total, &e))
		return cli_fail(c, &e);
	cJSON *doc = cJSON_CreateObject();
	json_add_str(doc, "query", text);
	json_add_i64(doc, "total", total);
	cJSON *list = cJSON_AddArrayToObject(doc, "messages");
	for (size_t i = 0; i < n; i++)
		add_hit(list, &hits[i]);
	return cli_print_json(c, doc);
}

int cli_search(struct cli *c, int argc, char **argv)
{
	bool as_json = false;
	const char *limit_text = NULL;
	struct cli_list words = {.n = 0};
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &as_json},
		{.name = "--limit", .value = &limit_text},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("search");
	struct err e = ERR_INIT;
	int64_t limit = DEFAULT_LIMIT;
	if (cli_args_parse(argc, argv, table, &words, &e))
		return cli_usage(c, v, e.msg);
	if (limit_text && !str_to_i64(limit_text, 0, INT32_MAX, &limit))
		return cli_usage(c, v, _("--limit is a number; 0 means all."));
	if (!words.n || !as_json)
		return cli_usage(c, v, NULL);
	CLEANUP(buf_release) struct buf text = BUF_INIT(65536);
	for (size_t i = 0; i < words.n; i++)
		buf_addf(&text, "%s%s", i ? " " : "", words.v[i]);
	struct store_reader *r = NULL;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	code = run(c, r, text.p, (size_t)limit);
	store_reader_close(r);
	return code;
}
