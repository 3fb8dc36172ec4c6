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
#include "crmail/sync/seat.h"
#include "crmail/ui/ui.h"

static void hook_kick(void *ctx, int64_t account)
{
	seat_kick(ctx, account);
}

static void hook_sync_now(void *ctx, int64_t account)
{
	seat_sync_now(ctx, account);
}

static void hook_want_body(void *ctx, int64_t message)
{
	seat_want_body(ctx, message);
}

static bool hook_progress(void *ctx, char *out, size_t size)
{
	return seat_progress(ctx, out, size);
}

static int64_t hook_ask(void *ctx, const struct ask *what)
{
	return seat_ask(ctx, what);
}

static bool hook_answer(void *ctx, int64_t number, struct err *e)
{
	return seat_answer(ctx, number, e);
}

static void hook_cancel(void *ctx, int64_t number)
{
	seat_cancel(ctx, number);
}

static struct ui_hooks hooks_of(struct seat *s)
{
	return (struct ui_hooks){.ctx = s,
		.kick = hook_kick,
		.sync_now = hook_sync_now,
		.want_body = hook_want_body,
		.progress = hook_progress,
		.ask = hook_ask,
		.answer = hook_answer,
		.cancel = hook_cancel};
}

static int run_screen(struct app *a, const struct config *conf, struct seat *s, struct err *e)
{
	const char *dir = conf->text[CONFIG_DOWNLOAD_DIR];
	const struct ui_options o = {
		.store = a->cli.store,
		.events = a->events,
		.clock = a->clock,
		.rng = a->rng,
		.hooks = hooks_of(s),
		.is_demo = a->options.is_demo,
		.keymap = conf->text[CONFIG_KEYMAP],
		.download_dir = *dir ? dir : NULL,
		.undo_window_s = (int)conf->number[CONFIG_UNDO_WINDOW],
	};
	return ui_run(&o, e);
}

int app_run_tui(struct app *a)
{
	struct err e = ERR_INIT;
	struct seat *s = NULL;
	int code = cli_open_store(&a->cli);
	if (code != CLI_OK)
		return code;
	CLEANUP(config_release) struct config conf;
	CLEANUP(free_str) char *path = fsx_join(a->config_dir, "config");
	if (config_read(&conf, path, NULL, NULL, &e))
		return cli_fail(&a->cli, &e);
	int rc = cli_open_seat(&a->cli, "tui", &s, &e) || run_screen(a, &conf, s, &e);
	seat_close(s);
	return rc ? cli_fail(&a->cli, &e) : CLI_OK;
}
