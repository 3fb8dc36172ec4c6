/*
 * accounts_view.c - the accounts: how each stands, what is wrong and which key mends it; below them
 * the CRMs. What is done to an account is an order (order.h).
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/entry.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/contact.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/outbox.h"
#include "ui/motion.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "crm_setup.h"
#include "crms.h"
#include "order.h"
#include "views.h"

#define ROWS_A_PAGE 5
#define NAME_COLS 18
#define KIND_COLS 9

struct counts {
	int64_t messages, unread, ops, outbox, unsent;
	const char *secret; /* entry of its saved password or sign-in; NULL = none */
	bool is_locked;     /* that is, in the file of saved passwords */
	bool in_keyring;    /* there instead */
	bool needs_keyring; /* which is locked */
	bool is_insecure;
	bool is_grant; /* signed in to at a provider, without a password */
};

struct accounts_data {
	struct arena arena;
	struct account_row *v;
	struct counts *counts; /* of each */
	size_t n, sel;         /* sel: past the accounts are the CRMs */
	struct crms crms;
	int top; /* first line shown */
	struct order order;
	enum desk_kind kind; /* of that order */
};

static void accounts_close(struct view *v)
{
	arena_release(&((struct accounts_data *)v->data)->arena);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_unsent(enum outbox_state s)
{
	return s != OUTBOX_SENT && s != OUTBOX_CANCELLED;
}

static int count(struct view *v, const struct outbox_row *rows, size_t n, size_t i, struct err *e)
{
	struct accounts_data *d = v->data;
	struct counts *c = &d->counts[i];
	struct folder_row *folders = NULL;
	int64_t id = d->v[i].id, parked = 0;
	size_t n_folders = 0;

	if (folder_list(v->ui->reader, &d->arena, id, &folders, &n_folders, e) ||
		op_counts(v->ui->reader, id, &c->ops, &parked, e))
		return -1;
	c->ops += parked;
	bool has_labels = !strcmp(d->v[i].kind, "gmail"); /* their mail lies elsewhere too */
	for (size_t k = 0; k < n_folders; k++) {
		if (has_labels && folders[k].role == FOLDER_OTHER)
			continue;
		c->messages += folders[k].total;
		c->unread += folders[k].unread;
	}
	for (size_t k = 0; k < n; k++) {
		if (rows[k].account != id || !is_unsent(rows[k].state))
			continue;
		c->unsent++;
		c->outbox += rows[k].state != OUTBOX_DRAFT;
	}
	for (size_t k = 0; k < v->ui->n_accounts; k++)
		c->is_insecure =
			c->is_insecure || (v->ui->accounts[k].id == id && v->ui->is_insecure[k]);
	c->secret = account_setting(v->ui->reader, &d->arena, id, "secret");
	c->is_locked = c->secret && !entry_is_in_keyring(c->secret) &&
		       keyring_or_file(v->ui, c->secret) == DESK_SECRETS_LOCKED;
	c->in_keyring = entry_is_in_keyring(c->secret);
	c->needs_keyring = c->in_keyring && keyring_state(v->ui) == DESK_KEYRING_LOCKED;
	c->is_grant = account_setting(v->ui->reader, &d->arena, id, "oauth");
	return 0;
}

/* NULL = an account is under the cursor, or nothing. */
static const struct crm_line *current_crm(const struct accounts_data *d)
{
	return d->sel >= d->n && d->sel - d->n < d->crms.n ? &d->crms.v[d->sel - d->n] : NULL;
}

static bool has_error_line(const struct accounts_data *d, size_t i)
{
	return d->counts[i].is_locked || d->counts[i].needs_keyring || d->v[i].error ||
	       d->v[i].status == ACCOUNT_SIGN_IN || d->v[i].status == ACCOUNT_PAUSED;
}

/* Lines of an account, the blank one below it included. */
static int lines_of(const struct accounts_data *d, size_t i)
{
	return has_error_line(d, i) ? 4 : 3;
}

/* A line says that CRMs follow. */
static int lines_of_row(const struct accounts_data *d, size_t row)
{
	return row < d->n ? lines_of(d, row) : crms_lines(&d->crms.v[row - d->n]);
}

static int line_of(const struct accounts_data *d, size_t sel)
{
	int line = sel >= d->n ? 1 : 0;

	for (size_t i = 0; i < sel; i++)
		line += lines_of_row(d, i);
	return line;
}

static void keep_shown(struct view *v)
{
	struct accounts_data *d = v->data;
	size_t rows = d->n + d->crms.n;
	int at = line_of(d, d->sel), height = v->rows - 1;

	if (at < d->top)
		d->top = at;
	if (rows > 0 && at + lines_of_row(d, d->sel) > d->top + height)
		d->top = at + lines_of_row(d, d->sel) - height;
	if (d->top < 0 || d->sel == 0)
		d->top = 0;
}

/* The cursor stays on its account or CRM. */
static void keep_chosen(struct accounts_data *d, int64_t account, int64_t crm)
{
	for (size_t i = 0; account && i < d->n; i++)
		if (d->v[i].id == account)
			d->sel = i;
	for (size_t i = 0; crm && i < d->crms.n; i++)
		if (d->crms.v[i].row->id == crm)
			d->sel = d->n + i;
	if (d->sel >= d->n + d->crms.n)
		d->sel = d->n + d->crms.n > 0 ? d->n + d->crms.n - 1 : 0;
}

static int accounts_recalc(struct view *v, struct err *e)
{
	struct accounts_data *d = v->data;
	int64_t account = d->sel < d->n ? d->v[d->sel].id : 0;
	int64_t crm = current_crm(d) ? current_crm(d)->row->id : 0;
	struct outbox_row *rows = NULL;
	size_t n_rows = 0;

	arena_reset(&d->arena);
	d->n = d->crms.n = 0;
	size_t n = 0;
	if (account_list(v->ui->reader, &d->arena, &d->v, &n, e) ||
		outbox_list(v->ui->reader, &d->arena, &rows, &n_rows, e))
		return -1;
	d->counts = arena_array(&d->arena, n + 1, sizeof(*d->counts));
	memset(d->counts, 0, (n + 1) * sizeof(*d->counts));
	for (size_t i = 0; i < n; i++)
		if (count(v, rows, n_rows, i, e))
			return -1;
	if (crms_read(v, &d->arena, &d->crms, e))
		return -1;
	d->n = n;
	keep_chosen(d, account, crm);
	keep_shown(v);
	return 0;
}

/* Read at once: the next key may be there already. */
static int accounts_open(struct view *v, const void *args, struct err *e)
{
	(void)args;
	((struct accounts_data *)v->data)->arena = ARENA_INIT;
	return accounts_recalc(v, e);
}

/* ---- what is done ---------------------------------------------------------------------------- */

static const char *left_words(enum desk_left left)
{
	switch (left) {
	case DESK_LEFT_NOTHING:
		break;
	case DESK_LEFT_UNTIL_UNLOCKED:
		return _("Removed; still signed in at the provider until unlocked, or ended there "
			 "at apps.");
	case DESK_LEFT_PASSWORD:
		return _("Removed. Its saved password is forgotten when that is unlocked next.");
	case DESK_LEFT_AT_PROVIDER:
		return _("Removed. Still signed in at the provider: end that there, at connected "
			 "apps.");
	}
	return NULL;
}

static const char *done_words(enum desk_kind kind)
{
	switch ((int)kind) {
	case DESK_PAUSE:
		return _("Paused: nothing is fetched or sent until p is pressed again.");
	case DESK_RESUME:
		return _("Going on.");
	case DESK_DETACH:
		return _("The account is removed; its mail stays to be read.");
	case DESK_REMOVE:
		return _("The account and its mail are removed from this computer.");
	default:
		return crms_done_words(kind);
	}
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
		ui_info(v->ui, "%s", left_words(a.left) ? left_words(a.left) : done_words(d->kind));
}

static void accounts_resume(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

static void give(struct view *v, enum desk_kind kind, int64_t account)
{
	struct accounts_data *d = v->data;
	const struct desk_order o = {.kind = kind, .account = account};

	d->kind = kind;
	order_give(&d->order, v->ui, &o);
}

static void give_crm(struct view *v, enum desk_kind kind, int64_t crm)
{
	struct accounts_data *d = v->data;
	const struct desk_order o = {.kind = kind, .crm = crm};

	d->kind = kind;
	order_give(&d->order, v->ui, &o);
}

struct removal {
	int64_t account;
};

static void removal_chosen(struct ui *ui, int64_t kind, void *ctx)
{
	const struct removal *r = ctx;
	struct view *v = ui_top(ui);

	if (kind == DESK_UNLOCK)
		secret_ask_passphrase(ui);
	else if (kind && v->ops == &accounts_view_ops)
		give(v, (enum desk_kind)kind, r->account);
}

static void add_item(struct picker_args *p, int64_t id, const char *label)
{
	p->items[p->n++] = (struct picker_item){xstrdup(label), id};
}

/* Keeping comes first, so that Enter alone loses nothing; what would be lost is said with it. */
static void add_choices(struct picker_args *p, const struct account_row *a, const struct counts *c)
{
	CLEANUP(buf_release) struct buf keep = BUF_INIT(256);

	text_add(&keep, _("keep the account"));
	if (c->ops > 0)
		buf_addf(&keep,
			ngettext(" (%lld change has not reached the server)",
				" (%lld changes have not reached the server)",
				(unsigned long)c->ops),
			(long long)c->ops);
	p->items = xcalloc(4, sizeof(*p->items));
	add_item(p, 0, keep.p);
	if (c->is_grant && c->is_locked)
		add_item(p, DESK_UNLOCK,
			_("open the saved passwords first: then its sign-in is taken back, too"));
	if (strcmp(a->kind, "import") != 0)
		add_item(p, DESK_DETACH, _("remove it; its mail stays here to be read"));
	add_item(p, DESK_REMOVE,
		strcmp(a->kind, "import") != 0
			? _("remove it with its mail here; the server keeps its own")
			: _("remove it with its mail"));
}

static void ask_removal(struct view *v)
{
	const struct accounts_data *d = v->data;
	const struct account_row *a = &d->v[d->sel];
	const struct counts *c = &d->counts[d->sel];
	CLEANUP(buf_release) struct buf title = BUF_INIT(512);
	struct picker_args p = {.chosen = removal_chosen};
	struct removal *r;

	if (c->unsent > 0) {
		ui_info(v->ui,
			ngettext("%lld mail or draft was not sent: send it or throw it away first "
				 "(g o, g d).",
				"%lld mails and drafts were not sent: send them or throw them away "
				"first (g o, g d).",
				(unsigned long)c->unsent),
			(long long)c->unsent);
		return;
	}
	text_add(&title, _("Remove"));
	text_add(&title, " ");
	text_add(&title, a->name);
	r = xcalloc(1, sizeof(*r));
	r->account = a->id;
	p.title = title.p;
	p.ctx = r;
	add_choices(&p, a, c);
	ui_push(v->ui, &picker_view_ops, &p);
}

static void sign_in_at_provider(struct view *v, const struct account_row *a)
{
	CLEANUP(buf_release) struct buf title = BUF_INIT(256);
	struct sign_in_args args = {.order = {.kind = DESK_SIGN_IN, .account = a->id}};

	text_add(&title, _("Sign in again: "));
	text_add(&title, a->name);
	args.title = title.p;
	ui_push(v->ui, &sign_in_view_ops, &args);
}

static void sign_in(struct view *v)
{
	const struct accounts_data *d = v->data;
	const struct account_row *a = &d->v[d->sel];
	CLEANUP(buf_release) struct buf title = BUF_INIT(256);
	struct secret_args args = {.account = a->id};

	if (d->counts[d->sel].is_grant) {
		sign_in_at_provider(v, a);
		return;
	}
	if (strcmp(a->kind, "imap") != 0) {
		ui_info(v->ui, "%s", _("This account has no password."));
		return;
	}
	text_add(&title, _("New password for "));
	text_add(&title, a->name);
	args.title = title.p;
	ui_push(v->ui, &secret_view_ops, &args);
}

static void sync_one(struct view *v)
{
	const struct accounts_data *d = v->data;
	const struct account_row *a = &d->v[d->sel];
	struct ui *ui = v->ui;

	if (strcmp(a->kind, "import") == 0) {
		ui_info(ui, "%s", _("This account has no server."));
		return;
	}
	if (a->status == ACCOUNT_PAUSED) {
		ui_info(ui, "%s", _("The account is paused: p lets it go on."));
		return;
	}
	if (ui->o.hooks.sync_now)
		ui->o.hooks.sync_now(ui->o.hooks.ctx, a->id);
	ui_info(ui, "%s",
		ui->o.hooks.sync_now ? _("Looking for new mail.")
				     : _("No server is connected in this session."));
}

static enum view_result on_account(struct view *v, enum action act)
{
	struct accounts_data *d = v->data;
	const struct account_row *a = d->sel < d->n ? &d->v[d->sel] : NULL;

	if (current_crm(d))
		return crms_action(v, current_crm(d), act, give_crm);
	if (!a)
		return VIEW_IGNORED;
	switch ((int)act) {
	case ACTION_CRM_EDIT:
	case ACTION_CRM_LOGGING:
		ui_info(v->ui, "%s", _("That is for CRMs: C connects one."));
		return VIEW_HANDLED;
	case ACTION_SYNC:
		sync_one(v);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_PAUSE:
		give(v, a->status == ACCOUNT_PAUSED ? DESK_RESUME : DESK_PAUSE, a->id);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_SIGN_IN:
		sign_in(v);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_REMOVE:
		ask_removal(v);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* The password of what is under the cursor. */
static bool is_in_keyring(const struct view *v)
{
	const struct accounts_data *d = v->data;
	const struct crm_line *crm = current_crm(d);

	return crm ? crm->in_keyring : d->sel < d->n && d->counts[d->sel].in_keyring;
}

static void unlock(struct view *v)
{
	const struct ui_hooks *h = &v->ui->o.hooks;

	if (is_in_keyring(v))
		keyring_unlock(v->ui);
	else if (h->secrets && h->secrets(h->desk) != DESK_SECRETS_NONE)
		secret_ask_passphrase(
			v->ui); /* open here, they may be locked where mail is fetched */
	else
		ui_info(v->ui, "%s", _("No password is saved."));
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
		unlock(v);
		return VIEW_HANDLED;
	default:
		return on_account(v, act);
	}
}

/* ---- painting -------------------------------------------------------------------------------- */

static const char *status_words(const struct account_row *a)
{
	if (strcmp(a->kind, "import") == 0)
		return _("kept here, no server");
	switch (a->status) {
	case ACCOUNT_OFFLINE:
		return _("offline");
	case ACCOUNT_CONNECTED:
		return _("connected");
	case ACCOUNT_SYNCING:
		return _("syncing");
	case ACCOUNT_SIGN_IN:
		return _("sign-in needed");
	case ACCOUNT_ERROR:
		return _("error");
	case ACCOUNT_PAUSED:
		return _("paused");
	}
	return "";
}

static unsigned status_style(enum account_status s)
{
	switch (s) {
	case ACCOUNT_CONNECTED:
	case ACCOUNT_SYNCING:
		return STYLE_KNOWN;
	case ACCOUNT_SIGN_IN:
	case ACCOUNT_ERROR:
		return STYLE_FAILED | STYLE_BOLD;
	case ACCOUNT_PAUSED:
		return STYLE_WAITING;
	case ACCOUNT_OFFLINE:
		break;
	}
	return STYLE_DIM;
}

static const char *place_words(const struct counts *c)
{
	if (c->is_grant)
		return c->in_keyring ? _("sign-in in the keyring") : _("sign-in in the file");
	return c->in_keyring ? _("password in the keyring") : _("password in the file");
}

static void add_counts(struct buf *b, const struct counts *c)
{
	buf_addf(b, ngettext("%lld message", "%lld messages", (unsigned long)c->messages),
		(long long)c->messages);
	buf_addf(b, ngettext(", %lld unread", ", %lld unread", (unsigned long)c->unread),
		(long long)c->unread);
	if (c->ops > 0)
		buf_addf(b,
			ngettext(" · %lld change waits", " · %lld changes wait",
				(unsigned long)c->ops),
			(long long)c->ops);
	if (c->secret)
		buf_addf(b, " · %s", place_words(c));
	if (c->is_insecure)
		buf_addf(b, " · %s", _("insecure, not encrypted"));
	if (c->outbox > 0)
		buf_addf(b,
			ngettext(" · %lld mail in the outbox", " · %lld mails in the outbox",
				(unsigned long)c->outbox),
			(long long)c->outbox);
}

/* The sentence, and the key that mends it. */
static void add_problem(const struct view *v, size_t i, struct buf *b)
{
	const struct accounts_data *d = v->data;
	const struct account_row *a = &d->v[i];
	enum action mends = ACTION_SYNC;
	const char *how = _("tries again.");

	if (a->status == ACCOUNT_PAUSED) {
		text_add(b, _("Nothing is fetched or sent."));
		mends = ACTION_ACCOUNT_PAUSE;
		how = _("lets it go on.");
	} else if (d->counts[i].is_locked) {
		text_add(b, _("Its password is locked."));
		mends = ACTION_ACCOUNT_UNLOCK;
		how = _("opens it with your passphrase.");
	} else if (d->counts[i].needs_keyring) {
		text_add(b, _("Its password is in the keyring, which is locked."));
		mends = ACTION_ACCOUNT_UNLOCK;
		how = _("unlocks it.");
	} else if (a->status == ACCOUNT_SIGN_IN) {
		text_add(b, a->error ? a->error : _("The server wants a new sign-in."));
		mends = ACTION_ACCOUNT_SIGN_IN;
		how = _("signs in again.");
	} else {
		text_add(b, a->error);
	}
	text_add(b, " ");
	keymap_add_key(&v->ui->keymap, mends, false, b);
	text_add(b, " ");
	text_add(b, how);
}

static void paint_account(const struct view *v, size_t i, const struct draw *d, int row)
{
	const struct accounts_data *p = v->data;
	const struct account_row *a = &p->v[i];
	CLEANUP(buf_release) struct buf status = BUF_INIT(256);
	CLEANUP(buf_release) struct buf counts = BUF_INIT(256);
	CLEANUP(buf_release) struct buf problem = BUF_INIT(2048);
	int end;

	text_add(&status, status_words(a));
	if (a->last_sync_at) {
		text_add(&status, " · ");
		when_ago(&status, a->last_sync_at, ui_now(v->ui));
	}
	end = draw_text_right(d, row, d->cols - 1, d->cols / 2, status_style(a->status), status.p);
	draw_text(d, row, 2, NAME_COLS - 1, STYLE_BOLD, a->name);
	draw_text(d, row, 2 + NAME_COLS, KIND_COLS - 1, STYLE_DIM, a->kind);
	draw_text(d, row, 2 + NAME_COLS + KIND_COLS, end - NAME_COLS - KIND_COLS - 3, STYLE_NORMAL,
		a->email);
	add_counts(&counts, &p->counts[i]);
	draw_text(d, row + 1, 2, d->cols - 3, STYLE_DIM, counts.p);
	if (has_error_line(p, i)) {
		add_problem(v, i, &problem);
		draw_text(d, row + 2, 2, d->cols - 3,
			a->status == ACCOUNT_PAUSED || a->status == ACCOUNT_OFFLINE ? STYLE_WAITING
										    : STYLE_FAILED,
			problem.p);
	}
	if (i == p->sel) {
		draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
		draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
	}
}

static void paint_crms(const struct view *v, const struct draw *part, int row)
{
	const struct accounts_data *p = v->data;

	draw_text(part, row++, 2, part->cols - 3, STYLE_DIM,
		p->crms.n > 0 ? _("CRMs") : _("No CRM is connected. C connects one."));
	for (size_t i = 0; i < p->crms.n && row < part->rows; i++) {
		if (row + crms_lines(&p->crms.v[i]) > 0)
			crms_paint(v, &p->crms.v[i], part, row, p->n + i == p->sel);
		row += crms_lines(&p->crms.v[i]);
	}
}

static void accounts_paint(const struct view *v, const struct draw *d)
{
	const struct accounts_data *p = v->data;
	struct draw part = draw_part(d, 1, 0, d->rows - 1, d->cols);
	int row = -p->top;

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (p->n == 0) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
			_("No account is connected yet."));
		draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM, _("a connects one."));
		row = d->rows / 3 + 2;
	}
	for (size_t i = 0; i < p->n && row < part.rows; i++) {
		if (row + lines_of(p, i) > 0)
			paint_account(v, i, &part, row);
		row += lines_of(p, i);
	}
	paint_crms(v, &part, row);
}

static bool accounts_cursor(const struct view *v, int *row, int *col)
{
	const struct accounts_data *d = v->data;

	*row = 1 + line_of(d, d->sel) - d->top;
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
	ACTION_CLOSE, ACTION_HELP, ACTION_NONE};
static const enum action crm_hints[] = {ACTION_SYNC, ACTION_CRM_EDIT, ACTION_CRM_LOGGING,
	ACTION_ACCOUNT_PAUSE, ACTION_ACCOUNT_SIGN_IN, ACTION_ACCOUNT_REMOVE, ACTION_GO_ITEMS,
	ACTION_CRM_ADD, ACTION_CLOSE, ACTION_HELP, ACTION_NONE};

static const enum action *hints_now(const struct view *v)
{
	return current_crm(v->data) ? crm_hints : hints;
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
	.recalc = accounts_recalc,
	.paint = accounts_paint,
	.cursor = accounts_cursor,
	.title = accounts_title,
};
