/*
 * open.c - opening the store for a verb, with what is said about it.
 */
#include "config.h"

#include "crmail/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/entry.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/cli/config.h"
#include "crmail/net/secret.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/store.h"
#include "crmail/sync/seat.h"

static void show_migration(void *ctx, const char *what, int64_t done, int64_t total)
{
	struct cli *c = ctx;
	fprintf(c->err, _("crmail: %s: %lld of %lld\n"), what, (long long)done, (long long)total);
}

/* Every process that has the data folder open writes the same log. */
static int open_log(const struct cli *c, const struct config *conf, struct err *e)
{
	const char *word = conf->text[CONFIG_LOG_LEVEL];
	enum log_level level = LOG_NOTE;
	CLEANUP(free_str) char *path = fsx_join(c->data_dir, CLI_LOG_NAME);
	BUG_ON(!log_level_of(word, strlen(word), &level)); /* one of the words of the option */
	return fsx_mkdir_p(c->data_dir, e) || log_open(path, level, c->clock, e) ? -1 : 0;
}

/* Who asks what there is does not make a folder by it, least of all with a wrong --home. */
static int check_made(const struct cli *c, struct err *e)
{
	if (fsx_is_dir(c->data_dir))
		return 0;
	return err_set(e, ERR_NOTFOUND,
		_("There is no folder %s yet: \"crmail account add\", \"crmail import\" or just "
		  "\"crmail\" makes it."),
		c->data_dir);
}

void cli_place_secrets(struct cli *c, const struct config *conf)
{
	secret_store_take_keyring(c->secrets, strcmp(conf->text[CONFIG_TOKEN_STORE], "file") != 0);
}

static int open_store(struct cli *c, bool only_reads)
{
	struct err e = ERR_INIT;
	if (only_reads && check_made(c, &e))
		return cli_fail(c, &e);
	CLEANUP(config_release) struct config conf;
	CLEANUP(free_str) char *path = fsx_join(c->config_dir, "config");
	if (config_read(&conf, path, NULL, NULL, &e) || (!log_is_open() && open_log(c, &conf, &e)))
		return cli_fail(c, &e);
	cli_place_secrets(c, &conf);
	struct store_options o = {
		.dir = c->data_dir,
		.clock = c->clock,
		.events = c->events,
		.rng = c->rng,
		.cache_limit_bytes = conf.number[CONFIG_CACHE_LIMIT] * (1 << 20),
		.only_reads = only_reads,
		.notice_rule = conf.text[CONFIG_NOTIFY_MAIL],
		.crash_at = c->crash_at,
		.progress = show_migration,
		.progress_ctx = c,
	};
	if (store_open(&c->store, &o, &e) == 0)
		return CLI_OK;
	int code = cli_fail(c, &e);
	return e.code == ERR_CONFLICT ? CLI_NEWER : code;
}

int cli_open_store(struct cli *c)
{
	return c->store ? CLI_OK : open_store(c, false);
}

int cli_open_reader(struct cli *c, struct store_reader **out)
{
	struct err e = ERR_INIT;
	int code = c->store ? CLI_OK : open_store(c, true);
	if (code != CLI_OK)
		return code;
	return store_reader_open(c->store, out, &e) ? cli_fail(c, &e) : CLI_OK;
}

int cli_open_seat(struct cli *c, const char *kind, struct seat **out, struct err *e)
{
	const struct seat_options o = {
		.host = {.store = c->store,
			.clock = c->clock,
			.rng = c->rng,
			.trust = c->trust,
			.secrets = c->secrets,
			.events = c->events,
			.program = c->program,
			.share_dir = c->share_dir,
			.data_dir = c->data_dir,
			.deadline_ms = c->deadline_ms,
			.kind = kind},
		.runtime_dir = c->runtime_dir,
		.is_once = !kind,
	};
	return seat_open(out, &o, e);
}

static bool is_in_file(const char *entry)
{
	return entry && !entry_is_in_keyring(entry);
}

static int has_saved_password(struct cli *c, bool *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct account_row *rows = NULL;
	size_t n = 0;
	if (store_reader_open(c->store, &r, e))
		return -1;
	int rc = account_list(r, &a, &rows, &n, e);
	for (size_t i = 0; !rc && i < n; i++)
		*out = *out || is_in_file(account_setting(r, &a, rows[i].id, "secret")) ||
		       is_in_file(account_setting(r, &a, rows[i].id, "relay_secret"));
	struct crm_row *crms = NULL;
	size_t n_crms = 0;
	rc = rc || crm_list(r, &a, &crms, &n_crms, e) ? -1 : 0;
	for (size_t i = 0; !rc && i < n_crms; i++)
		*out = *out || is_in_file(crm_setting(r, &a, crms[i].id, "secret"));
	store_reader_close(r);
	return rc;
}

int cli_need_secrets(struct cli *c, struct err *e)
{
	bool is_needed = false;
	if (has_saved_password(c, &is_needed, e))
		return -1;
	/* A CRM's tokens lie there too, where somebody gives the passphrase. */
	bool is_given = c->passphrase_fd && secret_store_state(c->secrets) != SECRET_STORE_NONE;
	return is_needed || is_given ? cli_open_file(c, e) : 0;
}

void cli_close_store(struct cli *c)
{
	if (c->store)
		store_close(c->store);
	c->store = NULL;
}
