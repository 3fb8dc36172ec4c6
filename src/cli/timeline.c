/* timeline.c - `crmail timeline --contact|--partner ID --json` (formats.md). */
#include "config.h"

#include "verbs.h"

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/store/contact.h"
#include "crmail/store/store.h"

#include "args.h"
#include "print.h"

#define PAGE 200

static const char *const kinds[] = {
	[ENTRY_EMAIL] = "email",
	[ENTRY_CALL] = "call",
	[ENTRY_MEETING] = "meeting",
	[ENTRY_NOTE] = "note",
	[ENTRY_TASK] = "task",
	[ENTRY_TRACKING] = "tracking",
};
static const char *const states[] = {
	[LOG_LOCAL] = "local",
	[LOG_QUEUED] = "queued",
	[LOG_LOGGED] = "logged",
	[LOG_PARKED] = "parked",
	[LOG_NOT] = "local",
};

static void add_text(cJSON *o, const char *key, const char *value)
{
	if (value && *value)
		json_add_str(o, key, value);
}

static cJSON *entry_json(const struct timeline_entry *x)
{
	cJSON *o = cJSON_CreateObject();
	json_add_str(o, "id", x->id);
	json_add_str(o, "kind", kinds[x->kind]);
	json_add_time(o, "at", x->at);
	if (x->has_direction)
		json_add_str(o, "direction", x->is_out ? "out" : "in");
	add_text(o, "subject", x->subject);
	add_text(o, "body", x->body);
	json_add_str(o, "message_id", x->message_id);
	if (x->thread)
		json_add_id(o, "thread", x->thread);
	json_add_str(o, "contact", x->contact);
	json_add_str(o, "partner", x->partner);
	json_add_str(o, "by", x->by);
	json_add_str(o, "crm_id", x->crm_id);
	json_add_str(o, "state", states[x->state]);
	json_add_str(o, "reason", x->reason);
	return o;
}

static int add_entries(struct store_reader *r, int64_t contact, int64_t partner, cJSON *list,
	struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct timeline_entry *last = NULL;
	for (;;) {
		struct timeline_entry *v = NULL;
		size_t n = 0;
		if (timeline_page(r, &a, contact, partner, last, PAGE, &v, &n, e))
			return -1;
		for (size_t i = 0; i < n; i++)
			cJSON_AddItemToArray(list, entry_json(&v[i]));
		if (n < PAGE)
			return 0;
		last = &v[n - 1];
	}
}

static int build(struct store_reader *r, const char *contact_id, const char *partner_id, cJSON *doc,
	struct err *e)
{
	int64_t contact = 0;
	int64_t partner = 0;
	if (contact_id ? contact_by_crm_id(r, contact_id, &contact, e)
		       : partner_by_crm_id(r, partner_id, &partner, e))
		return -1;
	if (!contact && !partner)
		return err_set(e, ERR_NOTFOUND,
			contact_id ? _("There is no such contact.")
				   : _("There is no such partner."));
	json_add_str(doc, contact_id ? "contact" : "partner", contact_id ? contact_id : partner_id);
	return add_entries(r, contact, partner, cJSON_AddArrayToObject(doc, "entries"), e);
}

int cli_timeline(struct cli *c, int argc, char **argv)
{
	const char *contact = NULL;
	const char *partner = NULL;
	bool as_json = false;
	const struct cli_arg table[] = {
		{.name = "--contact", .value = &contact},
		{.name = "--partner", .value = &partner},
		{.name = "--json", .flag = &as_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("timeline");
	struct err e = ERR_INIT;
	struct store_reader *r = NULL;
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
	if (!as_json || !contact == !partner)
		return cli_usage(c, v, NULL);
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	cJSON *doc = cJSON_CreateObject();
	int rc = build(r, contact, partner, doc, &e);
	store_reader_close(r);
	if (!rc)
		return cli_print_json(c, doc);
	cJSON_Delete(doc);
	return cli_fail(c, &e);
}
