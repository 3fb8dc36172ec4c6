/*
 * tui.c - the screen with its workers: opens the store, hosts where nobody else does, runs the
 * screen, and stops everything in order.
 */
#include "config.h"

#include "app.h"

#include <string.h>

#include "crmail/base/ask.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/cli/config.h"
#include "crmail/crm/match.h"
#include "crmail/store/store.h"
#include "crmail/sync/crm_sync.h"
#include "crmail/sync/desk.h"
#include "crmail/sync/explain.h"
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

static bool hook_is_shared(void *ctx)
{
	return seat_is_shared(ctx);
}

static bool hook_progress(void *ctx, char *out, size_t size)
{
	return seat_progress(ctx, out, size);
}

static void hook_pause(void *ctx, bool is_paused)
{
	if (is_paused)
		seat_pause(ctx);
	else
		seat_resume(ctx);
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

static int64_t hook_order(void *desk, const struct desk_order *o)
{
	return desk_order(desk, o);
}

static bool hook_look(void *desk, int64_t number, struct desk_answer *out)
{
	return desk_look(desk, number, out);
}

static void hook_withdraw(void *desk, int64_t number)
{
	desk_cancel(desk, number);
}

static bool hook_paste(void *desk, int64_t number, const char *address)
{
	return desk_paste(desk, number, address);
}

static int hook_profiles(void *desk, const char *name, struct arena *a, struct desk_profile **out,
	size_t *n, struct err *e)
{
	return desk_profiles(desk, name, a, out, n, e);
}

static enum desk_secrets hook_secrets(void *desk)
{
	return desk_secrets(desk);
}

static enum desk_keyring hook_keyring(void *desk)
{
	return desk_keyring(desk);
}

static bool hook_saves_in_keyring(void *desk)
{
	return desk_saves_in_keyring(desk);
}

static int hook_web(void *web, int kind, int64_t row, struct buf *out, struct err *e)
{
	const struct app *a = web;
	const struct crm_web_record what = {.share_dir = a->share_dir, .kind = kind, .row = row};
	return crm_web_of(a->cli.store, &what, out, e);
}

static struct ui_hooks hooks_of(struct app *a, struct seat *s, struct desk *desk)
{
	return (struct ui_hooks){.ctx = s,
		.kick = hook_kick,
		.sync_now = hook_sync_now,
		.want_body = hook_want_body,
		.is_shared = hook_is_shared,
		.progress = hook_progress,
		.pause = hook_pause,
		.ask = hook_ask,
		.answer = hook_answer,
		.cancel = hook_cancel,
		.order = hook_order,
		.look = hook_look,
		.withdraw = hook_withdraw,
		.paste = hook_paste,
		.web = hook_web,
		.web_ctx = a,
		.secrets = hook_secrets,
		.keyring = hook_keyring,
		.saves_in_keyring = hook_saves_in_keyring,
		.profiles = hook_profiles,
		.desk = desk,
		.explain = crm_explain,
		.is_freemail = match_is_freemail};
}

struct after_order { /* the desk's thread */
	struct seat *seat;
	int64_t ask; /* the last one, whose answer nobody waits for */
};

/* Rows tell the host most of it by themselves; not that a password is another one, or can be read
 * by now. */
static void account_changed(void *ctx, enum desk_kind kind, int64_t account)
{
	struct after_order *a = ctx;
	const struct ask again = {.kind = ASK_SIGN_IN, .account = account};
	if (kind == DESK_UNLOCK || kind == DESK_UNLOCK_KEYRING || kind == DESK_CRM_PUT ||
		kind == DESK_CRM_SIGN_IN || kind == DESK_CRM_LOG)
		seat_sync_now(a->seat, 0); /* a kick does not hurry what was refused */
	if (kind != DESK_SIGN_IN && kind != DESK_RELAY_PUT && kind != DESK_RELAY_OFF)
		return;
	if (a->ask)
		seat_cancel(a->seat, a->ask);
	a->ask = seat_ask(a->seat, &again);
}

/* A host without a screen cannot ask for it. */
static void secrets_opened(void *ctx, const struct secret *pass)
{
	const struct after_order *a = ctx;
	seat_hand_passphrase(a->seat, pass);
}

static int open_desk(struct app *a, struct after_order *after, struct desk **out, struct err *e)
{
	const struct desk_options o = {
		.store = a->cli.store,
		.clock = a->clock,
		.trust = a->trust,
		.events = a->events,
		.secrets = a->secrets,
		.program = a->program,
		.share_dir = a->share_dir,
		.config_dir = a->config_dir,
		.deadline_ms = a->hooks.deadline_ms,
		.changed = account_changed,
		.opened = secrets_opened,
		.ctx = after,
	};
	return desk_open(out, &o, e);
}

static int run_screen(struct app *a, const struct config *conf, struct seat *s, struct desk *desk,
	struct err *e)
{
	const char *dir = conf->text[CONFIG_DOWNLOAD_DIR];
	CLEANUP(free_str) char *starters = fsx_join(a->share_dir, "templates");
	const struct ui_options o = {
		.starters = starters,
		.store = a->cli.store,
		.events = a->events,
		.clock = a->clock,
		.rng = a->rng,
		.hooks = hooks_of(a, s, desk),
		.is_demo = a->options.is_demo,
		.wants_demo = &a->wants_demo,
		.keymap = conf->text[CONFIG_KEYMAP],
		.download_dir = *dir ? dir : NULL,
		.hyperlinks = conf->text[CONFIG_HYPERLINKS],
		.is_newest_first = strcmp(conf->text[CONFIG_THREAD_ORDER], "newest") == 0,
		.undo_window_s = (int)conf->number[CONFIG_UNDO_WINDOW],
		.no_answer_days = (int)conf->number[CONFIG_NO_ANSWER],
		.starts_with_today = strcmp(conf->text[CONFIG_START], "today") == 0,
		.ring = conf->text[CONFIG_NOTIFY_RING],
		.quiet = conf->text[CONFIG_NOTIFY_QUIET],
	};
	return ui_run(&o, e);
}

int app_run_tui(struct app *a)
{
	struct err e = ERR_INIT;
	struct seat *s = NULL;
	struct desk *desk = NULL;
	struct after_order after = {.seat = NULL};
	int code = cli_open_store(&a->cli);
	if (code != CLI_OK)
		return code;
	CLEANUP(config_release) struct config conf;
	CLEANUP(free_str) char *path = fsx_join(a->config_dir, "config");
	if (config_read(&conf, path, NULL, NULL, &e))
		return cli_fail(&a->cli, &e);
	if (a->options.passphrase_fd && cli_open_file(&a->cli, &e))
		return cli_fail(&a->cli, &e);
	int rc = cli_open_seat(&a->cli, "tui", &s, &e);
	after.seat = s;
	if (!rc)
		rc = open_desk(a, &after, &desk, &e) || run_screen(a, &conf, s, desk, &e);
	desk_close(desk); /* before the seat, which it tells of changes */
	seat_close(s);
	return rc ? cli_fail(&a->cli, &e) : CLI_OK;
}
