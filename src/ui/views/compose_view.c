/*
 * compose_view.c - writing a message: fields, completion of addresses, the editor's keys, the send
 * sheet, saving. What is sent and how is compose_send.c's.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/draft.h"
#include "crmail/store/outbox.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "compose.h"

#define AUTOSAVE_MS 10000
#define SAID_AGAIN_MS 60000

static void focus(struct view *v, enum field f)
{
	struct compose_data *d = compose_data_of(v);

	if (compose_is_people(d->focus) && d->focus != f)
		compose_people_tidy(v, d->focus);
	d->focus = f;
	d->n_suggest = 0;
	d->is_completing = false;
	view_mark(v, DIRTY_RECALC);
}

static void submit(struct view *v, const struct compose_args *a)
{
	struct compose_data *d = compose_data_of(v);
	struct draft_job *j = draft_job_new(v->ui->o.store, a, ++d->generation);

	d->is_loading = true;
	ui_submit(v, &j->job);
}

static int compose_open_view(struct view *v, const void *args, struct err *e)
{
	struct compose_data *d = compose_data_of(v);
	const struct compose_args *a = args;

	if (v->ui->n_accounts == 0)
		return err_set(e, ERR_NOTFOUND, "%s",
			_("Connect an account first: there is nothing to send from."));
	d->kind = a->kind;
	d->outbox = a->draft;
	d->has_template = a->has_template;
	d->adopts = a->kind == COMPOSE_DRAFT && !a->draft ? a->message : 0;
	d->arena = ARENA_INIT;
	d->suggest_arena = ARENA_INIT;
	for (int f = 0; f < FIELD_COUNT; f++)
		editor_init(&d->fields[f], f != FIELD_BODY);
	d->focus = FIELD_TO;
	if (a->to)
		editor_set(&d->fields[FIELD_TO], a->to);
	submit(v, a);
	return 0;
}

void compose_drop_held(struct compose_data *d)
{
	for (size_t i = 0; i < d->n_held; i++)
		free((char *)d->held[i].paste);
	d->n_held = 0;
}

bool compose_has_unsaved(const struct compose_data *d)
{
	return (d->is_changed || d->is_open_at_server) && !d->is_sent;
}

static void compose_close(struct view *v)
{
	struct compose_data *d = compose_data_of(v);

	d->is_leaving = true;
	if (!d->is_sent && d->outbox && d->kind == COMPOSE_NEW && compose_is_empty(d))
		outbox_act(v->ui->o.store, d->outbox, OUTBOX_DISCARD);
	else if (compose_has_unsaved(d))
		compose_save(v);
	for (int f = 0; f < FIELD_COUNT; f++)
		editor_release(&d->fields[f]);
	arena_release(&d->arena);
	compose_people_release(d);
	compose_files_release(d);
	compose_drop_held(d);
}

void compose_open(struct ui *ui, const struct compose_args *a)
{
	ui_push(ui, &compose_view_ops, a);
}

void compose_open_draft(struct ui *ui, int64_t outbox)
{
	struct compose_args a = {.kind = COMPOSE_DRAFT, .draft = outbox};

	compose_open(ui, &a);
}

void compose_open_message(struct ui *ui, int64_t message, int64_t account)
{
	struct compose_args a = {.kind = COMPOSE_DRAFT, .message = message, .account = account};
	struct err e = ERR_INIT;

	if (draft_of_message(ui->reader, message, &a.draft, &e)) {
		ui_error(ui, &e);
		return;
	}
	if (a.draft)
		a.message = 0;
	compose_open(ui, &a);
}

static void fill_fields(struct compose_data *d)
{
	const char *const texts[FIELD_COUNT] = {[FIELD_TO] = d->draft.to,
		[FIELD_CC] = d->draft.cc,
		[FIELD_BCC] = d->draft.bcc,
		[FIELD_SUBJECT] = d->draft.subject,
		[FIELD_BODY] = d->draft.text};

	for (int f = FIELD_TO; f <= FIELD_BODY; f++)
		if (texts[f])
			editor_set(&d->fields[f], texts[f]);
	d->has_cc_shown = d->fields[FIELD_CC].text.len > 0 || d->fields[FIELD_BCC].text.len > 0;
}

/* Where something is missing. */
static enum field first_field(const struct compose_data *d)
{
	if (d->fields[FIELD_TO].text.len == 0)
		return FIELD_TO;
	return d->kind == COMPOSE_NEW ? FIELD_SUBJECT : FIELD_BODY;
}

static void fill(struct view *v, struct draft_job *j)
{
	struct compose_data *d = compose_data_of(v);

	arena_release(&d->arena);
	d->arena = j->arena;
	j->arena = ARENA_INIT;
	d->draft = j->draft;
	fill_fields(d);
	compose_files_take(d);
	if (d->draft.n_attachments > FILES_MAX)
		ui_info(v->ui, _("Only the first %d attachments go along."), FILES_MAX);
	focus(v, first_field(d));
	if (d->kind == COMPOSE_DRAFT)
		compose_outside_resume(v);
}

size_t compose_take_held(struct compose_data *d, struct key out[COMPOSE_HELD_MAX])
{
	size_t n = d->n_held;

	memcpy(out, d->held, n * sizeof(*out));
	d->n_held = 0;
	return n;
}

void compose_do_keys(struct ui *ui, struct key *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ui_key(ui, &v[i]);
		free((char *)v[i].paste);
	}
}

/* The first of them may leave this screen. */
static void do_held(struct view *v)
{
	struct key held[COMPOSE_HELD_MAX];
	size_t n = compose_take_held(compose_data_of(v), held);

	compose_do_keys(v->ui, held, n);
}

/* An answer whose message cannot be read can still be written. A draft that cannot must not be:
 * saving it would take what is left of it. */
static void loaded(struct view *v, struct draft_job *j)
{
	const struct compose_data *d = compose_data_of(v);
	struct ui *ui = v->ui;

	if (j->job.err.code != ERR_NONE)
		ui_error(ui, &j->job.err);
	if (j->job.err.code != ERR_NONE && d->kind == COMPOSE_DRAFT && ui_top(ui) == v) {
		ui_pop(ui);
		return;
	}
	fill(v, j);
	view_mark(v, DIRTY_RECALC);
	if (d->has_template && ui_top(ui) == v)
		compose_template(v);
	do_held(v);
}

static void compose_reply_job(struct view *v, struct job *j)
{
	struct compose_data *d = compose_data_of(v);

	if (j->channel == JOB_COMPLETE || j->kind != 0) {
		bool was_holding = d->is_holding;

		if (j->kind != 0)
			compose_files_reply(v, j);
		else
			compose_people_reply(v, j);
		view_mark(v, DIRTY_RECALC);
		if (was_holding && !d->is_holding)
			do_held(v);
		return;
	}
	if (j->generation == d->generation) {
		d->is_loading = false;
		loaded(v, (struct draft_job *)j);
	}
	j->free(j);
}

static int compose_recalc(struct view *v, struct err *e)
{
	struct compose_data *d = compose_data_of(v);

	(void)e;
	editor_wrap(&d->fields[FIELD_BODY], v->cols - 2 < 100 ? v->cols - 2 : 100,
		compose_body_rows(v));
	if (!d->is_loading)
		compose_people_refresh(v);
	return 0;
}

static enum field next_field(const struct compose_data *d, int by)
{
	int f = d->focus;

	do {
		f = (f + by + FIELD_COUNT) % FIELD_COUNT;
	} while ((!d->has_cc_shown && (f == FIELD_CC || f == FIELD_BCC)) ||
		 (d->n_files == 0 && f == FIELD_FILES));
	return (enum field)f;
}

void compose_edited(struct view *v)
{
	int64_t due = ui_now_ms(v->ui) + AUTOSAVE_MS;

	compose_data_of(v)->is_changed = true;
	compose_data_of(v)->was_kept_back = false;
	if (v->wake_at_ms == 0 || v->wake_at_ms > due)
		v->wake_at_ms = due;
}

static enum view_result sheet_key(struct view *v, const struct key *k)
{
	struct compose_data *d = compose_data_of(v);
	bool is_alt_s = k->code == 's' && k->mods == KEY_ALT;

	if (k->code == UKEY_ESC) {
		d->has_sheet = false;
		if (d->problem[0]) {
			focus(v, d->problem_field);
			compose_go_to_gap(v);
		}
	} else if ((k->code == UKEY_ENTER || is_alt_s) && compose_send(v)) {
		compose_close_when_written(v);
		return VIEW_HANDLED;
	}
	view_mark(v, DIRTY_RECALC);
	return VIEW_HANDLED; /* no key reaches the text below the sheet */
}

static bool has_text(const struct compose_data *d)
{
	return d->focus != FIELD_FROM && d->focus != FIELD_FILES;
}

void compose_hold_key(struct compose_data *d, const struct key *k)
{
	if (d->n_held == COMPOSE_HELD_MAX)
		return;
	d->held[d->n_held] = *k;
	if (k->code == UKEY_PASTE)
		d->held[d->n_held].paste = xstrndup(k->paste, k->paste_len);
	d->n_held++;
}

/* Keys that come before the field can take them are kept and done in their order. */
static bool hold_key(struct compose_data *d, const struct key *k)
{
	if (k->code == UKEY_ESC) {
		bool is_reading = d->is_reading;

		if (is_reading)
			d->files_generation++; /* not attached after all */
		d->is_holding = d->is_reading = false;
		compose_drop_held(d);
		return is_reading;
	}
	if (!d->is_loading && !d->is_holding && !compose_people_waits(d, k))
		return false;
	d->is_holding = !d->is_loading;
	compose_hold_key(d, k);
	return true;
}

/* Up and down through the fields, where the field has no use for them. */
static bool field_key(struct view *v, const struct key *k)
{
	struct compose_data *d = compose_data_of(v);

	if (d->focus == FIELD_BODY)
		return false;
	if (d->focus == FIELD_FILES && k->code == UKEY_UP) {
		focus(v, FIELD_BODY);
		return true;
	}
	if (k->code == UKEY_ENTER || k->code == UKEY_DOWN) {
		focus(v, next_field(d, 1));
		return true;
	}
	if (k->code == UKEY_UP && d->focus != FIELD_FROM)
		focus(v, next_field(d, -1));
	return k->code == UKEY_UP;
}

static void tell_full(struct view *v, struct editor *e)
{
	if (e->is_full)
		ui_info(v->ui, "%s",
			_("This was left out: a text holds 4 MB. A file can be attached."));
	e->is_full = false;
}

static enum view_result compose_key(struct view *v, const struct key *k)
{
	struct compose_data *d = compose_data_of(v);
	struct editor *e = &d->fields[d->focus];
	unsigned changes = e->changes;
	bool is_done;

	view_mark(v, DIRTY_RECALC);
	if (d->is_closing) {
		compose_hold_key(d, k);
		return VIEW_HANDLED;
	}
	if (d->has_sheet)
		return sheet_key(v, k);
	if (hold_key(d, k))
		return VIEW_HANDLED;
	if (compose_files_offer_key(v, k) || compose_files_paste(v, k))
		return VIEW_HANDLED;
	is_done = compose_people_key(v, k) || compose_files_key(v, k) ||
		  (d->focus == FIELD_FROM && compose_from_key(v, k));
	if (d->focus == FIELD_FILES && d->n_files == 0)
		focus(v, FIELD_BODY);
	if (!is_done && k->mods == KEY_CTRL && k->code < UKEY_NONE && k->code != 'w')
		return VIEW_IGNORED;
	is_done = is_done || (has_text(d) && editor_key(e, k)) || field_key(v, k);
	if (e->changes != changes)
		compose_edited(v);
	tell_full(v, e);
	return is_done ? VIEW_HANDLED : VIEW_IGNORED;
}

bool compose_edit_do(struct ui *ui, struct editor *e, enum action act)
{
	struct span sel = editor_selection(e);

	switch ((int)act) {
	case ACTION_EDIT_UNDO:
		if (!editor_undo(e))
			ui_info(ui, "%s", _("Nothing to undo."));
		return true;
	case ACTION_EDIT_REDO:
		if (!editor_redo(e))
			ui_info(ui, "%s", _("Nothing to redo."));
		return true;
	case ACTION_EDIT_COPY:
	case ACTION_EDIT_CUT:
		if (sel.len > 0)
			ui_copy(ui, sel.p, sel.len);
		if (act == ACTION_EDIT_CUT)
			editor_delete_selection(e);
		return true;
	case ACTION_EDIT_PASTE:
		if (ui->clip)
			editor_insert(e, ui->clip, ui->clip_len);
		return true;
	case ACTION_EDIT_ALL:
		editor_select_all(e);
		return true;
	default:
		return false;
	}
}

static enum view_result edit_action(struct view *v, enum action act)
{
	struct compose_data *d = compose_data_of(v);
	struct editor *e = &d->fields[d->focus];
	unsigned changes = e->changes;

	if (act == ACTION_EDIT_UNDO && d->focus == FIELD_FILES && compose_files_undo(v))
		return VIEW_HANDLED;
	if (!has_text(d) || !compose_edit_do(v->ui, e, act))
		return VIEW_IGNORED;
	d->is_completing = false;
	if (e->changes != changes)
		compose_edited(v);
	tell_full(v, e);
	return VIEW_HANDLED;
}

static void person_chosen(struct ui *ui, const struct addr *who)
{
	struct view *v = ui_top(ui);

	compose_people_add(v, who);
	compose_edited(v);
	view_mark(v, DIRTY_RECALC);
}

static enum view_result pick(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	struct people_args a = {.chosen = person_chosen};

	if (compose_sender(d))
		a.account = compose_sender(d)->account;
	if (d->focus == FIELD_FROM)
		compose_from_pick(v);
	else if (compose_is_people(d->focus))
		ui_push(v->ui, &people_view_ops, &a);
	else if (d->focus == FIELD_SUBJECT || d->focus == FIELD_BODY)
		compose_template(v);
	else
		return VIEW_IGNORED;
	return VIEW_HANDLED;
}

static void file_chosen(struct ui *ui, const char *path)
{
	compose_files_attach(ui_top(ui), path);
}

static void pick_file(struct view *v)
{
	char *home = files_home();
	struct files_args a = {
		.dir = v->ui->attach_dir ? v->ui->attach_dir : home, .chosen = file_chosen};

	ui_push(v->ui, &files_view_ops, &a);
	free(home);
}

/* What holds people is never hidden. */
static void show_cc(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	bool is_used = d->fields[FIELD_CC].text.len > 0 || d->fields[FIELD_BCC].text.len > 0;

	if (d->has_cc_shown && is_used && (d->focus == FIELD_CC || d->focus == FIELD_BCC))
		ui_info(v->ui, "%s", _("Cc and Bcc stay while somebody stands there."));
	d->has_cc_shown = !d->has_cc_shown || is_used;
	focus(v, d->has_cc_shown ? FIELD_CC : FIELD_TO);
}

static enum view_result compose_action(struct view *v, enum action act)
{
	struct compose_data *d = compose_data_of(v);
	struct ui *ui = v->ui;

	view_mark(v, DIRTY_RECALC);
	if (edit_action(v, act) == VIEW_HANDLED)
		return VIEW_HANDLED;
	switch ((int)act) {
	case ACTION_FIELD_NEXT:
		focus(v, next_field(d, 1));
		return VIEW_HANDLED;
	case ACTION_FIELD_PREV:
		focus(v, next_field(d, -1));
		return VIEW_HANDLED;
	case ACTION_SHOW_CC:
		show_cc(v);
		return VIEW_HANDLED;
	case ACTION_SAVE_DRAFT:
		compose_save(v);
		ui_info(ui, "%s", _("Draft saved."));
		return VIEW_HANDLED;
	case ACTION_PICK:
		return pick(v);
	case ACTION_EDIT_OUTSIDE:
		compose_outside(v);
		return VIEW_HANDLED;
	case ACTION_ATTACH:
		pick_file(v);
		return VIEW_HANDLED;
	case ACTION_SEND:
		for (int f = FIELD_TO; f <= FIELD_BCC; f++)
			compose_people_tidy(v, (enum field)f);
		compose_check(v);
		d->has_sheet = true;
		return VIEW_HANDLED;
	case ACTION_LEAVE:
		compose_leave(v);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

static void compose_wake(struct view *v)
{
	struct compose_data *d = compose_data_of(v);

	if (d->is_changed && !d->is_sent)
		compose_save(v);
	if (d->saved_at > 0) /* "2 min ago" changes */
		v->wake_at_ms = ui_now_ms(v->ui) + SAID_AGAIN_MS;
	view_mark(v, DIRTY_PAINT);
}

static void add_saved(const struct view *v, struct buf *out)
{
	const struct compose_data *d = compose_data_of(v);
	CLEANUP(buf_release) struct buf ago = BUF_INIT(100);

	if (d->is_changed || !d->saved_at) {
		buf_addstr(out, d->saved_at ? _("not saved yet") : "");
	} else {
		when_ago(&ago, d->saved_at, ui_now(v->ui));
		/* TRANSLATORS: the placeholder is "just now" or "2 min ago" */
		buf_addf(out, _("saved %s"), ago.p);
	}
	buf_addstr(out, out->len > 0 ? " · " : "");
}

static void compose_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct compose_data *d = compose_data_of(v);
	size_t words = editor_words(&d->fields[FIELD_BODY]);

	switch (d->kind) {
	case COMPOSE_NEW:
		buf_addstr(left, _("New message"));
		break;
	case COMPOSE_REPLY:
		buf_addstr(left, _("Reply"));
		break;
	case COMPOSE_REPLY_ALL:
		buf_addstr(left, _("Reply to all"));
		break;
	case COMPOSE_FORWARD:
		buf_addstr(left, _("Forward"));
		break;
	case COMPOSE_DRAFT:
		buf_addstr(left, _("Draft"));
		break;
	}
	add_saved(v, right);
	buf_addf(right, ngettext("%d word", "%d words", (unsigned long)words), (int)words);
}

static const enum action hints[] = {ACTION_SEND, ACTION_LEAVE, ACTION_ATTACH, ACTION_FIELD_NEXT,
	ACTION_SHOW_CC, ACTION_PICK, ACTION_EDIT_OUTSIDE, ACTION_SAVE_DRAFT, ACTION_EDIT_UNDO,
	ACTION_NONE};

/* The send sheet names its own keys; no other reaches the text below it. */
static const enum action *compose_hints(const struct view *v)
{
	static const enum action none[] = {ACTION_NONE};

	return compose_data_of(v)->has_sheet ? none : hints;
}

const struct view_ops compose_view_ops = {
	.name = "compose",
	.where = WHERE_COMPOSE,
	.data_size = sizeof(struct compose_data),
	.hints_now = compose_hints,
	.open = compose_open_view,
	.close = compose_close,
	.reply = compose_reply_job,
	.key = compose_key,
	.action = compose_action,
	.event = compose_event,
	.resume = compose_resume,
	.wake = compose_wake,
	.recalc = compose_recalc,
	.paint = compose_paint,
	.cursor = compose_cursor,
	.title = compose_title,
};
