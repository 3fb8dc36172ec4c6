/*
 * accounts_view.c - the accounts: how each stands, what is wrong and which key mends it; below them
 * the CRMs. What is done to an account is an order (order.h).
 */
#include "config.h"

#include "accounts.h"

#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "ui/motion.h"
#include "ui/ui_core.h"
#include "crm_setup.h"
#include "views.h"

#define ROWS_A_PAGE 5

static void accounts_close(struct view *v)
{
	arena_release(&((struct accounts_data *)v->data)->arena);
}

/* Read at once: the next key may be there already. */
static int accounts_open(struct view *v, const void *args, struct err *e)
{
	(void)args;
	((struct accounts_data *)v->data)->arena = ARENA_INIT;
	return accounts_read(v, e);
}

static void accounts_event(struct view *v, const struct event *ev)
{
	struct accounts_data *d = v->data;
	struct desk_answer a;

	view_mark(v, DIRTY_RECALC);
	if (!order_follow(&d->order, v->ui, ev, &a))
		return;
	if (a.error.code != ERR_NONE)
		ui_error(v->ui, &a.error);
	else
		ui_info(v->ui, "%s", accounts_done_words(d, &a));
}

static void accounts_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static enum view_result accounts_action(struct view *v, enum action act)
{
	static const bool is_first = false;
	struct accounts_data *d = v->data;
	struct motion rows = {.n = d->n + d->crms.n, .sel = d->sel};

	view_mark(v, DIRTY_RECALC);
	if (motion_move(&rows, act, ROWS_A_PAGE)) {
		d->sel = rows.sel;
		return VIEW_HANDLED;
	}
	switch ((int)act) {
	case ACTION_ACCOUNT_ADD:
		if (v->ui->o.is_demo)
			ui_info(v->ui, "%s",
				_("The demo has no network: start crmail without --demo to connect "
				  "an account."));
		else
			ui_push(v->ui, &welcome_view_ops, &is_first);
		return VIEW_HANDLED;
	case ACTION_CRM_ADD:
		if (v->ui->o.is_demo)
			ui_info(v->ui, "%s",
				_("The demo has no network: start crmail without --demo to connect "
				  "a CRM."));
		else
			crm_setup_start(v->ui, 0);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_UNLOCK:
		accounts_unlock(v);
		return VIEW_HANDLED;
	default:
		return accounts_do(v, act);
	}
}

static bool accounts_cursor(const struct view *v, int *row, int *col)
{
	const struct accounts_data *d = v->data;

	*row = 1 + accounts_line_of(d, d->sel) - d->top;
	*col = 0;
	return d->n + d->crms.n > 0 && *row >= 0 && *row < v->rows;
}

static void accounts_title(const struct view *v, struct buf *left, struct buf *right)
{
	(void)v;
	(void)right;
	buf_addf(left, "crmail  %s", _("Accounts"));
}

static const enum action hints[] = {ACTION_SYNC, ACTION_ACCOUNT_ADD, ACTION_ACCOUNT_PAUSE,
	ACTION_ACCOUNT_SIGN_IN, ACTION_ACCOUNT_REMOVE, ACTION_CRM_ADD, ACTION_SHOW_LOG,
	ACTION_ACCOUNT_RELAY, ACTION_CLOSE, ACTION_HELP, ACTION_NONE};
static const enum action crm_hints[] = {ACTION_SYNC, ACTION_CRM_EDIT, ACTION_CRM_LOGGING,
	ACTION_ACCOUNT_PAUSE, ACTION_ACCOUNT_SIGN_IN, ACTION_ACCOUNT_REMOVE, ACTION_GO_ITEMS,
	ACTION_CRM_ADD, ACTION_CLOSE, ACTION_HELP, ACTION_NONE};

static const enum action *hints_now(const struct view *v)
{
	return accounts_crm(v->data) ? crm_hints : hints;
}

const struct view_ops accounts_view_ops = {
	.name = "accounts",
	.where = WHERE_ACCOUNTS,
	.data_size = sizeof(struct accounts_data),
	.hints = hints,
	.hints_now = hints_now,
	.open = accounts_open,
	.close = accounts_close,
	.resume = accounts_resume,
	.event = accounts_event,
	.action = accounts_action,
	.recalc = accounts_read,
	.paint = accounts_paint,
	.cursor = accounts_cursor,
	.title = accounts_title,
};
