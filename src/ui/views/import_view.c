/*
 * import_view.c - a file of contacts: what is in it and what would be done, then the import with
 * its progress, then what it did and a way back; and the address book of an account, which is read
 * at once.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/motion.h"
#include "ui/ui_core.h"
#include "files.h"
#include "import_job.h"
#include "order.h"
#include "views.h"

struct import_data {
	enum import_kind kind; /* of the job that runs or ran last */
	struct import_job *job;
	struct import_state state;
	char *path;
	struct order order; /* that reads the address book of `account` */
	int64_t account;    /* 0 = a file */
	const char **lines; /* of the job's text, in `text` */
	char *text;
	size_t n;
	int top;
};
struct import_args {
	const char *path; /* or the account's name */
	int64_t account;  /* 0 = a file */
};

static int start(struct view *v, enum import_kind kind, struct err *e)
{
	struct import_data *d = v->data;
	const struct import_order o = {.kind = kind,
		.store = v->ui->o.store,
		.events = v->ui->o.events,
		.path = d->path,
		.is_freemail = v->ui->o.hooks.is_freemail};

	import_job_end(d->job);
	d->job = NULL;
	d->kind = kind;
	d->state = (struct import_state){.is_done = false};
	view_mark(v, DIRTY_PAINT);
	return import_job_start(&d->job, &o, e);
}

static int import_open(struct view *v, const void *args, struct err *e)
{
	struct import_data *d = v->data;

	const struct import_args *a = args;
	const struct desk_order o = {.kind = DESK_CONTACTS, .account = a->account};

	d->path = xstrdup(a->path);
	d->account = a->account;
	if (!d->account)
		return start(v, IMPORT_LOOK, e);
	d->kind = IMPORT_WRITE;
	if (!order_give(&d->order, v->ui, &o))
		d->state = (struct import_state){.is_done = true, .err = {.code = ERR_CANCELLED}};
	return 0;
}

static void import_close(struct view *v)
{
	struct import_data *d = v->data;

	order_stop(&d->order, v->ui);
	import_job_end(d->job);
	free(d->path);
	free(d->lines);
	free(d->text);
}

/* The preview stays on the screen while the import goes on. */
static void take_text(struct import_data *d)
{
	size_t n = 1;

	free(d->lines);
	free(d->text);
	d->text = xstrdup(import_job_text(d->job));
	for (const char *p = d->text; *p; p++)
		n += *p == '\n';
	d->lines = xcalloc(n, sizeof(*d->lines));
	d->n = 0;
	for (char *p = d->text; *p;) {
		char *end = strchr(p, '\n');
		d->lines[d->n++] = p;
		if (!end)
			break;
		*end = '\0';
		p = end + 1;
	}
	d->top = 0;
}

static void book_read(struct view *v, const struct desk_answer *a)
{
	struct import_data *d = v->data;

	d->state = (struct import_state){.is_done = true,
		.err = a->error,
		.is_unused = a->people.is_unused,
		.counts = {.n = {[PEOPLE_NEW] = a->people.n_new,
				   [PEOPLE_UPDATED] = a->people.n_updated,
				   [PEOPLE_SAME] = a->people.n_same,
				   [PEOPLE_REPEATED] = a->people.n_repeated,
				   [PEOPLE_SKIPPED] = a->people.n_skipped},
			.has_written = a->people.n_new + a->people.n_updated > 0}};
	view_mark(v, DIRTY_PAINT);
	ui_kick(v->ui, 0);
}

static void import_event(struct view *v, const struct event *ev)
{
	struct import_data *d = v->data;
	bool was_done = d->state.is_done;
	struct desk_answer a;

	if (order_follow(&d->order, v->ui, ev, &a))
		book_read(v, &a);
	if (!d->job || was_done)
		return;
	import_job_look(d->job, &d->state);
	view_mark(v, DIRTY_PAINT);
	if (!d->state.is_done)
		return;
	if (d->kind != IMPORT_UNDO)
		take_text(d);
	if (d->kind != IMPORT_LOOK)
		ui_kick(v->ui, 0); /* mail that is here finds its contacts */
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void begin(struct view *v, enum import_kind kind)
{
	struct err e = ERR_INIT;

	if (start(v, kind, &e))
		ui_error(v->ui, &e);
}

static bool is_failed(const struct import_data *d)
{
	return d->state.is_done && d->state.err.code && d->state.err.code != ERR_CANCELLED;
}

static enum view_result import_key(struct view *v, const struct key *k)
{
	struct import_data *d = v->data;
	bool is_written = d->state.is_done && d->state.counts.has_written;

	if (k->code == UKEY_ENTER && d->kind == IMPORT_LOOK && d->state.is_done && !is_failed(d)) {
		begin(v, IMPORT_WRITE);
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ENTER && d->state.is_done && !is_failed(d)) {
		ui_pop(v->ui);
		return VIEW_HANDLED;
	}
	if (k->code == 'z' && !k->mods && is_written) {
		begin(v, IMPORT_UNDO);
		return VIEW_HANDLED;
	}
	if (k->code == UKEY_ESC && d->kind == IMPORT_WRITE && !d->state.is_done && d->job) {
		import_job_ask_stop(d->job);
		return VIEW_HANDLED;
	}
	return VIEW_IGNORED;
}

/* The first row that is shown moves as a cursor does elsewhere. */
static enum view_result import_action(struct view *v, enum action act)
{
	struct import_data *d = v->data;
	int last = (int)d->n - (v->rows > 4 ? v->rows - 4 : 1);
	struct motion top = {.n = last > 0 ? (size_t)last + 1 : 1, .sel = (size_t)d->top};

	if (!motion_move(&top, act, v->rows > 5 ? (size_t)v->rows - 5 : 1))
		return VIEW_IGNORED;
	d->top = (int)top.sel;
	view_mark(v, DIRTY_PAINT);
	return VIEW_HANDLED;
}

/* ---- painting -------------------------------------------------------------------------------- */

static void add_counts(struct buf *b, const struct people_counts *c)
{
	buf_addf(b, _("%lld new, %lld updated, %lld unchanged, %lld repeated, %lld skipped"),
		(long long)c->n[PEOPLE_NEW], (long long)c->n[PEOPLE_UPDATED],
		(long long)c->n[PEOPLE_SAME], (long long)c->n[PEOPLE_REPEATED],
		(long long)c->n[PEOPLE_SKIPPED]);
}

static void describe(const struct import_data *d, struct buf *b)
{
	const struct import_state *s = &d->state;

	if (!s->is_done && d->kind == IMPORT_UNDO)
		buf_addstr(b, _("Taking it back..."));
	else if (!s->is_done && d->account)
		buf_addstr(b, _("Reading the address book..."));
	else if (!s->is_done)
		buf_addf(b,
			d->kind == IMPORT_LOOK ? _("Looking at the file... %d%%")
					       : _("Importing... %d%%"),
			s->percent);
	else if (is_failed(d))
		buf_addstr(b, s->err.msg);
	else if (d->kind == IMPORT_UNDO)
		buf_addf(b, _("%lld removed, %lld as before, %lld kept."),
			(long long)s->undone.removed, (long long)s->undone.restored,
			(long long)s->undone.kept);
	else if (d->kind == IMPORT_LOOK && s->err.code)
		buf_addstr(b, _("Stopped."));
	else {
		if (s->err.code)
			buf_addf(b, "%s ", _("Stopped."));
		else if (d->kind == IMPORT_WRITE)
			buf_addf(b, "%s ", _("Imported:"));
		add_counts(b, &s->counts);
	}
}

static const char *what_to_do(const struct import_data *d)
{
	if (!d->state.is_done)
		return d->kind == IMPORT_WRITE ? _("Esc stops; what is imported stays.") : "";
	if (d->account && d->state.err.code == ERR_AUTH && d->state.err.sys == 403)
		return _("Sign in again with s at the accounts (g A): it asks for contacts. Esc "
			 "goes back.");
	if (is_failed(d))
		return _("Esc goes back.");
	if (d->kind == IMPORT_LOOK)
		return _("Nothing is written yet. Enter imports, Esc goes back.");
	if (!d->state.counts.has_written)
		return _("Enter closes.");
	if (d->state.is_unused)
		return _("Enter closes, z takes it back. No account uses these contacts yet.");
	return _("Enter closes, z takes it back.");
}

static void import_paint(const struct view *v, const struct draw *d)
{
	const struct import_data *x = v->data;
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);

	draw_fill(d, 0, 0, d->rows, d->cols, STYLE_NORMAL);
	describe(x, &b);
	draw_text(d, 0, 1, d->cols - 2, STYLE_BOLD, b.p);
	draw_text(d, 1, 1, d->cols - 2, STYLE_NORMAL, what_to_do(x));
	draw_hrule(d, 2, 0, d->cols, STYLE_DIM);
	for (int i = 0; i + 3 < d->rows && (size_t)(x->top + i) < x->n; i++) {
		const char *line = x->lines[x->top + i];
		bool is_heading = line[0] == '#';

		draw_text(d, 3 + i, 1, d->cols - 2,
			is_heading ? STYLE_BOLD | STYLE_ACCENT : STYLE_NORMAL, line + is_heading);
	}
}

static bool import_cursor(const struct view *v, int *row, int *col)
{
	(void)v;
	*row = 0;
	*col = 1;
	return true;
}

static void import_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct import_data *d = v->data;

	(void)right;
	buf_addf(left, "crmail  %s  ", _("Import contacts"));
	if (d->account)
		text_add(left, d->path);
	else
		files_add_short(left, d->path);
}

static const enum action hints[] = {
	ACTION_DOWN, ACTION_UP, ACTION_PAGE_DOWN, ACTION_CLOSE, ACTION_NONE};

static const struct view_ops import_view_ops = {
	.name = "import",
	.where = WHERE_HELP,
	.data_size = sizeof(struct import_data),
	.hints = hints,
	.open = import_open,
	.close = import_close,
	.event = import_event,
	.key = import_key,
	.action = import_action,
	.paint = import_paint,
	.cursor = import_cursor,
	.title = import_title,
};

static void file_chosen(struct ui *ui, const char *path)
{
	const struct import_args a = {.path = path};

	ui_push(ui, &import_view_ops, &a);
}

static void choose_file(struct ui *ui)
{
	char *home = files_home();
	const struct files_args a = {.dir = ui->attach_dir ? ui->attach_dir : home,
		.chosen = file_chosen,
		.hint = N_("Enter opens or imports · Backspace goes up · ~ home · . hidden")};

	ui_push(ui, &files_view_ops, &a);
	free(home);
}

static bool has_book(const struct account_row *a)
{
	return !strcmp(a->kind, "gmail") || !strcmp(a->kind, "graph");
}

static void source_chosen(struct ui *ui, int64_t account, void *ctx)
{
	(void)ctx;
	if (!account) {
		choose_file(ui);
		return;
	}
	for (size_t i = 0; i < ui->n_accounts; i++) {
		const struct import_args a = {ui->accounts[i].name, account};
		if (ui->accounts[i].id == account)
			ui_push(ui, &import_view_ops, &a);
	}
}

/* Where there is an address book to choose, too. */
void import_contacts_open(struct ui *ui)
{
	struct picker_args p = {.title = _("Import contacts of"), .chosen = source_chosen};

	p.items = xcalloc(ui->n_accounts + 1, sizeof(*p.items));
	for (size_t i = 0; i < ui->n_accounts; i++) {
		CLEANUP(buf_release) struct buf label = BUF_INIT(512);

		if (!has_book(&ui->accounts[i]))
			continue;
		text_add(&label, ui->accounts[i].name);
		text_add(&label, ": ");
		text_add(&label, _("its address book"));
		p.items[p.n++] = (struct picker_item){xstrdup(label.p), ui->accounts[i].id};
	}
	if (!p.n) {
		free(p.items);
		choose_file(ui);
		return;
	}
	p.items[p.n++] = (struct picker_item){xstrdup(_("a file on this computer")), 0};
	ui_push(ui, &picker_view_ops, &p);
}
