/*
 * tui.c - the screen with its workers: opens the store, hosts where nobody else does, runs the
 * screen, and stops everything in order.
 */
#include "config.h"

#include "app.h"

#include <string.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/cli/config.h"
#include "crmail/store/store.h"
#include "crmail/sync/host.h"
#include "crmail/ui/ui.h"

static void hook_kick(void *ctx, int64_t account)
{
	host_kick(ctx, account);
}

static void hook_sync_now(void *ctx, int64_t account)
{
	host_sync_now(ctx, account);
}

static void hook_want_body(void *ctx, int64_t message)
{
	host_want_body(ctx, message);
}

static bool hook_progress(void *ctx, char *out, size_t size)
{
	return host_progress(ctx, out, size);
}

static struct ui_hooks hooks_of(struct host *h)
{
	if (!h) /* another process hosts: what is queued here is done there */
		return (struct ui_hooks){.ctx = NULL};
	return (struct ui_hooks){.ctx = h,
		.kick = hook_kick,
		.sync_now = hook_sync_now,
		.want_body = hook_want_body,
		.progress = hook_progress};
}

static int open_host(struct app *a, struct host **out, struct err *e)
{
	const struct host_options o = {
		.store = a->cli.store,
		.clock = a->clock,
		.rng = a->rng,
		.trust = a->trust,
		.events = a->events,
		.program = a->program,
		.share_dir = a->share_dir,
		.data_dir = a->data_dir,
		.deadline_ms = a->hooks.deadline_ms,
		.kind = "tui",
	};
	if (host_open(out, &o, e) == 0)
		return 0;
	*out = NULL;
	if (e->code != ERR_CONFLICT)
		return -1;
	err_clear(e);
	return 0;
}

static int run_screen(struct app *a, const struct config *conf, struct host *h, struct err *e)
{
	const char *dir = conf->text[CONFIG_DOWNLOAD_DIR];
	const struct ui_options o = {
		.store = a->cli.store,
		.events = a->events,
		.clock = a->clock,
		.rng = a->rng,
		.hooks = hooks_of(h),
		.is_demo = a->options.is_demo,
		.keymap = conf->text[CONFIG_KEYMAP],
		.download_dir = *dir ? dir : NULL,
		.hyperlinks = conf->text[CONFIG_HYPERLINKS],
		.is_newest_first = strcmp(conf->text[CONFIG_THREAD_ORDER], "newest") == 0,
		.undo_window_s = (int)conf->number[CONFIG_UNDO_WINDOW],
	};
	if (h && host_start(h, e))
		return -1;
	return ui_run(&o, e);
}

int app_run_tui(struct app *a)
{
	struct err e = ERR_INIT;
	struct host *h = NULL;
	int code = cli_open_store(&a->cli);
	if (code != CLI_OK)
		return code;
	CLEANUP(config_release) struct config conf;
	CLEANUP(free_str) char *path = fsx_join(a->config_dir, "config");
	if (config_read(&conf, path, NULL, NULL, &e))
		return cli_fail(&a->cli, &e);
	int rc = open_host(a, &h, &e) || run_screen(a, &conf, h, &e);
	host_close(h);
	return rc ? cli_fail(&a->cli, &e) : CLI_OK;
}
