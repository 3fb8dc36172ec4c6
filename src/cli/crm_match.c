/*
 * crm_match.c - `crmail crm why|inbox|backfill` and the user's decisions about matching without a
 * screen: link, unlink, choose, never, allow, private, public, log, not, undo.
 */
#include "config.h"

#include "crm_match.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/str.h"
#include "crmail/store/contact.h"
#include "crmail/store/decide.h"
#include "crmail/store/store.h"
#include "crmail/sync/explain.h"

#include "args.h"
#include "day.h"
#include "print.h"
#include "verbs.h"

#define INBOX_MAX 10000

struct match_args {
	bool as_json, is_thread, is_count;
	const char *crm, *message, *since;
	struct cli_list rest; /* [0] is the word */
};

/* ---- names ----------------------------------------------------------------------------------- */

static int find_crm(struct store_reader *r, const char *name, int64_t *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct crm_row *v = NULL;
	size_t n = 0;
	if (crm_list(r, &a, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (name ? !strcmp(v[i].name, name) : n == 1) {
			*out = v[i].id;
			return 0;
		}
	return name ? err_set(e, ERR_NOTFOUND, _("There is no CRM named \"%s\"."), name)
		    : err_set(e, ERR_USAGE, "%s", _("--crm says which CRM is meant."));
}

static int find_message(struct store_reader *r, const char *name, int64_t *out, struct err *e)
{
	if (message_by_name(r, name, out, e))
		return -1;
	return *out ? 0 : err_set(e, ERR_NOTFOUND, "%s", _("There is no such message."));
}

/* "contact:ID" */
static int find_target(struct store_reader *r, const char *text, struct decision_in *d,
	struct err *e)
{
	static const enum link_kind kinds[] = {LINK_CONTACT, LINK_PARTNER, LINK_LEAD, LINK_DEAL};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *word = link_kind_name(kinds[i]);
		size_t n = strlen(word);
		if (strncmp(text, word, n) != 0 || text[n] != ':')
			continue;
		d->kind = kinds[i];
		if (row_by_target(r, d->kind, text + n + 1, &d->target, e))
			return -1;
		return d->target ? 0 : err_set(e, ERR_NOTFOUND, _("The CRM has no %s."), text);
	}
	return err_set(e, ERR_USAGE, _("\"%s\" is not contact:ID, partner:ID, lead:ID or deal:ID."),
		text);
}

/* ---- why ------------------------------------------------------------------------------------- */

static const char *state_word(enum log_state s)
{
	static const char *const words[] = {[LOG_LOCAL] = "local",
		[LOG_QUEUED] = "queued",
		[LOG_LOGGED] = "logged",
		[LOG_PARKED] = "parked",
		[LOG_NOT] = "not"};
	return words[s];
}

static void add_target(cJSON *o, struct store_reader *r, struct arena *a, enum link_kind kind,
	int64_t target)
{
	if (!target)
		return;
	const char *id = target_id(r, a, kind, target);
	if (id)
		json_add_str(o, "target", arena_printf(a, "%s:%s", link_kind_name(kind), id));
}

static cJSON *add_object(cJSON *list)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(list, o);
	return o;
}

static cJSON *why_json(struct store_reader *r, struct arena *a, const struct why *w)
{
	CLEANUP(buf_release) struct buf sum = BUF_INIT(BUF_UNLIMITED);
	cJSON *doc = cJSON_CreateObject();
	why_add_sum(w, &sum);
	json_add_id(doc, "message", w->message);
	json_add_str(doc, "crm", w->crm_name);
	json_add_str(doc, "text", sum.p);
	json_add_str(doc, "reason", w->word);
	cJSON_AddBoolToObject(doc, "waiting", w->is_waiting);
	cJSON_AddBoolToObject(doc, "private", w->is_private);
	cJSON_AddBoolToObject(doc, "inherited", w->inherits);
	cJSON *people = cJSON_AddArrayToObject(doc, "people");
	for (size_t i = 0; i < w->n_people; i++) {
		const struct why_person *p = &w->people[i];
		cJSON *o = add_object(people);
		json_add_str(o, "field", p->field);
		json_add_str(o, "addr", p->addr);
		json_add_str(o, "rule", p->rule);
		json_add_str(o, "domain", p->domain);
		add_target(o, r, a, p->kind, p->target);
		cJSON_AddBoolToObject(o, "never", p->is_never);
	}
	cJSON *entries = cJSON_AddArrayToObject(doc, "entries");
	for (size_t i = 0; i < w->n_entries; i++) {
		const struct why_entry *x = &w->entries[i];
		cJSON *o = add_object(entries);
		json_add_id(o, "id", x->id);
		add_target(o, r, a, x->kind, x->target);
		json_add_str(o, "deal", x->deal);
		json_add_str(o, "state", state_word(x->state));
		json_add_str(o, "reason", x->reason);
		cJSON_AddBoolToObject(o, "wanted", x->is_wanted);
	}
	cJSON *links = cJSON_AddArrayToObject(doc, "decisions");
	for (size_t i = 0; i < w->n_links; i++) {
		cJSON *o = add_object(links);
		json_add_id(o, "id", w->links[i].decision);
		json_add_str(o, "what", w->links[i].is_taken_away ? "unlinked" : "linked");
		add_target(o, r, a, w->links[i].kind, w->links[i].target);
	}
	return doc;
}

static void print_why(struct cli *c, const struct why *w)
{
	CLEANUP(buf_release) struct buf sum = BUF_INIT(BUF_UNLIMITED);
	why_add_sum(w, &sum);
	fprintf(c->out, "%s\n", sum.p);
	for (size_t i = 0; i < w->n_people; i++) {
		const struct why_person *p = &w->people[i];
		CLEANUP(buf_release) struct buf rule = BUF_INIT(BUF_UNLIMITED);
		why_add_rule(p, &rule);
		fprintf(c->out, "  %-4s %s  %s%s%s\n", p->field, p->addr, p->who ? p->who : "",
			p->who ? ": " : "", rule.p);
	}
}

static int run_why(struct cli *c, const struct match_args *x)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct err e = ERR_INIT;
	struct why *w = NULL;
	int64_t message = 0;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	int rc = find_message(r, x->rest.v[1], &message, &e) || crm_explain(r, &a, message, &w, &e);
	if (!rc && !w)
		rc = err_set(&e, ERR_NOTFOUND, "%s",
			_("No CRM has to do with this mail: "
			  "its account is bound to none, or it is a draft."));
	code = rc ? cli_fail(c, &e) : CLI_OK;
	if (!rc && x->as_json)
		code = cli_print_json(c, why_json(r, &a, w));
	else if (!rc)
		print_why(c, w);
	store_reader_close(r);
	return code;
}

/* ---- the match inbox ------------------------------------------------------------------------- */

static int add_stranger(cJSON *list, struct store_reader *r, struct arena *a,
	const struct stranger_row *s, struct err *e)
{
	static const char *const kinds[] = {[STRANGER_UNKNOWN] = "unknown",
		[STRANGER_CONTACTS] = "contacts",
		[STRANGER_PARTNERS] = "partners",
		[STRANGER_LEADS] = "leads"};
	struct candidate_row *v = NULL;
	size_t n = 0;
	if (stranger_candidates(r, a, s, 9, &v, &n, e))
		return -1;
	cJSON *o = add_object(list);
	json_add_str(o, "addr", s->addr);
	json_add_str(o, "name", s->name[0] ? s->name : NULL);
	json_add_str(o, "kind", kinds[s->kind]);
	json_add_i64(o, "count", s->count);
	json_add_time(o, "newest", s->newest);
	json_add_str(o, "subject", s->subject);
	cJSON *candidates = cJSON_AddArrayToObject(o, "candidates");
	for (size_t i = 0; i < n; i++) {
		cJSON *one = add_object(candidates);
		add_target(one, r, a, v[i].kind, v[i].id);
		json_add_str(one, "name", v[i].name);
		cJSON_AddBoolToObject(one, "has_address", v[i].has_address);
	}
	return 0;
}

static int run_inbox(struct cli *c)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct stranger_row *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	cJSON *doc = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(doc, "people");
	int rc = stranger_page(r, &a, NULL, INBOX_MAX, &v, &n, &e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = add_stranger(list, r, &a, &v[i], &e);
	store_reader_close(r);
	if (!rc)
		return cli_print_json(c, doc);
	cJSON_Delete(doc);
	return cli_fail(c, &e);
}

/* ---- logging what is older ------------------------------------------------------------------- */

static int backfill(struct cli *c, struct store_reader *r, const struct match_args *x,
	int64_t *mails, struct err *e)
{
	int64_t crm = 0;
	int64_t since = 0;
	if (find_crm(r, x->rest.v[1], &crm, e) ||
		cli_day_start(clock_now(c->clock), x->since, &since, e) ||
		backfill_count(r, crm, since, mails, e))
		return -1;
	return x->is_count ? 0 : backfill_start(c->store, crm, since, e);
}

static int run_backfill(struct cli *c, const struct match_args *x)
{
	struct store_reader *r = NULL;
	struct err e = ERR_INIT;
	int64_t n = 0;
	int code = x->is_count ? cli_open_reader(c, &r) : cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (!r && store_reader_open(c->store, &r, &e))
		return cli_fail(c, &e);
	int rc = backfill(c, r, x, &n, &e);
	store_reader_close(r);
	if (rc)
		return cli_fail(c, &e);
	if (x->is_count)
		fprintf(c->out, "%lld\n", (long long)n);
	else
		fprintf(c->err,
			ngettext("%lld mail is logged with the next pass.\n",
				"%lld mails are logged with the next pass.\n", (unsigned long)n),
			(long long)n);
	return CLI_OK;
}

/* ---- decisions ------------------------------------------------------------------------------- */

enum shape { ABOUT_MAIL, ABOUT_LINK, ABOUT_ADDRESS, ABOUT_CHOICE };

static const struct word {
	const char *name;
	enum decide_what what;
	enum decide_scope scope;
	enum shape shape;
} words[] = {
	{"link", DECIDE_LINK, DECIDE_MAIL, ABOUT_LINK},
	{"unlink", DECIDE_UNLINK, DECIDE_MAIL, ABOUT_LINK},
	{"private", DECIDE_PRIVATE, DECIDE_THREAD, ABOUT_MAIL},
	{"public", DECIDE_PUBLIC, DECIDE_THREAD, ABOUT_MAIL},
	{"log", DECIDE_LOG, DECIDE_MAIL, ABOUT_MAIL},
	{"not", DECIDE_NOT, DECIDE_MAIL, ABOUT_MAIL},
	{"never", DECIDE_NEVER, DECIDE_ADDRESS, ABOUT_ADDRESS},
	{"allow", DECIDE_ALLOW, DECIDE_ADDRESS, ABOUT_ADDRESS},
	{"choose", DECIDE_CHOOSE, DECIDE_ADDRESS, ABOUT_CHOICE},
};

static const struct word *find_word(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].name, name))
			return &words[i];
	return NULL;
}

static bool has_target(enum shape s)
{
	return s == ABOUT_LINK || s == ABOUT_CHOICE;
}

static int read_decision(struct store_reader *r, const struct word *w, const struct match_args *x,
	struct decision_in *d, struct err *e)
{
	bool is_mail = w->shape == ABOUT_MAIL || w->shape == ABOUT_LINK;
	*d = (struct decision_in){.what = w->what, .scope = w->scope};
	if (has_target(w->shape) && find_target(r, x->rest.v[2], d, e))
		return -1;
	if (w->shape == ABOUT_LINK && x->is_thread)
		d->scope = DECIDE_THREAD;
	if (is_mail)
		return find_message(r, x->rest.v[1], &d->message, e);
	d->addr = x->rest.v[1];
	if (!x->message)
		return find_crm(r, x->crm, &d->crm, e);
	d->scope = DECIDE_THREAD; /* an address in one conversation */
	return find_message(r, x->message, &d->message, e);
}

static int run_decision(struct cli *c, const struct word *w, const struct match_args *x)
{
	struct store_reader *r = NULL;
	struct decision_in d;
	struct err e = ERR_INIT;
	int64_t id = 0;
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (store_reader_open(c->store, &r, &e))
		return cli_fail(c, &e);
	int rc = read_decision(r, w, x, &d, &e) || decide_wait(c->store, &d, &id, &e);
	store_reader_close(r);
	if (rc)
		return cli_fail(c, &e);
	fprintf(c->out, "%lld\n", (long long)id);
	return CLI_OK;
}

static int run_undo(struct cli *c, const char *text)
{
	struct err e = ERR_INIT;
	int64_t id = 0;
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (!str_to_i64(text, 1, INT64_MAX, &id))
		err_set(&e, ERR_USAGE, "%s", _("The number is the one that the decision printed."));
	return e.code || decide_undo_wait(c->store, id, &e) ? cli_fail(c, &e) : CLI_OK;
}

bool cli_crm_is_match(const char *word)
{
	static const char *const others[] = {"why", "inbox", "backfill", "undo"};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(word, others[i]))
			return true;
	return find_word(word) != NULL;
}

int cli_crm_match(struct cli *c, int argc, char **argv)
{
	struct match_args x = {.crm = NULL};
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &x.as_json},
		{.name = "--thread", .flag = &x.is_thread},
		{.name = "--count", .flag = &x.is_count},
		{.name = "--crm", .value = &x.crm},
		{.name = "--message", .value = &x.message},
		{.name = "--since", .value = &x.since},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("crm");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &x.rest, &e))
		return cli_usage(c, v, e.msg);
	const char *what = x.rest.v[0];
	const struct word *w = find_word(what);
	if (w && x.rest.n == (has_target(w->shape) ? 3 : 2))
		return run_decision(c, w, &x);
	if (!strcmp(what, "why") && x.rest.n == 2)
		return run_why(c, &x);
	if (!strcmp(what, "inbox") && x.rest.n == 1 && x.as_json)
		return run_inbox(c);
	if (!strcmp(what, "backfill") && x.rest.n == 2 && x.since)
		return run_backfill(c, &x);
	if (!strcmp(what, "undo") && x.rest.n == 2)
		return run_undo(c, x.rest.v[1]);
	return cli_usage(c, v, NULL);
}
