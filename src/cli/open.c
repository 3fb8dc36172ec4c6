/*
 * open.c - opening the store for a verb, with what is said about it.
 */
#include "config.h"

#include "crmail/cli/cli.h"

#include "crmail/base/i18n.h"
#include "crmail/store/store.h"

static void show_migration(void *ctx, const char *what, int64_t done, int64_t total)
{
	struct cli *c = ctx;
	fprintf(c->err, _("crmail: %s: %lld of %lld\n"), what, (long long)done, (long long)total);
}

int cli_open_store(struct cli *c)
{
	if (c->store)
		return CLI_OK;
	struct store_options o = {
		.dir = c->data_dir,
		.clock = c->clock,
		.events = c->events,
		.rng = c->rng,
		.crash_at = c->crash_at,
		.progress = show_migration,
		.progress_ctx = c,
	};
	struct err e = ERR_INIT;
	if (store_open(&c->store, &o, &e) == 0)
		return CLI_OK;
	int code = cli_fail(c, &e);
	return e.code == ERR_CONFLICT ? CLI_NEWER : code;
}

void cli_close_store(struct cli *c)
{
	if (c->store)
		store_close(c->store);
	c->store = NULL;
}
