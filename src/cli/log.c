/*
 * log.c - `crmail log`: the entries of crmail.log, or with --audit who did what when. Both know
 * rows by their numbers; nothing in them is anybody's text.
 */
#include "config.h"

#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/account.h"
#include "crmail/store/audit.h"
#include "crmail/store/store.h"

#include "args.h"
#include "print.h"

struct log_args {
	bool as_json, is_audit;
	const char *since, *account, *level;
	int64_t since_at, account_id; /* 0 = all */
	enum log_level most;
};

struct printing {
	struct cli *c;
	const struct log_args *a;
	cJSON *list; /* NULL: as text */
};

/* "account 3" with no digit after it; the protocols' lines begin with the number alone. */
static bool names_account(const char *text, int64_t account)
{
	char word[40];
	int len = snprintf(word, sizeof word, "account %lld", (long long)account);
	const char *number = word + strlen("account ");
	const char *at = strstr(text, word);
	if (at)
		return strspn(at + len, "0123456789") == 0;
	return str_starts(text, number) && text[strlen(number)] == ' ';
}

static int print_entry(void *ctx, const struct log_entry *x)
{
	const struct printing *p = ctx;
	char when[32];
	if (x->level > p->a->most ||
		(p->a->account_id && !names_account(x->text, p->a->account_id)))
		return 0;
	if (!p->list)
		return fprintf(p->c->out, "%s %s %s: %s\n", clock_rfc3339(x->at, when, sizeof when),
			       log_level_name(x->level), x->area, x->text) < 0;
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(p->list, o);
	json_add_time(o, "at", x->at);
	json_add_str(o, "level", log_level_name(x->level));
	json_add_str(o, "area", x->area);
	json_add_str(o, "text", x->text);
	return 0;
}

static int print_log(struct cli *c, const struct log_args *a)
{
	CLEANUP(free_str) char *path = fsx_join(c->data_dir, CLI_LOG_NAME);
	cJSON *doc = cJSON_CreateObject();
	struct printing p = {c, a, a->as_json ? cJSON_AddArrayToObject(doc, "entries") : NULL};
	struct err e = ERR_INIT;
	if (log_read(path, a->since_at, print_entry, &p, &e)) {
		cJSON_Delete(doc);
		return cli_fail(c, &e);
	}
	if (a->as_json)
		return cli_print_json(c, doc);
	cJSON_Delete(doc);
	return CLI_OK;
}

static void print_audit_row(struct printing *p, const struct audit_row *x)
{
	char when[32];
	if (!p->list) {
		fprintf(p->c->out, "%s %s %s", clock_rfc3339(x->at, when, sizeof when),
			audit_kind_name(x->kind), x->is_ok ? "ok" : "failed");
		if (x->account)
			fprintf(p->c->out, " account %lld", (long long)x->account);
		if (x->crm)
			fprintf(p->c->out, " crm %lld", (long long)x->crm);
		if (x->ref)
			fprintf(p->c->out, " row %lld", (long long)x->ref);
		if (x->n)
			fprintf(p->c->out, " count %lld", (long long)x->n);
		fprintf(p->c->out, "%s%s\n", x->reason ? " " : "", x->reason ? x->reason : "");
		return;
	}
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(p->list, o);
	json_add_id(o, "id", x->id);
	json_add_time(o, "at", x->at);
	json_add_str(o, "kind", audit_kind_name(x->kind));
	cJSON_AddBoolToObject(o, "ok", x->is_ok);
	if (x->account)
		json_add_id(o, "account", x->account);
	if (x->crm)
		json_add_id(o, "crm", x->crm);
	if (x->ref)
		json_add_id(o, "row", x->ref);
	if (x->n)
		json_add_i64(o, "count", x->n);
	json_add_str(o, "reason", x->reason);
}

static int print_audit(struct cli *c, struct store_reader *r, const struct log_args *a)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT;
	struct audit_row *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	if (audit_list(r, &arena, a->since_at, a->account_id, &v, &n, &e))
		return cli_fail(c, &e);
	cJSON *doc = cJSON_CreateObject();
	struct printing p = {c, a, a->as_json ? cJSON_AddArrayToObject(doc, "audit") : NULL};
	for (size_t i = 0; i < n; i++)
		print_audit_row(&p, &v[i]);
	if (a->as_json)
		return cli_print_json(c, doc);
	cJSON_Delete(doc);
	return CLI_OK;
}

/* A day or a moment. */
static bool parse_since(const char *text, int64_t *out)
{
	CLEANUP(free_str) char *day = xasprintf("%sT00:00:00Z", text);
	return clock_parse_rfc3339(text, out) || clock_parse_rfc3339(day, out);
}

static int find_account(struct store_reader *r, struct log_args *a, struct err *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT;
	struct account_row *row = NULL;
	if (account_find(r, &arena, a->account, &row, e))
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, _("There is no account %s."), a->account);
	a->account_id = row->id;
	return 0;
}

/* The log alone is read without the database: that is when it is wanted most. */
static int run(struct cli *c, struct log_args *a)
{
	struct store_reader *r = NULL;
	struct err e = ERR_INIT;
	int code = a->account || a->is_audit ? cli_open_reader(c, &r) : CLI_OK;
	if (code == CLI_OK && a->account && find_account(r, a, &e))
		code = cli_fail(c, &e);
	if (code == CLI_OK)
		code = a->is_audit ? print_audit(c, r, a) : print_log(c, a);
	store_reader_close(r);
	return code;
}

int cli_log(struct cli *c, int argc, char **argv)
{
	struct log_args a = {.most = LOG_DEBUG};
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &a.as_json},
		{.name = "--since", .value = &a.since},
		{.name = "--account", .value = &a.account},
		{.name = "--level", .value = &a.level},
		{.name = "--audit", .flag = &a.is_audit},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("log");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
	if (a.since && !parse_since(a.since, &a.since_at))
		return cli_usage(c, v, _("--since takes a day like 2026-11-21."));
	if (a.level && !log_level_of(a.level, strlen(a.level), &a.most))
		return cli_usage(c, v, _("--level takes error, warn, note or debug."));
	return run(c, &a);
}
