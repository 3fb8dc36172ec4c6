/*
 * crm.c - `crmail crm`: connecting a CRM without a screen, and listing them. What a profile asks is
 * shown by crm_check.c, what works tried by crm_test.c.
 */
#include "config.h"

#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/argv.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/crm/profile.h"
#include "crmail/net/secret.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/record.h"
#include "crmail/store/store.h"
#include "crmail/sync/crm_sync.h"
#include "crmail/sync/desk.h"

#include "ask_secret.h"
#include "crm_args.h"
#include "crm_match.h"
#include "day.h"
#include "record.h"

/* Words of crmail-config(5) that any CRM takes, besides those of its profile. */
static const char *const common_words[] = {"ca", "events", "freemail_domains", "hook",
	"hook_backfill", "insecure-http", "internal_domains", "never_log", "no_log_folders",
	"organization_id", "role_addresses"};
static const char *const modes[] = {"replies", "known", "everything", "off"};
static const char *const levels[] = {"headers", "snippet", "full"};
static const char *const sides[] = {"activity", "message", "off"};

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

static bool is_profile_word(const struct crm_profile *p, const char *word)
{
	struct crm_profile_key key;
	for (size_t i = 0; crm_profile_key_at(p, i, &key); i++)
		if (!key.is_secret && !strcmp(key.name, word))
			return true;
	return false;
}

static int put_word(struct adding *a, const char *key, const char *value, struct err *e)
{
	if (!strcmp(key, "log.mode")) {
		a->row.log_mode = value;
		return is_one_of(value, modes, ARRAY_SIZE(modes))
			       ? 0
			       : err_set(e, ERR_USAGE,
					 _("log.mode is replies, known, everything or off."));
	}
	if (!strcmp(key, "log.level")) {
		a->row.log_level = value;
		return is_one_of(value, levels, ARRAY_SIZE(levels))
			       ? 0
			       : err_set(e, ERR_USAGE, _("log.level is headers, snippet or full."));
	}
	if (!is_one_of(key, common_words, ARRAY_SIZE(common_words)) &&
		!is_profile_word(a->profile, key))
		return err_set(e, ERR_USAGE, _("The CRM profile %s has no setting \"%s\"."),
			crm_profile_name(a->profile), key);
	a->settings[a->n++] = (struct setting){arena_strdup(&a->arena, key), value};
	return 0;
}

/* Words that are yes or no, and a command that could not be run. */
static int check_value(const char *key, const char *value, struct err *e)
{
	CLEANUP(argv_release) struct argv argv = {.v = NULL};
	bool is_switch = !strcmp(key, "events") || !strcmp(key, "hook_backfill");
	if (is_switch && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(e, ERR_USAGE, _("%s is yes or no."), key);
	if (!strcmp(key, "hook") && *value && !argv_split(value, &argv))
		return err_set(e, ERR_USAGE,
			_("The hook's command cannot be understood: a quotation mark is left "
			  "open."));
	return 0;
}

int crm_words_put(struct adding *a, struct err *e)
{
	const struct cli_list *set = &a->args->set;
	a->settings = arena_array(&a->arena, set->n + 2, sizeof(*a->settings));
	for (size_t i = 0; i < set->n; i++) {
		char key[64];
		const char *value;
		if (!cli_split_setting(set->v[i], key, sizeof(key), &value))
			return err_set(e, ERR_USAGE, _("\"%s\" is not KEY=VALUE."), set->v[i]);
		if (put_word(a, key, value, e) || check_value(key, value, e))
			return -1;
	}
	if (a->args->secret_command)
		a->settings[a->n++] = (struct setting){"secret_command", a->args->secret_command};
	return 0;
}

void crm_words_release(struct adding *a)
{
	crm_profile_free(a->profile);
	arena_release(&a->arena);
}

const char *crm_words_find(const struct adding *a, const char *key)
{
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->settings[i].key, key))
			return a->settings[i].value;
	return NULL;
}

static int check_words(const struct adding *a, struct err *e)
{
	struct crm_profile_key key;
	if (a->args->secret_command && a->args->password_fd)
		return err_set(e, ERR_USAGE,
			_("Give --secret-command or --password-fd, not both."));
	if (!crm_profile_is_remote(a->profile))
		return a->args->url ? err_set(e, ERR_USAGE, _("This CRM has no address.")) : 0;
	if (!a->args->url)
		return err_set(e, ERR_USAGE, _("--url needs the CRM's address."));
	if (!str_casestarts(a->args->url, "https://") && !str_casestarts(a->args->url, "http://"))
		return err_set(e, ERR_USAGE, _("--url starts with https:// or http://."));
	for (size_t i = 0; crm_profile_key_at(a->profile, i, &key); i++) {
		if (key.is_secret && !a->args->secret_command && !a->args->password_fd &&
			!cli_can_ask())
			return err_set(e, ERR_USAGE, _("--secret-command is needed (%s)."),
				key.label ? key.label : key.name);
		if (!key.is_secret && key.is_required && !crm_words_find(a, key.name))
			return err_set(e, ERR_USAGE, _("--set %s=... is needed (%s)."), key.name,
				key.label ? key.label : key.name);
	}
	return 0;
}

/* A password that no command prints is asked for and saved. */
static int save_password(struct adding *a, struct err *e)
{
	CLEANUP(secret_release) struct secret password = SECRET_INIT;
	struct cli *c = a->c;
	if (!crm_profile_first_secret(a->profile) || a->args->secret_command)
		return 0;
	if (cli_ask_secret(a->args->password_fd, _("Password of the CRM:"), &password, e) ||
		cli_open_secrets(c, NULL, e) ||
		desk_save_password(c->secrets,
			a->args->name ? a->args->name : crm_profile_name(a->profile), &password,
			a->secret, e))
		return -1;
	a->settings[a->n++] = (struct setting){"secret", a->secret};
	return 0;
}

static int store_crm(struct adding *a, int64_t *id, struct err *e)
{
	struct err ignored = ERR_INIT;
	if (!crm_add(a->c->store, &a->row, a->settings, a->n, id, e))
		return 0;
	if (a->secret[0])
		IGNORE_RESULT(secret_store_revoke(a->c->secrets, a->secret, NULL, &ignored),
			"an entry that no CRM names");
	return -1;
}

static int fill_row(struct adding *a, const char *profile, struct err *e)
{
	const struct crm_args *args = a->args;
	char *url = arena_strdup(&a->arena, args->url);
	for (size_t n = url ? strlen(url) : 0; n && url[n - 1] == '/'; n--)
		url[n - 1] = '\0';
	a->row.profile = profile;
	a->row.name = args->name ? args->name : crm_profile_name(a->profile);
	a->row.url = url;
	a->row.log_side = args->log;
	if (args->log && !is_one_of(args->log, sides, ARRAY_SIZE(sides)))
		return err_set(e, ERR_USAGE, _("--log is activity, message or off."));
	if (args->log && !strcmp(args->log, "message") && !crm_profile_logs_messages(a->profile))
		return err_set(e, ERR_UNSUPPORTED,
			_("The CRM profile %s cannot log by inserting the mail."),
			crm_profile_name(a->profile));
	a->row.organization_id = crm_words_find(a, "organization_id");
	return cli_day_start(clock_now(a->c->clock), args->log_since, &a->row.log_since, e);
}

/* Rows of the accounts that are to belong to the CRM. */
static int choose_accounts(struct adding *a, struct account_row **out, size_t *n, struct err *e)
{
	struct store_reader *r = NULL;
	struct account_row *v = NULL;
	size_t total = 0;
	if (store_reader_open(a->c->store, &r, e))
		return -1;
	int rc = account_list(r, &a->arena, &v, &total, e);
	store_reader_close(r);
	if (rc)
		return -1;
	*n = 0;
	const struct cli_list *names = &a->args->accounts;
	struct account_row *chosen = arena_array(&a->arena, total + 1, sizeof(*chosen));
	for (size_t i = 0; i < total; i++)
		if (names->n ? is_one_of(v[i].name, names->v, names->n) : !v[i].crm)
			chosen[(*n)++] = v[i];
	*out = chosen;
	for (size_t i = 0; i < names->n; i++) {
		size_t k = 0;
		while (k < *n && strcmp(chosen[k].name, names->v[i]) != 0)
			k++;
		if (k == *n)
			return err_set(e, ERR_NOTFOUND, _("There is no account %s."), names->v[i]);
	}
	return 0;
}

static int add_crm(struct adding *a, struct err *e)
{
	struct account_row *accounts = NULL;
	size_t n = 0;
	int64_t id = 0;
	char *path = NULL;
	const char *profile = a->args->rest.v[1];
	if (strchr(profile, '/')) {
		path = realpath(profile, NULL);
		profile = arena_strdup(&a->arena, path ? path : profile);
		free(path);
	}
	if (crm_sync_profile(profile, a->c->share_dir, &a->profile, e) || crm_words_put(a, e) ||
		check_words(a, e) || fill_row(a, profile, e) ||
		choose_accounts(a, &accounts, &n, e) || save_password(a, e) ||
		store_crm(a, &id, e) ||
		record_set_abilities(a->c->store, id, crm_write_abilities(a->profile), e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (account_bind_crm(a->c->store, accounts[i].id, id, e))
			return -1;
	fprintf(a->c->err,
		ngettext("CRM %s is set up for %zu account.\n",
			"CRM %s is set up for %zu accounts.\n", n),
		a->row.name, n);
	return 0;
}

static int run_add(struct cli *c, const struct crm_args *args)
{
	struct err e = ERR_INIT;
	struct adding a = {.c = c, .args = args, .arena = ARENA_INIT};
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	int rc = add_crm(&a, &e);
	crm_words_release(&a);
	return rc ? cli_fail(c, &e) : CLI_OK;
}

static int find_row(struct adding *a, const char *name, const struct crm_row **out, struct err *e)
{
	struct store_reader *r = NULL;
	struct crm_row *v = NULL;
	size_t n = 0;
	if (store_reader_open(a->c->store, &r, e))
		return -1;
	int rc = crm_list(r, &a->arena, &v, &n, e);
	store_reader_close(r);
	for (size_t i = 0; !rc && i < n; i++)
		if (!strcmp(v[i].name, name)) {
			*out = &v[i];
			return 0;
		}
	return rc ? -1 : err_set(e, ERR_NOTFOUND, _("There is no CRM %s."), name);
}

static int set_words(struct adding *a, struct err *e)
{
	const struct crm_row *row = NULL;
	struct adding said = *a;
	if (find_row(a, a->args->rest.v[1], &row, e) ||
		crm_sync_profile(row->profile, a->c->share_dir, &a->profile, e) ||
		crm_words_put(a, e))
		return -1;
	if (a->row.log_mode != said.row.log_mode || a->row.log_level != said.row.log_level)
		return err_set(e, ERR_USAGE,
			_("How much is logged is set when the CRM is connected."));
	for (size_t i = 0; i < a->n; i++) {
		const char *value = a->settings[i].value;
		if (crm_set(a->c->store, row->id, a->settings[i].key, *value ? value : NULL, e))
			return -1;
	}
	return 0;
}

static int run_set(struct cli *c, const struct crm_args *args)
{
	struct err e = ERR_INIT;
	struct adding a = {.c = c, .args = args, .arena = ARENA_INIT};
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	int rc = set_words(&a, &e);
	crm_profile_free(a.profile);
	arena_release(&a.arena);
	return rc ? cli_fail(c, &e) : CLI_OK;
}

static int run_list(struct cli *c)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct crm_row *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	int rc = crm_list(r, &a, &v, &n, &e);
	store_reader_close(r);
	if (rc)
		return cli_fail(c, &e);
	for (size_t i = 0; i < n; i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\n", v[i].name, v[i].profile,
			v[i].url ? v[i].url : "-", v[i].status);
	return CLI_OK;
}

int cli_crm(struct cli *c, int argc, char **argv)
{
	struct crm_args a = {.name = NULL};
	const struct cli_arg table[] = {
		{.name = "--name", .value = &a.name},
		{.name = "--account", .list = &a.accounts},
		{.name = "--url", .value = &a.url},
		{.name = "--set", .list = &a.set},
		{.name = "--secret-command", .value = &a.secret_command},
		{.name = "--password-fd", .value = &a.password_fd},
		{.name = "--log", .value = &a.log},
		{.name = "--log-since", .value = &a.log_since},
		{.name = "--json", .flag = &a.is_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("crm");
	struct err e = ERR_INIT;
	if (argc > 1 && cli_crm_is_match(argv[1]))
		return cli_crm_match(c, argc, argv);
	if (cli_args_parse(argc, argv, table, &a.rest, &e))
		return cli_usage(c, v, e.msg);
	const char *what = a.rest.n ? a.rest.v[0] : "";
	if (!strcmp(what, "items"))
		return cli_crm_items(c, v, &a.rest, a.is_json);
	if (!strcmp(what, "add") && a.rest.n == 2)
		return run_add(c, &a);
	if (!strcmp(what, "set") && a.rest.n == 2 && a.set.n)
		return run_set(c, &a);
	if (!strcmp(what, "list") && a.rest.n == 1)
		return run_list(c);
	if (!strcmp(what, "check") && a.rest.n == 2)
		return cli_crm_check(c, &a);
	if (!strcmp(what, "test") && a.rest.n == 2)
		return cli_crm_test(c, &a);
	if (!strcmp(what, "sweep") && a.rest.n == 2)
		return cli_crm_sweep(c, &a);
	return cli_usage(c, v, NULL);
}
